"""Finds the addresses in a message's drawn lines, including addresses wrapped over several lines."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from supporttui.domain.links import MAX_ADDRESS, exact_links, is_written_in
from supporttui.domain.safe_text import OutsideText

_SCHEME: Final = "://"
_LAST_WORD: Final = re.compile(r"https?://\S+\Z", re.IGNORECASE)
_ONE_WORD: Final = re.compile(r"\s*(\S+)\Z")
_FIRST_WORD: Final = re.compile(r"\s*(\S+)")
_MAX_LINES: Final = 60
"""Lines that one address may take; at 80 columns the longest takes less than half of them."""


class ShownLink(NamedTuple):
    """A range of characters of a line that is an address or part of one."""

    start: int
    end: int
    address: str


def links_on_line(lines: Sequence[str], index: int, written: OutsideText) -> tuple[ShownLink, ...]:
    """Return the addresses of a line. A link always has exactly the characters that are shown.

    written: the text from which the lines were wrapped, used to find words that continue on the next line.
    """
    line = lines[index]
    found = [ShownLink(start, start + len(address), address) for start, address in exact_links(line)]
    first = _begin_of_wrapped(lines, index)
    if first is None:
        return tuple(found)
    address, parts = _wrapped(lines, first, written)
    part = parts.get(index)
    if part is None:
        return tuple(found)
    return (*(link for link in found if link.end <= part[0]), ShownLink(*part, address))


def _begin_of_wrapped(lines: Sequence[str], index: int) -> int | None:
    """Return the line on which an address begins that may extend over this line; None if there is none."""
    if _SCHEME in lines[index] and _LAST_WORD.search(lines[index]):
        return index
    for earlier in range(index - 1, max(-1, index - _MAX_LINES), -1):
        if _LAST_WORD.search(lines[earlier]):
            return earlier
        if not _ONE_WORD.match(lines[earlier]):
            return None
    return None


def _wrapped(lines: Sequence[str], first: int, written: OutsideText) -> tuple[str, dict[int, tuple[int, int]]]:
    """The address that begins at the end of a line, and its parts by line; empty if it does not continue."""
    begin = _LAST_WORD.search(lines[first])
    assert begin is not None, "the caller has found it"
    whole, places = begin.group(), [(first, begin.start(), len(begin.group()))]
    for number in range(first + 1, min(len(lines), first + _MAX_LINES)):
        word = _FIRST_WORD.match(lines[number])
        if word is None or len(whole) > MAX_ADDRESS or not is_written_in(whole + word.group(1), written):
            break
        whole += word.group(1)
        places.append((number, word.start(1), len(word.group(1))))
        if word.end() < len(lines[number].rstrip()):
            break
    address = next((address for start, address in exact_links(whole) if start == 0), "")
    if len(places) == 1 or not address:
        return "", {}
    parts, left = {}, len(address)
    for number, start, length in places:
        taken = min(left, length)
        if taken:
            parts[number] = (start, start + taken)
        left -= taken
    return address, parts
