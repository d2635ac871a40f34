"""One SLA clock of one ticket: its reading at an instant, and when that reading changes next."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import msgspec

from supporttui.domain.instants import from_us, span_us, to_us, us_span
from supporttui.domain.metrics import Metric
from supporttui.domain.support_calendar import BeyondHorizon, Moment, SupportCalendar
from supporttui.domain.ticket import DeskClock, SeverityChange

DUE_AT_CLOSE: Final = "due at close"
"""The whole target is used up and support is closed: the breach comes with the next opening's first moment."""


class ClockState(Enum):
    """The state of a clock: running, paused, met, …."""

    RUNNING = "running"
    PAUSED = "paused"
    BREACHED = "breached"
    """More than the target is used; it may stand still at the same time."""
    MET = "met"
    MET_LATE = "met_late"
    ENDED_UNANSWERED = "ended_unanswered"
    NONE = "none"


class Urgency(Enum):
    """The urgency of a clock, by the share of its target that is left."""

    CALM = "calm"
    NOTICE = "notice"
    """Half of the target or less is left."""
    URGENT = "urgent"
    """Less than a quarter is left."""
    BREACHED = "breached"
    QUIET = "quiet"
    """Nothing presses any more: met, ended, or no clock."""


class ClockReading(msgspec.Struct, frozen=True, kw_only=True):
    """What a clock shows at one instant. Durations are support time.

    A board makes these by the thousand, and a msgspec.Struct is made five times faster than a frozen dataclass.
    """

    state: ClockState
    urgency: Urgency
    target: timedelta
    used: timedelta
    remaining: timedelta
    """Negative once more than the target is used."""
    fraction_left: float
    """Of the target, from 0 to 1."""
    is_counting: bool
    reason: str = ""
    """Why it stands still: `outside support hours`, a holiday's name, a status's title, `due at close`."""
    resumes_at: datetime | None = None
    """The next opening, where support is closed; None where a person must move the ticket first."""
    due_at: datetime | None = None
    """The earliest instant at which the target is used up; None while that is open."""
    met_at: datetime | None = None
    next_change: datetime | None = None
    """The next instant at which state, urgency, counting or reason is another one."""
    breached_by: SeverityChange | None = None
    """The change of severity that breached it at once, where one did."""

    @property
    def is_at_risk(self) -> bool:
        """Whether less than a quarter of its target is left and it can still be met."""
        return self.urgency is Urgency.URGENT and self.state in (ClockState.RUNNING, ClockState.PAUSED)


class StatusPause(msgspec.Struct, frozen=True):
    """A half-open interval in which a status paused the clock."""

    start: datetime
    end: datetime | None
    """None where the ticket still has that status."""
    reason: str
    """The status's title."""


class RecordedVerdict(msgspec.Struct, frozen=True):
    """The verdict on a finished clock under the policy that was in force then."""

    used: timedelta
    policy_key: str
    """The hash of that policy."""


class ClockTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of a clock: its target and calendar."""

    metric: Metric
    started_at: datetime
    target: timedelta
    target_text: str
    pauses: tuple[StatusPause, ...] = ()
    """In order, none before the start, none after the end, not overlapping."""
    met_at: datetime | None = None
    ended_at: datetime | None = None
    """When the ticket was closed, where that ended the clock."""
    no_clock: str = ""
    """Why there is no clock at all, or empty."""
    severity: int | None = None
    """By which it is judged; None where nobody set one."""
    source: str = ""
    """Where the target comes from, for a person."""
    is_desk_target: bool = False
    """Whether the target is the help desk's own and not the policy's."""
    breached_by: SeverityChange | None = None
    """The change of severity that breached it at once, where one did."""
    desk: DeskClock | None = None
    """What the help desk itself reports of this metric."""
    judged: RecordedVerdict | None = None
    """What it was judged by when it was finished, where that is on record: a later policy does not change it."""


class Clock:
    """A clock of a ticket. Immutable; reading it is cheap."""

    __slots__ = (
        "_base_us",
        "_due_at",
        "_due_us",
        "_fixed",
        "_floor",
        "_quota_us",
        "_target_us",
        "calendar",
        "terms",
    )

    def __init__(self, terms: ClockTerms, calendar: SupportCalendar) -> None:
        self.terms = terms
        self.calendar = calendar
        self._target_us = span_us(terms.target)
        self._quota_us = 0
        self._floor: Moment | None = None
        self._due_at: datetime | None = None
        self._due_us: int | None = None
        try:
            self._fixed = self._prepare_reading()
        except BeyondHorizon as beyond:
            self._fixed = self._no_reading(str(beyond))

    def read(self, now: datetime) -> ClockReading:
        """Read the clock at `now`."""
        if self._fixed is not None:
            return self._fixed
        try:
            return self.read_at(self.calendar.moment(now))
        except BeyondHorizon as beyond:
            return self._no_reading(str(beyond))

    def read_at(self, moment: Moment) -> ClockReading:
        """The same for a moment of its calendar, found once for all its clocks. Raises BeyondHorizon for another's."""
        if self._fixed is not None:
            return self._fixed
        moment = self.calendar.own_moment(moment)
        if self._floor is not None and moment.us < self._floor.us:
            moment = self._floor
        if self._is_due_at_close(moment):
            return self._reading_at_close(moment)
        return self._live_reading(moment)

    def remaining_us(self, moment: Moment) -> int | None:
        """Microseconds of support time left, negative once breached; None for a finished clock."""
        if self._fixed is None:
            try:
                return self._quota_us - self.calendar.own_moment(moment).open_us
            except BeyondHorizon:
                return None
        if self._fixed.state in (ClockState.PAUSED, ClockState.BREACHED):
            return span_us(self._fixed.remaining)
        return None

    @property
    def is_paused_by_status(self) -> bool:
        """Whether a status pauses it, so that what is left does not change."""
        return self._fixed is not None and self._fixed.state in (ClockState.PAUSED, ClockState.BREACHED)

    @property
    def quota_us(self) -> int | None:
        """The open time of its calendar at which the target is used up; None while paused by a status, or finished."""
        return None if self._fixed is not None else self._quota_us

    def sort_key(self, now: datetime) -> tuple[int, int]:
        """Sorts the worst clock first: by what is left; finished clocks come after all others."""
        try:
            left_us = self.remaining_us(self.calendar.moment(now))
        except BeyondHorizon:
            left_us = None
        return (1, 0) if left_us is None else (0, left_us)

    def _prepare_reading(self) -> ClockReading | None:
        """Precompute what readings need; return the reading itself if it no longer depends on the time."""
        terms = self.terms
        if terms.no_clock:
            return self._no_reading(terms.no_clock)
        end = terms.met_at or terms.ended_at
        if end is not None:
            state = ClockState.MET if terms.met_at else ClockState.ENDED_UNANSWERED
            used_us = self.used_until(end) if terms.judged is None else span_us(terms.judged.used)
            return self._finished_reading(state, used_us)
        self._due_at = self._find_due()
        self._due_us = None if self._due_at is None else to_us(self._due_at)
        last = terms.pauses[-1] if terms.pauses else None
        if last is not None and last.end is None:
            return self._paused_reading(last.reason, self.used_until(last.start))
        floor = terms.started_at if last is None or last.end is None else last.end
        self._floor = self.calendar.moment(floor)
        self._quota_us = self._floor.open_us - self.used_until(floor) + self._target_us
        return None

    def used_until(self, end: datetime) -> int:
        """Microseconds of support time from the start to `end` that no pause covers."""
        pauses = [(pause.start, pause.end) for pause in self.terms.pauses]
        start = self.terms.started_at
        return span_us(self.calendar.between_with_pauses(start, max(start, end), pauses))

    def _find_due(self) -> datetime | None:
        """The earliest instant at which the target is used up; None while a status pauses it, or beyond the horizon."""
        pauses = [(pause.start, pause.end) for pause in self.terms.pauses]
        try:
            return self.calendar.add_with_pauses(self.terms.started_at, self.terms.target, pauses)
        except BeyondHorizon:
            return None

    def _is_due_at_close(self, moment: Moment) -> bool:
        """Whether exactly the target is used and a closing came before any more could be."""
        if moment.open_us != self._quota_us:
            return False
        return not moment.is_open or (self._due_us is not None and moment.us > self._due_us)

    def _reading_at_close(self, moment: Moment) -> ClockReading:
        """The reading after the target was used up exactly at closing: it breaches at the next opening."""
        opens_us = moment.us if moment.is_open else moment.edge_us
        return ClockReading(
            state=ClockState.PAUSED,
            urgency=Urgency.URGENT,
            target=self.terms.target,
            used=self.terms.target,
            remaining=timedelta(),
            fraction_left=0.0,
            is_counting=False,
            reason=DUE_AT_CLOSE,
            resumes_at=None if opens_us is None else from_us(opens_us),
            due_at=self._due_at,
            next_change=None if opens_us is None else from_us(opens_us + 1),
        )

    def _live_reading(self, moment: Moment) -> ClockReading:
        """The reading of a clock that no status pauses: only the opening hours decide whether it counts."""
        left_us = self._quota_us - moment.open_us
        urgency, left_at_change_us = urgency_of(left_us, self._target_us)
        next_change = moment.changes_at
        if moment.is_open and left_at_change_us is not None:
            crossed_us = moment.us + left_us - left_at_change_us
            if moment.changes_us is None or crossed_us < moment.changes_us:
                next_change = from_us(crossed_us)
        idle = ClockState.RUNNING if moment.is_open else ClockState.PAUSED
        return ClockReading(
            state=ClockState.BREACHED if left_us < 0 else idle,
            urgency=urgency,
            target=self.terms.target,
            used=us_span(self._target_us - left_us),
            remaining=us_span(left_us),
            fraction_left=_fraction(left_us, self._target_us),
            is_counting=moment.is_open,
            reason=moment.reason,
            resumes_at=None if moment.is_open else moment.edge_at,
            due_at=self._due_at,
            next_change=next_change,
            breached_by=self.terms.breached_by if left_us < 0 else None,
        )

    def _paused_reading(self, reason: str, used_us: int) -> ClockReading:
        """The reading while a status pauses it; it does not depend on the time."""
        left_us = self._target_us - used_us
        return ClockReading(
            state=ClockState.BREACHED if left_us < 0 else ClockState.PAUSED,
            urgency=urgency_of(left_us, self._target_us)[0],
            target=self.terms.target,
            used=us_span(used_us),
            remaining=us_span(left_us),
            fraction_left=_fraction(left_us, self._target_us),
            is_counting=False,
            reason=reason,
            due_at=self._due_at,
            breached_by=self.terms.breached_by if left_us < 0 else None,
        )

    def _finished_reading(self, state: ClockState, used_us: int) -> ClockReading:
        """The reading of a clock that was met or whose ticket was closed."""
        left_us = self._target_us - used_us
        met_at = self.terms.met_at
        return ClockReading(
            state=ClockState.MET_LATE if state is ClockState.MET and left_us < 0 else state,
            urgency=Urgency.QUIET,
            target=self.terms.target,
            used=us_span(used_us),
            remaining=us_span(left_us),
            fraction_left=_fraction(left_us, self._target_us),
            is_counting=False,
            due_at=None if met_at is None else self._find_due(),
            met_at=met_at,
        )

    def _no_reading(self, reason: str) -> ClockReading:
        """The reading for a ticket that has no clock."""
        return ClockReading(
            state=ClockState.NONE,
            urgency=Urgency.QUIET,
            target=self.terms.target,
            used=timedelta(),
            remaining=self.terms.target,
            fraction_left=1.0,
            is_counting=False,
            reason=reason,
        )


def urgency_of(left_us: int, target_us: int) -> tuple[Urgency, int | None]:
    """The urgency with this much left, and how much is left when it next rises; None if it cannot rise."""
    if left_us * 2 > target_us:
        return Urgency.CALM, target_us // 2
    if left_us * 4 >= target_us:
        return Urgency.NOTICE, (target_us - 1) // 4
    return (Urgency.URGENT, -1) if left_us >= 0 else (Urgency.BREACHED, None)


def _fraction(left_us: int, target_us: int) -> float:
    return min(max(left_us / target_us, 0.0), 1.0)
