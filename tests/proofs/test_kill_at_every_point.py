"""Proof 1: kill -9 of a real process at every named point between key press and confirmation, and at any moment."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from history import Tally
from killing import LATE_S, SCENARIOS, WORKERS, Killed, World, moments, points_reached, world
from supporttui.points import POINTS

DESKS = {"not idempotent": 0.0, "late": LATE_S}
LEAST_POINTS = 25


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", list(DESKS), ids=lambda name: name.replace(" ", "-"))
def test_no_point_at_which_a_window_is_killed_loses_or_doubles_its_reply(
    name: str, full: bool, figures: Callable[[str], None], tmp_path: Path
) -> None:
    with world(tmp_path / "w", DESKS[name], name) as place:
        scenarios = _scenarios_of_each_point(place, tmp_path)
        plan = [(point, passing[n % len(passing)]) for point, passing in scenarios.items() for n in range(4)]
        if not full:  # each point once: every other one on this desk, the rest on the other
            once = [(point, passing[0]) for point, passing in scenarios.items()]
            plan = once[list(DESKS).index(name) :: len(DESKS)]
        with ThreadPoolExecutor(WORKERS) as pool:
            on_engine = [pair for pair in plan if pair[1] != "screen"]
            killed = list(pool.map(lambda pair: _killed_at(place, *pair), on_engine))
            killed += [_killed_at(place, *pair) for pair in plan if pair[1] == "screen"]
            # Half of the moments on each of the two desks.
            after = moments(150 if full else 15, seed=len(name))
            at_random = list(pool.map(lambda after_s: place.kill("reply with a file", {}, after_s=after_s), after))
    reached = {each.point for each in killed if each.reached}
    missed = {point for point, _scenario in plan} - reached
    unpassed = set(POINTS) - set(scenarios)
    figures(
        f"kill -9 on a desk that is {name}: {len(reached)} of the {len(POINTS)} points reached"
        f"{'' if full else ', the others on the other desk'}; {_summed(killed)}"
    )
    figures(f"kill -9 at {len(at_random)} random moments, same desk: {_summed(at_random)}")
    figures(f"points at which none died: {', '.join(sorted(missed | unpassed)) or 'none'}")
    for each in (*killed, *at_random):
        assert (each.verdict.lost, each.verdict.duplicated) == ((), ()), each
        assert each.verdict.applied == each.verdict.decided, each
    assert len(scenarios) >= LEAST_POINTS
    assert not missed | unpassed


def _scenarios_of_each_point(place: World, folder: Path) -> dict[str, list[str]]:
    """For every point the scenarios that pass it."""
    found: dict[str, list[str]] = {}
    for scenario in SCENARIOS:
        for point in points_reached(place, scenario, folder / f"points of {scenario}"):
            found.setdefault(point, []).append(scenario)
    return found


def _killed_at(place: World, point: str, scenario: str) -> Killed:
    return place.kill(scenario, {"SUPPORTTUI_STOP_AT": point})


def _summed(killed: Iterable[Killed]) -> str:
    tally, asked = Tally(), 0
    for each in killed:
        tally.take(each.verdict, each.point)
        asked += each.asked_person
    return (
        f"{tally.decided} replies, {tally.applied} applied once, {asked} of them after a person was asked; "
        f"{tally.lost} lost, {tally.duplicated} duplicated"
    )
