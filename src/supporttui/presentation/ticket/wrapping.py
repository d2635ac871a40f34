"""Breaking text into lines of so many cells, quickly enough for a message of a hundred kilobytes."""

import re
from typing import Final

from rich.cells import cell_len, chop_cells

_WORD: Final = re.compile(r"\s*\S+")
_INDENT: Final = re.compile(r"\s*(?:[-*•>]+\s+|\d{1,3}[.)]\s+)?")


_PATH_PART: Final = re.compile(r"[^./]*[./]+|[^./]+")


def wrap_paths(text: str, width_cells: int) -> list[str]:
    """The same for text with dotted paths, such as `policy.severity.2.first_response`: they break behind a dot."""
    width = max(width_cells, 2)
    parted = " ".join(_path_lines(word, width) for word in text.split(" "))
    return wrap(parted, width)


def _path_lines(word: str, width: int) -> str:
    """A word that is wider than a line, with line breaks between its parts."""
    if cell_len(word) <= width:
        return word
    lines = [""]
    for part in _PATH_PART.findall(word):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def wrap(text: str, width_cells: int) -> list[str]:
    """The lines of a text, none wider than the width. Line breaks are kept; one empty line stands for no text."""
    width = max(width_cells, 2)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph.rstrip(), width))
    return lines


def _wrap_paragraph(paragraph: str, width: int) -> list[str]:
    if cell_len(paragraph) <= width:
        return [paragraph]
    indent = _hanging_indent(paragraph, width)
    lines: list[str] = []
    line, room = "", width
    for match in _WORD.finditer(paragraph):
        word = match.group()
        cells = cell_len(word)
        if cells <= room:
            line, room = line + word, room - cells
            continue
        if line.strip():
            lines.append(line)
        folded = _split_word(word.lstrip() if lines else word, width, indent if lines else "")
        lines.extend(folded[:-1])
        line = folded[-1]
        room = width - cell_len(line)
    lines.append(line)
    return lines


def _split_word(word: str, width: int, indent: str) -> list[str]:
    """One word after the indent, in as many lines as it needs."""
    if cell_len(word) + len(indent) <= width:
        return [indent + word]
    return [indent + piece for piece in chop_cells(word, width - len(indent))]


def _hanging_indent(paragraph: str, width: int) -> str:
    """Spaces that keep the lines after the first below the text of a list item or a quotation."""
    match = _INDENT.match(paragraph)
    cells = cell_len(match.group()) if match else 0
    return " " * cells if cells <= width // 3 else ""
