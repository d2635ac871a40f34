"""Puts tickets in their places on the board, in shares between which keys are answered, and keeps the order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from supporttui.domain.board import Board, Row, is_in_scope
from supporttui.domain.sla import worst_clock
from supporttui.domain.support_calendar import BeyondHorizon, Moment
from supporttui.domain.ticket import Ticket
from supporttui.store.cache import MAX_TICKET_ID, Cache, RevisionPosition
from supporttui.ui.decisions import Decisions
from supporttui.ui.kept_order import KEPT_AS, decode_order, encode_order, order_key
from supporttui.ui.readings import Readings
from supporttui.ui.rows import Rows
from supporttui.ui.sources import Sources
from supporttui.ui.steadying import Steadying

AT_FIRST: Final = 1_000
"""Tickets that are put in their places before the first picture where nothing is known of their order."""

AT_ONCE: Final = 50
"""Tickets that are put in their places between two keys: that takes some milliseconds."""

KEPT_AFTER: Final = 2_000
"""Tickets that are put in their places until the order is kept anew while the window stays."""


class Arranging:
    """The board of one local copy and how far it has been read. Belongs to the UI's thread."""

    def __init__(
        self,
        cache: Cache,
        rows: Rows,
        decisions: Decisions,
        sources: Sources,
        now: Callable[[], datetime],
        readings: Readings,
    ) -> None:
        self.board = Board(self.load_row)
        self._readings = readings
        self._cache = cache
        self._rows = rows
        self._decisions = decisions
        self._sources = sources
        self._now = now
        self._steadying = Steadying(sources.calendars.desk)
        self._waiting: set[int] = set()
        """Tickets that are to be put in their places again."""
        self._put_since_kept = 0
        self.standing = RevisionPosition(0)
        """How far the local copy has been read."""

    def begin(self) -> None:
        """Start over: with the order that was kept, or with the first share of the tickets."""
        kept = decode_order(self._cache.load_state(KEPT_AS), self._order_key())
        self._waiting = set()
        self._put_since_kept = 0
        if kept is not None:
            self.board.restore(kept.panes)
            self.standing = kept.standing
            self._waiting = {*kept.unsteady_ids, *self._decisions.ticket_ids()}
        else:
            self.standing, tickets = self._cache.load_changes_page(RevisionPosition(0), AT_FIRST)
            self._rows.prepare(tickets)
            self.board.replace_all(self._in_scope(tickets), self._moment())
            self._put_since_kept = len(tickets)
        self.drop_long_closed()
        self.go_on(AT_FIRST)

    @property
    def has_more(self) -> bool:
        """Whether the board is not yet all that the local copy holds."""
        return bool(self._waiting) or self.standing.ticket_id != MAX_TICKET_ID

    @property
    def is_order_worn(self) -> bool:
        """Whether so much has changed that the next start would have much to do."""
        return self._put_since_kept >= KEPT_AFTER

    def want(self, ticket_ids: Iterable[int]) -> None:
        """Put these in their places with the next share."""
        self._waiting.update(ticket_ids)

    def go_on(self, most: int = AT_ONCE) -> frozenset[int]:
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
        stale = {ticket_id for ticket_id in self._steadying.drifting if self._drifts(ticket_id, now)}
        at_once = frozenset(islice(stale, AT_ONCE))
        self._waiting |= stale - at_once
        self.put(at_once)
        return at_once

    def drop_long_closed(self) -> None:
        """Take off the board what was closed too long ago."""
        self.board.drop_long_closed(self._now(), self._sources.policy.closed_days)

    def order(self) -> bytes | None:
        """The order to keep under `KEPT_AS`; None where it is not whole, or what is kept holds already."""
        if self.has_more or not self._put_since_kept:
            return None
        self._put_since_kept = 0
        unsteady = {*self._steadying.ids, *self._decisions.ticket_ids()}
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

        return self._readings.tried(load, None)

    def _drifts(self, ticket_id: int, now: datetime) -> bool:
        row = self.board.find(ticket_id)
        return row is not None and (self._steadying.is_elsewhere(row) or worst_clock(row.clocks, now) is not row.clock)

    def _put_all(self, tickets: Sequence[Ticket]) -> None:
        self._rows.prepare(tickets)
        moment, now, closed_days = self._moment(), self._now(), self._sources.policy.closed_days
        for row in self._noted(tickets):
            if is_in_scope(row.ticket, now, closed_days):
                self.board.put(row, moment)
            else:
                self.board.remove(row.ticket.id)
        self._put_since_kept += len(tickets)

    def _in_scope(self, tickets: Iterable[Ticket]) -> Iterator[Row]:
        now, closed_days = self._now(), self._sources.policy.closed_days
        return (row for row in self._noted(tickets) if is_in_scope(row.ticket, now, closed_days))

    def _noted(self, tickets: Iterable[Ticket]) -> Iterator[Row]:
        now = self._now()
        for ticket in tickets:
            row = self._rows.row(ticket, now)
            self._steadying.note(row)
            yield row

    def _order_key(self) -> bytes:
        return order_key(self._cache.identity(), self._sources.policy, self._sources.calendars)

    def _moment(self) -> Moment | None:
        try:
            return self._sources.calendar.moment(self._now())
        except BeyondHorizon:
            return None
