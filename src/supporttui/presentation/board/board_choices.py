"""The user's choices for the board: filter or view, and the order, grouping and density of its panes."""

from collections.abc import Sequence
from enum import Enum
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from supporttui.config.views import DEFAULT_VIEWS
from supporttui.domain.query.parser import parse_query, requester_query
from supporttui.domain.query.query import EVERYTHING, Field, Query, QueryProblem, Special, Term
from supporttui.domain.query.selection import DESK_VIEW_PREFIX, BoardSelection, GroupBy, GroupKey, SortBy, View
from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.domain.ticket import Person, Status
from supporttui.helpdesks.base import DeskView
from supporttui.store.board_state import BoardStateFile, KnownView

Word = TypeVar("Word", bound=Enum)

_MINE: Final = Term(field=Field.ASSIGNEE, values=(Special.ME,))

SORT_WORDS: Final = {
    SortBy.CLOCK: ("clock", "what presses most first"),
    SortBy.WAITING: ("waiting", "who waits longest for a word from us first"),
    SortBy.SEVERITY: ("severity", "severity 1 first, each by its clock"),
    SortBy.UPDATED: ("last change", "the latest first"),
    SortBy.CREATED: ("newest", "the latest created first"),
    SortBy.ID: ("id", "the lowest first"),
}
"""The name and the explanation of each order."""

GROUP_WORDS: Final = {
    None: ("not grouped", "one list"),
    GroupBy.ASSIGNEE: ("assignee", "who works on them"),
    GroupBy.REQUESTER: ("requester", "who asked"),
    GroupBy.ORGANIZATION: ("organisation", "for whom who asked works"),
    GroupBy.SEVERITY: ("severity", "as the policy has it"),
}


class ActiveFilter(msgspec.Struct, frozen=True):
    """The filter that is on."""

    query: Query
    view: View | None = None
    """The view that it comes from; None for a typed filter."""
    name: SafeText | None = None
    """A name to show instead of the filter's text, such as a customer's."""

    @property
    def title(self) -> str:
        """The name to show for this filter."""
        if self.view is not None:
            return self.view.name
        return str(self.name if self.name is not None else safe_line(OutsideText(self.query.text)))


