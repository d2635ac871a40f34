"""What the screens draw: the local copy with the decided changes laid over it, in memory and in order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from supporttui.domain.board import Board, Row, is_in_scope
from supporttui.domain.hours import BeyondHorizon, Moment
from supporttui.domain.sla import worst
from supporttui.domain.ticket import Conversation, Ticket
from supporttui.helpdesks.base import Account
from supporttui.store.cache import AFTER_ALL, Cache, Standing
from supporttui.store.outbox import Outbox
from supporttui.store.records import Operation
from supporttui.sync.engine import Engine, EngineStatus
from supporttui.sync.remembered import remembered_status
from supporttui.ui.decisions import PROBLEM_STATES, Decisions
from supporttui.ui.kept_order import KEPT_AS, decode_order, encode_order, order_key
from supporttui.ui.people import People
from supporttui.ui.rows import Rows
from supporttui.ui.sources import Sources
from supporttui.ui.steadying import Steadying

__all__ = ["PROBLEM_STATES", "BoardModel", "Changes"]

AT_FIRST: Final = 1_000
"""Tickets that are put in their places before the first picture where nothing is known of their order."""

AT_ONCE: Final = 100
"""Tickets that are put in their places between two keys."""

KEPT_AFTER: Final = 2_000
"""Changes of the local copy after which the order is kept anew while the window stays."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reload found."""

    ticket_ids: frozenset[int]
    """Tickets whose row may look different."""
    has_new_names: bool = False
    """People are known who were not, or under another name."""
    has_more: bool = False
    """It was too much for one go: there is more to read."""


