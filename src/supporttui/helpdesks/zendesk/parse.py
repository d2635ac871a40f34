"""From the wire's types to the domain's."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from supporttui.domain.safetext import OutsideText
from supporttui.domain.ticket import Person, Status, Ticket
from supporttui.helpdesks.zendesk import wire
from supporttui.helpdesks.zendesk.slas import parse_desk_clocks
from supporttui.helpdesks.zendesk.words import SEVERITY_OF_PRIORITY, STATUS_OF_WORD, fate_of, role_of


class Unreadable(Exception):
    """What the desk sent lacks something without which there is no ticket."""


def is_id(number: int) -> bool:
    """Whether this can be the number of anything: JSON has larger ones, databases do not."""
    return 0 < number < 2**63


def parse_person(user: wire.User) -> Person:
    """A person."""
    name = user.name or user.email or f"user {user.id}"
    return Person(id=user.id, name=OutsideText(name), email=OutsideText(user.email or ""), role=role_of(user.role))


def parse_people(users: Iterable[wire.User] | object) -> tuple[Person, ...]:
    """The people beside a page; none where the desk sent no such list."""
    return tuple(parse_person(user) for user in users if is_id(user.id)) if isinstance(users, list) else ()


def version_of(updated_at: datetime) -> str:
    """The stamp by which a safe update is checked, in the desk's own form."""
    return updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_ticket(
    sent: wire.Ticket, metrics: wire.MetricSet | None = None, groups: Mapping[int, str] | None = None
) -> Ticket:
    """A ticket as a list tells it: without a history, its times as exact as the desk's figures.

    Raises Unreadable.
    """
    try:
        return _parsed(sent, metrics, groups or {})
    except OverflowError as problem:
        raise Unreadable(f"ticket {sent.id} has an impossible time") from problem


def _parsed(sent: wire.Ticket, metrics: wire.MetricSet | None, groups: Mapping[int, str]) -> Ticket:
    if not all(is_id(number) for number in (sent.id, sent.requester_id, sent.assignee_id) if number is not None):
        raise Unreadable(f"ticket {sent.id} has a number that is none")
    if sent.created_at is None or sent.updated_at is None or sent.requester_id is None:
        raise Unreadable(f"ticket {sent.id} has no creation, no update or no requester")
    figures = sent.metric_set if isinstance(sent.metric_set, wire.MetricSet) else metrics or wire.MetricSet()
    status = STATUS_OF_WORD.get(sent.status, Status.OPEN)
    group = groups.get(sent.group_id) if sent.group_id is not None else None
    is_closed = status is Status.CLOSED
    return Ticket(
        id=sent.id,
        subject=OutsideText(sent.subject or sent.raw_subject or ""),
        status=status,
        desk_status=OutsideText(sent.status),
        requester_id=sent.requester_id,
        created_at=sent.created_at.astimezone(UTC),
        updated_at=sent.updated_at.astimezone(UTC),
        version=version_of(sent.updated_at),
        severity=SEVERITY_OF_PRIORITY.get(sent.priority or ""),
        is_locked=sent.status in ("closed", "deleted"),
        assignee_id=sent.assignee_id,
        group=OutsideText(group) if group is not None else None,
        tags=tuple(OutsideText(tag) for tag in sent.tags),
        external_id=OutsideText(sent.external_id) if sent.external_id else None,
        status_changed_at=_utc(figures.status_updated_at),
        first_reply_at=_first_reply_at(sent.created_at, figures),
        customer_wrote_at=_utc(figures.requester_updated_at) or sent.created_at.astimezone(UTC),
        closed_at=(_utc(figures.solved_at) or sent.updated_at.astimezone(UTC)) if is_closed else None,
        desk_clocks=parse_desk_clocks(sent.slas, sent.metric_events),
        fate=fate_of(sent.status, sent.tags),
    )


def _first_reply_at(created_at: datetime, figures: wire.MetricSet) -> datetime | None:
    """When the first reply came, to the second where the desk counts seconds, else to the minute."""
    if figures.replies == 0:
        return None
    seconds = figures.reply_time_in_seconds.calendar
    if seconds is None and figures.reply_time_in_minutes.calendar is not None:
        seconds = figures.reply_time_in_minutes.calendar * 60
    return None if seconds is None else created_at.astimezone(UTC) + timedelta(seconds=seconds)


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at is not None else None
