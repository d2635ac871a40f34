"""Proof 1: kill -9 of a real process at every named point between key press and confirmation, and at any moment."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.faults.delivery_check import DeliveryTally
from support.faults.killed_windows import (
    LATE_S,
    SCENARIOS,
    WORKERS,
    KilledWindow,
    KillHarness,
    kill_harness,
    passed_fault_points,
    random_kill_delays,
)
from supporttui.config.fault_points import FAULT_POINTS

DESKS = {"not idempotent": 0.0, "late": LATE_S}
LEAST_POINTS = 25


@dataclass(frozen=True)
class Stages:
    """Two desks of a kind: whole programs, which take the first ticket that they see, have one to themselves."""

    engines: KillHarness
    screens: KillHarness
    pool: ThreadPoolExecutor

    def kill_all(self, plan: Iterable[tuple[str, str]]) -> list[KilledWindow]:
        """Kill at all points of the plan: programs one after the other, and beside them several engines at a time."""
        pairs = list(plan)
        on_screen = [pair for pair in pairs if pair[1] == "screen"]
        screens = self.pool.submit(lambda: [_killed_at(self.screens, *pair) for pair in on_screen])
        engines = self.pool.map(
            lambda pair: _killed_at(self.engines, *pair), [pair for pair in pairs if pair[1] != "screen"]
        )
        return [*engines, *screens.result()]

    def points_of(self, scenario: str, record: Path) -> list[str]:
        """The points that a window passes in this scenario."""
        return passed_fault_points(self.screens if scenario == "screen" else self.engines, scenario, record)


@contextlib.contextmanager
def stages(folder: Path, name: str) -> Iterator[Stages]:
    """Desks of this kind."""
    late_s = DESKS[name]
    with (
        kill_harness(folder / "e", late_s, name) as engines,
        kill_harness(folder / "s", late_s, name) as screens,
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        yield Stages(engines, screens, pool)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", list(DESKS), ids=lambda name: name.replace(" ", "-"))
def test_no_point_at_which_a_window_is_killed_loses_or_doubles_its_reply(
    name: str, full: bool, figures: Callable[[str], None], tmp_path: Path
) -> None:
    times = 4 if full else 1
    with stages(tmp_path, name) as places:
        scenarios = _scenarios_of_each_point(places, tmp_path)
        plan = [(point, passing[n % len(passing)]) for point, passing in scenarios.items() for n in range(times)]
        killed = places.kill_all(plan)
        # Half of the moments on each of the two desks.
        after = random_kill_delays(150 if full else 15, seed=len(name))
        at_random = list(places.pool.map(lambda after_s: _killed_after(places.engines, after_s), after))
    reached = {each.point for each in killed if each.reached}
    missed = {point for point, _scenario in plan} - reached
    unpassed = set(FAULT_POINTS) - set(scenarios)
    figures(
        f"kill -9 on a desk that is {name}: {len(reached)} of the {len(FAULT_POINTS)} points reached, "
        f"{'4 times' if full else 'once'} each; {_summed(killed)}"
    )
    figures(f"kill -9 at {len(at_random)} random moments, same desk: {_summed(at_random)}")
    figures(f"points at which none died: {', '.join(sorted(missed | unpassed)) or 'none'}")
    for each in (*killed, *at_random):
        assert (each.verdict.lost, each.verdict.duplicated) == ((), ()), each
        assert each.verdict.applied == each.verdict.decided, each
    assert len(scenarios) >= LEAST_POINTS
    assert not missed | unpassed, [each.story for each in killed if each.point in missed]


def _scenarios_of_each_point(places: Stages, folder: Path) -> dict[str, list[str]]:
    """For every point the scenarios that pass it."""
    found: dict[str, list[str]] = {}
    reached = places.pool.map(lambda each: places.points_of(each, folder / f"points of {each}"), SCENARIOS)
    for scenario, points in zip(SCENARIOS, reached, strict=True):
        for point in points:
            found.setdefault(point, []).append(scenario)
    return found


def _killed_after(place: KillHarness, after_s: float) -> KilledWindow:
    return place.kill("reply with a file", {}, after_s=after_s)


def _killed_at(place: KillHarness, point: str, scenario: str) -> KilledWindow:
    return place.kill(scenario, {"SUPPORTTUI_STOP_AT": point})


def _summed(killed: Iterable[KilledWindow]) -> str:
    tally, asked = DeliveryTally(), 0
    for each in killed:
        tally.take(each.verdict, each.point)
        asked += each.asked_person
    return (
        f"{tally.decided} replies, {tally.applied} applied once, {asked} of them after a person was asked; "
        f"{tally.lost} lost, {tally.duplicated} duplicated"
    )