class BoardModel:
    """The tickets of one desk, the people around them and the engine's state. Belongs to the UI's thread."""

    def __init__(self, sources: Sources, engine: Engine) -> None:
        self.sources = sources
        self.engine = engine
        self.board = Board(self._load_row)
        self.calendars = sources.calendars
        self._cache = Cache(sources.files.cache)
        self.people = People(self._cache)
        self.decisions = Decisions(None if sources.is_wall else Outbox(sources.files.outbox), engine)
        self.rows = Rows(self._cache, self.decisions, sources.policy, self.calendars)
        self._remembered = remembered_status(self._cache)
        self._identity = self._cache.identity()
        self._standing = Standing(0)
        self._waiting: set[int] = set()
        """Tickets that are to be put in their places again."""
        self._steadying = Steadying(sources.calendars.desk)
        self._kept_at = Standing(-1)
        self._ticket_count: int | None = None

    # -- what there is ------------------------------------------------------------------------------------------

    @property
    def status(self) -> EngineStatus:
        """What the engine says of the link; until it has begun, what the last run knew."""
        status = self.engine.status
        return self._remembered if status == EngineStatus() else status

    def now(self) -> datetime:
        """The desk's time."""
        return self.sources.now() + timedelta(seconds=self.status.desk_ahead_s)

    @property
    def account(self) -> Account | None:
        """Who we are, from this run or the last; None before the desk has ever said it."""
        return self.status.account

    @property
    def my_id(self) -> int | None:
        """The account's own person."""
        account = self.account
        return account.me.id if account is not None else None

    @property
    def can_hold(self) -> bool:
        """Whether this desk has an On-Hold status, as far as is known."""
        account = self.account
        return account is None or account.capabilities.can_hold

    @property
    def ticket_count(self) -> int:
        """How many tickets the local copy has, on the board or not."""
        if self._ticket_count is None:
            self._ticket_count = self._cache.count_tickets()
        return self._ticket_count

    def ticket(self, ticket_id: int) -> Ticket | None:
        """A ticket as the desk last reported it, without the decided changes."""
        return self._cache.load_ticket(ticket_id)

    def row(self, ticket_id: int) -> Row | None:
        """A ticket with the decided changes, its clock and its marks; also of one that the filter hides."""
        return self.board.find(ticket_id) or self._load_row(ticket_id)

    def conversation(self, ticket_id: int) -> Conversation | None:
        """What the local copy holds of a conversation; None where it was never fetched."""
        return self._cache.load_conversation(ticket_id)

    def open_tickets_of(self, requester_id: int) -> list[Ticket]:
        """The tickets of a person that are not closed, the latest first."""
        found = [self.ticket(ticket_id) for ticket_id in self.board.open_of(requester_id)]
        return sorted((each for each in found if each is not None), key=lambda each: each.created_at, reverse=True)

    # -- what changes -------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read what the first picture needs; where `has_more` says so afterwards, `go_on` reads the rest."""
        self._identity = self._cache.identity()
        self._ticket_count = None
        self.people.forget()
        self.rows.forget()
        self.rows.load_read_marks()
        self.decisions.load()
        kept = decode_order(self._cache.load_state(KEPT_AS), self._order_key())
        if kept is not None:
            self.board.restore(kept.panes)
            self._standing = self._kept_at = kept.standing
            self._waiting = {*kept.unsteady_ids, *self.decisions.ticket_ids()}
        else:
            self._standing, tickets = self._cache.load_slice(Standing(0), AT_FIRST)
            self.rows.prepare(tickets)
            self.board.replace_all(self._in_scope(self._rows_of(tickets)), self._moment())
            self._waiting = set()
        self.expire()
        self._go_on(AT_FIRST)

    @property
    def has_more(self) -> bool:
        """Whether the board is not yet all that the local copy holds."""
        return bool(self._waiting) or self._standing.ticket_id != AFTER_ALL

    def reload(self) -> Changes:
        """Read what is new in the local copy and in the outbox; all of it where the copy was begun anew."""
        if self._cache.identity() != self._identity:
            known = set(self.board.ids())
            self.load()
            return Changes(frozenset(known | set(self.board.ids())), has_new_names=True, has_more=self.has_more)
        before = self._standing.revision
        touched = self.decisions.load()
        has_new_names = False
        if self._cache.revision() != before:
            has_new_names = self.people.changed_since(before)
            touched |= self.rows.load_read_marks()
            self._ticket_count = None
        self._waiting |= touched
        return Changes(self._go_on(AT_ONCE) | touched, has_new_names, self.has_more)

    def go_on(self) -> Changes:
        """Read the next share of what there is more."""
        return Changes(self._go_on(AT_ONCE), has_more=self.has_more)

    def _go_on(self, most: int) -> frozenset[int]:
        """At most so many tickets into their places, those that wait first; which ones."""
        again = set(islice(self._waiting, most))
        self._waiting -= again
        self._put(again)
        self._standing, tickets = self._cache.load_slice(self._standing, most - len(again) + 1)
        self._put_all(tickets)
        return frozenset(again | {ticket.id for ticket in tickets})

    def expire(self) -> None:
        """Take off the board what was closed too long ago, and keep how finished clocks were judged."""
        self.rows.save_judgements()
        self.board.drop_long_closed(self.now(), self.sources.policy.closed_days)
        if self._standing.revision - self._kept_at.revision > KEPT_AFTER:
            self.keep_order()

    def keep_order(self) -> None:
        """Have the engine keep the board's order for the next start, unless what is kept holds already."""
        if self.has_more or self._standing == self._kept_at:
            return
        unsteady = {*self._steadying.ids, *self.decisions.ticket_ids()}
        order = encode_order(self._order_key(), self._standing, self.board.places, unsteady)
        self._kept_at = self._standing
        self.engine.keep_state(KEPT_AS, order)

    def close(self) -> None:
        """Let go of the local copy."""
        self._cache.close()

    def submit(self, operation: Operation, draft_id: str | None = None) -> None:
        """Hand a change to the engine and show it as pending at once."""
        self.decisions.submit(operation, draft_id)
        if operation.ticket_id is not None:
            self._put({operation.ticket_id})

    def mark_read(self, ticket_id: int) -> None:
        """Remember that what the customer wrote so far has been looked at."""
        now = self.now()
        self.rows.note_read(ticket_id, now)
        self.engine.mark_read(ticket_id, now)
        self._put({ticket_id})

    def show_only(self, assignee_id: int | None) -> None:
        """Show one assignee's tickets, or everybody's."""
        self.board.show_only(assignee_id)

    def rearrange(self) -> frozenset[int]:
        """Put tickets anew whose worst clock or place has become another: those with several, or another calendar.

        The ids of the tickets that it looked at; where there are very many, the others wait for `go_on`.
        """
        now = self.now()
        stale = {ticket_id for ticket_id in self._steadying.drifting if self._drifts(ticket_id, now)}
        at_once = frozenset(islice(stale, AT_ONCE))
        self._waiting |= stale - at_once
        self._put(at_once)
        return at_once

    def _drifts(self, ticket_id: int, now: datetime) -> bool:
        row = self.board.find(ticket_id)
        return row is not None and (self._steadying.is_elsewhere(row) or worst(row.clocks, now) is not row.clock)

    def _load_row(self, ticket_id: int) -> Row | None:
        """The row of a ticket as it stands now."""
        ticket = self._cache.load_ticket(ticket_id)
        return None if ticket is None else self.rows.row(ticket, self.now())

    def _rows_of(self, tickets: Iterable[Ticket]) -> Iterator[Row]:
        now = self.now()
        for ticket in tickets:
            row = self.rows.row(ticket, now)
            self._steadying.note(row)
            yield row

    def _put(self, ticket_ids: Iterable[int]) -> None:
        """Bring the board up to date on these tickets."""
        tickets = (self._cache.load_ticket(ticket_id) for ticket_id in ticket_ids)
        self._put_all([ticket for ticket in tickets if ticket is not None])

    def _put_all(self, tickets: Sequence[Ticket]) -> None:
        moment = self._moment()
        self.rows.prepare(tickets)
        now, closed_days = self.now(), self.sources.policy.closed_days
        for row in self._rows_of(tickets):
            if is_in_scope(row.ticket, now, closed_days):
                self.board.put(row, moment)
            else:
                self.board.remove(row.ticket.id)

    def _in_scope(self, rows: Iterable[Row]) -> Iterable[Row]:
        now, closed_days = self.now(), self.sources.policy.closed_days
        return (row for row in rows if is_in_scope(row.ticket, now, closed_days))

    def _order_key(self) -> bytes:
        return order_key(self._identity, self.sources.policy, self.calendars)

    def _moment(self) -> Moment | None:
        try:
            return self.sources.calendar.moment(self.now())
        except BeyondHorizon:
            return None
