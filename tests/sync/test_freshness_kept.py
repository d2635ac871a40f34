"""Until when the copy was current is kept: after a restart or a crash no earlier time is shown than before."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.sample_values import DESK
from supporttui.store.cache import Cache
from supporttui.sync.engine_context import KEEP_FRESHNESS_EVERY, EngineContext
from supporttui.sync.status import LinkEvent, load_status
from supporttui.sync.timings import Timings

START = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def restarted(folder: Path, run: Callable[[EngineContext, list[datetime]], None]) -> datetime | None:
    """What the next start says after this run, whose clock is the list's last entry."""

    async def play() -> datetime | None:
        clock = [START]
        with Cache(str(folder / "cache.db"), DESK) as cache:
            context = EngineContext(cache, None, Timings(), lambda: clock[-1], lambda: None)
            context.completed(0.0, None)
            run(context, clock)
            return load_status(cache).last_sync_at

    return asyncio.run(play())


def test_next_start_knows_what_the_last_heartbeat_told(tmp_path: Path) -> None:
    def run(context: EngineContext, clock: list[datetime]) -> None:
        clock.append(START + MINUTE / 2)
        context.note_answer(None, is_current=True)
        context.keep_freshness()

    assert restarted(tmp_path, run) == START + MINUTE / 2


def test_lost_connection_keeps_it_too(tmp_path: Path) -> None:
    def run(context: EngineContext, clock: list[datetime]) -> None:
        clock.append(START + MINUTE / 2)
        context.note_answer(None, is_current=True)
        context.take_link_event(LinkEvent.CONNECTION_LOST)

    assert restarted(tmp_path, run) == START + MINUTE / 2


def test_a_crash_loses_no_more_than_a_minute_of_it(tmp_path: Path) -> None:
    def run(context: EngineContext, clock: list[datetime]) -> None:
        for seconds in range(10, 200, 10):
            clock.append(START + timedelta(seconds=seconds))
            context.note_answer(None, is_current=True)

    last = restarted(tmp_path, run)
    assert last is not None
    assert START + timedelta(seconds=190) - last < KEEP_FRESHNESS_EVERY


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=400)], ids=str)
def test_clock_that_was_wrong_leaves_no_time_in_the_future(tmp_path: Path, back: timedelta) -> None:
    def run(context: EngineContext, clock: list[datetime]) -> None:
        clock.append(START + back)
        context.note_answer(None, is_current=True)
        clock.append(START + MINUTE)
        context.note_answer(None, is_current=True)

    assert restarted(tmp_path, run) == START + MINUTE
