"""Builds the rows of tickets: applies pending changes, reads clocks and sets marks."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from supporttui.domain.board import Row, has_unread_reply, with_pending_changes
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.sla import Clock, SlaRules, ticket_clocks, worst_clock
from supporttui.domain.sla_record import SlaRecord
from supporttui.domain.ticket import Lifecycle, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.pending_changes import PendingChanges
from supporttui.store.board_queries import LocatedTicket, PaneEntry
from supporttui.store.cache import Cache
from supporttui.store.sla_record_file import SlaRecordFile

MAX_CACHED_CLOCKS: Final = 4_000
"""The number of tickets whose clocks are kept; others are rebuilt when shown."""

NO_RECORDS: Final[Sequence[SlaRecord]] = ()


class RowLoader:
    """Builds rows; caches the clocks of unchanged tickets and how far tickets were read."""

    def __init__(
        self,
        cache: Cache,
        sla_records: SlaRecordFile,
        outbox_view: PendingChanges,
        rules: SlaRules,
        is_own: Callable[[Ticket], bool],
    ) -> None:
        """`is_own` tells whether the account is a ticket's requester."""
        self._is_own = is_own
        self._cache = cache
        self._outbox_view = outbox_view
        self._sla_records = sla_records
        self._rules = rules
        self._order = BoardOrder(*rules)
        self._clocks: dict[TicketId, tuple[Ticket, tuple[Clock, ...]]] = {}
        self._read_at: dict[TicketId, datetime] = {}
        self._records: dict[TicketId, Sequence[SlaRecord]] = {}
        """The targets that finished clocks were judged by. Records that the engine adds later have the same policy."""

    def forget(self) -> None:
        """Clear all caches after the local copy was rebuilt."""
        self._clocks.clear()
        self._records.clear()

    def prepare(self, tickets: Iterable[Ticket]) -> None:
        """Read in one go what the rows of these tickets need."""
        if len(self._clocks) > MAX_CACHED_CLOCKS:
            self._clocks.clear()
            self._records.clear()
        unknown = [ticket.id for ticket in tickets if ticket.id not in self._records]
        if unknown:
            self._records |= dict.fromkeys(unknown, NO_RECORDS) | self._sla_records.load(unknown)

    def load_read_marks(self) -> set[TicketId]:
        """Load how far tickets were read, in any window; return the tickets for which that has changed."""
        before, self._read_at = self._read_at, self._cache.load_read_marks()
        for ticket_id, at in before.items():
            if at > self._read_at.get(ticket_id, at):
                self._read_at[ticket_id] = at
        return {ticket_id for ticket_id, at in self._read_at.items() if before.get(ticket_id) != at}

    def note_read(self, ticket_id: TicketId, at: datetime) -> None:
        """Record that a ticket was read."""
        self._read_at[ticket_id] = at

    def recently_opened(self, limit: int) -> list[TicketId]:
        """Return the tickets opened most recently, in any window, the latest first."""
        unopened_until = self._cache.load_unopened_until()
        opened = [each for each, at in self._read_at.items() if unopened_until is None or at > unopened_until]
        return sorted(opened, key=self._read_at.__getitem__, reverse=True)[:limit]

    def read_at(self, ticket_id: TicketId) -> datetime | None:
        """Return the instant up to which a ticket was read; None if it never was."""
        return self._read_at.get(ticket_id)

    def row(self, ticket: Ticket, now: datetime) -> Row:
        """Return the ticket with its pending changes, its clocks as of `now`, and its marks."""
        is_own = self._is_own(ticket)
        changed, mark = with_pending_changes(ticket, self._outbox_view.decided(ticket.id), is_own=is_own)
        is_unread = has_unread_reply(ticket, self._read_at.get(ticket.id), is_own=is_own)
        clocks = self._all_clocks(changed)
        clock = clocks[0] if len(clocks) == 1 else worst_clock(clocks, now)
        has_draft = self._outbox_view.has_draft(ticket.id)
        return Row(changed, clock, mark, is_unread, clocks, has_draft=has_draft)

    def pending_positions(self, now: datetime) -> dict[TicketId, LocatedTicket]:
        """Return the positions of tickets with pending changes after those are applied. Raises StoreProblem."""
        ticket_ids = self._outbox_view.ticket_ids()
        located = {}
        for ticket in self._cache.load_tickets_by_id(ticket_ids) if ticket_ids else ():
            decided = self._outbox_view.decided(ticket.id)
            changed, _ = with_pending_changes(ticket, decided, is_own=self._is_own(ticket))
            if changed is not ticket:
                group, key, _ = self._order.position(changed, now)
                is_live = changed.lifecycle is Lifecycle.LIVE
                entry = PaneEntry(group, key, ticket.id)
                located[ticket.id] = LocatedTicket(changed.status, is_live, changed.assignee_id, entry)
        return located

    def _all_clocks(self, ticket: Ticket) -> tuple[Clock, ...]:
        known = self._clocks.get(ticket.id)
        if known is None or known[0] is not ticket:
            self.prepare((ticket,))
            clocks = ticket_clocks(ticket, *self._rules, self._records[ticket.id])
            known = self._clocks[ticket.id] = (ticket, clocks)
        return known[1]
