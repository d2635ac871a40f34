"""How long a desk that asked for it is left alone, whatever becomes of this machine's clock."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.sample_values import DESK
from supporttui.store.cache import Cache
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.timings import Timings

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock_went_s", "left_s"), [(0, 7.0), (3, 4.0), (7, 0.0), (3600, 0.0), (-1, 0.0), (-3600, 0.0), (-108_000, 0.0)]
)
def test_a_clock_that_was_set_back_keeps_nobody_waiting(tmp_path: Path, clock_went_s: int, left_s: float) -> None:
    async def ask() -> float:
        with closing(Cache(tmp_path / "cache.db", DESK)) as cache:
            instants = iter([NOW, NOW + timedelta(seconds=clock_went_s)])
            engine_context = EngineContext(cache, None, Timings(), lambda: next(instants), lambda: None)
            engine_context.note_rate_limit(7.0)
            return engine_context.rate_limited_s()

    assert asyncio.run(ask()) == left_s
