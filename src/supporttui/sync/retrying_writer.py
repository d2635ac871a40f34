"""Writes that are retried while the disk is full, and the debounced saving of drafts."""

import asyncio
from collections import deque
from collections.abc import Callable

from supporttui.config.fault_points import fault_point
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Draft
from supporttui.store.outbox import Outbox


class RetryingWriter:
    """Runs writes in order. One that the disk refuses is reported, kept in memory and retried, with all that follow."""

    def __init__(self, say: Callable[[StoreProblem | None], None]) -> None:
        self._say = say
        self._waiting: deque[Callable[[], None]] = deque()

    @property
    def unsaved(self) -> int:
        """How many writes are in memory only."""
        return len(self._waiting)

    def write(self, write: Callable[[], None]) -> None:
        """Write now, or as soon as the disk accepts it."""
        self._waiting.append(write)
        if len(self._waiting) == 1:
            self.retry_waiting()

    def retry_waiting(self) -> None:
        """Retry waiting writes in order, until one is refused again."""
        had_waited = bool(self._waiting)
        while self._waiting:
            write = self._waiting.popleft()
            try:
                write()
            except StoreProblem as problem:
                self._waiting.appendleft(write)
                self._say(problem)
                return
        if had_waited:
            self._say(None)


class DraftSaver:
    """Writes drafts to the outbox. Lives on the engine's loop."""

    def __init__(self, outbox: Outbox, retrying_writer: RetryingWriter, within_s: float) -> None:
        self._outbox = outbox
        self._retrying_writer = retrying_writer
        self._within_s = within_s
        self._typed: dict[str, Draft] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._when_saved: list[Callable[[], None]] = []

    def save(self, draft: Draft) -> None:
        """Have this text on disk soon; a newer text of the same draft replaces it."""
        self._typed[draft.id] = draft
        fault_point("draft typed")
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._within_s, self.flush)

    def discard(self, draft_id: str) -> None:
        """Drop a draft, written or not."""
        self.forget(draft_id)
        self._retrying_writer.write(lambda: self._outbox.delete_draft(draft_id))

    def forget(self, draft_id: str | None) -> None:
        """Cancel the saving of a draft that has become an operation."""
        if draft_id is not None:
            self._typed.pop(draft_id, None)

    def flush(self) -> None:
        """Write everything now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        typed, self._typed = self._typed, {}
        for draft in typed.values():
            self._retrying_writer.write(lambda draft=draft: self._outbox.save_draft(draft))  # type: ignore[misc] # a bound loop variable
        self.run_when_saved()

    def when_saved(self, done: Callable[[], None]) -> None:
        """Write everything now, and call this when it is on disk: at once, or when the disk takes it."""
        self._when_saved.append(done)
        self.flush()

    def run_when_saved(self) -> None:
        """Call what waits for everything to be on disk, where it is."""
        if not self._retrying_writer.unsaved:
            waiting, self._when_saved = self._when_saved, []
            for done in waiting:
                done()
