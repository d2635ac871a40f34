"""How the board was left: kept in a small file beside the outbox, written from a thread of its own."""

import contextlib
import threading
from pathlib import Path
from typing import Final

import msgspec

from supporttui.config.bounded_files import read_bounded
from supporttui.config.folders import write_private

MAX_BYTES: Final = 1_000_000
MAX_HISTORY: Final = 200


class KnownView(msgspec.Struct, frozen=True):
    """A view of the desk as last fetched; its title is safe to be drawn, and free of what JSON cannot hold."""

    id: str
    title: str


class BoardState(msgspec.Struct, kw_only=True):
    """What is the same again at the next start. Words are by the values of their enums; unknown ones are ignored."""

    view: str = ""
    """The `key` of the view in which the board was; empty outside of any."""
    desk_views: list[KnownView] = []
    """The desk's views as last fetched, in its order."""
    sort_by: dict[str, str] = {}
    """The order of a pane, by its status."""
    group_by: str = ""
    lines_per_row: dict[str, int] = {}
    """The density of a pane, by its status; a pane that is not named goes by the size of the screen."""
    shows_preview: bool = False
    """Whether the ticket under the cursor was previewed."""
    history: list[str] = []
    """Filters that were kept, the latest last."""

    def remember_filter(self, text: str) -> None:
        """Have a filter at the end of the history, once."""
        self.history = [*(each for each in self.history if each != text), text][-MAX_HISTORY:]


class BoardStateFile:
    """The file. What cannot be read is as if nothing had been kept; the last state handed over is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._waiting: str | None = None
        self._thread: threading.Thread | None = None

    def load(self) -> BoardState:
        """What was kept."""
        with contextlib.suppress(OSError, ValueError, msgspec.MsgspecError):
            return msgspec.json.decode(read_bounded(self.path, MAX_BYTES), type=BoardState)
        return BoardState()

    def save(self, state: BoardState) -> None:
        """Write it soon; the caller does not wait for the disk."""
        with self._lock:
            self._waiting = msgspec.json.encode(state).decode()
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="board state", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Return when all is written that was handed over."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _write(self) -> None:
        while True:
            with self._lock:
                text, self._waiting = self._waiting, None
                if text is None:
                    self._thread = None
                    return
            with contextlib.suppress(OSError):  # the board works without it
                write_private(self.path, text)
