"""Loads the board in batches between keys, and notes rows whose sort key depends on the time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from supporttui.domain.board import Board, Row, is_in_scope
from supporttui.domain.sla import worst_clock
from supporttui.domain.support_calendar import BeyondHorizon, Moment, SupportCalendar
from supporttui.domain.ticket import Ticket
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.pending_changes import PendingChanges
from supporttui.presentation.row_loader import RowLoader
from supporttui.presentation.saved_order import ORDER_STATE, decode_order, encode_order, order_digest
from supporttui.presentation.store_reads import StoreReads
from supporttui.store.cache import MAX_TICKET_ID, Cache, RevisionPosition


class TimeDependentRows:
    """Notes them as rows are made; a row that is made again is noted anew."""

    def __init__(self, desk: SupportCalendar) -> None:
        self._desk = desk
        self.drifting: set[int] = set()
        """Tickets whose worst clock, or the place of it, may become another as time goes by."""
        self._paused: set[int] = set()

    @property
    def ids(self) -> set[int]:
        """All whose place a later start must not believe: also those that a status keeps still."""
        return self.drifting | self._paused

    def note(self, row: Row) -> None:
        """A row was made."""
        ticket_id = row.ticket.id
        has_paused = any(clock.is_paused_by_status for clock in row.clocks)
        counts = any(clock.quota_us is not None for clock in row.clocks)
        _set_membership(self._paused, ticket_id, has_paused)
        _set_membership(self.drifting, ticket_id, self.uses_other_calendar(row) or (has_paused and counts))

    def uses_other_calendar(self, row: Row) -> bool:
        """Whether one of its clocks runs by another calendar than the desk's."""
        return any(clock.calendar is not self._desk for clock in row.clocks)


def _set_membership(ids: set[int], ticket_id: int, is_in: bool) -> None:
    if is_in:
        ids.add(ticket_id)
    else:
        ids.discard(ticket_id)


TICKETS_BEFORE_FIRST_PICTURE: Final = 1_000
"""Tickets that are put in their places before the first picture where nothing is known of their order."""

TICKETS_PER_STEP: Final = 50
"""Tickets that are put in their places between two keys: that takes some milliseconds."""

SAVE_ORDER_AFTER_TICKETS: Final = 2_000
"""Tickets that are put in their places until the order is kept anew while the window stays."""


