"""Shows the first picture before the app is imported, and hands the terminal over to the app's driver."""

import contextlib
import os
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, Final, Self

from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.terminal_options import terminfo_features
from supporttui.ui.startup.board_styles import load_board_styles
from supporttui.ui.startup.early_keys import EarlyKeys
from supporttui.ui.startup.first_picture import FirstPicture, LoadedBoard, draw_first_picture, terminal_size
from supporttui.ui.startup.stopwatch import START_STOPWATCH
from supporttui.ui.terminal.cell_writer import CellWriter, ScreenState, changed_spans, clear_screen, write_shortest
from supporttui.ui.terminal.cells import CellRow
from supporttui.ui.terminal.escape_codes import ENTER_ALTERNATE_SCREEN
from supporttui.ui.terminal.terminal_modes import raw_modes, restore_terminal
from supporttui.ui.terminal.tty_writer import TtyWriter

_BEGIN: Final = f"{ENTER_ALTERNATE_SCREEN}\x1b[?25l\x1b[?7l"
_END: Final = "\x1b[m\x1b[?7h\x1b[?25h\x1b[?1049l"
_FIRST_WRITE_S: Final = 0.03
_RESTORE_TIMEOUT_S: Final = 1.0
_SIGNALS: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


@contextlib.contextmanager
def early_picture(opened: LoadedBoard, keymap: Mapping[str, str]) -> Iterator["EarlyScreen | None"]:
    """Show the first picture until the app takes over; yield None if the board's own screen has to draw it."""
    picture = _picture_of(opened, keymap)
    if picture is None:
        yield None
        return
    terminal = opened.app_context.line
    has_bce = terminfo_features(os.environ.get("TERM", ""), sys.stderr.fileno()).has_bce
    early = EarlyScreen(picture.rows, has_bce=has_bce, is_thin=terminal.is_thin, in_glyphs=terminal.in_glyphs)
    early.keys = EarlyKeys(early, picture, keymap)
    with early:
        START_STOPWATCH.first_picture()
        yield early


def _picture_of(opened: LoadedBoard, keymap: Mapping[str, str]) -> FirstPicture | None:
    terminal = opened.app_context.line
    if not terminal.writes_frames or opened.app_context.is_wall or not sys.stderr.isatty():
        return None
    styles = load_board_styles(terminal, os.environ)
    if styles is None:
        return None
    hints = styles.key_hints(keymap) if opened.model.can.can_note else []  # with fewer keys, the screen draws the line
    return draw_first_picture(opened.model, styles, terminal_size(), hints)


class EarlyScreen:
    """The terminal while it shows the picture; its modes are restored at the end."""

    def __init__(
        self,
        rows: Sequence[CellRow],
        *,
        has_bce: bool,
        is_thin: bool = False,
        in_glyphs: Callable[[str], str] | None = None,
    ) -> None:
        """Encode the picture.

        has_bce: whether an erasure keeps the background colour. is_thin: take three times as long to send fewer bytes.
        in_glyphs: see `TtyWriter`.
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
        """The size of the picture in bytes."""
        self.drawn_at = 0.0
        """When it was sent, by `time.monotonic()`."""
        self.keys: EarlyKeys | None = None
        """The reader of keys until the app takes over; None leaves them in the terminal's input queue."""
        self._is_ours = True
        self._has_bce = has_bce
        self.input_fd = sys.__stdin__.fileno() if sys.__stdin__ else 0
        self._output = sys.__stderr__.fileno() if sys.__stderr__ else 2
        self.tty_writer = TtyWriter(self._output, in_glyphs)
        self.modes: list[Any] = []
        """The terminal's original modes."""

    def __enter__(self) -> Self:
        self.modes = termios.tcgetattr(self.input_fd)
        for number in _SIGNALS:
            signal.signal(number, self._end)
        signal.signal(signal.SIGCONT, self._continue)
        termios.tcsetattr(self.input_fd, termios.TCSANOW, raw_modes(self.modes))
        self.drawn_at = time.monotonic()
        self.tty_writer.write(_BEGIN + self._frame)
        self.tty_writer.drain(_FIRST_WRITE_S)  # before the imports compete with its thread for the interpreter
        if self.keys is not None:
            self.keys.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.give_back()

    def show(self, rows: Sequence[CellRow]) -> bool:
        """Send the difference to the present picture; return False, sending nothing, if the terminal was resized."""
        if terminal_size() != (len(rows[0]), len(rows)) or not self._is_ours:
            return False
        (y, x), pen = self.drawn.cursor, self.drawn.pen
        spans = changed_spans(self.drawn.rows, rows, has_bce=self._has_bce)
        written = write_shortest(spans, rows, CellWriter(y, x, pen, has_bce=self._has_bce))
        self.tty_writer.write(written.written())
        self.size += written.cost()
        self.drawn = ScreenState(list(rows), (written.y, written.x), written.pen)
        return True

    def stop_reading(self) -> str:
        """Stop reading keys; return the unhandled input."""
        return self.keys.stop() if self.keys is not None else ""

    @property
    def cursor_id(self) -> TicketId | None:
        """The ticket to which keys have moved the cursor; None if it was not moved or is on no ticket."""
        return self.keys.cursor_id if self.keys is not None else None

    def hand_over(self) -> None:
        """Hand the terminal over to the app's driver; the modes are still restored here at the end."""
        self._is_ours = False

    def give_back(self) -> None:
        """Restore the modes and, if the terminal was not handed over, leave the alternate screen."""
        if self._is_ours:
            self._is_ours = False
            self.stop_reading()  # the next reader of the terminal must not share keys with our thread
            self.tty_writer.write(_END)
            self.tty_writer.drain(_RESTORE_TIMEOUT_S)
        with contextlib.suppress(termios.error):  # the terminal has gone
            termios.tcsetattr(self.input_fd, termios.TCSANOW, self.modes)

    def _continue(self, _number: int, _frame: FrameType | None) -> None:
        """Redraw after the process was stopped and continued (SIGCONT), as the shell has used the terminal."""
        if self._is_ours:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.input_fd, termios.TCSANOW, raw_modes(self.modes))
            rows = self.drawn.rows
            writer, shown = clear_screen(rows, has_bce=self._has_bce)
            writer.write_rows(rows, shown[0][0])
            self.tty_writer.write(_BEGIN + writer.written())
            self.drawn = ScreenState(rows, (writer.y, writer.x), writer.pen)

    def restore_at_exit(self) -> None:
        """Restore the terminal right before the process ends; from any thread."""
        if self._is_ours:
            restore_terminal(self.input_fd, self._output, self.modes, _END, self.tty_writer.finish)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        try:
            self.restore_at_exit()
        finally:
            os._exit(128 + number)
