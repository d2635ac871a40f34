"""Puts the first picture on the terminal before the app is imported, and hands the terminal to the app's driver."""

import contextlib
import os
import signal
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, Final, Self

from supporttui.presentation.terminal_options import terminfo_features
from supporttui.ui.startup.board_styles import load_board_styles
from supporttui.ui.startup.first_picture import LoadedBoard, first_picture_rows, terminal_size
from supporttui.ui.startup.stopwatch import START_STOPWATCH
from supporttui.ui.terminal.cell_writer import ScreenState, changed_spans, clear_screen, write_shortest
from supporttui.ui.terminal.cells import CellRow
from supporttui.ui.terminal.escape_codes import ENTER_ALTERNATE_SCREEN
from supporttui.ui.terminal.tty_writer import TtyWriter

_BEGIN: Final = f"{ENTER_ALTERNATE_SCREEN}\x1b[?25l\x1b[?7l"
_END: Final = "\x1b[m\x1b[?7h\x1b[?25h\x1b[?1049l"
_FIRST_WRITE_S: Final = 0.03
_RESTORE_TIMEOUT_S: Final = 1.0
_SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM)


@contextlib.contextmanager
def early_picture(opened: LoadedBoard, keymap: Mapping[str, str]) -> Iterator["EarlyScreen | None"]:
    """Show the first picture until the app has the terminal; None where the board's own screen has to draw it."""
    terminal, rows = opened.app_context.line, None
    if terminal.writes_frames and not opened.app_context.is_wall and sys.stderr.isatty():
        styles = load_board_styles(terminal, os.environ)
        if styles is not None:
            rows = first_picture_rows(opened.model, styles, terminal_size(), styles.key_hints(keymap))
    if rows is None:
        yield None
        return
    has_bce = terminfo_features(os.environ.get("TERM", ""), sys.stderr.fileno()).has_bce
    with EarlyScreen(rows, has_bce=has_bce, is_thin=terminal.is_thin) as early:
        START_STOPWATCH.first_picture()
        yield early


class EarlyScreen:
    """The terminal while it shows a picture: keys stay unread in its input queue, and its modes are restored."""

    def __init__(self, rows: Sequence[CellRow], *, has_bce: bool, is_thin: bool = False) -> None:
        """Encode the picture.

        has_bce: an erasure leaves the background colour. is_thin: take three times as long to send fewer bytes.
        """
        writer, shown = clear_screen(rows, has_bce=has_bce)
        if is_thin:
            spans = changed_spans(shown, rows, has_bce=has_bce)
            shortest = write_shortest(spans, rows, writer)
            shortest.prepend(writer)
            writer = shortest
        else:
            writer.write_rows(rows, shown[0][0])
        self._frame = writer.written()
        self.drawn = ScreenState(list(rows), (writer.y, writer.x), writer.pen)
        self.size = len(self._frame.encode())
        """Bytes that the picture takes."""
        self.drawn_at = 0.0
        """When it was sent, by `time.monotonic()`."""
        self._is_ours = True
        self._input = sys.__stdin__.fileno() if sys.__stdin__ else 0
        self.tty_writer = TtyWriter(sys.__stderr__.fileno() if sys.__stderr__ else 2)
        self.modes: list[Any] = []
        """The terminal's modes as they were found."""

    def __enter__(self) -> Self:
        self.modes = termios.tcgetattr(self._input)
        for number in _SIGNALS:
            signal.signal(number, self._end)
        termios.tcsetattr(self._input, termios.TCSANOW, _raw_modes(self.modes))
        self.drawn_at = time.monotonic()
        self.tty_writer.write(_BEGIN + self._frame)
        self.tty_writer.drain(_FIRST_WRITE_S)  # before the imports compete with its thread for the interpreter
        return self

    def __exit__(self, *_reason: object) -> None:
        self.give_back()

    def hand_over(self) -> None:
        """Leave the terminal to the app's driver; the modes are still restored here at the end."""
        self._is_ours = False

    def give_back(self) -> None:
        """Restore the modes, and the usual screen too where the terminal was not handed over."""
        if self._is_ours:
            self._is_ours = False
            self.tty_writer.write(_END)
            self.tty_writer.drain(_RESTORE_TIMEOUT_S)
        with contextlib.suppress(termios.error):  # the terminal has gone
            termios.tcsetattr(self._input, termios.TCSANOW, self.modes)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.give_back()
        os._exit(128 + number)


def _raw_modes(modes: Sequence[Any]) -> list[Any]:
    """Modes without echo, signals or line editing: keys stay in the input queue until the app's driver reads them."""
    iflag, oflag, cflag, lflag, ispeed, ospeed, characters = modes
    lflag &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    iflag &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    wanted = list(characters)
    wanted[termios.VMIN] = 1
    return [iflag, oflag, cflag, lflag, ispeed, ospeed, wanted]
