"""What clocks cost, beside other libraries of business time and beside a plain loop of float subtractions.

`pip install -e '.[bench]'`, then `python tests/bench/bench_clocks.py`. It fails where an answer differs from another
library's, or where a ratio is below tenfold.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.business_time_rivals import Rival, rivals
from support.policy_samples import (
    full_policy,
    new_york,
    packaged_calendar,
    packaged_calendars,
    packaged_policy,
    ticket_at,
)
from supporttui.domain.clock import Clock
from supporttui.domain.clock_text import clock_text
from supporttui.domain.holidays import policy_holidays
from supporttui.domain.sla import ticket_clocks
from supporttui.domain.support_calendar import SupportCalendar, policy_calendar

COUNT = 100_000
ROUNDS = 7
CALLS = 2_000
LEAST_RATIO = 10
EXPECTED_RATIO = 50
NINE_HOURS = timedelta(hours=9)
MONTH = timedelta(days=30)
NOW = "2026-11-25 14:00:12"


def best_s(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The shortest of a few runs."""
    runs = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        runs.append(time.perf_counter() - began)
    return min(runs)


def per_call_us(call: Callable[[], object], calls: int) -> float:
    return best_s(lambda: [call() for _ in range(calls)], 3) / calls * 1e6


def subtract_floats(numbers: list[float]) -> None:
    for number in numbers:
        number - 1.5


def clocks_of(count: int) -> list[Clock]:
    """Clocks of three metrics and four severities on as many tickets as that takes: no two with the same start.

    Most run, some are breached, a tenth is met.
    """
    now, policy, clocks = new_york(NOW), full_policy(), list[Clock]()
    number = 0
    while len(clocks) < count:
        number += 1
        created_at = now - timedelta(seconds=7.3 * number)
        answered_at = now if number % 10 == 0 else None
        ticket = ticket_at(created_at, severity=1 + number % 4, first_reply_at=answered_at)
        clocks += ticket_clocks(ticket, policy, packaged_calendars())
    return clocks[:count]


def measure_state() -> None:
    """State, remaining time and text of 100,000 clocks, beside a plain loop."""
    now = new_york(NOW)
    clocks = clocks_of(COUNT)
    numbers = [float(n) for n in range(COUNT)]
    floor_s = best_s(lambda: subtract_floats(numbers), ROUNDS)
    spent_s = best_s(lambda: [clock_text(clock.read(now)) for clock in clocks], ROUNDS)
    print(f"\n{COUNT:,} clocks")
    print(f"{'a plain loop of float subtractions':>50} {floor_s * 1e3:8.2f} ms")
    print(f"{'full state and text of every clock':>50} {spent_s * 1e3:8.2f} ms {spent_s / floor_s:7.1f} loops")


def measure_rivals() -> bool:
    """Adding 9 hours and the difference over 30 days, beside each library that can."""
    calendar = packaged_calendar()
    days: dict[date, str] = policy_holidays("default", False, 2020, 2030)
    naive = datetime(2026, 11, 2, 9)  # noqa: DTZ001 - what those libraries take
    aware = naive.replace(tzinfo=calendar.zone).astimezone(UTC)
    added_us = per_call_us(lambda: calendar.add(aware, NINE_HOURS), COUNT)
    between_us = per_call_us(lambda: calendar.between(aware, aware + MONTH), COUNT)
    print(f"{'':>28} {'add 9 hours':>24} {'difference over 30 days':>34}")
    print(f"{'supporttui':>28} {added_us:21.2f} µs {between_us:31.2f} µs")
    is_fine = True
    for rival in rivals(days):
        _compare(rival, calendar, naive)
        ratios = []
        for call, ours_us in ((_adding(rival, naive), added_us), (_subtracting(rival, naive), between_us)):
            theirs_us = None if call is None else per_call_us(call, CALLS)
            ratios.append(
                "no such question" if theirs_us is None else f"{theirs_us:.1f} µs = {theirs_us / ours_us:.0f}x"
            )
            is_fine &= theirs_us is None or theirs_us / ours_us >= LEAST_RATIO
        print(f"{rival.name:>28} {ratios[0]:>24} {ratios[1]:>34}")
    print(f"{'expected':>28} {f'{EXPECTED_RATIO}x and better; below {LEAST_RATIO}x is a defect':>59}")
    return is_fine


def _adding(rival: Rival, start: datetime) -> Callable[[], object] | None:
    add = rival.add_9_hours
    return None if add is None else lambda: add(start)


def _subtracting(rival: Rival, start: datetime) -> Callable[[], object] | None:
    difference = rival.difference
    return None if difference is None else lambda: difference(start, start + MONTH)


def _compare(rival: Rival, calendar: SupportCalendar, start: datetime) -> None:
    """Both must say the same, or the times mean nothing."""
    ours = start.replace(tzinfo=calendar.zone)
    if rival.add_9_hours is not None:
        assert rival.add_9_hours(start).replace(tzinfo=calendar.zone) == calendar.add(ours, NINE_HOURS), rival.name
    if rival.difference is not None:
        end = (start + MONTH).replace(tzinfo=calendar.zone)
        assert rival.difference(start, start + MONTH) == calendar.between(ours, end), rival.name


def measure_calendar() -> None:
    hours = packaged_policy().hours
    kept = policy_calendar(hours, 2010, 2039).to_bytes()
    print(f"\n{'compile 30 years':>50} {best_s(lambda: policy_calendar(hours, 2010, 2039)) * 1e3:8.2f} ms")
    print(f"{'read them back':>50} {best_s(lambda: SupportCalendar.from_bytes(kept)) * 1e3:8.2f} ms")


if __name__ == "__main__":
    rivals_are_fine = measure_rivals()
    measure_state()
    measure_calendar()
    sys.exit(0 if rivals_are_fine else 1)
