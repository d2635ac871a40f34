"""Textual's driver of a Linux terminal, made safe for job control, signals that end the process and odd sizes."""

import os
import signal
import sys
import termios
import threading
import time
from typing import Any, Final

from textual import constants, events
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from supporttui.presentation.terminal_options import bounded_size, terminal_size
from supporttui.ui.terminal.escape_codes import ENTER_ALTERNATE_SCREEN
from supporttui.ui.terminal.terminal_modes import RESTORE, raw_modes, restore_terminal

_ENTER_AGAIN: Final = (
    f"{ENTER_ALTERNATE_SCREEN}\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h\x1b[?25l\x1b[?1004h\x1b[?2004h\x1b[?7l"
)
"""What Textual's `start_application_mode` sends, without questions and the keyboard protocol."""
_SET_KEYBOARD_PROTOCOL: Final = "\x1b[=25u"
"""The flags that Textual pushes; set, they are not pushed a second time."""
_POLL_S: Final = 0.01


class TerminalDriver(LinuxDriver):
    """Restores the terminal when the process is ended, and takes it over again after the process was stopped."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Textual's own signature
        super().__init__(*arguments, **options)
        self._has_terminal = False
        """Whether the terminal is in application mode."""

    def start_application_mode(self) -> None:
        """Take over the terminal."""
        self._has_terminal = True  # before its modes change: a signal may come in between
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual has no types there

    def stop_application_mode(self) -> None:
        """Leave the terminal as it was."""
        super().stop_application_mode()
        self._has_terminal = False

    def restore_at_exit(self) -> None:
        """Restore the terminal right before the process ends, from any thread; nothing where it is not ours now."""
        if self._has_terminal and self._file is not None:
            self._has_terminal = False
            restore_terminal(self.fileno, self._file.fileno(), self.attrs_before, RESTORE, self.finish_output)

    def finish_output(self, within_s: float) -> bool:
        """Wait until what was sent is written, no longer than given; whether it is."""
        writer, deadline = self._writer_thread, time.monotonic() + within_s
        while writer is not None and not writer._queue.empty():
            if time.monotonic() > deadline:
                return False
            threading.Event().wait(_POLL_S)
        return True

    def redraw(self) -> None:
        """Have everything drawn again, whatever the terminal shows. In the event loop."""
        self._app.refresh(layout=True)

    def process_message(self, message: Message) -> None:
        """Bound the sizes that a terminal reports, and pass everything on."""
        if isinstance(message, events.Resize):
            size = Size(*bounded_size(*message.size))
            if size != message.size:
                message = events.Resize(size, size)
        super().process_message(message)

    def _get_terminal_size(self) -> tuple[int, int]:
        return terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal over again, whatever the shell has done with it meanwhile.

        No handler precedes SIGSTOP. Textual would start a second thread that reads the terminal; the first one then
        keeps the process from ending until it has read one more key.
        """
        if self._must_signal_resume or not self._has_terminal:
            super()._sigcont_application()
        elif self._take_again():
            self._loop.call_soon_threadsafe(self.redraw)

    def _take_again(self) -> bool:
        """Set the modes; False where the terminal has gone. In the background this stops the process once more."""
        try:
            termios.tcsetattr(self.fileno, termios.TCSANOW, raw_modes(termios.tcgetattr(self.fileno)))
        except termios.error:
            return False
        self.write(_ENTER_AGAIN)
        if not constants.DISABLE_KITTY_KEY:
            self.write(_SET_KEYBOARD_PROTOCOL)
        if self._in_band_window_resize:
            self._enable_in_band_window_resize()
        return True


def can_be_stopped() -> bool:
    """Whether a shell is there that could continue the process after SIGTSTP.

    Without one, as after `ssh host supporttui`, nobody would: the process group is orphaned.
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
    """Stop all processes of the job as the terminal's own key would."""
    os.killpg(os.getpgrp(), signal.SIGTSTP)