class BoardChoices:
    """The choices of one window, saved for the next start; `selection` is what the board has to show for them."""

    def __init__(self, state_file: BoardStateFile, views: Sequence[View], start: str) -> None:
        """`start` is the view to begin with, as `[views]` names it; empty restores the last view."""
        self._file = state_file
        self._own_views: Sequence[View] = views or DEFAULT_VIEWS
        self.state = state_file.load()
        self.awaited_view = ""
        """Title of the desk's view to begin with, until the desk's list contains it or the user chooses something."""
        self.is_mine = False
        self.filter: ActiveFilter | None = None
        self.typed: Query | None = None
        """A filter while it is being typed; it replaces the one that is on."""
        self._folded: frozenset[tuple[Status, GroupKey]] = frozenset()
        if start.startswith(DESK_VIEW_PREFIX):
            self.awaited_view = start.removeprefix(DESK_VIEW_PREFIX)
            self._use_awaited_view()
        else:
            self.use_view(start or self.state.view)

    # -- result -------------------------------------------------------------------------------------------------

    @property
    def selection(self) -> BoardSelection:
        """The selection of tickets that the board has to show."""
        query = self.query
        if self.is_mine:
            query = replace(query, terms=(*query.terms, _MINE))
        sort_by = {status: self.sort_of(status) for status in Status}
        group_by = self.group_by
        return BoardSelection(
            query=query,
            sort_by={status: each for status, each in sort_by.items() if each is not SortBy.CLOCK},
            group_by=group_by,
            desk_view=self.view.desk_id if self.view is not None and self.typed is None else "",
            folded=self._folded if group_by is not None else frozenset(),
        )

    @property
    def query(self) -> Query:
        """The filter that is being typed, else the one that is on."""
        if self.typed is not None:
            return self.typed
        return EVERYTHING if self.filter is None else self.filter.query

    @property
    def view(self) -> View | None:
        """The view that is on; None if none is."""
        return None if self.filter is None else self.filter.view

    @property
    def views(self) -> Sequence[View]:
        """All views: those from the configuration, then those of the desk."""
        return (*self._own_views, *(_desk_view(each) for each in self.state.desk_views))

    @property
    def filter_title(self) -> str:
        """The name of the filter that is being typed or on; empty if there is none."""
        if self.typed is not None:
            return ActiveFilter(self.typed).title if self.typed else ""
        return "" if self.filter is None else self.filter.title

    # -- filter and views -----------------------------------------------------------------------------------------

    def use_filter(self, text: str) -> None:
        """Show the tickets that match a typed filter, and remember it; blank text shows all. Raises QueryProblem."""
        query = parse_query(text)
        self.typed = None
        self.filter = ActiveFilter(query) if query else None
        if query:
            self.state.remember_filter(query.text)
        self._leave_view()

    def use_customer(self, customer: Person) -> None:
        """Show the tickets of one person."""
        self.typed = None
        self.filter = ActiveFilter(requester_query(customer), name=safe_line(customer.name or customer.email))
        self._leave_view()

    def use_view(self, key: str) -> bool:
        """Show a view; return False if there is none with this key."""
        view = next((view for view in self.views if view.key == key), None)
        if view is None:
            return False
        self.typed, self.awaited_view = None, ""
        self.filter = ActiveFilter(view.query, view)
        if self.state.view != view.key:
            self.state.view = view.key
            self.save()
        return True

    def take_desk_views(self, found: Sequence[DeskView]) -> bool:
        """Save the desk's list of views; return whether the awaited view was found in it, and is on now."""
        known = [KnownView(each.id, str(safe_line(each.title))) for each in found]
        if known == self.state.desk_views:
            return False
        self.state.desk_views = known
        self.save()
        return self._use_awaited_view()

    def _use_awaited_view(self) -> bool:
        wanted = _compared(self.awaited_view)
        view = next((each for each in self.views if each.desk_id and _compared(each.name) == wanted), None)
        return bool(wanted) and view is not None and self.use_view(view.key)

    def remove_filter(self) -> None:
        """Turn the filter or view off."""
        self.filter = self.typed = None
        self._leave_view()

    def _leave_view(self) -> None:
        self.state.view = self.awaited_view = ""
        self.save()

    @property
    def history(self) -> Sequence[str]:
        """The remembered filters that still parse, the latest last."""
        return [text for text in self.state.history if _is_query(text)]

    # -- order, groups, density -------------------------------------------------------------------------------------

    def sort_of(self, status: Status) -> SortBy:
        """Return the order of a pane: the view's, or the one chosen for the pane."""
        if self.view is not None and self.view.sort_by is not None:
            return self.view.sort_by
        return _known(SortBy, self.state.sort_by.get(status.value)) or SortBy.CLOCK

    def sort(self, status: Status, sort_by: SortBy) -> None:
        """Choose the order of a pane."""
        self.state.sort_by = {**self.state.sort_by, status.value: sort_by.value}
        self.save()

    @property
    def group_by(self) -> GroupBy | None:
        """What tickets are grouped by, from the view or the user's choice; None if they are not grouped."""
        if self.view is not None and self.view.group_by is not None:
            return self.view.group_by
        return _known(GroupBy, self.state.group_by)

    def group(self, group_by: GroupBy | None) -> None:
        """Group the tickets; all groups start unfolded. None ends the grouping."""
        self.state.group_by = "" if group_by is None else group_by.value
        self._folded = frozenset()
        self.save()

    def fold(self, status: Status, key: GroupKey) -> None:
        """Fold or unfold a group of a pane."""
        self._folded ^= {(status, key)}

    def fold_all(self, status: Status, keys: Sequence[GroupKey]) -> None:
        """Fold all groups of a pane, or unfold them if all are folded."""
        all_of_them = frozenset((status, key) for key in keys)
        self._folded = self._folded - all_of_them if all_of_them <= self._folded else self._folded | all_of_them

    def lines_per_row(self, status: Status) -> int | None:
        """Return the number of lines per row chosen for a pane; None if it depends on the screen size."""
        lines = self.state.lines_per_row.get(status.value)
        return lines if lines in (1, 2) else None

    def use_lines(self, status: Status, lines_per_row: int) -> None:
        """Set the number of lines per row of a pane."""
        self.state.lines_per_row = {**self.state.lines_per_row, status.value: lines_per_row}
        self.save()

    def save(self) -> None:
        """Save the choices for the next start."""
        self._file.save(self.state)


def _desk_view(known: KnownView) -> View:
    return View(name=str(safe_line(OutsideText(known.title))), desk_id=known.id)


def _compared(title: str) -> str:
    """Return a title for comparison, without regard to case and spaces."""
    return " ".join(title.split()).casefold()


def _is_query(text: str) -> bool:
    try:
        return bool(parse_query(text))
    except QueryProblem:
        return False


def _known(kind: type[Word], word: str | None) -> Word | None:
    return next((each for each in kind if each.value == word), None)
