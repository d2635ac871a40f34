"""Breaks text into lines of a width in cells, fast enough for a message of 100 kB."""

import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len, chop_cells

CHOPPED_CHARACTERS: Final = 1_000
"""Words longer than this are measured and cut in pieces of this size."""

_WORD: Final = re.compile(r"\s*\S+")
_INDENT: Final = re.compile(r"\s*(?:[-*•>]+\s+|\d{1,3}[.)]\s+)?")


_PATH_PART: Final = re.compile(r"[^./_]*[./_]+|[^./_]+")


def wrap_paths(text: str, width_cells: int) -> list[str]:
    """Wrap text with dotted paths, as `policy.severity.2.target`: also breaks after a dot, slash or underscore."""
    width = max(width_cells, 2)
    parted = " ".join(_path_lines(word, width) for word in text.split(" "))
    return wrap(parted, width)


def _path_lines(word: str, width: int) -> str:
    """Break a word wider than a line between its parts."""
    if cell_len(word) <= width:
        return word
    lines = [""]
    for part in _PATH_PART.findall(word):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def wrap(text: str, width_cells: int) -> list[str]:
    """Return the lines of a text, none wider than the width. Line breaks are kept; empty text gives one empty line."""
    return list(iter_wrap(text, width_cells))


def iter_wrap(text: str, width_cells: int) -> Iterator[str]:
    """Yield the lines of `wrap` one by one, with bounded work for each, however long a word or paragraph is."""
    width = max(width_cells, 2)
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield from _wrap_paragraph(text[start:end].rstrip(), width)
        start = end + 1


def _wrap_paragraph(paragraph: str, width: int) -> Iterator[str]:
    if len(paragraph) <= CHOPPED_CHARACTERS and cell_len(paragraph) <= width:
        yield paragraph
        return
    indent = _hanging_indent(paragraph, width)
    line, room, is_first = "", width, True
    for match in _WORD.finditer(paragraph):
        word = match.group()
        cells = _cells_up_to(word, room)
        if cells <= room:
            line, room = line + word, room - cells
            continue
        if line.strip():
            yield line
            is_first = False
        pieces = _split_word(word if is_first else word.lstrip(), width, "" if is_first else indent)
        line = next(pieces)
        for piece in pieces:
            yield line
            line, is_first = piece, False
        room = width - cell_len(line)
    yield line


def _cells_up_to(word: str, room: int) -> int:
    """The width of a word; for one wider than `room`, some larger number, without measuring all of it."""
    if len(word) <= CHOPPED_CHARACTERS:
        return cell_len(word)
    return max(cell_len(word[:CHOPPED_CHARACTERS]), room + 1)


def _split_word(word: str, width: int, indent: str) -> Iterator[str]:
    """The lines of one word, each with the indent; at least one."""
    room, rest = width - len(indent), ""
    if len(word) <= CHOPPED_CHARACTERS and cell_len(word) <= room:
        yield indent + word
        return
    for start in range(0, len(word), CHOPPED_CHARACTERS):
        pieces = chop_cells(rest + word[start : start + CHOPPED_CHARACTERS], room)
        yield from (indent + piece for piece in pieces[:-1])
        rest = pieces[-1] if pieces else ""
    yield indent + rest


def _hanging_indent(paragraph: str, width: int) -> str:
    """The indent of continuation lines that aligns them with the text of a list item or a quotation."""
    match = _INDENT.match(paragraph)
    cells = cell_len(match.group()) if match else 0
    return " " * cells if cells <= width // 3 else ""
