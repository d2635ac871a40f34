"""Hypothesis strategies for support hours, instants and durations."""

import os
from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st

from supporttui.domain.policy import Interval, SupportHours

ZONES = (
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Europe/Berlin",
    "Europe/London",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Apia",
    "Pacific/Chatham",
)
FIRST_YEAR, LAST_YEAR = 2025, 2027
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def example_settings(count: int) -> settings:
    """Settings for so many generated cases; SUPPORTTUI_CASES=20000 asks for ten times as many."""
    times = max(1, int(os.environ.get("SUPPORTTUI_CASES", "2000")) // 2000)
    return settings(max_examples=count * times, deadline=None)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Interval, ...]:
    """A day's hours; they may touch, overlap, and reach midnight at both ends."""
    spans = draw(st.lists(st.tuples(st.integers(0, 96), st.integers(0, 96)), max_size=3))
    return tuple(Interval(15 * min(span), 15 * max(span)) for span in spans if span[0] != span[1])


def dates() -> st.SearchStrategy[date]:
    return st.dates(date(2026, 1, 10), date(2026, 12, 20))


@st.composite
def support_hours(draw: st.DrawFn, zones: tuple[str, ...] = ZONES) -> SupportHours:
    """Hours that open on at least one day of the week."""
    week = [draw(intervals()) for _ in range(7)]
    if not any(week):
        week[draw(st.integers(0, 6))] = (Interval(480, 1020),)
    return SupportHours(
        zone=draw(st.sampled_from(zones)),
        week=tuple(week),
        overrides=draw(st.dictionaries(dates(), intervals(), max_size=3)),
        holiday_calendar="none",
        observed=False,
        business_day=timedelta(hours=9),
    )


DST_CHANGES = [
    datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 8), (3, 29), (4, 5), (9, 27), (10, 25), (11, 1))
]
"""Days on which many zones change to or from daylight saving."""


def instants() -> st.SearchStrategy[datetime]:
    """Instants of 2026 to the microsecond, often near a change of daylight saving."""
    anywhere = st.timedeltas(timedelta(days=10), timedelta(days=350)).map(lambda span: NEW_YEAR + span)
    near = st.builds(
        lambda day, span: day + span, st.sampled_from(DST_CHANGES), st.timedeltas(-timedelta(days=2), timedelta(days=2))
    )
    even = near.map(lambda instant: instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0))
    return st.one_of(anywhere, near, even)


def durations(longest: timedelta) -> st.SearchStrategy[timedelta]:
    return st.timedeltas(timedelta(), longest)
