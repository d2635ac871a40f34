"""Textual's driver of a Linux terminal, with our frame writer between the compositor and the terminal."""

import contextlib
import os
import time
from typing import Any, Final, Protocol, runtime_checkable

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from supporttui.presentation.terminal_options import terminfo_features
from supporttui.ui.terminal.cell_writer import ScreenState
from supporttui.ui.terminal.escape_codes import ENTER_ALTERNATE_SCREEN
from supporttui.ui.terminal.frame_encoder import FrameEncoder
from supporttui.ui.terminal.frame_sender import FlowControl, FrameSender
from supporttui.ui.terminal.terminal_driver import TerminalDriver
from supporttui.ui.terminal.tty_writer import TtyWriter

ESCAPE: Final = "\x1b"
MAX_DRAIN_S: Final = 2.0
"""Seconds to wait at the end for a terminal that does not read its output."""


class EarlyPicture(Protocol):
    """A picture drawn on the terminal before the app was imported."""

    drawn: ScreenState
    size: int
    """In bytes."""
    drawn_at: float
    """When it was sent, by `time.monotonic()`."""
    tty_writer: TtyWriter
    modes: list[Any]
    """The terminal's original modes; the app restores them when it exits."""

    def stop_reading(self) -> str:
        """Stop reading keys; return the unhandled input."""

    def hand_over(self) -> None:
        """Hand the terminal over to the app's driver, which restores its modes."""

    def give_back(self) -> None:
        """Restore the terminal to its state before the picture."""

    def restore_at_exit(self) -> None:
        """Like `give_back`, right before the process ends and from any thread; no effect after `hand_over`."""


@runtime_checkable
class FrameHost(Protocol):
    """What the driver needs of its app; `FramedApp` has it, a plain Textual app does not."""

    early: EarlyPicture | None

    def note_key_read(self) -> None:
        """Record that a key was read from the terminal; called on the thread that reads it."""


class FrameDriver(TerminalDriver):
    """Sends frames as differences, and skips frames while the terminal does not read them."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Textual's own signature
        super().__init__(*arguments, **options)
        assert self._file is not None, "the app was started on a terminal"
        fd = self._file.fileno()
        self._host = self._app if isinstance(self._app, FrameHost) else None
        line = self._options
        features = terminfo_features(os.environ.get("TERM", ""), fd)
        self.encoder = FrameEncoder(self._app.console, features, has_links=line.has_links)
        self.last_key_at = time.monotonic()
        """When a key was read last, or the app began, by `time.monotonic()`, which all processes of a host share."""
        self._typed = ""
        """Input typed before the app was imported."""
        early = self._early = self._host.early if self._host is not None else None
        pace = FlowControl(early.size, since=early.drawn_at) if early else None
        self.sender = FrameSender(early.tty_writer if early else TtyWriter(fd, line.in_glyphs), self._loop, pace)

    def write(self, data: str) -> None:
        """Send output other than frames: modes, queries, the clipboard."""
        if self._early is None or data != ENTER_ALTERNATE_SCREEN:  # some terminals clear a screen that is entered again
            self.sender.write(data)

    def start_application_mode(self) -> None:
        """Take over the terminal, starting from the early picture if there is one."""
        early = self._early
        self.encoder.invalidate()
        self._typed = early.stop_reading() if early is not None else ""
        if early is not None:
            self.encoder.start_from(early.drawn)
        super().start_application_mode()
        if early is not None:
            early.hand_over()
            self.attrs_before = early.modes
            self._early = None
        self.sender.begin()

    def run_input_thread(self) -> None:
        """Pass on the keys typed early, then read the terminal."""
        for event in XTermParser().feed(self._typed):
            self.process_message(event)
        if self._typed.endswith(ESCAPE):  # the parser waits for more of a sequence; the early reader did that already
            self.process_message(events.Key("escape", ESCAPE))
        super().run_input_thread()

    def finish_output(self, within_s: float) -> bool:
        """Wait at most `within_s` until all output is written, then write no more; return whether it was written."""
        return self.sender.finish(within_s)

    def redraw(self) -> None:
        """Redraw the whole screen, whatever the terminal shows."""
        self.encoder.invalidate()
        self.sender.begin()

    def close(self) -> None:
        """Wait at most `MAX_DRAIN_S` until the terminal has read its output."""
        self.sender.drain(MAX_DRAIN_S)
        super().close()

    def process_message(self, message: Message) -> None:
        """Consume the replies to the frame sender's own cursor query; pass on everything else."""
        if isinstance(message, events.CursorPosition):
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self.sender.answered)
            return
        if isinstance(message, events.Key) and self._host is not None:
            self.last_key_at = time.monotonic()
            self._host.note_key_read()
        super().process_message(message)
