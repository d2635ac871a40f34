"""What the screens draw: cached tickets with pending changes applied, kept in order."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from supporttui.domain.board import Row
from supporttui.domain.sla import SlaRules
from supporttui.domain.ticket import Conversation, Ticket
from supporttui.helpdesks.base import Account
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.board_loader import BoardLoader
from supporttui.presentation.pending_changes import PROBLEM_STATES, PendingChanges
from supporttui.presentation.people import PeopleDirectory
from supporttui.presentation.row_loader import RowLoader
from supporttui.presentation.saved_order import ORDER_STATE
from supporttui.presentation.store_reads import StoreReads
from supporttui.store.cache import Cache
from supporttui.store.operations import Operation
from supporttui.store.outbox import Outbox
from supporttui.store.sla_record_file import SlaRecordFile
from supporttui.sync.engine import Engine, EngineStatus
from supporttui.sync.status import load_status

__all__ = ["PROBLEM_STATES", "BoardChanges", "BoardModel"]


class BoardChanges(msgspec.Struct, frozen=True):
    """What a reload found."""

    ticket_ids: frozenset[int]
    """Tickets whose row may look different."""
    has_new_names: bool = False
    """People are known who were not, or under another name."""
    has_more: bool = False
    """It was too much for one go: there is more to read."""


class BoardModel:
    """The tickets of one desk, the people around them and the engine's state. Belongs to the UI's thread."""

    def __init__(self, app_context: AppContext, engine: Engine) -> None:
        self.app_context = app_context
        self.engine = engine
        self.calendars = app_context.calendars
        self._cache = Cache(app_context.files.cache)
        self.readings = StoreReads()
        self.people = PeopleDirectory(self._cache, self.readings)
        self.outbox_view = PendingChanges(None if app_context.is_wall else Outbox(app_context.files.outbox), engine)
        self._sla_records = SlaRecordFile(app_context.files.sla_records)
        rules = SlaRules(app_context.policy, self.calendars)
        self.rows = RowLoader(self._cache, self._sla_records, self.outbox_view, rules)
        self._remembered = load_status(self._cache)
        self._identity = self._cache.identity()
        self._board_loader = BoardLoader(self._cache, self.rows, self.outbox_view, app_context, self.now, self.readings)
        self.board = self._board_loader.board
        self._ticket_count: int | None = None
        self.sent_rate_text = ""
        """How much goes to the terminal, where the user wants to know."""

    # -- what there is ------------------------------------------------------------------------------------------

    @property
    def status(self) -> EngineStatus:
        """What the engine says of the link; until it has begun, what the last run knew."""
        status = self.engine.status
        return self._remembered if status == EngineStatus() else status

    def now(self) -> datetime:
        """The desk's time."""
        return self.app_context.now() + timedelta(seconds=self.status.desk_ahead_s)

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
            self._ticket_count = self.readings.tried(self._cache.count_tickets, None)
        return self._ticket_count or 0

    def ticket(self, ticket_id: int) -> Ticket | None:
        """A ticket as the desk last reported it, without the decided changes."""
        return self.readings.tried(lambda: self._cache.load_ticket(ticket_id), None)

    def row(self, ticket_id: int) -> Row | None:
        """A ticket with the decided changes, its clock and its marks; also of one that the filter hides."""
        return self.board.find(ticket_id) or self._board_loader.load_row(ticket_id)

    def prepare(self, ticket_ids: Iterable[int]) -> None:
        """Read at once what the rows of these tickets will show; what cannot be read now is read when it is shown."""
        tickets: list[Ticket] = self.readings.tried(lambda: self._board_loader.prepare(ticket_ids), [])
        named = (who for each in tickets for who in (each.requester_id, each.assignee_id))
        self.people.prepare(who for who in named if who is not None)

    def conversation(self, ticket_id: int) -> Conversation | None:
        """What the local copy holds of a conversation; None where it was never fetched."""
        return self.readings.tried(lambda: self._cache.load_conversation(ticket_id), None)

    def open_tickets_of(self, requester_id: int) -> list[Ticket]:
        """The tickets of a person that are not closed, the latest first."""
        found = [self.ticket(ticket_id) for ticket_id in self.board.open_ids_of(requester_id)]
        return sorted((each for each in found if each is not None), key=lambda each: each.created_at, reverse=True)

    # -- what changes -------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read what the first picture needs; where `has_more` says so afterwards, `go_on` reads the rest.

        Raises StoreProblem.
        """
        identity, self._identity = self._cache.identity(), b""
        self._ticket_count = None
        self.people.forget()
        self.rows.forget()
        self.rows.load_read_marks()
        self.outbox_view.load()
        self._board_loader.begin()
        self._identity = identity

    @property
    def has_more(self) -> bool:
        """Whether the board is not yet all that the local copy holds."""
        return self._board_loader.has_more

    def reload(self) -> BoardChanges:
        """Read what is new in the local copy and in the outbox; all of it where the copy was begun anew.

        Where the disk refuses that, the board stays as it was, and `readings` say why.
        """
        return self.readings.took(self._news, BoardChanges(frozenset()))

    def _news(self) -> BoardChanges:
        if self._cache.identity() != self._identity:
            known = set(self.board.ids())
            self.load()
            return BoardChanges(frozenset(known | set(self.board.ids())), has_new_names=True, has_more=self.has_more)
        before = self._board_loader.standing.revision
        touched = self.outbox_view.load()
        self._board_loader.want(touched)
        has_new_names = False
        if self._cache.revision() != before:
            has_new_names = self.people.changed_since(before)
            read = self.rows.load_read_marks()
            self._board_loader.want(read)
            touched |= read
            self._ticket_count = None
        return BoardChanges(self._board_loader.go_on() | touched, has_new_names, self.has_more)

    def go_on(self) -> BoardChanges:
        """Read the next share of what there is more."""
        touched: frozenset[int] = self.readings.tried(lambda: self._board_loader.go_on(), frozenset())
        changes = BoardChanges(touched, has_more=self.has_more and not self.readings.problem)
        if self._board_loader.should_save_order:
            self.save_order()
        return changes

    def expire(self) -> None:
        """Take off the board what was closed too long ago."""
        self._board_loader.drop_long_closed()
        if self._board_loader.should_save_order:
            self.save_order()

    def rearrange(self) -> frozenset[int]:
        """Put tickets anew whose worst clock or place has become another as time went by; which ones."""
        return self.readings.tried(self._board_loader.rearrange, frozenset())

    def save_order(self) -> None:
        """Have the engine keep the board's order for the next start, where it is another than what is kept."""
        order = self.readings.tried(self._board_loader.order, None)
        if order is not None:
            self.engine.save_ui_state(ORDER_STATE, order)

    def load_ui_state(self, name: str) -> bytes | None:
        """A value of the interface's kept in the local copy; None where there is none."""
        return self.readings.tried(lambda: self._cache.load_state(name), None)

    def save_ui_state(self, name: str, value: bytes, *, at_once: bool) -> None:
        """Keep one in the local copy: `at_once` where no engine runs that would do it."""
        if at_once:
            self.readings.tried(lambda: self._cache.save_state(name, value), None)
        else:
            self.engine.save_ui_state(name, value)

    def close(self) -> None:
        """Close the files."""
        self._cache.close()
        self._sla_records.close()

    def submit(self, operation: Operation, draft_id: str | None = None) -> None:
        """Hand a change to the engine and show it as pending at once."""
        self.outbox_view.submit(operation, draft_id)
        if operation.ticket_id is not None:
            self._put(operation.ticket_id)

    def mark_read(self, ticket_id: int) -> None:
        """Remember that what the customer wrote so far has been looked at."""
        now = self.now()
        self.rows.note_read(ticket_id, now)
        self.engine.mark_read(ticket_id, now)
        self._put(ticket_id)

    def _put(self, ticket_id: int) -> None:
        """Bring the board up to date on a ticket; where its record cannot be read now, as soon as it can."""
        if not self.readings.tried(lambda: self._board_loader.put({ticket_id}), False):
            self._board_loader.want({ticket_id})
