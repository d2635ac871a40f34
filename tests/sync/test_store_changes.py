"""What another window commits is seen by the next look, at whatever moment it comes."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from support.sample_values import DESK, START, make_reply
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Operation
from supporttui.store.outbox import Outbox
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.timings import Timings
from supporttui.sync.watcher import StoreMarks, StoreWatcher


class OvertakenOutbox(Outbox):
    """An outbox in which something happens once, right before or after its open operations are read."""

    before_load: Callable[[], None] = staticmethod(lambda: None)
    after_load: Callable[[], None] = staticmethod(lambda: None)

    def load_open(self) -> list[Operation]:
        """What is open between the two."""
        self.before_load()
        found = super().load_open()
        self.after_load()
        self.before_load = self.after_load = lambda: None
        return found


def watch(cache: Cache, outbox: Outbox) -> tuple[EngineContext, StoreWatcher]:
    """A watcher without a link or an outbox service, and the state that it reports to."""
    marks = StoreMarks.read(cache, outbox)
    context = EngineContext(cache, outbox, Timings(), lambda: START, lambda: None)
    return context, StoreWatcher(context, marks, None, refresh=lambda: None, reopen=lambda: None)


def refuse() -> None:
    raise StoreProblem("The disk cannot be read.")


@pytest.mark.parametrize("moment", ["before_load", "after_load"])
def test_what_is_committed_beside_a_count_is_counted_and_told_by_the_next_look(tmp_path: Path, moment: str) -> None:
    async def look() -> None:
        with (
            closing(Cache(tmp_path / "cache.db", DESK)) as cache,
            closing(OvertakenOutbox(tmp_path / "outbox.db", DESK)) as mine,
            closing(Outbox(tmp_path / "outbox.db", DESK)) as theirs,
        ):
            engine_context, watcher = watch(cache, mine)
            setattr(mine, moment, lambda: theirs.add(make_reply()))
            engine_context.count_unsent()
            assert watcher.look().outbox_changed
            assert engine_context.status.unsent == 1
            assert not watcher.look().outbox_changed

    asyncio.run(look())


def test_a_count_that_the_disk_refused_is_made_up_for_by_the_next_look(tmp_path: Path) -> None:
    async def look() -> None:
        with (
            closing(Cache(tmp_path / "cache.db", DESK)) as cache,
            closing(OvertakenOutbox(tmp_path / "outbox.db", DESK)) as mine,
        ):
            engine_context, watcher = watch(cache, mine)
            mine.add(make_reply())
            mine.before_load = refuse
            engine_context.count_unsent()
            assert engine_context.status.unsent == 0
            mine.before_load = lambda: None
            assert watcher.look().outbox_changed
            assert engine_context.status.unsent == 1

    asyncio.run(look())


def test_a_copy_that_was_begun_anew_is_told_by_the_look_after_one_that_the_disk_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look() -> None:
        with (
            closing(Cache(tmp_path / "cache.db", DESK)) as cache,
            closing(Outbox(tmp_path / "outbox.db", DESK)) as mine,
        ):
            _context, watcher = watch(cache, mine)
            monkeypatch.setattr(cache, "identity", lambda: b"another copy")
            with monkeypatch.context() as broken:
                broken.setattr(mine, "changes", refuse)
                with pytest.raises(StoreProblem):
                    watcher.look()
            assert watcher.look().is_cache_new
            assert not watcher.look().is_cache_new

    asyncio.run(look())
