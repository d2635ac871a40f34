"""Terminal emulators for comparing the frame writer with Textual: two pyte screens side by side, and tmux."""

import re
import subprocess
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyte
from rich.color import ColorSystem
from rich.control import Control
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.screen import Screen
from wcwidth import wcswidth

from support.clock.waiting import wait_until
from supporttui.presentation.terminal_options import TerminalFeatures
from supporttui.ui.terminal.frame_encoder import FrameEncoder

VisibleCell = tuple[object, ...]


def visible_cells(screen: pyte.Screen) -> list[list[VisibleCell]]:
    """What a person sees, cell by cell: on a cell without a character the colour of the text is not seen."""
    rows = [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]
    return [[_visible_cell(cell, _text(row, x)) for x, cell in enumerate(row)] for row in rows]


def _text(row: list[Any], x: int) -> str:
    """What a cell shows. Half of a wide character is nothing; the emulator keeps it, a terminal does not."""
    text = row[x].data
    if text == "":
        return text if x and wcswidth(row[x - 1].data) == 2 else " "
    if wcswidth(text) == 2 and (x + 1 == len(row) or row[x + 1].data != ""):
        return " "
    return _with_each_mark_once(text)


def _visible_cell(cell: Any, text: str) -> VisibleCell:
    lines = (cell.underscore, cell.strikethrough, cell.reverse)
    if text == " " and not any(lines):
        return (" ", cell.bg)
    return (text, cell.fg, cell.bg, cell.bold, cell.italics, cell.blink, *lines)


def _with_each_mark_once(text: str) -> str:
    """Where Textual cuts between a letter and its accent, each redrawing puts one more on whatever stands there."""
    base, marks = text[:1], unicodedata.normalize("NFD", text)[1:]
    if base == " ":
        return base
    return unicodedata.normalize("NFD", text)[:1] + "".join(sorted(set(marks)))


class FullScreen(pyte.Screen):
    """The emulator erases only cells that were written before; a terminal erases all."""

    def erase_in_display(self, how: int = 0, *arguments: Any, **options: Any) -> None:
        for y in range(self.lines):
            for x in range(self.columns):
                self.buffer[y][x] = self.buffer[y][x]
        super().erase_in_display(how, *arguments, **options)


class Emulator:
    """A terminal that remembers how much it was sent."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = FullScreen(columns, rows)
        self.screen.reset_mode(7)  # Textual turns wrapping off
        self._stream = pyte.Stream(self.screen)
        self.bytes = 0
        self.log = ""

    def feed(self, text: str) -> None:
        """Show what a program has written."""
        self.bytes += len(text.encode())
        self.log += text
        self._stream.feed(text)


def visible_cells_of_ansi(picture: str, rows: int) -> list[list[tuple[str, frozenset[str]]]]:
    """A screen as lines of text with codes for their looks, cell by cell; the colour of a blank's text is not seen.

    tmux leaves out what was erased at the end of a line.
    """
    cells = []
    codes: dict[str, str] = {}
    for line in picture.split("\n")[:rows]:
        row: list[tuple[str, frozenset[str]]] = []
        for parameters, character in re.findall("\x1b\\[([0-9;:]*)m|(.)", line):
            if character:
                row += [_visible_character(character, codes)] * max(1, wcswidth(character))
            else:
                _apply(parameters, codes)
        cells.append(row)
    return cells


def _visible_character(character: str, codes: dict[str, str]) -> tuple[str, frozenset[str]]:
    kept = ("ground", "4", "7", "9", "53") if character == " " and "7" not in codes else tuple(codes)
    return character, frozenset(f"{name}={codes[name]}" for name in kept if name in codes)


def _apply(parameters: str, codes: dict[str, str]) -> None:
    """Note what a sequence of codes sets."""
    rest = parameters.split(";") if parameters else ["0"]
    while rest:
        code = rest.pop(0) or "0"
        if code == "0":
            codes.clear()
        elif code in ("38", "48"):
            length = 2 if rest[0] == "5" else 4
            codes["ground" if code == "48" else "colour"] = ";".join(rest[:length])
            del rest[:length]
        elif code[0] in "349" and len(code) == 2:
            codes["ground" if code[0] == "4" else "colour"] = code
        elif code[:2] == "10" and len(code) == 3:
            codes["ground"] = code
        else:
            codes[code.partition(":")[0]] = code


class ComparedApp(App[None]):
    """An app whose every update goes both ways."""

    CSS = "Screen { layers: below above; }"

    def __init__(self, columns: int, rows: int, abilities: TerminalFeatures) -> None:
        super().__init__()
        self.console._color_system = ColorSystem.TRUECOLOR
        self.theirs, self.ours = Emulator(columns, rows), Emulator(columns, rows)
        self.frames = FrameEncoder(self.console, abilities)
        self.takes_frames = True
        """Whether the terminal takes what is sent; what it does not take is skipped."""

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate) and not self._batch_count and self._running:
            self.theirs.feed(renderable.render_segments(self.console))
            cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
            self.theirs.feed(Control.move_to(*cursor).segment.text)
            if not self.frames.note_update(renderable):
                self.frames.note_update(screen._compositor.render_full_update())
            if self.takes_frames:
                self.take()

    def take(self) -> None:
        """The terminal takes the newest state."""
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        self.ours.feed(self.frames.next_frame((cursor.y, cursor.x), has_sync=False))

    def resize(self, columns: int, rows: int) -> None:
        """Give both terminals another size."""
        for each in (self.theirs, self.ours):
            each.screen.resize(rows, columns)

    def assert_same(self) -> None:
        """Both show the same, and the cursor is where Textual has put it."""
        theirs, ours = visible_cells(self.theirs.screen), visible_cells(self.ours.screen)
        for y, (their_row, our_row) in enumerate(zip(theirs, ours, strict=True)):
            for x, (their, our) in enumerate(zip(their_row, our_row, strict=True)):
                assert their == our, f"row {y}, column {x}: Textual shows {their}, the frame writer {our}"
        theirs_at, ours_at = self.theirs.screen.cursor, self.ours.screen.cursor
        assert (theirs_at.y, theirs_at.x) == (ours_at.y, ours_at.x)


TMUX_COMMAND = ("tmux", "-f", "/dev/null", "-L", "supporttui-tests")


def _tmux(*arguments: str) -> str:
    return subprocess.run([*TMUX_COMMAND, *arguments], capture_output=True, text=True, check=True).stdout


@contextmanager
def tmux_server() -> Iterator[None]:
    """A server of our own, gone afterwards."""
    try:
        yield
    finally:
        subprocess.run([*TMUX_COMMAND, "kill-server"], capture_output=True, check=False)


def tmux_screen_of(written: str, columns: int, rows: int, folder: Path) -> str:
    """The screen with its colours, as tmux tells it."""
    file, mark = folder / "written", "the end of it"
    file.write_text(written + f"\x1b]2;{mark}\x07", encoding="utf-8")
    pane = _tmux(
        *("new-session", "-d", "-P", "-F", "#{pane_id}", "-x", str(columns), "-y", str(rows)),
        f"stty raw -echo; cat {file}; exec sleep 60",
    ).strip()
    wait_until(lambda: _tmux("display-message", "-p", "-t", pane, "#{pane_title}").strip() == mark)
    picture = _tmux("capture-pane", "-e", "-N", "-p", "-t", pane)
    _tmux("kill-pane", "-t", pane)
    return picture
