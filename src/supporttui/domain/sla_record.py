"""The record of a finished clock and its target, so that a later policy does not change the verdict."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Self

import msgspec
from msgspec.structs import replace

from supporttui.domain.clock import Clock, ClockTerms, RecordedVerdict
from supporttui.domain.metrics import Metric
from supporttui.domain.policy import ServicePolicy

DESK_TIME_PRECISION: Final = timedelta(minutes=1)
"""Lists of tickets tell some instants to the minute only, a fetched conversation to the second."""


class SlaRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one finished clock."""

    metric: Metric
    started_at: datetime
    finished_at: datetime
    """When it was met, or closed unanswered."""
    severity: int | None
    target: timedelta
    target_text: str
    source: str
    used: timedelta
    policy_key: str
    """The hash of the policy by which it was judged."""

    @classmethod
    def of(cls, clock: Clock, policy_key: str) -> Self | None:
        """The record of a clock; None if there is no clock or it can still change."""
        terms = clock.terms
        finished_at = terms.met_at or terms.ended_at
        if finished_at is None or terms.no_clock:
            return None
        return cls(
            metric=terms.metric,
            started_at=terms.started_at,
            finished_at=finished_at,
            severity=terms.severity,
            target=terms.target,
            target_text=terms.target_text,
            source=terms.source,
            used=clock.read(finished_at).used,
            policy_key=policy_key if terms.judged is None else terms.judged.policy_key,
        )

    def holds_for(self, terms: ClockTerms) -> bool:
        """Whether the record belongs to this clock, and not to one before a reopening, re-rating or other answer."""
        finished_at = terms.met_at or terms.ended_at
        mine = (self.metric, self.started_at, self.severity)
        if finished_at is None or mine != (terms.metric, terms.started_at, terms.severity):
            return False
        return abs(finished_at - self.finished_at) < DESK_TIME_PRECISION

    def applied_to(self, terms: ClockTerms) -> ClockTerms:
        """The terms, with the target and calendar of the record."""
        judged = RecordedVerdict(self.used, self.policy_key)
        return replace(terms, target=self.target, target_text=self.target_text, source=self.source, judged=judged)


def policy_key(policy: ServicePolicy) -> str:
    """A short hash of all that clocks depend on."""
    targets = {(n, metric): row.target(metric) for n, row in policy.severities.items() for metric in Metric}
    severities = [(n, metric.value, target and target.amount) for (n, metric), target in targets.items()]
    named = [(n, row.calendar) for n, row in policy.severities.items()]
    pauses = [(m.value, sorted(s.value for s in statuses)) for m, statuses in policy.pause_on.items()]
    metrics = sorted((metric.value, name) for metric, name in policy.metric_calendars.items())
    calendars = sorted(policy.calendars.items())
    facts = repr(
        (
            policy.hours,
            calendars,
            severities,
            named,
            policy.default_severity,
            pauses,
            metrics,
            policy.starts_at_creation,
        )
    )
    return hashlib.sha256(facts.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def new_sla_records(clocks: Iterable[Clock], key: str) -> list[SlaRecord]:
    """The records of the clocks that are finished and not on record yet."""
    found = (SlaRecord.of(clock, key) for clock in clocks if clock.terms.judged is None)
    return [record for record in found if record is not None]
