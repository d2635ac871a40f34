"""Handles cursor keys while Textual is being imported, and keeps all other keys for the app."""

import os
import re
import select
import threading
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from supporttui.domain.ticket_id import TicketId
from supporttui.ui.startup.first_picture import FirstPicture
from supporttui.ui.terminal.cells import CellRow

CURSOR_KEYS: Final = (("board-cursor-up", "up,k", -1), ("board-cursor-down", "down,j", 1))
"""Binding, default keys and number of rows; a test compares them with the bindings of the panes."""
ARROWS: Final = {"up": (b"\x1b[A", b"\x1bOA"), "down": (b"\x1b[B", b"\x1bOB")}
SEQUENCE_S: Final = 0.05
"""Seconds to wait for the rest of an incomplete key sequence."""
MAX_SEQUENCE_READS: Final = 8
"""The maximum number of such waits, as a key may be held down."""
_UNFINISHED: Final = re.compile(
    rb"(?:\x1b(?:\[[0-9;?<]*|O)?|[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z"
)
"""An incomplete key sequence or UTF-8 character at the end of the input."""


class PictureScreen(Protocol):
    """The terminal that shows the first picture."""

    input_fd: int

    def show(self, rows: Sequence[CellRow]) -> bool:
        """Show other rows in place of the picture; return False if they no longer fit the terminal."""


class EarlyKeys:
    """Reads the terminal on a thread of its own until the app does.

    Cursor keys within the visible rows are handled until any other key is typed; from then on everything is kept in
    order for the app.
    """

    def __init__(self, screen: PictureScreen, picture: FirstPicture, keymap: Mapping[str, str]) -> None:
        """keymap: the user's keys by binding id, where they differ."""
        self._screen = screen
        self._picture = picture
        self._steps = cursor_steps(keymap)
        self._pane = picture.focused
        self._slot = self._pane.lines.cursor_slot
        self._is_moving = self._slot is not None
        self._kept = b""
        self._is_stopped = False
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="early keys", daemon=True)

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    def stop(self) -> str:
        """Stop reading; return the unhandled input."""
        if not self._is_stopped:
            self._is_stopped = True
            os.close(self._stop_write)
            self._thread.join()
            os.close(self._stop_read)
        return self._kept.decode("utf-8", "replace")

    @property
    def cursor_id(self) -> TicketId | None:
        """The ticket under the cursor; None in an empty pane."""
        return None if self._slot is None else self._pane.ids[self._slot]

    def _run(self) -> None:
        fd, is_open = self._screen.input_fd, True
        while is_open and self._stop_read not in select.select([fd, self._stop_read], [], [])[0]:
            is_open = self._read(fd)
        for _ in range(MAX_SEQUENCE_READS):
            if not (is_open and _UNFINISHED.search(self._kept) and select.select([fd], [], [], SEQUENCE_S)[0]):
                break
            is_open = self._read(fd)

    def _read(self, fd: int) -> bool:
        """Read input; return False if the terminal is gone."""
        try:
            data = os.read(fd, 4096)
        except OSError:
            return False
        self._kept += data
        if self._is_moving:
            self._move()
        return bool(data)

    def _move(self) -> None:
        """Handle the cursor keys at the start of the input."""
        before = self._slot
        while (found := next((key for key in self._steps if self._kept.startswith(key)), b"")) and self._is_moving:
            self._is_moving = self._step(self._steps[found])
            if self._is_moving:
                self._kept = self._kept[len(found) :]
        is_begun = any(key.startswith(self._kept) for key in self._steps)
        self._is_moving = self._is_moving and is_begun
        if self._slot is not None and self._slot != before:
            self._is_moving = self._screen.show(self._picture.with_cursor(self._slot)) and self._is_moving

    def _step(self, rows: int) -> bool:
        """Move the cursor within the visible rows; return False if that would scroll."""
        assert self._slot is not None, "keys move no cursor where there is none"
        last = len(self._pane.ids) - 1
        wanted = self._slot + rows
        if wanted > last and self._pane.lines.foot.below:
            return False
        self._slot = max(0, min(wanted, last))
        return True


def cursor_steps(keymap: Mapping[str, str]) -> dict[bytes, int]:
    """Return the byte sequences of the cursor keys, with the number of rows for each.

    A key that the user has bound to something else is left out.
    """
    taken = {key.strip() for keys in keymap.values() for key in keys.split(",")}
    steps: dict[bytes, int] = {}
    for binding, usual, rows in CURSOR_KEYS:
        keys = {key.strip() for key in keymap.get(binding, usual).split(",")}
        for key in keys if binding in keymap else keys - taken:
            steps |= dict.fromkeys(ARROWS.get(key, (key.encode(),) if len(key) == 1 else ()), rows)
    return steps