class BoardLoader:
    """The board of one local copy and how far it has been read. Belongs to the UI's thread."""

    def __init__(
        self,
        cache: Cache,
        rows: RowLoader,
        outbox_view: PendingChanges,
        app_context: AppContext,
        now: Callable[[], datetime],
        readings: StoreReads,
    ) -> None:
        self.board = Board(self.load_row)
        self._local_reads = readings
        self._cache = cache
        self._rows = rows
        self._outbox_view = outbox_view
        self._app_context = app_context
        self._now = now
        self._time_dependent = TimeDependentRows(app_context.calendars.desk)
        self._waiting: set[int] = set()
        """Tickets that are to be put in their places again."""
        self._placed_since_save = 0
        self.standing = RevisionPosition(0)
        """How far the local copy has been read."""

    def begin(self) -> None:
        """Start over: with the order that was kept, or with the first share of the tickets."""
        kept = decode_order(self._cache.load_state(ORDER_STATE), self._order_key())
        self._waiting = set()
        self._placed_since_save = 0
        if kept is not None:
            self.board.restore(kept.panes)
            self.standing = kept.standing
            self._waiting = {*kept.time_dependent_ids, *self._outbox_view.ticket_ids()}
        else:
            self.standing, tickets = self._cache.load_changes_page(RevisionPosition(0), TICKETS_BEFORE_FIRST_PICTURE)
            self._rows.prepare(tickets)
            self.board.replace_all(self._in_scope(tickets), self._moment())
            self._placed_since_save = len(tickets)
        self.drop_long_closed()
        self.go_on(TICKETS_BEFORE_FIRST_PICTURE)

    @property
    def has_more(self) -> bool:
        """Whether the board is not yet all that the local copy holds."""
        return bool(self._waiting) or self.standing.ticket_id != MAX_TICKET_ID

    @property
    def should_save_order(self) -> bool:
        """Whether so much has changed that the next start would have much to do."""
        return self._placed_since_save >= SAVE_ORDER_AFTER_TICKETS

    def want(self, ticket_ids: Iterable[int]) -> None:
        """Put these in their places with the next share."""
        self._waiting.update(ticket_ids)

    def go_on(self, most: int = TICKETS_PER_STEP) -> frozenset[int]:
        """At most so many tickets into their places, those that wait first; which ones."""
        again = set(islice(self._waiting, most))
        self.put(again)
        standing, tickets = self._cache.load_changes_page(self.standing, most - len(again) + 1)
        self._put_all(tickets)
        self._waiting -= again  # only now: what the disk refuses to tell is asked again
        self.standing = standing
        return frozenset(again | {ticket.id for ticket in tickets})

    def put(self, ticket_ids: Iterable[int]) -> bool:
        """Bring the board up to date on these tickets, which is true then. Raises StoreProblem."""
        tickets = (self._cache.load_ticket(ticket_id) for ticket_id in ticket_ids)
        self._put_all([ticket for ticket in tickets if ticket is not None])
        return True

    def rearrange(self) -> frozenset[int]:
        """Put tickets anew whose worst clock or place has become another; which ones.

        Where there are very many, some of them wait for `go_on`.
        """
        now = self._now()
        stale = {ticket_id for ticket_id in self._time_dependent.drifting if self._drifts(ticket_id, now)}
        at_once = frozenset(islice(stale, TICKETS_PER_STEP))
        self._waiting |= stale - at_once
        self.put(at_once)
        return at_once

    def drop_long_closed(self) -> None:
        """Take off the board what was closed too long ago."""
        self.board.drop_long_closed(self._now(), self._app_context.policy.closed_days)

    def order(self) -> bytes | None:
        """The order to keep under `ORDER_STATE`; None where it is not whole, or what is kept holds already."""
        if self.has_more or not self._placed_since_save:
            return None
        self._placed_since_save = 0
        unsteady = {*self._time_dependent.ids, *self._outbox_view.ticket_ids()}
        return encode_order(self._order_key(), self.standing, self.board.places, unsteady)

    def prepare(self, ticket_ids: Iterable[int]) -> list[Ticket]:
        """Make the rows of these tickets, which are on the board, at once; the tickets. Raises StoreProblem."""
        tickets, now = self._cache.load_tickets_by_id(ticket_ids), self._now()
        self._rows.prepare(tickets)
        for ticket in tickets:
            self.board.hold(self._rows.row(ticket, now))
        return tickets

    def load_row(self, ticket_id: int) -> Row | None:
        """The row of a ticket as it stands now; None where the local copy does not have it, or cannot be read."""

        def load() -> Row | None:
            ticket = self._cache.load_ticket(ticket_id)
            return None if ticket is None else self._rows.row(ticket, self._now())

        return self._local_reads.tried(load, None)

    def _drifts(self, ticket_id: int, now: datetime) -> bool:
        row = self.board.find(ticket_id)
        return row is not None and (
            self._time_dependent.uses_other_calendar(row) or worst_clock(row.clocks, now) is not row.clock
        )

    def _put_all(self, tickets: Sequence[Ticket]) -> None:
        self._rows.prepare(tickets)
        moment, now, closed_days = self._moment(), self._now(), self._app_context.policy.closed_days
        for row in self._noted(tickets):
            if is_in_scope(row.ticket, now, closed_days):
                self.board.put(row, moment)
            else:
                self.board.remove(row.ticket.id)
        self._placed_since_save += len(tickets)

    def _in_scope(self, tickets: Iterable[Ticket]) -> Iterator[Row]:
        now, closed_days = self._now(), self._app_context.policy.closed_days
        return (row for row in self._noted(tickets) if is_in_scope(row.ticket, now, closed_days))

    def _noted(self, tickets: Iterable[Ticket]) -> Iterator[Row]:
        now = self._now()
        for ticket in tickets:
            row = self._rows.row(ticket, now)
            self._time_dependent.note(row)
            yield row

    def _order_key(self) -> bytes:
        return order_digest(self._cache.identity(), self._app_context.policy, self._app_context.calendars)

    def _moment(self) -> Moment | None:
        try:
            return self._app_context.calendar.moment(self._now())
        except BeyondHorizon:
            return None
