"""What became of one metric on one ticket: its events, run through the table of metrics."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from supporttui.domain.clock import StatusPause
from supporttui.domain.metrics import RULES, Effect, Event, Metric
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status, StatusChange, Ticket

Happening = tuple[datetime, Event, str]
"""When, what, and the title of the status where it is one."""

_ORDER = {Event.CREATED: 0, Event.CUSTOMER_WROTE: 2, Event.FIRST_REPLIED: 3, Event.REPLIED: 3}
"""Of events at one instant, changes of status having 1: a message that came with our reply counts as answered by it."""


class Course(msgspec.Struct):
    """Where a metric stands, event after event."""

    started_at: datetime | None = None
    """None where nothing has started it."""
    met_at: datetime | None = None
    ended_at: datetime | None = None
    """Since when it is closed unanswered; known once it is finished."""
    pauses: list[StatusPause] = msgspec.field(default_factory=list)
    """In order, not overlapping, none empty."""
    _hold: tuple[datetime, Effect, str] | None = None
    """Since when the present status keeps it still, whether or not it has started, and that status's title."""
    _met_as: str = ""
    """The title of the status that met it."""

    @property
    def is_running(self) -> bool:
        """Whether it has started and is not met."""
        return self.started_at is not None and self.met_at is None

    def take(self, happening: Happening, effect: Effect) -> None:
        """Take in the next event."""
        at, _, title = happening
        match effect:
            case Effect.START if not self.is_running:
                self.started_at, self.met_at, self.pauses = at, None, []
            case Effect.MEET if self.is_running:
                self._settle(at)
                self.met_at, self._met_as = at, title
            case Effect.END | Effect.PAUSE:
                self._settle(at)
                self._hold = (at, effect, title)
            case Effect.RESUME:
                self._settle(at)
                self._hold = None
            case Effect.RESTART if self.met_at is not None:
                self.pauses.append(StatusPause(self.met_at, at, self._met_as))
                self.met_at = self._hold = None

    def finish(self) -> None:
        """Nothing happens after: what keeps it still now has no end."""
        if self._hold is not None and self.started_at is not None and self.met_at is None:
            since, effect, title = self._hold
            since = max(since, self.started_at)
            if effect is Effect.END:
                self.ended_at = since
            else:
                self.pauses.append(StatusPause(since, None, title))

    def _settle(self, at: datetime) -> None:
        """Note the pause that the present status made up to here."""
        if self._hold is not None and self.started_at is not None and self.met_at is None:
            since = max(self._hold[0], self.started_at)
            if since < at:
                self.pauses.append(StatusPause(since, at, self._hold[2]))


def course_of(ticket: Ticket, policy: ServicePolicy, metric: Metric) -> Course:
    """Run a ticket's events through the row of a metric."""
    course, rules = Course(), RULES[metric]
    pausing = policy.pause_on.get(metric, frozenset())
    events = [*_status_events(ticket, policy, pausing), *_message_events(ticket)]
    events.sort(key=_place)
    for happening in events:
        effect = rules.get(happening[1])
        if effect is not None:
            course.take(happening, effect)
    course.finish()
    return course


def _place(happening: Happening) -> tuple[datetime, int]:
    return happening[0], _ORDER.get(happening[1], 1)


def _message_events(ticket: Ticket) -> Iterator[Happening]:
    """Creation, and what the customer and we wrote, as far as it is known."""
    created_at, first_at = ticket.created_at, ticket.first_reply_at
    yield created_at, Event.CREATED, ""
    if first_at is None:
        return
    first_at = max(first_at, created_at)
    yield first_at, Event.FIRST_REPLIED, ""
    wrote = [ticket.customer_wrote_at, *(turn.at for turn in ticket.turns if not turn.is_ours)]
    replied = [first_at, ticket.replied_at, *(turn.at for turn in ticket.turns if turn.is_ours)]
    yield from ((at, Event.CUSTOMER_WROTE, "") for at in wrote if at is not None and at > first_at)
    yield from ((at, Event.REPLIED, "") for at in replied if at is not None and at >= first_at)


def _status_events(ticket: Ticket, policy: ServicePolicy, pausing: frozenset[Status]) -> Iterator[Happening]:
    """The statuses from creation on."""
    before: Status | None = None
    for change in status_changes(ticket):
        title = policy.statuses[change.status].title
        if change.status is Status.CLOSED:
            yield change.at, Event.CLOSED, title
        else:
            if before is Status.CLOSED:
                yield change.at, Event.REOPENED, title
            yield change.at, Event.PAUSED if change.status in pausing else Event.RESUMED, title
        before = change.status


def status_changes(ticket: Ticket) -> list[StatusChange]:
    """The statuses from creation on, in order, the present one last whatever the history says."""
    known = sorted(ticket.status_history, key=lambda change: change.at)
    changes = [StatusChange(max(change.at, ticket.created_at), change.status) for change in known]
    if not changes or changes[-1].status is not ticket.status:
        since = _present_since(ticket)
        changes = [change for change in changes if change.at <= since]
        changes.append(StatusChange(since, ticket.status))
    return [change for i, change in enumerate(changes) if i == 0 or change.status is not changes[i - 1].status]


def _present_since(ticket: Ticket) -> datetime:
    """Since when it has its present status, as well as that is known."""
    if ticket.status is Status.CLOSED and ticket.closed_at is not None:
        return max(ticket.closed_at, ticket.created_at)
    if ticket.status_changed_at is not None:
        return max(ticket.status_changed_at, ticket.created_at)
    return ticket.created_at if ticket.status is Status.NEW else max(ticket.updated_at, ticket.created_at)
