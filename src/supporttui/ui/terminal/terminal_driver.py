"""Textual's driver for Linux terminals, extended for job control, terminating signals and unusual sizes."""

import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from typing import Any, Final, Protocol, runtime_checkable

from textual import constants, events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from supporttui.presentation.terminal_options import LOCAL_TERMINAL, TerminalOptions, bounded_size, terminal_size
from supporttui.ui.terminal.escape_codes import ENTER_ALTERNATE_SCREEN
from supporttui.ui.terminal.terminal_modes import RESTORE, raw_modes, restore_terminal
from supporttui.ui.terminal.terminal_replies import BACKGROUND_QUERY, ReplyReader

_ENTER_AGAIN: Final = f"{ENTER_ALTERNATE_SCREEN}\x1b[?25l\x1b[?1004h\x1b[?2004h\x1b[?7l"
"""What Textual's `start_application_mode` sends, without the mouse, queries and the keyboard protocol."""
_SET_KEYBOARD_PROTOCOL: Final = "\x1b[=25u"
"""The flags that Textual pushes; setting them avoids pushing them a second time."""
_POLL_S: Final = 0.01
_INPUT_WAIT_S: Final = 0.1
_INPUT_BYTES: Final = 4096


@runtime_checkable
class TerminalHost(Protocol):
    """What the driver needs of its app; `FramedApp` has it, a plain Textual app does not."""

    line: TerminalOptions

    def note_background(self, is_light: bool) -> None:
        """Record the reported background of the terminal; called on the thread that reads it."""


class TerminalDriver(LinuxDriver):
    """Restores the terminal when the process ends, and takes it over again after the process was stopped."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Textual's own signature
        super().__init__(*arguments, **options)
        self._has_terminal = False
        """Whether the terminal is in application mode."""
        host = self._app if isinstance(self._app, TerminalHost) else None
        self._options = host.line if host is not None else LOCAL_TERMINAL
        self._replies = ReplyReader(host.note_background if host is not None else lambda _is_light: None)
        self._asks_background = self._options.asks_background

    def write(self, data: str) -> None:
        """Send output, converted to characters that the terminal supports."""
        in_glyphs = self._options.in_glyphs
        super().write(data if in_glyphs is None else in_glyphs(data))

    def start_application_mode(self) -> None:
        """Take over the terminal."""
        self._has_terminal = True  # before its modes change, as a signal may come in between
        if self._asks_background:
            self._replies.expect()  # the thread that reads the reply is about to start
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual has no types there
        if self._asks_background:
            self._asks_background = False
            self.write(BACKGROUND_QUERY)

    def run_input_thread(self) -> None:
        """Read the terminal as Textual does, without the replies that its parser would take for keys."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode

        def read(*, is_last: bool) -> None:
            is_there = select.select([self.fileno], [], [], _INPUT_WAIT_S)[0]
            text = decode(os.read(self.fileno, _INPUT_BYTES), final=is_last) if is_there else ""
            keys = self._replies.take(text) if text else self._replies.overdue()
            for event in parser.feed(keys) if keys else ():
                self.process_message(event)
            for event in parser.tick():
                self.process_message(event)

        try:
            while not self.exit_event.is_set():
                read(is_last=False)
            read(is_last=True)
        finally:
            with contextlib.suppress(EOFError, ParseError):
                list(parser.feed(""))

    def stop_application_mode(self) -> None:
        """Restore the terminal."""
        super().stop_application_mode()
        self._has_terminal = False

    def restore_at_exit(self) -> None:
        """Restore the terminal right before the process ends, from any thread; no effect if it is not in use."""
        if self._has_terminal and self._file is not None:
            self._has_terminal = False
            restore_terminal(self.fileno, self._file.fileno(), self.attrs_before, RESTORE, self.finish_output)

    def finish_output(self, within_s: float) -> bool:
        """Wait at most `within_s` until the output is written; return whether it was."""
        writer, deadline = self._writer_thread, time.monotonic() + within_s
        while writer is not None and not writer._queue.empty():
            if time.monotonic() > deadline:
                return False
            threading.Event().wait(_POLL_S)
        return True

    @property
    def has_mouse(self) -> bool:
        """Whether the terminal reports the mouse; otherwise it selects text with it."""
        return self._mouse

    def take_mouse(self, takes: bool) -> None:
        """Take the mouse from the terminal or release it; also kept after the process was stopped."""
        self._mouse = True  # Textual's methods do nothing without it
        if takes:
            self._enable_mouse_support()
            if self._mouse_pixels:
                self._enable_mouse_pixels()
        else:
            self._disable_mouse_support()
        self._mouse = takes

    def redraw(self) -> None:
        """Redraw everything, whatever the terminal shows. In the event loop."""
        self._app.refresh(layout=True)

    def process_message(self, message: Message) -> None:
        """Limit the sizes that a terminal reports; pass on everything else."""
        if isinstance(message, events.Resize):
            size = Size(*bounded_size(*message.size))
            if size != message.size:
                message = events.Resize(size, size)
        super().process_message(message)

    def _get_terminal_size(self) -> tuple[int, int]:
        return terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)

    def _sigcont_application(self, *_: object) -> None:
        """Take over the terminal again (SIGCONT), whatever the shell has done with it.

        No handler runs before SIGSTOP. Textual would start a second thread that reads the terminal; the first would
        then keep the process from ending until it has read one more key.
        """
        if self._must_signal_resume or not self._has_terminal:
            super()._sigcont_application()
        elif self._take_again():
            self._loop.call_soon_threadsafe(self.redraw)

    def _take_again(self) -> bool:
        """Set the modes; return False if the terminal is gone. In the background this stops the process again."""
        try:
            termios.tcsetattr(self.fileno, termios.TCSANOW, raw_modes(termios.tcgetattr(self.fileno)))
        except termios.error:
            return False
        self.write(_ENTER_AGAIN)
        self._enable_mouse_support()
        if not constants.DISABLE_KITTY_KEY:
            self.write(_SET_KEYBOARD_PROTOCOL)
        if self._in_band_window_resize:
            self._enable_in_band_window_resize()
        return True


def can_be_stopped() -> bool:
    """Whether there is a shell that could continue the process after SIGTSTP.

    There is none after `ssh host supporttui`, for example: the process group is orphaned.
    """
    try:
        leader = os.getpgrp()
        parent = os.getppid() if leader == os.getpid() else _parent_of(leader)
        return os.getsid(parent) == os.getsid(0)
    except (OSError, ValueError, IndexError):
        return False


def _parent_of(pid: int) -> int:
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - of a process
        return int(file.read().rpartition(")")[2].split()[1])


def stop_process_group() -> None:
    """Stop all processes of the job, as the terminal's own suspend key would."""
    os.killpg(os.getpgrp(), signal.SIGTSTP)
