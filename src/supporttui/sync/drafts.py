"""Drafts on their way to disk: every keystroke is taken, a few times a second the newest text is written."""

import asyncio

from supporttui.points import reach
from supporttui.store.outbox import Outbox
from supporttui.store.records import Draft
from supporttui.sync.keeper import Keeper


class DraftKeeper:
    """Writes drafts to the outbox. Lives on the engine's loop."""

    def __init__(self, outbox: Outbox, keeper: Keeper, within_s: float) -> None:
        self._outbox = outbox
        self._keeper = keeper
        self._within_s = within_s
        self._typed: dict[str, Draft] = {}
        self._timer: asyncio.TimerHandle | None = None

    def save(self, draft: Draft) -> None:
        """Have this text on disk soon; a newer text of the same draft replaces it."""
        self._typed[draft.id] = draft
        reach("draft typed")
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._within_s, self.flush)

    def discard(self, draft_id: str) -> None:
        """Drop a draft, written or not."""
        self.forget(draft_id)
        self._keeper.keep(lambda: self._outbox.delete_draft(draft_id))

    def forget(self, draft_id: str | None) -> None:
        """Do not write this one any more: it has become an operation."""
        if draft_id is not None:
            self._typed.pop(draft_id, None)

    def flush(self) -> None:
        """Write everything now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        typed, self._typed = self._typed, {}
        for draft in typed.values():
            self._keeper.keep(lambda draft=draft: self._outbox.save_draft(draft))  # type: ignore[misc] # a bound loop variable
