"""Requests selections for the board, shows the answers, and repeats a request when tickets or the time change it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from supporttui.domain.board import with_pending_changes
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.query.matching import TicketFacts, has_phrase, term_holds
from supporttui.domain.query.query import Field, QueryContext
from supporttui.domain.query.selection import BoardSelection
from supporttui.domain.ticket import Status, Ticket
from supporttui.helpdesks.base import Account
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.board.loaded_board import Board
from supporttui.presentation.board.pane_lines import COUNTING, LOADING
from supporttui.presentation.board.pending_changes import PendingChanges
from supporttui.presentation.board.row_loader import RowLoader
from supporttui.presentation.board.selected_board import SelectedBoard
from supporttui.presentation.board.selection_reader import SelectionReader
from supporttui.presentation.people import PeopleDirectory
from supporttui.store.cache import Cache
from supporttui.store.selected_tickets import Question, SelectedEntry, SelectedTickets, changed_entry, is_asked_of_desk
from supporttui.sync.engine import DeskFinder

if TYPE_CHECKING:
    from supporttui.sync.desk_search import DeskSearchStatus


class BoardSelector:
    """The selection that the board shows or will show. Belongs to the UI's thread, except that `on_answer` is called on
    another one. Every method may raise `StoreProblem`.
    """

    def __init__(
        self,
        app_context: AppContext,
        cache: Cache,
        board: Board,
        outbox_view: PendingChanges,
        rows: RowLoader,
        people: PeopleDirectory,
        *,
        now: Callable[[], datetime],
        account: Callable[[], Account | None],
        finder: DeskFinder,
        on_answer: Callable[[], None],
    ) -> None:
        self.wanted: BoardSelection | None = None
        """The requested selection; None for everything, sorted by the clocks."""
        self._app_context = app_context
        self._cache = cache
        self._board = board
        self._outbox_view = outbox_view
        self._rows = rows
        self._people = people
        self._now = now
        self._account = account
        self._finder = finder
        self._searched = ""
        """The text passed to the desk's search, or the key of its view being shown; empty if neither is wanted."""
        self._refreshed = ""
        """The desk's view that is being fetched again after it was loaded; empty if none is."""
        self._order = BoardOrder(app_context.policy, app_context.calendars)
        self._reader: SelectionReader | None = None
        self._on_answer = on_answer

    def show(self, selection: BoardSelection | None) -> bool:
        """Request a selection; return True if it is on show already, False if `take` will return it later."""
        if self._shows_already(selection):
            return True
        if self.wanted is not None:
            self._ask(self.question(self.wanted))
        return False

    def show_now(self, selection: BoardSelection | None) -> None:
        """Show a selection and wait until it is read."""
        if not self._shows_already(selection) and self.wanted is not None:
            self._show(self._cache.selection.select(self.question(self.wanted)))

    def _shows_already(self, selection: BoardSelection | None) -> bool:
        """Store the request; return whether nothing has to be read for it."""
        self._ask(None)
        self.wanted = None if selection is None or selection.is_plain else self._asked_of_desk(selection)
        if self.wanted is None:
            self._search_no_more()
            self._board.show_only(None)
            return True
        shown = self._board.selected
        if shown is None or not self._is_shown(self.wanted):
            return False
        shown.fold(self.wanted)
        self._board.invalidate(())
        return True

    def _is_shown(self, wanted: BoardSelection) -> bool:
        """Whether the board shows this selection, regardless of folded groups."""
        shown = self._board.selected
        return shown is not None and replace(shown.selection, folded=wanted.folded) == wanted

    def _asked_of_desk(self, selection: BoardSelection) -> BoardSelection:
        return self._with_view(selection) if selection.desk_view else self._with_search(selection)

    def _with_search(self, selection: BoardSelection) -> BoardSelection:
        """Start the desk's own search if it may find more; return the selection including what it finds."""
        account, query = self._account(), selection.query
        if account is None or not account.capabilities.searches or not query.asks_desk:
            self._search_no_more()
            return selection
        if self._searched != query.text:
            self._searched = query.text
            self._finder.search(query, self.question(selection).context)
        return replace(selection, finds_on_desk=True)

    def _with_view(self, selection: BoardSelection) -> BoardSelection:
        """Return the selection, having its view fetched; until that is done, its cached tickets are shown."""
        if self._searched != selection.desk_key:
            self._searched, self._refreshed = selection.desk_key, ""
            self._finder.fetch_view(selection.desk_view)
        return selection

    def _search_no_more(self) -> None:
        if self._searched:
            self._finder.cancel()
        self._searched = ""

    @property
    def desk_search_text(self) -> str:
        """The progress of the desk's own search or view, in a few words; empty if none is wanted."""
        if not self._searched:
            return ""
        is_view = self.wanted is not None and bool(self.wanted.desk_view)
        status = self._status
        state = "waiting" if status is None else status.state.value
        words = {
            "waiting": "desk: waits",
            "running": "desk: loads…" if is_view else "desk: searches…",
            "failed": "desk: no answer",
        }
        if status is None or not status.is_over:
            return "" if is_view and self._refreshed else words[state]
        if state in words:
            return words[state]
        if is_view:
            return f"desk: the first {status.found:,} of {status.total:,}" if status.total > status.found else ""
        return f"desk: {len(self._board.found_ids())} more"

    @property
    def pending_count(self) -> str:
        """The text to show instead of the number of tickets while it is not known; empty once it is."""
        if self.wanted is None:
            return ""
        if not self._is_shown(self.wanted):
            return COUNTING
        if not self.wanted.desk_view or any(self._board.count(status) for status in Status):
            return ""
        status = self._status
        return "" if self._refreshed or (status is not None and status.is_over) else LOADING

    @property
    def _status(self) -> "DeskSearchStatus | None":
        """The status of the search or view that is wanted now; None before the engine has begun it."""
        status = self._finder.status
        return status if status is not None and status.key == self._searched else None

    def take(self) -> bool:
        """Show the answer; return False if there is none."""
        selected = self._reader.take() if self._reader is not None else None
        if selected is None:
            return False
        if selected.identity != self._cache.identity():
            self.ask_again()
            return False
        self._show(selected)
        return True

    def begin_anew(self) -> None:
        """Repeat the request after the cache was rebuilt and its row numbers changed."""
        wanted, self.wanted = self.wanted, None
        self._board.show_only(None)
        self.show_now(wanted)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is pending."""
        return self._reader is not None and self._reader.is_busy

    def tickets_changed(self) -> None:
        """Handle a change of the cache or the outbox; repeat the request unless the answer can be updated."""
        selected, wanted = self._board.selected, self.wanted
        if selected is None or wanted is None or self.is_busy:
            return
        if wanted.finds_on_desk or wanted.desk_view or selected.is_outdated:  # the desk may have found others
            self._ask(self.question(wanted))

    def ask_again(self) -> None:
        """Repeat the request if its answer depends on the time."""
        if self.wanted is not None and not self.is_busy:
            self._ask(self.question(self.wanted))
        status = self._status
        if self.wanted is not None and self.wanted.desk_view and status is not None and status.is_over:
            self._refreshed = self._searched
            self._finder.fetch_view(self.wanted.desk_view)

    def close(self) -> None:
        """Stop the reader's thread."""
        if self._reader is not None:
            self._reader.close()

    def question(self, selection: BoardSelection) -> Question:
        """Return the question for a selection at this moment."""
        now, policy, desk = self._now(), self._app_context.policy, self._app_context.calendars.desk
        fields = {term.field for term in selection.query.terms}
        drafts = self._outbox_view.drafts() if Field.DRAFT in fields else ()
        account = self._account()
        context = QueryContext(
            now=now,
            zone=desk.zone,
            my_id=account.me.id if account is not None else None,
            open_us=self._order.open_us(now),
            business_day=policy.hours.counted_business_day,
            draft_ids=frozenset(each.ticket_id for each in drafts if each.ticket_id is not None),
            unsent_ids=frozenset(self._outbox_view.ticket_ids()) if Field.UNSENT in fields else frozenset(),
        )
        closed_since = now - timedelta(days=policy.closed_days)
        return Question(selection=selection, context=context, closed_since=closed_since)

    def _ask(self, question: Question | None) -> None:
        if self._reader is None and question is not None:
            files = self._app_context.files
            self._reader = SelectionReader(Path(files.cache), files.desk, self._on_answer)
        if self._reader is not None:
            self._reader.ask(question)

    def _show(self, selected: SelectedTickets) -> None:
        queries = self._cache.selection
        board = SelectedBoard(queries, selected, self._pending_entries, self._people.name)
        if self.wanted is not None:
            board.fold(self.wanted)
        self._board.show_selected(board)

    def _pending_entries(self, question: Question) -> list[SelectedEntry]:
        """Return the tickets with pending changes as the question sees them after those changes."""
        ticket_ids = self._outbox_view.ticket_ids()
        if not ticket_ids:
            return []
        stored = {each.ticket_id: each for each in self._cache.selection.entries_of(question, ticket_ids)}
        tickets = self._cache.load_tickets_by_id(ticket_ids)
        return [self._pending_entry(question, each, stored[each.id]) for each in tickets if each.id in stored]

    def _pending_entry(self, question: Question, ticket: Ticket, stored: SelectedEntry) -> SelectedEntry:
        decided = self._outbox_view.decided(ticket.id)
        changed, _ = with_pending_changes(ticket, decided)
        position = self._order.position(changed, self._now())
        people = self._people.find(changed.requester_id), self._people.find(changed.assignee_id)
        written = [each.patch.body for each in decided if each.patch.body]

        def has_words(phrase: str, in_subject: bool) -> bool:
            if not in_subject and any(has_phrase(phrase, each) for each in written):
                return True
            return self._cache.selection.has_phrase(stored.number, phrase, in_subject)

        facts = TicketFacts(
            ticket=changed,
            position=position,
            requester=people[0],
            assignee=people[1],
            has_phrase=has_words,
            read_at=self._rows.read_at(ticket.id),
        )
        is_view = bool(question.selection.desk_view)
        is_shown = (stored.is_shown or not is_view) and all(
            (stored.is_found and is_asked_of_desk(term)) or term_holds(term, facts, question.context)
            for term in question.selection.query.terms
        )
        entry = changed_entry(
            question, stored.number, changed, position, people, is_shown=is_shown, is_of_desk=is_view or stored.is_found
        )
        return replace(entry, is_found=stored.is_found)
