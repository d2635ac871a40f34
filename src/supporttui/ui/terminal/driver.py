"""Textual's own driver of a terminal, with a frame writer between it and the compositor."""

import contextlib
import os
from typing import Any, Final

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from supporttui.ui.terminal.abilities import abilities_of
from supporttui.ui.terminal.early import ALTERNATE
from supporttui.ui.terminal.framed_app import FramedApp
from supporttui.ui.terminal.frames import Frames
from supporttui.ui.terminal.outlet import Outlet
from supporttui.ui.terminal.pace import Pace
from supporttui.ui.terminal.scribe import Scribe

DRAIN_WITHIN_S: Final = 2.0
"""How long leaving waits for a terminal that does not take what it is sent."""


class FrameDriver(LinuxDriver):
    """Sends frames as differences, and only while the terminal takes them."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Textual's own signature
        super().__init__(*arguments, **options)
        assert self._file is not None, "the app was started on a terminal"
        fd = self._file.fileno()
        self.frames = Frames(self._app.console, abilities_of(os.environ.get("TERM", ""), fd))
        early = self._early = self._app.early if isinstance(self._app, FramedApp) else None
        pace = Pace(early.size, since=early.drawn_at) if early else None
        self.outlet = Outlet(early.scribe if early else Scribe(fd), self._loop, pace)

    def write(self, data: str) -> None:
        """Send what is not a frame: modes, questions, the clipboard."""
        if self._early is None or data != ALTERNATE:  # some terminals clear a screen that is chosen again
            self.outlet.write(data)

    def start_application_mode(self) -> None:
        """Take the terminal over; nothing is known of what it shows, unless it was taken over for us before."""
        early = self._early
        self.frames.forget()
        if early is not None:
            self.frames.begin_with(early.drawn)
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual has no types there
        if early is not None:
            early.hand_over()
            self.attrs_before = early.modes
            self._early = None
        self.outlet.begin()

    def close(self) -> None:
        """Wait until the terminal has what it was sent, but not for ever."""
        self.outlet.drain(DRAIN_WITHIN_S)
        super().close()

    def process_message(self, message: Message) -> None:
        """Take the answers to the writer's own question out of what comes from the terminal."""
        if isinstance(message, events.CursorPosition):
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self.outlet.answered)
            return
        if isinstance(message, events.Key) and isinstance(self._app, FramedApp):
            self._app.key_came()
        super().process_message(message)
