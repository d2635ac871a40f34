"""A small app on the frame writer, started as a script in a pty."""

import os
import signal
import sys
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from supporttui.presentation.terminal_options import LOCAL_TERMINAL
from supporttui.ui.terminal.framed_app import FramedApp


class FrameWriterProgram(FramedApp):
    """Counts, fills the screen, hands the terminal to something else, stops itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "count", id="n"),
        Binding("e", "hand_over", id="e"),
        Binding("z", "stop", id="z"),
        Binding("q", "quit", id="q"),
    ]
    CSS = "#many { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(line=LOCAL_TERMINAL)
        self._count = 0

    def compose(self) -> ComposeResult:
        yield Static("count 0", id="count")
        yield Static(id="many")
        yield Static("the last line 漢字")

    def action_count(self) -> None:
        self._count += 1
        self.query_one("#count", Static).update(f"count {self._count}")
        self.query_one("#many", Static).update(f"{self._count:>7}" * 400)

    def action_hand_over(self) -> None:
        with self.suspend():
            sys.stdout.write("\x1b[2J\x1b[Hsomething else\r\n")
            sys.stdout.flush()
            sys.stdin.readline()

    def action_stop(self) -> None:
        os.kill(os.getpid(), signal.SIGTSTP)


if __name__ == "__main__":
    FrameWriterProgram().run()
