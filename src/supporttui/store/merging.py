"""Merges a new report of a ticket into the known state."""

from datetime import datetime

from msgspec.structs import replace

from supporttui.domain.ticket import DeskClock, SeverityChange, StatusChange, Ticket


def merge_ticket(known: Ticket | None, fresh: Ticket) -> Ticket:
    """The ticket to keep: the newer state, with what only a fetched conversation can tell carried over.

    A report that is older than what is known changes nothing. Lists tell no history, no replies and
    no clocks of the desk's own: those stay as they were, and a new status or severity is added to the history.
    """
    if known is None:
        return fresh
    if fresh.updated_at < known.updated_at:
        return known
    history = fresh.status_history or _extended_status_history(known, fresh)
    kept = {
        "status_history": history,
        "status_changed_at": _status_changed_at(known, fresh, history),
        "first_reply_at": _first_reply_at(known, fresh),
        "replied_at": _newest(known.replied_at, fresh.replied_at),
        "customer_wrote_at": _newest(known.customer_wrote_at, fresh.customer_wrote_at),
        "turns": fresh.turns or known.turns,
        "is_logged_by_agent": (fresh if fresh.status_history else known).is_logged_by_agent,
        "severity_history": fresh.severity_history or _extended_severity_history(known, fresh),
        "desk_clocks": fresh.desk_clocks or _targets_of(known, fresh),
    }
    if all(getattr(fresh, name) == value for name, value in kept.items()):
        return fresh  # mostly; a copy is the dearest part of taking in a page
    return replace(fresh, **kept)


def _extended_status_history(known: Ticket, fresh: Ticket) -> tuple[StatusChange, ...]:
    """The known history, ended by the fresh status where that is another one."""
    if not known.status_history or known.status_history[-1].status is fresh.status:
        return known.status_history
    at = max(fresh.status_changed_at or fresh.updated_at, known.status_history[-1].at)
    return (*known.status_history, StatusChange(at, fresh.status))


def _extended_severity_history(known: Ticket, fresh: Ticket) -> tuple[SeverityChange, ...]:
    """The known severities, ended by the fresh one where that is another, since the report's time at the latest."""
    history = known.severity_history or (SeverityChange(known.created_at, known.severity),)
    if history[-1].severity == fresh.severity:
        return known.severity_history
    return (*history, SeverityChange(max(fresh.updated_at, history[-1].at), fresh.severity))


def _targets_of(known: Ticket, fresh: Ticket) -> tuple[DeskClock, ...]:
    """What is known of the desk's clocks; of a ticket that has moved on, their targets only."""
    if known.version == fresh.version:
        return known.desk_clocks
    return tuple(replace(clock, stage=None, breach_at=None) for clock in known.desk_clocks if clock.target is not None)


def _status_changed_at(known: Ticket, fresh: Ticket, history: tuple[StatusChange, ...]) -> datetime | None:
    if history and history[-1].status is fresh.status:
        return history[-1].at
    return fresh.status_changed_at or (known.status_changed_at if known.status is fresh.status else fresh.updated_at)


def _first_reply_at(known: Ticket, fresh: Ticket) -> datetime | None:
    """The more exact of two instants: conversations give seconds, lists often whole minutes."""
    if fresh.status_history or known.first_reply_at is None:
        return fresh.first_reply_at
    return known.first_reply_at if known.status_history else fresh.first_reply_at or known.first_reply_at


def _newest(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
