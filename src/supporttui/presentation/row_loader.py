"""Makes the rows of tickets: pending changes applied, clocks read, marks set."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Final

from supporttui.domain.board import Row, has_unread_reply, with_pending_changes
from supporttui.domain.metrics import Metric
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.sla import Clock, ticket_clocks, worst_clock
from supporttui.domain.sla_record import SlaRecord, new_sla_records, policy_key
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Ticket
from supporttui.presentation.pending_changes import PendingChanges
from supporttui.store.cache import Cache

MAX_CACHED_CLOCKS: Final = 4_000
"""Clocks of so many tickets are kept; others are made again when they are looked at."""

MAX_RECORDS_PER_SAVE: Final = 300
NO_RECORDS: Final[Mapping[Metric, SlaRecord]] = {}


class RowLoader:
    """Makes rows; keeps the clocks of tickets that are still the same, and what was read."""

    def __init__(self, cache: Cache, outbox_view: PendingChanges, policy: ServicePolicy, calendars: Calendars) -> None:
        self._cache = cache
        self._outbox_view = outbox_view
        self._policy = policy
        self._calendars = calendars
        self._clocks: dict[int, tuple[Ticket, tuple[Clock, ...]]] = {}
        self._read_at: dict[int, datetime] = {}
        self._policy_key = policy_key(policy)
        self._judged: dict[int, Mapping[Metric, SlaRecord]] = {}
        """What finished clocks were judged by: another policy does not change that."""
        self._unsaved: dict[int, list[SlaRecord]] = {}

    def forget(self) -> None:
        """The local copy is another one."""
        self._clocks.clear()
        self._judged.clear()

    def save_judgements(self) -> None:
        """Keep what clocks were judged by that have finished since, a share of it where there is much."""
        if self._unsaved:
            share = dict(islice(self._unsaved.items(), MAX_RECORDS_PER_SAVE))
            self._cache.save_judgements(share)
            for ticket_id in share:
                del self._unsaved[ticket_id]

    def prepare(self, tickets: Iterable[Ticket]) -> None:
        """Read at once what the rows of these tickets will need."""
        if len(self._clocks) > MAX_CACHED_CLOCKS:
            self._clocks.clear()
            self._judged = {ticket_id: self._judged[ticket_id] for ticket_id in self._unsaved}
        unknown = [ticket.id for ticket in tickets if ticket.id not in self._judged]
        if unknown:
            self._judged |= dict.fromkeys(unknown, NO_RECORDS) | self._cache.load_judgements(unknown)

    def load_read_marks(self) -> set[int]:
        """Read up to where tickets were read, in whichever window; those for which that is new."""
        before, self._read_at = self._read_at, self._cache.load_read_marks()
        for ticket_id, at in before.items():
            if at > self._read_at.get(ticket_id, at):
                self._read_at[ticket_id] = at
        return {ticket_id for ticket_id, at in self._read_at.items() if before.get(ticket_id) != at}

    def note_read(self, ticket_id: int, at: datetime) -> None:
        """A ticket was read."""
        self._read_at[ticket_id] = at

    def read_at(self, ticket_id: int) -> datetime | None:
        """Up to which instant a ticket was read; None where it never was."""
        return self._read_at.get(ticket_id)

    def row(self, ticket: Ticket, now: datetime) -> Row:
        """The ticket with the decided changes, its clocks as they stand now, and its marks."""
        changed, mark = with_pending_changes(ticket, self._outbox_view.decided(ticket.id))
        is_unread = has_unread_reply(ticket, self._read_at.get(ticket.id))
        clocks = self._all_clocks(changed, is_reported=changed is ticket)
        return Row(changed, clocks[0] if len(clocks) == 1 else worst_clock(clocks, now), mark, is_unread, clocks)

    def _all_clocks(self, ticket: Ticket, *, is_reported: bool) -> tuple[Clock, ...]:
        known = self._clocks.get(ticket.id)
        if known is None or known[0] is not ticket:
            self.prepare((ticket,))
            judged = self._judged[ticket.id]
            clocks = ticket_clocks(ticket, self._policy, self._calendars, judged)
            known = self._clocks[ticket.id] = (ticket, clocks)
            fresh = new_sla_records(clocks, self._policy_key) if is_reported else []
            if fresh:
                self._unsaved[ticket.id] = fresh
                self._judged[ticket.id] = {**judged, **{each.metric: each for each in fresh}}
        return known[1]
