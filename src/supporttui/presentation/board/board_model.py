"""The model behind the screens: cached tickets with pending changes applied, in order."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from supporttui.domain.board import Row
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.sla import SlaRules
from supporttui.domain.support_calendar import BeyondHorizon
from supporttui.domain.ticket import Conversation, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import UNKNOWN_DESK, Account, Capabilities, requester_capabilities
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.board.loaded_board import PAGE_SIZE, Board
from supporttui.presentation.board.pane_layout import BOARD_ORDER, REQUESTER_ORDER, PaneLoads
from supporttui.presentation.board.pending_changes import PROBLEM_STATES, PendingChanges
from supporttui.presentation.board.row_loader import RowLoader
from supporttui.presentation.people import PeopleDirectory
from supporttui.presentation.store_reads import StoreReads
from supporttui.store.cache import Cache
from supporttui.store.operations import Operation
from supporttui.store.outbox import Outbox
from supporttui.store.sla_record_file import SlaRecordFile
from supporttui.sync.engine import Engine, EngineStatus
from supporttui.sync.status import load_status

if TYPE_CHECKING:
    from supporttui.domain.query.query import Field
    from supporttui.domain.query.selection import BoardSelection
    from supporttui.presentation.board.board_choices import BoardChoices
    from supporttui.presentation.board.board_selector import BoardSelector

__all__ = ["PROBLEM_STATES", "BoardChanges", "BoardModel"]


class BoardChanges(msgspec.Struct, frozen=True):
    """The result of a reload."""

    ticket_ids: frozenset[TicketId]
    """Tickets whose rows may have changed."""
    has_new_names: bool = False
    """Whether people were added or renamed."""


class BoardModel:
    """The tickets of one desk, the people around them and the engine's state. Used on the UI's thread only."""

    def __init__(self, app_context: AppContext, engine: Engine) -> None:
        self.app_context = app_context
        self.engine = engine
        self.calendars = app_context.calendars
        self._cache = Cache(app_context.files.cache, app_context.files.desk)
        self.readings = StoreReads()
        self.people = PeopleDirectory(self._cache, self.readings)
        self.outbox_view = PendingChanges(
            None if app_context.is_wall else Outbox(app_context.files.outbox, app_context.files.desk), engine
        )
        self._sla_records = SlaRecordFile(app_context.files.sla_records, app_context.files.desk)
        rules = SlaRules(app_context.policy, self.calendars)
        self.rows = RowLoader(self._cache, self._sla_records, self.outbox_view, rules, self.is_own)
        self._status = load_status(self._cache)
        self._identity = self._cache.identity()
        self.board = Board(
            self._cache.board, self.readings, self._load_row, lambda: self.rows.pending_positions(self.now())
        )
        self._selector: BoardSelector | None = None
        self.on_selected: Callable[[], None] = lambda: None
        """Called on another thread once `take_selected` has something to show."""
        self._was_loaded = False
        self._revision = 0
        """The revision of the cache at the last read."""
        self._ticket_count: int | None = None
        self.waiting_changes: int | None = None
        """The number of changes held back while the lists of the board are frozen; None if they are not frozen."""
        self.sent_rate_text = ""
        """The rate of output to the terminal, if the user has asked to see it; else empty."""

    # -- state --------------------------------------------------------------------------------------------------

    @property
    def status(self) -> EngineStatus:
        """The engine's status; until it has started, the one saved by the last run.

        Never newer than the tickets: a status is shown only after everything written before it has been read.
        """
        told = self.engine.status
        if told is not self._status and told != EngineStatus() and not self.is_behind:
            self._status = told
        return self._status

    @property
    def is_behind(self) -> bool:
        """Whether the cache has changes that the board has not read."""
        read = (self._identity, self._revision)
        return self.readings.tried(lambda: (self._cache.identity(), self._cache.revision()) != read, True)

    def now(self) -> datetime:
        """The desk's time."""
        return self.app_context.now() + timedelta(seconds=self.status.desk_ahead_s)

    @property
    def account(self) -> Account | None:
        """The account, from this run or the last; None if the desk has never reported it."""
        return self.status.account

    @property
    def my_id(self) -> int | None:
        """The id of the account's own person."""
        account = self.account
        return account.me.id if account is not None else None

    @property
    def can(self) -> Capabilities:
        """The capabilities of this account on this desk, as far as known."""
        if self.account is not None:
            return self.account.capabilities
        return requester_capabilities(UNKNOWN_DESK) if self.app_context.is_requester else UNKNOWN_DESK

    def is_own(self, ticket: Ticket) -> bool:
        """Whether the account is the ticket's requester: then its messages are not answers, and those of others are."""
        return ticket.requester_id == self.my_id

    @property
    def pane_order(self) -> tuple[Status, ...]:
        """The panes in the order of the board."""
        return REQUESTER_ORDER if self.app_context.is_requester else BOARD_ORDER

    @property
    def ticket_count(self) -> int:
        """The number of tickets in the local copy, whether shown or not."""
        if self._ticket_count is None:
            self._ticket_count = self.readings.tried(self._cache.count_tickets, None)
        return self._ticket_count or 0

    @property
    def initial_focus(self) -> Status:
        """The pane that has the focus when the board opens: the first with tickets."""
        return next((each for each in self.pane_order if len(self.board.pane(each))), self.pane_order[0])

    def pane_loads(self, now: datetime) -> PaneLoads:
        """Return the number of tickets in each pane and their urgency, at an instant of the desk's time."""
        try:
            open_us: int | None = self.calendars.desk.moment(now).open_us
        except BeyondHorizon:
            open_us = None
        return {status: self.board.load(status, open_us) for status in Status}

    def ticket(self, ticket_id: TicketId) -> Ticket | None:
        """Return a ticket as the desk last reported it, without pending changes."""
        return self.readings.tried(lambda: self._cache.load_ticket(ticket_id), None)

    def row(self, ticket_id: TicketId) -> Row | None:
        """Return a ticket with its pending changes, clock and marks, even if the filter hides it."""
        return self.board.row(ticket_id)

    def prepare(self, ticket_ids: Iterable[TicketId]) -> None:
        """Read in one go what the rows of these tickets need; whatever fails is read again when it is shown."""
        named = list(ticket_ids)
        tickets: list[Ticket] = self.readings.tried(lambda: self._cache.load_tickets_by_id(named), [])
        self.readings.tried(lambda: self.rows.prepare(tickets), None)
        now = self.now()
        for ticket in tickets:
            self.board.hold(self._made_row(ticket, now))
        people = (who for each in tickets for who in (each.requester_id, each.assignee_id))
        self.people.prepare(who for who in people if who is not None)

    def _load_row(self, ticket_id: TicketId) -> Row | None:
        """Build a row from the current state of the cache."""

        def load() -> Row | None:
            ticket = self._cache.load_ticket(ticket_id)
            return None if ticket is None else self._made_row(ticket, self.now())

        return self.readings.tried(load, None)

    def _made_row(self, ticket: Ticket, now: datetime) -> Row:
        row = self.rows.row(ticket, now)
        return replace(row, is_found=True) if ticket.id in self.board.found_ids() else row

    def conversation(self, ticket_id: TicketId) -> Conversation | None:
        """Return the cached conversation of a ticket; None if it was never fetched."""
        return self.readings.tried(lambda: self._cache.load_conversation(ticket_id), None)

    def open_tickets_of(self, requester_id: int) -> list[Ticket]:
        """Return a person's tickets that are not closed, the latest first."""
        found = [self.ticket(ticket_id) for ticket_id in self.board.open_ids_of(requester_id)]
        return sorted((each for each in found if each is not None), key=lambda each: each.created_at, reverse=True)

    # -- the user's choices -------------------------------------------------------------------------------------

    @cached_property
    def choices(self) -> "BoardChoices":
        """The user's choices for the board."""
        from supporttui.presentation.board.board_choices import BoardChoices  # not needed for the first picture
        from supporttui.store.board_state import BoardStateFile

        views, state_file = self.app_context.views, BoardStateFile(self.app_context.files.board_state)
        return BoardChoices(state_file, *((views.views, views.start) if views is not None else ((), "")))

    def _restore_choices(self) -> None:
        """Restore the choices of the last run, or show the configured start view."""
        if self.app_context.is_wall:
            return
        views = self.app_context.views
        if self.app_context.files.board_state.exists() or (views is not None and views.start):
            selection = self.choices.selection
            if not selection.is_plain:
                self.show_now(selection)

    @property
    def shows_preview(self) -> bool:
        """Whether the preview of the ticket under the cursor is open."""
        return (
            "choices" in self.__dict__ or self.app_context.files.board_state.exists()
        ) and self.choices.state.shows_preview

    def keep_preview(self, *, is_open: bool) -> None:
        """Open or close the preview, also for the next start."""
        self.choices.state.shows_preview = is_open
        self.choices.save()

    @property
    def grouped_by(self) -> str:
        """What tickets are grouped by, as a word of the settings; empty if they are not grouped."""
        group_by = self.choices.group_by if "choices" in self.__dict__ else None
        return "" if group_by is None else group_by.value

    def kept_lines_per_row(self, status: Status) -> int | None:
        """Return the number of lines per row chosen for a pane; None if it depends on the screen size."""
        return self.choices.lines_per_row(status) if "choices" in self.__dict__ else None

    @property
    def shows_mine_only(self) -> bool:
        """Whether only the user's own tickets are shown."""
        return "choices" in self.__dict__ and self.choices.is_mine

    @property
    def filter_title(self) -> str:
        """The name of the filter that is on; empty if there is none."""
        return self.choices.filter_title if "choices" in self.__dict__ else ""

    def filter_values(self, field: "Field", text: str) -> list[OutsideText]:
        """Return a few possible values for a term of a filter."""
        return self.readings.tried(lambda: self._cache.filter_values.find(field, text), [])

    # -- the selection ------------------------------------------------------------------------------------------

    @property
    def selection(self) -> "BoardSelection | None":
        """The requested selection; `board.selection` is the one on show. None stands for everything."""
        return None if self._selector is None else self._selector.wanted

    @property
    def is_selecting(self) -> bool:
        """Whether the requested selection is still being read."""
        return self._selector is not None and self._selector.is_busy

    def show(self, selection: "BoardSelection | None") -> bool:
        """Request a selection; return True if it is on show already, False if `on_selected` will be called for it.

        A request that has not been answered yet is cancelled.
        """
        return self.readings.tried(lambda: self._selecting().show(selection), True)

    def show_now(self, selection: "BoardSelection | None") -> None:
        """Show a selection and wait until it is read; used at start."""
        self.readings.tried(lambda: self._selecting().show_now(selection), None)

    def take_selected(self) -> bool:
        """Show the selection that was read; return whether the panes have changed."""
        return self.readings.tried(lambda: self._selector is not None and self._selector.take(), False)

    @property
    def pending_count(self) -> str:
        """The text to show instead of the number of tickets while it is not known; empty once it is."""
        return "" if self._selector is None else self._selector.pending_count

    @property
    def desk_search_text(self) -> str:
        """The progress of the desk's own search for the filter, in a few words; empty if none is running."""
        return "" if self._selector is None else self._selector.desk_search_text

    def _selecting(self) -> "BoardSelector":
        if self._selector is None:
            from supporttui.presentation.board.board_selector import BoardSelector  # not needed for the first picture

            self._selector = BoardSelector(
                self.app_context,
                self._cache,
                self.board,
                self.outbox_view,
                self.rows,
                self.people,
                now=self.now,
                account=lambda: self.account,
                finder=self.engine.finder,
                on_answer=lambda: self.on_selected(),
            )
        return self._selector

    # -- changes ------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Load the board from the current cache. Raises StoreProblem."""
        identity, self._identity = self._cache.identity(), b""
        self._revision = self._cache.revision()
        self._ticket_count = None
        self.people.forget()
        self.rows.forget()
        self.rows.load_read_marks()
        self.outbox_view.load()
        self.board.invalidate()
        self._show_recently_closed()
        self._identity = identity
        if self._selector is not None:
            self._selector.begin_anew()
        elif not self._was_loaded:
            self._was_loaded = True
            self._restore_choices()

    def reload(self) -> BoardChanges:
        """Read what has changed in the cache and the outbox; everything if the cache was rebuilt.

        If reading fails, the board stays as it was and `readings` has the reason.
        """
        is_incomplete = bool(self.readings.problem)
        changes = self.readings.took(self._news, BoardChanges(frozenset()))
        if not is_incomplete:
            return changes
        self.board.invalidate()  # what could not be read is read again
        read_again: frozenset[TicketId] = self.readings.tried(self._ids_in_panes, frozenset())
        return replace(changes, ticket_ids=changes.ticket_ids | read_again)

    def _ids_in_panes(self) -> frozenset[TicketId]:
        """The first tickets of every pane, as many as fit on a screen."""
        return frozenset(each for status in Status for each in self.board.pane(status).ids(0, PAGE_SIZE))

    def _news(self) -> BoardChanges:
        if self._cache.identity() != self._identity:
            known = frozenset(self.board.held_rows)
            self.load()
            return BoardChanges(known, has_new_names=True)
        touched = self.outbox_view.load()
        before, now_at = self._revision, self._cache.revision()
        has_new_names = False
        if now_at != before:
            has_new_names = self.people.changed_since(before)
            touched |= self.rows.load_read_marks()
            touched.update(self._cache.board.ids_changed_since(before))
            self._ticket_count = None
        if touched or now_at != before:
            self.board.invalidate(touched)
            if self._selector is not None:
                self._selector.tickets_changed()
        self._revision = now_at
        return BoardChanges(frozenset(touched), has_new_names)

    def expire(self) -> None:
        """Remove tickets that were closed too long ago, and renew a selection that depends on the time."""
        self._show_recently_closed()
        if self._selector is not None:
            self._selector.ask_again()

    def _show_recently_closed(self) -> None:
        self.board.show_closed_since(self.now() - timedelta(days=self.app_context.policy.closed_days))

    def rearrange(self) -> frozenset[TicketId]:
        """Rebuild the rows whose worst clock may have changed with time; return their tickets."""
        stale = self.board.outdated_ids(self.now(), self.calendars.desk)
        if stale:
            self.board.invalidate(stale)
        return stale

    def close(self) -> None:
        """Close the files."""
        if self._selector is not None:
            self._selector.close()
        self._cache.close()
        self._sla_records.close()
        self.outbox_view.close()

    def submit(self, operation: Operation, draft_id: str | None = None) -> None:
        """Hand a change to the engine and show it as pending at once."""
        self.outbox_view.submit(operation, draft_id)
        if operation.ticket_id is not None:
            self.board.invalidate({operation.ticket_id})

    def mark_read(self, ticket_id: TicketId) -> None:
        """Record that the user has seen the customer's messages up to now."""
        now = self.now()
        self.rows.note_read(ticket_id, now)
        self.engine.mark_read(ticket_id, now)
        self.board.invalidate({ticket_id})
