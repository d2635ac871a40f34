"""The service policy as values; `config` reads it from the packaged file and the user's own."""

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from supporttui.domain.metrics import Metric as Metric
from supporttui.domain.ticket import Status

MINUTE = timedelta(minutes=1)


class Interval(msgspec.Struct, frozen=True):
    """Support hours within one day: minutes after local midnight, `0 <= start < end <= 1440`."""

    start_minute: int
    end_minute: int


class PlannedClosure(msgspec.Struct, frozen=True, kw_only=True):
    """Dates on which support is closed beside the holidays: a range, or those of a recurrence rule."""

    name: str
    """Why; it stands wherever the closed time is explained."""
    first: date
    last: date
    """The last date that can be closed, inclusive."""
    rule: str = ""
    """An RRULE's parts, such as `FREQ=MONTHLY;BYDAY=-1FR`, without its end; empty for every date of the range."""
    count: int | None = None
    """How often the rule happens at most; None for as often as it does until the last date."""
    intervals: tuple[Interval, ...] = ()
    """The hours that are closed; none for whole days."""


class SupportHours(msgspec.Struct, frozen=True, kw_only=True):
    """When support is open, in local time of a named zone."""

    zone: str
    week: tuple[tuple[Interval, ...], ...]
    """Seven entries, Monday first; an empty entry is a closed day."""
    overrides: Mapping[date, tuple[Interval, ...]]
    """Hours of single dates; they win over the week and over holidays."""
    holiday_calendar: str
    """`default` for the policy's eight days, `none` for no holidays, else a country, subdivision or exchange."""
    observed: bool
    """Whether a fixed holiday of `default` on a weekend moves to a weekday; other calendars know their own."""
    business_day: timedelta | None
    """Support time that one business day of a target stands for; None where the open days differ in length."""
    labels: Mapping[date, str] = msgspec.field(default_factory=dict)
    """Why a single date has hours of its own, where the policy says so."""
    closures: tuple[PlannedClosure, ...] = ()
    """They win over the week and over holidays; a single date's own hours win over them."""
    workdays: Mapping[date, tuple[Interval, ...]] = msgspec.field(default_factory=dict)
    """Hours of weekend days that the holiday calendar makes working days; the policy leaves them to the calendar."""

    def usual(self, day: date) -> tuple[Interval, ...]:
        """The hours of a date without holidays, closures and overrides."""
        return self.workdays.get(day) or self.week[day.weekday()]

    @property
    def ordinary_day(self) -> tuple[Interval, ...]:
        """The hours that most open weekdays have; the earliest in the week where several are as frequent."""
        weekdays = [day for day in self.week[:5] if day] or [day for day in self.week if day]
        return max(weekdays, key=weekdays.count)

    @property
    def counted_business_day(self) -> timedelta:
        """The support time of one business day, where none is stated that of the ordinary day."""
        ordinary = sum(each.end_minute - each.start_minute for each in self.ordinary_day)
        return self.business_day or timedelta(minutes=ordinary)


class Target(msgspec.Struct, frozen=True):
    """How much support time a metric may take."""

    amount: timedelta
    """Support time, business days already multiplied out."""
    text: str
    """As the policy states it: `4 hours`, `1 business day`."""
    source: str = ""
    """Where it was written, for a person: the key, and the file with the line."""


class SeverityPolicy(msgspec.Struct, frozen=True):
    """One row of the policy's table."""

    severity: int
    meaning: str
    first_response: timedelta
    """Support time, business days already multiplied out."""
    target_text: str
    """The first response's target as the policy states it: `4 hours`, `1 business day`."""
    source: str = ""
    """Where the first response's target was written."""
    more: Mapping[Metric, Target] = msgspec.field(default_factory=dict)
    """The targets of the metrics beside the first response that the team has asked for."""
    calendar: str = ""
    """The calendar that all clocks of this severity run by; empty for that of the metric, or the desk's hours."""

    def target(self, metric: Metric) -> Target | None:
        """The target of a metric; None if the policy has none for it."""
        if metric is Metric.FIRST_RESPONSE:
            return Target(self.first_response, self.target_text, self.source)
        return self.more.get(metric)


class StatusPolicy(msgspec.Struct, frozen=True):
    """One status of the policy: its title, its meaning, where it may go."""

    status: Status
    title: str
    meaning: str
    moves: tuple[Status, ...]


class HandlingTimes(msgspec.Struct, frozen=True, kw_only=True):
    """How long an agent takes for one ticket, for the planner."""

    first_response: timedelta = 2 * MINUTE
    """An acknowledgement need not be the solution."""
    answer: timedelta = 15 * MINUTE


class ServicePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The whole policy."""

    hours: SupportHours
    severities: Mapping[int, SeverityPolicy]
    default_severity: int
    """Counted for a ticket on which nobody set one."""
    statuses: Mapping[Status, StatusPolicy]
    pause_on: Mapping[Metric, frozenset[Status]]
    """Statuses that pause a clock; for first response none, unless configured."""
    closed_days: int
    """For how many days the board shows closed tickets."""
    calendars: Mapping[str, SupportHours] = msgspec.field(default_factory=dict)
    """Support hours beside the desk's own, by name."""
    metric_calendars: Mapping[Metric, str] = msgspec.field(default_factory=dict)
    """The calendars that metrics run by, where not by the desk's hours; a severity's own wins."""
    handling: HandlingTimes = HandlingTimes()
    starts_at_creation: bool = False
    """Start the clocks of a ticket that an agent logged when it is created, not with the customer's first message."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics for which any severity has a target."""
        return tuple(metric for metric in Metric if any(row.target(metric) for row in self.severities.values()))

    def calendar_name(self, severity: int | None, metric: Metric) -> str:
        """The calendar that a clock runs by; empty for the desk's own hours."""
        return self.counted_severity(severity).calendar or self.metric_calendars.get(metric, "")

    def hours_of(self, name: str) -> SupportHours:
        """The hours of a calendar; those of the desk for the empty name."""
        return self.calendars[name] if name else self.hours

    def first_response(self, severity: int | None) -> timedelta:
        """The first-response target of a ticket of this severity, in support time."""
        return self.counted_severity(severity).first_response

    def counted_severity(self, severity: int | None) -> SeverityPolicy:
        """The severity whose targets apply to a ticket of this severity; None counts as the default severity."""
        known = None if severity is None else self.severities.get(severity)
        return known or self.severities[self.default_severity]
