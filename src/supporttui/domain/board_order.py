"""The order of the tickets in a pane: a sort position that does not change as time goes by."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from supporttui.domain.clock import Clock
from supporttui.domain.instants import to_us
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.sla import ticket_clocks
from supporttui.domain.sla_record import policy_key
from supporttui.domain.support_calendar import BeyondHorizon, Calendars, Moment
from supporttui.domain.ticket import Status, Ticket

OPEN_CLOCK_GROUP: Final = 0
"""Tickets with a clock that has not finished; it stands first in every pane."""
WAITING_CUSTOMER_GROUP: Final = 1
IN_STATUS_GROUP: Final = 2
CLOSED_GROUP: Final = 3


class SortPosition(NamedTuple):
    """Where a ticket is sorted within its pane: by group, then by key, then by the ticket's id."""

    group: int
    key: int
    """Microseconds; the smaller one stands first."""
    drifts: bool = False
    """The key is right only for the instant at which it was computed: recompute it as time goes by."""


def waiting_since(ticket: Ticket) -> datetime | None:
    """The instant since which the customer has waited for a reply; None if the last message is ours."""
    wrote_at = ticket.customer_wrote_at
    if wrote_at is None or ticket.status is Status.CLOSED:
        return None
    replied_at = ticket.replied_at or ticket.first_reply_at
    return wrote_at if replied_at is None or wrote_at > replied_at else None


def in_status_since(ticket: Ticket) -> datetime:
    """The instant since which the ticket has had its status."""
    if ticket.status is Status.CLOSED and ticket.closed_at is not None:
        return ticket.closed_at
    return ticket.status_changed_at or ticket.created_at


def closed_key(closed_at: datetime) -> int:
    """The key of a ticket that was closed at an instant: the latest stands first."""
    return -to_us(closed_at)


def position_without_clocks(ticket: Ticket) -> SortPosition:
    """The position of a ticket none of whose clocks is open, or whose clocks are not known."""
    if ticket.status is Status.CLOSED:
        return SortPosition(CLOSED_GROUP, closed_key(in_status_since(ticket)))
    since = waiting_since(ticket)
    if ticket.status is Status.OPEN and since is not None:
        return SortPosition(WAITING_CUSTOMER_GROUP, to_us(since))
    return SortPosition(IN_STATUS_GROUP, to_us(in_status_since(ticket)))


class BoardOrder:
    """Computes sort positions under one service policy and its calendars.

    What is left of a clock is counted from the start of the desk's calendar. The key of a running clock in that
    calendar is then the open time at which its target is used up, which no instant changes. The key of a clock that a
    status pauses, or that runs in another calendar, holds for the given instant only.
    """

    def __init__(self, policy: ServicePolicy, calendars: Calendars) -> None:
        self._policy = policy
        self._calendars = calendars
        self._last_moment: tuple[datetime, Moment | None] | None = None

    def fingerprint(self) -> bytes:
        """The hash of everything that positions depend on besides the ticket."""
        digest = hashlib.sha256(policy_key(self._policy).encode())
        for calendar in self._calendars:
            digest.update(calendar.to_bytes())
        return digest.digest()

    def position(self, ticket: Ticket, now: datetime) -> SortPosition:
        """The ticket's position; `now` matters only where it drifts."""
        if ticket.status is Status.CLOSED:
            return position_without_clocks(ticket)
        return self.position_with_clocks(ticket, ticket_clocks(ticket, self._policy, self._calendars), now)

    def position_with_clocks(self, ticket: Ticket, clocks: Iterable[Clock], now: datetime) -> SortPosition:
        """Like `position`, with the ticket's clocks given."""
        if ticket.status is Status.CLOSED:
            return position_without_clocks(ticket)
        desk = self._calendars.desk
        open_clocks = [clock for clock in clocks if clock.quota_us is not None or clock.is_paused_by_status]
        drifts = any(clock.is_paused_by_status or clock.calendar is not desk for clock in open_clocks)
        moment = self._moment(now)
        if moment is None:
            return position_without_clocks(ticket)._replace(drifts=drifts)
        left_us = [left for left in (clock.remaining_us(moment) for clock in open_clocks) if left is not None]
        if not left_us:
            return position_without_clocks(ticket)._replace(drifts=drifts)
        return SortPosition(OPEN_CLOCK_GROUP, min(left_us) + moment.open_us, drifts)

    def open_us(self, now: datetime) -> int | None:
        """How much open time of the desk's calendar has passed, from which keys are counted; None beyond its years."""
        moment = self._moment(now)
        return None if moment is None else moment.open_us

    def _moment(self, now: datetime) -> Moment | None:
        """The instant in the desk's calendar; None beyond its years. The last one is cached: a page asks many times."""
        if self._last_moment is None or self._last_moment[0] is not now:
            try:
                self._last_moment = now, self._calendars.desk.moment(now)
            except BeyondHorizon:
                self._last_moment = now, None
        return self._last_moment[1]
