"""Which parts of a message's drawn lines are addresses, also of addresses that were wrapped."""

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
"""Of one address: at eighty columns the longest takes less than half of them."""


class ShownLink(NamedTuple):
    """A part of a line, in characters, that is an address or a part of one."""

    start: int
    end: int
    address: str


def links_on_line(lines: Sequence[str], index: int, written: OutsideText) -> tuple[ShownLink, ...]:
    """The addresses of one line. What is linked is what is shown, whole and character by character.

    written: what the lines were wrapped from; a word that goes on in the next line is found whole in it.
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
    """The line on which an address begins that may go on beyond its end, and over this line."""
    if _SCHEME in lines[index] and _LAST_WORD.search(lines[index]):
        return index
    for earlier in range(index - 1, max(-1, index - _MAX_LINES), -1):
        if _LAST_WORD.search(lines[earlier]):
            return earlier
        if not _ONE_WORD.match(lines[earlier]):
            return None
    return None


def _wrapped(lines: Sequence[str], first: int, written: OutsideText) -> tuple[str, dict[int, tuple[int, int]]]:
    """The address that begins at the end of a line, and its parts by their lines; nothing where it does not go on."""
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
