"""Proof 8: an engine that polls for days, with faults, takes no more of anything than on its first evening."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from support.faults.soak import FAULT_RATE, ResourceSample, SoakResult, soak

MOST_MB_PER_DAY = 1.0
MOST_MORE = 2
"""A connection or two more may be open when the sample is taken."""


@pytest.mark.timeout(3600)
def test_an_engine_that_polls_for_days_takes_no_more_of_anything(
    full: bool, figures: Callable[[str], None], quick_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONMALLOC", "malloc")  # for the process that is started: one allocator to ask for all
    hours = 72 if full else 6
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        soaked = pool.submit(soak, hours, quick_disk).result()
    verdict = soaked.verdict
    assert verdict is not None
    last = soaked.samples[-1]
    figures(
        f"soak of {hours} h: {soaked.polls} polls, {soaked.faults} faults ({FAULT_RATE:.0%} of requests); "
        f"memory {soaked.slope_mb_per_day('used_bytes'):+.2f} MB a day (resident "
        f"{soaked.slope_mb_per_day('resident_bytes'):+.2f}, {last.resident_bytes / 1e6:.0f} MB at the end)"
    )
    figures(
        f"{last.files} files ({soaked.growth('files'):+d}), {last.tasks} tasks ({soaked.growth('tasks'):+d}), "
        f"{last.threads} threads ({soaked.growth('threads'):+d}); {verdict}"
    )
    assert soaked.slope_mb_per_day("used_bytes") <= MOST_MB_PER_DAY
    # The resident size moves in steps of the allocator's arenas: only days tell a slope from a step.
    assert not full or soaked.slope_mb_per_day("resident_bytes") <= MOST_MB_PER_DAY
    assert max(soaked.growth(what) for what in ("files", "tasks", "threads")) <= MOST_MORE
    assert (verdict.lost, verdict.duplicated) == ((), ())


@pytest.mark.parametrize(("mb_per_day", "step_mb", "seen"), [(2.0, 0.0, 2.0), (0.0, 0.5, 0.0), (2.0, -0.5, 2.0)])
def test_a_leak_is_seen_and_a_table_that_doubled_once_is_not_one(
    mb_per_day: float, step_mb: float, seen: float
) -> None:
    hours = [quarter / 4 for quarter in range(25)]
    used = [int((70 + mb_per_day * hour / 24 + step_mb * (hour > 5.2)) * 1e6) for hour in hours]
    samples = [ResourceSample(hour, size, size, 20, 9, 1) for hour, size in zip(hours, used, strict=True)]
    assert SoakResult(samples).slope_mb_per_day("used_bytes") == pytest.approx(seen, abs=0.3)
