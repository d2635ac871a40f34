"""Open time in integer microseconds: how much has passed at an instant, and at which instant an amount has passed."""

from bisect import bisect_left, bisect_right
from datetime import datetime, tzinfo
from itertools import accumulate
from typing import Final

import msgspec

from supporttui.domain.instants import from_us
from supporttui.domain.openings import ClosedSpan, Span

OUTSIDE_HOURS: Final = "outside support hours"


class BeyondHorizon(Exception):
    """An instant lies outside the years for which the calendar was compiled."""


class Moment(msgspec.Struct, frozen=True):
    """All that clocks need to know of one instant, found once for all of them."""

    us: int
    open_us: int
    """Open time from the calendar's start."""
    is_open: bool
    reason: str
    """Empty while open; otherwise a holiday's name or `outside support hours`."""
    since_us: int
    """The instant from which it has been open, or closed for this reason."""
    changes_us: int | None
    """The next instant at which open or closed, or the reason, is another one; None where the calendar ends before."""
    changes_at: datetime | None
    """The same as a datetime."""
    edge_us: int | None
    """The next opening or closing; None where the calendar ends before it."""
    edge_at: datetime | None
    """The same as a datetime."""
    source: object = None
    """The open time that it is a moment of."""


class OpenTime:
    """Sorted openings and closings with the open time before each. Every question is a bisect. Immutable."""

    __slots__ = ("closures", "edges", "open_before", "span", "zone")

    def __init__(
        self,
        zone: tzinfo,
        span: Span,
        edges: list[int],
        closures: list[ClosedSpan],
        open_before: list[int] | None = None,
    ) -> None:
        self.zone = zone
        self.span = span
        """The first instant that can be asked about, and the first one that no longer can."""
        self.edges = edges
        """Openings and closings by turns."""
        self.closures = closures
        self.open_before = _open_before(edges) if open_before is None else open_before
        """Open time before each edge, and after the last one."""

    def at(self, instant_us: int) -> int:
        """Open time from the start to an instant. Raises BeyondHorizon."""
        index = self._edges_passed(instant_us)
        if index & 1:
            return self.open_before[index - 1] + instant_us - self.edges[index - 1]
        return self.open_before[index]

    def forward(self, instant_us: int, amount_us: int) -> int:
        """The earliest instant by which that much open time, more than none, has passed since another.

        Raises BeyondHorizon. It is `earliest` of `at`, in one step: clocks are made with it by the thousand.
        """
        before, edges = self.open_before, self.edges
        first_us, end_us = self.span
        index = bisect_right(edges, instant_us) if first_us <= instant_us < end_us else self._edges_passed(instant_us)
        if index & 1:
            index -= 1
            amount_us += instant_us - edges[index]
        reached_us = before[index] + amount_us
        later = bisect_left(before, reached_us, index)
        if later == len(before):
            return self.earliest(reached_us)
        return edges[later - 1] + reached_us - before[later - 1]

    def earliest(self, open_us: int) -> int:
        """The earliest instant at which that much open time has passed since the start. Raises BeyondHorizon."""
        index = bisect_left(self.open_before, open_us)
        if open_us < 0 or index == len(self.open_before):
            raise BeyondHorizon(f"support time ends with {self.years()}, for which the calendar was compiled")
        return self.edges[index - 1] + open_us - self.open_before[index - 1] if index else self.span[0]

    def latest(self, open_us: int) -> int:
        """The latest instant at which no more open time than that has passed. Raises BeyondHorizon."""
        index = bisect_right(self.open_before, open_us)
        if open_us < 0 or index == len(self.open_before):
            raise BeyondHorizon(f"support time begins with {self.years()}, for which the calendar was compiled")
        return self.edges[index - 1] + open_us - self.open_before[index - 1]

    def moment(self, now_us: int) -> Moment:
        """Open or not, until when, and why. Raises BeyondHorizon."""
        index = self._edges_passed(now_us)
        passed_us = self.edges[index - 1] if index else self.span[0]
        edge_us = self.edges[index] if index < len(self.edges) else None
        edge_at = None if edge_us is None else from_us(edge_us)
        if index & 1:
            open_us = self.open_before[index - 1] + now_us - passed_us
            return Moment(now_us, open_us, True, "", passed_us, edge_us, edge_at, edge_us, edge_at, self)
        reason, since_us, until_us = self._closed_reason(now_us)
        since_us = max(since_us, passed_us)
        changes_us, changes_at = edge_us, edge_at
        if until_us is not None and (edge_us is None or until_us < edge_us):
            changes_us, changes_at = until_us, from_us(until_us)
        open_us = self.open_before[index]
        return Moment(now_us, open_us, False, reason, since_us, changes_us, changes_at, edge_us, edge_at, self)

    def years(self) -> str:
        """The compiled years, for a sentence."""
        first, last = (from_us(us).astimezone(self.zone).year for us in (self.span[0], self.span[1] - 1))
        return f"{first} to {last}"

    def _edges_passed(self, instant_us: int) -> int:
        """How many edges lie at or before an instant; odd while open."""
        if not self.span[0] <= instant_us < self.span[1]:
            instant = from_us(instant_us).isoformat()
            raise BeyondHorizon(f"{instant} lies outside {self.years()}, for which the calendar was compiled")
        return bisect_right(self.edges, instant_us)

    def _closed_reason(self, now_us: int) -> tuple[str, int, int | None]:
        """Why support is closed at an instant, since when and until when at most; None for the calendar's end."""
        index = bisect_right(self.closures, now_us, key=_closure_start)
        start_us, end_us, reason = self.closures[index - 1] if index else (0, self.span[0], "")
        if now_us < end_us:
            return reason, start_us, end_us
        return OUTSIDE_HOURS, end_us, self.closures[index][0] if index < len(self.closures) else None


def _open_before(edges: list[int]) -> list[int]:
    lengths = (edges[i] - edges[i - 1] if i & 1 else 0 for i in range(1, len(edges)))
    before = list(accumulate(lengths, initial=0))
    return [*before, before[-1]]


def _closure_start(closure: ClosedSpan) -> int:
    return closure[0]
