"""Reading 100,000 clocks, as a multiple of a plain loop of 100,000 float subtractions.

Run it as `python tests/bench/bench_clocks.py`; it prints and judges nothing.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from policy_samples import new_york, packaged_calendar, packaged_policy, ticket_at
from supporttui.domain.calendars import policy_calendar
from supporttui.domain.clocktext import clock_text
from supporttui.domain.hours import SupportCalendar
from supporttui.domain.sla import first_response_clock

COUNT = 100_000
ROUNDS = 3


def best_s(work: Callable[[], object]) -> float:
    """The shortest of a few runs."""
    runs = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        runs.append(time.perf_counter() - began)
    return min(runs)


def subtract_floats(numbers: list[float]) -> None:
    for number in numbers:
        number - 1.5


def measure_clocks() -> None:
    now = new_york("2026-11-25 14:00")
    tickets = [ticket_at(now - timedelta(minutes=n), severity=1 + n % 4) for n in range(1000)]
    clocks = [first_response_clock(ticket, packaged_policy(), packaged_calendar()) for ticket in tickets]
    clocks *= COUNT // len(clocks)
    readings = [clock.read(now) for clock in clocks]
    moment = packaged_calendar().moment(now)
    numbers = [float(n) for n in range(COUNT)]
    floor_s = best_s(lambda: subtract_floats(numbers))
    works: dict[str, Callable[[], object]] = {
        "what is left": lambda: [clock.remaining_us(moment) for clock in clocks],
        "sort key": lambda: [clock.sort_key(now) for clock in clocks],
        "whole reading": lambda: [clock.read(now) for clock in clocks],
        "text": lambda: [clock_text(reading) for reading in readings],
    }
    print(f"{'float subtractions':>20} {floor_s * 1e3:8.1f} ms")
    for name, work in works.items():
        spent_s = best_s(work)
        print(f"{name:>20} {spent_s * 1e3:8.1f} ms {spent_s / floor_s:6.1f} times")


def measure_calendar() -> None:
    hours = packaged_policy().hours
    compiled = policy_calendar(hours, 2010, 2039)
    kept = compiled.to_bytes()
    start, month = new_york("2026-11-02 09:00"), timedelta(days=30)
    added_s = best_s(lambda: [compiled.add(start, timedelta(hours=9)) for _ in range(COUNT)]) / COUNT
    between_s = best_s(lambda: [compiled.between(start, start + month) for _ in range(COUNT)]) / COUNT
    print(f"{'compile 30 years':>20} {best_s(lambda: policy_calendar(hours, 2010, 2039)) * 1e3:8.1f} ms")
    print(f"{'read them back':>20} {best_s(lambda: SupportCalendar.from_bytes(kept)) * 1e3:8.1f} ms")
    print(f"{'add 9 hours':>20} {added_s * 1e6:8.2f} µs")
    print(f"{'between, 30 days':>20} {between_s * 1e6:8.2f} µs")


if __name__ == "__main__":
    measure_clocks()
    measure_calendar()
