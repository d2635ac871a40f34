"""What a fresh report of a ticket adds to what is known of it."""

from dataclasses import replace
from datetime import datetime

from supporttui.domain.ticket import StatusChange, Ticket


def merge_ticket(known: Ticket | None, fresh: Ticket) -> Ticket:
    """The ticket to keep: the newer state, with what only a fetched conversation can tell carried over.

    A report that is older than what is known changes nothing. Lists tell no status history and no replies: those stay
    as they were, and a new status is added to the history.
    """
    if known is None:
        return fresh
    if fresh.updated_at < known.updated_at:
        return known
    history = fresh.status_history or _continued(known, fresh)
    return replace(
        fresh,
        status_history=history,
        status_changed_at=_status_changed_at(known, fresh, history),
        first_reply_at=_first_reply_at(known, fresh),
        replied_at=_newest(known.replied_at, fresh.replied_at),
        customer_wrote_at=_newest(known.customer_wrote_at, fresh.customer_wrote_at),
    )


def _continued(known: Ticket, fresh: Ticket) -> tuple[StatusChange, ...]:
    """The known history, ended by the fresh status where that is another one."""
    if not known.status_history or known.status_history[-1].status is fresh.status:
        return known.status_history
    at = max(fresh.status_changed_at or fresh.updated_at, known.status_history[-1].at)
    return (*known.status_history, StatusChange(at, fresh.status))


def _status_changed_at(known: Ticket, fresh: Ticket, history: tuple[StatusChange, ...]) -> datetime | None:
    if history and history[-1].status is fresh.status:
        return history[-1].at
    return fresh.status_changed_at or (known.status_changed_at if known.status is fresh.status else fresh.updated_at)


def _first_reply_at(known: Ticket, fresh: Ticket) -> datetime | None:
    """The more exact instant: one read from the conversation counts seconds, a list often whole minutes."""
    if fresh.status_history or known.first_reply_at is None:
        return fresh.first_reply_at
    return known.first_reply_at if known.status_history else fresh.first_reply_at or known.first_reply_at


def _newest(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
