"""What the screens draw: the local copy with the decided changes laid over it, in memory and in order."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from supporttui.domain.board import Row
from supporttui.domain.ticket import Conversation, Ticket
from supporttui.helpdesks.base import Account
from supporttui.store.cache import Cache
from supporttui.store.operations import Operation
from supporttui.store.outbox import Outbox
from supporttui.sync.engine import Engine, EngineStatus
from supporttui.sync.status import load_status
from supporttui.ui.arranging import Arranging
from supporttui.ui.decisions import PROBLEM_STATES, Decisions
from supporttui.ui.kept_order import KEPT_AS
from supporttui.ui.people import People
from supporttui.ui.readings import Readings
from supporttui.ui.rows import Rows
from supporttui.ui.sources import Sources
from supporttui.ui.startup.saved_styles import SavedStyles, decode_styles, encode_styles, styles_state_name

__all__ = ["PROBLEM_STATES", "BoardModel", "Changes"]


class Changes(msgspec.Struct, frozen=True):
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
        self.calendars = sources.calendars
        self._cache = Cache(sources.files.cache)
        self.readings = Readings()
        self.people = People(self._cache, self.readings)
        self.decisions = Decisions(None if sources.is_wall else Outbox(sources.files.outbox), engine)
        self.rows = Rows(self._cache, self.decisions, sources.policy, self.calendars)
        self._remembered = load_status(self._cache)
        self._identity = self._cache.identity()
        self._arranging = Arranging(self._cache, self.rows, self.decisions, sources, self.now, self.readings)
        self.board = self._arranging.board
        self._ticket_count: int | None = None
        self.line_words = ""
        """How much goes to the terminal, where the user wants to know."""

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
            self._ticket_count = self.readings.tried(self._cache.count_tickets, None)
        return self._ticket_count or 0

    def ticket(self, ticket_id: int) -> Ticket | None:
        """A ticket as the desk last reported it, without the decided changes."""
        return self.readings.tried(lambda: self._cache.load_ticket(ticket_id), None)

    def row(self, ticket_id: int) -> Row | None:
        """A ticket with the decided changes, its clock and its marks; also of one that the filter hides."""
        return self.board.find(ticket_id) or self._arranging.load_row(ticket_id)

    def prepare(self, ticket_ids: Iterable[int]) -> None:
        """Read at once what the rows of these tickets will show; what cannot be read now is read when it is shown."""
        tickets: list[Ticket] = self.readings.tried(lambda: self._arranging.prepare(ticket_ids), [])
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
        self.decisions.load()
        self._arranging.begin()
        self._identity = identity

    @property
    def has_more(self) -> bool:
        """Whether the board is not yet all that the local copy holds."""
        return self._arranging.has_more

    def reload(self) -> Changes:
        """Read what is new in the local copy and in the outbox; all of it where the copy was begun anew.

        Where the disk refuses that, the board stays as it was, and `readings` say why.
        """
        return self.readings.took(self._news, Changes(frozenset()))

    def _news(self) -> Changes:
        if self._cache.identity() != self._identity:
            known = set(self.board.ids())
            self.load()
            return Changes(frozenset(known | set(self.board.ids())), has_new_names=True, has_more=self.has_more)
        before = self._arranging.standing.revision
        touched = self.decisions.load()
        self._arranging.want(touched)
        has_new_names = False
        if self._cache.revision() != before:
            has_new_names = self.people.changed_since(before)
            read = self.rows.load_read_marks()
            self._arranging.want(read)
            touched |= read
            self._ticket_count = None
        return Changes(self._arranging.go_on() | touched, has_new_names, self.has_more)

    def go_on(self) -> Changes:
        """Read the next share of what there is more."""
        touched: frozenset[int] = self.readings.tried(lambda: self._arranging.go_on(), frozenset())
        changes = Changes(touched, has_more=self.has_more and not self.readings.problem)
        if self._arranging.is_order_worn:
            self.keep_order()
        return changes

    def expire(self) -> None:
        """Take off the board what was closed too long ago, and keep how finished clocks were judged."""
        self.readings.tried(self.rows.save_judgements, None)
        self._arranging.drop_long_closed()
        if self._arranging.is_order_worn:
            self.keep_order()

    def rearrange(self) -> frozenset[int]:
        """Put tickets anew whose worst clock or place has become another as time went by; which ones."""
        return self.readings.tried(self._arranging.rearrange, frozenset())

    def keep_order(self) -> None:
        """Have the engine keep the board's order for the next start, where it is another than what is kept."""
        order = self.readings.tried(self._arranging.order, None)
        if order is not None:
            self.engine.save_ui_state(KEPT_AS, order)

    def load_styles(self) -> SavedStyles | None:
        """How the board looked in this terminal when that was last kept; None where nothing that holds is."""
        made_for = self.sources.look_key
        stored = (
            self.readings.tried(lambda: self._cache.load_state(styles_state_name(made_for)), None) if made_for else None
        )
        return decode_styles(stored, made_for)

    def save_styles(self, look: SavedStyles, *, at_once: bool) -> None:
        """Keep how the board looks for the next start: `at_once` where no engine runs that would do it."""
        name, stored = styles_state_name(look.made_for), encode_styles(look)
        if at_once:
            self.readings.tried(lambda: self._cache.save_state(name, stored), None)
        else:
            self.engine.save_ui_state(name, stored)

    def close(self) -> None:
        """Let go of the local copy."""
        self._cache.close()

    def submit(self, operation: Operation, draft_id: str | None = None) -> None:
        """Hand a change to the engine and show it as pending at once."""
        self.decisions.submit(operation, draft_id)
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
        if not self.readings.tried(lambda: self._arranging.put({ticket_id}), False):
            self._arranging.want({ticket_id})
