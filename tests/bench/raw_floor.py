"""The floor: the bytes that plain escape codes need to turn one picture of a terminal into the next.

The pictures come from what the product itself sent, through a terminal emulator, so that both show the same.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyte
from pyte.screens import Char

from bench.pty_session import COLUMNS, ROWS
from support.terminals.emulators import FullScreen

Picture = tuple[tuple[Char, ...], ...]
"""The cells of a screen, line by line."""

BLANK: Final = pyte.screens.Char(" ")
_NAMED: Final = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
_BRIGHT: Final = tuple(f"bright{name}" for name in _NAMED)
_FLAGS: Final = {
    "bold": (1, 22),
    "italics": (3, 23),
    "underscore": (4, 24),
    "reverse": (7, 27),
    "strikethrough": (9, 29),
}


class Canvas:
    """A terminal emulator that is fed what a program sends and tells what stands on its screen."""

    def __init__(self) -> None:
        self._screen = FullScreen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, sent: bytes) -> None:
        """Take in what was sent."""
        self._stream.feed(_without_private_modes(sent))

    def picture(self) -> Picture:
        """What stands there now."""
        buffer = self._screen.buffer
        return tuple(tuple(buffer[y][x] for x in range(COLUMNS)) for y in range(ROWS))

    def text(self) -> str:
        """The same as a person reads it."""
        return "\n".join(self._screen.display)


def _without_private_modes(sent: bytes) -> bytes:
    """Without the sequences that the emulator takes for text."""
    return re.sub(rb"\x1b\[[<>=][0-9;]*[A-Za-z]|\x1b\[\?\d+\$p", b"", sent)


@dataclass(slots=True)
class Pen:
    """Writes cells; says a colour or an attribute only where it is another one than before."""

    style: Char = BLANK

    def text(self, cells: Sequence[Char]) -> bytes:
        """The cells side by side from where the cursor stands."""
        sent = b""
        for cell in cells:
            sent += self._turned_to(cell) + cell.data.encode()
        return sent

    def _turned_to(self, cell: Char) -> bytes:
        codes: list[str] = []
        for name, (on, off) in _FLAGS.items():
            wanted = getattr(cell, name)
            if wanted != getattr(self.style, name):
                codes.append(str(on if wanted else off))
        if cell.fg != self.style.fg and cell.data != " ":
            codes.append(_color(cell.fg, 30))
        if cell.bg != self.style.bg:
            codes.append(_color(cell.bg, 40))
        kept_fg = self.style.fg if cell.data == " " else cell.fg
        self.style = cell._replace(fg=kept_fg)
        return f"\x1b[{';'.join(codes)}m".encode() if codes else b""


def _color(name: str, base: int) -> str:
    if name == "default":
        return str(base + 9)
    if name in _NAMED:
        return str(base + _NAMED.index(name))
    if name in _BRIGHT:
        return str(base + 60 + _BRIGHT.index(name))
    red, green, blue = (int(name[at : at + 2], 16) for at in (0, 2, 4))
    return f"{base + 8};2;{red};{green};{blue}"


def change_bytes(before: Picture, after: Picture) -> bytes:
    """What turns one picture into the next: each changed stretch of a line, found from its first to its last cell."""
    pen, sent = Pen(), b""
    for y in range(ROWS):
        for start, end in _stretches(before[y], after[y]):
            sent += f"\x1b[{y + 1};{start + 1}H".encode() + pen.text(after[y][start:end])
    return sent


def _stretches(before: Sequence[Char], after: Sequence[Char]) -> Iterator[tuple[int, int]]:
    """The changed stretches of a line; what lies less than eight cells apart is written as one."""
    changed = [x for x in range(COLUMNS) if before[x] != after[x]]
    while changed:
        start = end = changed[0]
        while changed and changed[0] - end < 8:
            end = changed.pop(0)
        yield start, end + 1


def screen_bytes(picture: Picture) -> bytes:
    """What draws a whole picture on an empty terminal, line by line, without the blanks at the ends of lines."""
    pen, ground = Pen(), _ground(picture)
    sent = pen.text([ground]).rstrip(b" ") + b"\x1b[2J\x1b[H"
    for y, line in enumerate(picture):
        width = COLUMNS
        while width and line[width - 1] == ground:
            width -= 1
        sent += pen.text(line[:width]) + (b"\r\n" if y + 1 < ROWS else b"")
    return sent


def repaint_bytes(before: Picture, after: Picture) -> bytes:
    """What repaints the list that has scrolled: all lines and columns between the outermost changed cells."""
    rows = [y for y in range(ROWS) if before[y] != after[y]]
    columns = [x for y in rows for x in range(COLUMNS) if before[y][x] != after[y][x]]
    pen, sent = Pen(), b""
    for y in rows:
        cells = after[y][min(columns) : max(columns) + 1]
        sent += f"\x1b[{y + 1};{min(columns) + 1}H".encode() + pen.text(cells)
    return sent


def _ground(picture: Picture) -> Char:
    """The blank cell that there are most of."""
    blanks = [cell for line in picture for cell in line if cell.data == " "]
    return max(set(blanks), key=blanks.count) if blanks else BLANK
