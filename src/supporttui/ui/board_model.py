"""What the screens draw: the local copy with the decided changes laid over it, in memory and in order."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from supporttui.domain.board import Board, Row, is_in_scope
from supporttui.domain.hours import BeyondHorizon, Moment
from supporttui.domain.safetext import OutsideText, safe_line
from supporttui.domain.sla import worst
from supporttui.domain.ticket import Conversation, Fate, Status, Ticket
from supporttui.helpdesks.base import Account
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.outbox import Outbox
from supporttui.store.records import Operation
from supporttui.sync.engine import Engine, EngineStatus
from supporttui.sync.remembered import remembered_status
from supporttui.sync.status import NOTHING
from supporttui.ui.decisions import PROBLEM_STATES, Decisions
from supporttui.ui.people import People
from supporttui.ui.rows import Rows
from supporttui.ui.sources import Sources

__all__ = ["PROBLEM_STATES", "BoardModel", "Changes"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reload found."""

    ticket_ids: frozenset[int]
    """Tickets whose row may look different."""
    has_new_names: bool = False
    """People are known who were not, or under another name."""


class BoardModel:
    """The tickets of one desk, the people around them and the engine's state. Belongs to the UI's thread."""

    def __init__(self, sources: Sources, engine: Engine) -> None:
        self.sources = sources
        self.engine = engine
        self.board = Board()
        self.calendars = sources.calendars
        self._cache = Cache(sources.files.cache)
        self.people = People(self._cache)
        self.decisions = Decisions(None if sources.is_wall else Outbox(sources.files.outbox), engine)
        self.rows = Rows(self._cache, self.decisions, sources.policy, self.calendars)
        self._remembered = remembered_status(self._cache)
        self._identity = self._cache.identity()
        self.line_words = ""
        """How much goes to the terminal, where the user wants to know."""
        self._revision = 0
        self._tickets: dict[int, Ticket] = {}
        self._touched: set[int] = set()
        """What a reload found new and has not put on the board."""
        self.problem = NOTHING
        """Why the local files cannot be read, which leaves the board as it was; empty where they can."""

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
        return len(self._tickets)

    def ticket(self, ticket_id: int) -> Ticket | None:
        """A ticket as the desk last reported it, without the decided changes."""
        return self._tickets.get(ticket_id)

    def row(self, ticket_id: int) -> Row | None:
        """A ticket with the decided changes, its clock and its marks; also of one that the filter hides."""
        known = self.board.find(ticket_id)
        if known is None and ticket_id in self._tickets:
            return self.rows.row(self._tickets[ticket_id], self.now())
        return known

    def conversation(self, ticket_id: int) -> Conversation | None:
        """What the local copy holds of a conversation; None where it was never fetched."""
        try:
            return self._cache.load_conversation(ticket_id)
        except StoreProblem as problem:
            self.problem = safe_line(OutsideText(str(problem)))
            return None

    def open_tickets_of(self, requester_id: int) -> list[Ticket]:
        """The tickets of a person that are not closed, the latest first."""
        found = [
            ticket
            for ticket in self._tickets.values()
            if ticket.requester_id == requester_id and ticket.status is not Status.CLOSED and ticket.fate is Fate.LIVE
        ]
        return sorted(found, key=lambda ticket: ticket.created_at, reverse=True)

    # -- what changes -------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the whole local copy; what it holds is on the board afterwards. Raises StoreProblem."""
        identity = self._cache.identity()
        self._revision, tickets = self._cache.load_since(0)
        self._tickets = {ticket.id: ticket for ticket in tickets}
        self.people.load()
        self.rows.load_read_marks()
        self.rows.load_judgements()
        self.decisions.load()
        self.board.replace_all(self._in_scope(self._rows_of(tickets)), self._moment())
        self._identity = identity

    def reload(self) -> Changes:
        """Read what is new; where the disk refuses even that, the board stays as it was and `problem` says why."""
        known = frozenset(self._tickets)
        try:
            if self._cache.identity() != self._identity:
                self.load()
                changes = Changes(known | self._tickets.keys(), has_new_names=True)
            else:
                changes = self._news()
        except StoreProblem as problem:
            self.problem = safe_line(OutsideText(str(problem)))
            return Changes(frozenset())
        self.problem = NOTHING
        return changes

    def _news(self) -> Changes:
        """Take in what is new in the local copy and in the outbox."""
        self._touched |= self.decisions.load() | self.rows.load_read_marks()
        revision, tickets = self._cache.load_since(self._revision)
        has_new_names = self.people.load_since(self._revision)
        self._revision = revision
        self._tickets.update((ticket.id, ticket) for ticket in tickets)
        touched, self._touched = self._touched | {ticket.id for ticket in tickets}, set()
        self._put(touched)
        return Changes(frozenset(touched), has_new_names)

    def expire(self) -> None:
        """Take off the board what was closed too long ago, and keep how finished clocks were judged."""
        with contextlib.suppress(StoreProblem):  # tried again a minute later; the engine says what the disk refuses
            self.rows.save_judgements()
        self.board.drop_long_closed(self.now(), self.sources.policy.closed_days)

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
        self.board.show_only(assignee_id, self._moment())

    def rearrange(self) -> frozenset[int]:
        """Put tickets anew whose worst clock or place has become another: those with several, or another calendar.

        The ids of the tickets that it looked at.
        """
        now, desk = self.now(), self.calendars.desk

        def drifts(row: Row | None) -> bool:
            if row is None:
                return False
            by_another = any(clock.calendar is not desk for clock in row.clocks)
            return by_another or (len(row.clocks) > 1 and worst(row.clocks, now) is not row.clock)

        stale = {ticket_id for ticket_id in self._tickets if drifts(self.board.find(ticket_id))}
        self._put(stale)
        return frozenset(stale)

    def _rows_of(self, tickets: Iterable[Ticket]) -> Iterator[Row]:
        now = self.now()
        return (self.rows.row(ticket, now) for ticket in tickets)

    def _put(self, ticket_ids: set[int]) -> None:
        """Bring the board up to date on these tickets."""
        moment = self._moment()
        for ticket_id in ticket_ids & self._tickets.keys():
            rows = list(self._in_scope(self._rows_of([self._tickets[ticket_id]])))
            if rows:
                self.board.put(rows[0], moment)
            else:
                self.board.remove(ticket_id)

    def _in_scope(self, rows: Iterable[Row]) -> Iterable[Row]:
        now, closed_days = self.now(), self.sources.policy.closed_days
        return (row for row in rows if is_in_scope(row.ticket, now, closed_days))

    def _moment(self) -> Moment | None:
        try:
            return self.sources.calendar.moment(self.now())
        except BeyondHorizon:
            return None
