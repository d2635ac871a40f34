"""Which tickets the board shows, and how they are sorted and grouped; named, a selection is a view."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

import msgspec

from supporttui.domain.query.query import EVERYTHING, Query
from supporttui.domain.ticket import Status


class SortBy(Enum):
    """The order within a pane."""

    CLOCK = "clock"
    """What presses most first; what the board does unless told otherwise."""
    UPDATED = "updated"
    """The latest change first."""
    CREATED = "created"
    """The newest first."""
    SEVERITY = "severity"
    """Severity 1 first, unset last, each by its clock."""
    WAITING = "waiting"
    """Who has been waiting longest for a word from us first; those who wait for none last, by their clocks."""
    ID = "id"
    """The lowest id first."""


class GroupBy(Enum):
    """By what the tickets of a pane stand together."""

    ASSIGNEE = "assignee"
    REQUESTER = "requester"
    ORGANIZATION = "organization"
    SEVERITY = "severity"


GroupKey = int | str | None
"""A person's id, an organisation's name or a severity; None for the tickets that have none, which stand last."""

FoldedGroup = tuple[Status, GroupKey]


class BoardSelection(msgspec.Struct, frozen=True, kw_only=True):
    """What the board shows. The one without any change shows everything, sorted by the clocks."""

    query: Query = EVERYTHING
    sort_by: Mapping[Status, SortBy] = msgspec.field(default_factory=dict)
    """By pane; a pane that is not named is sorted by its clocks."""
    group_by: GroupBy | None = None
    folded: frozenset[FoldedGroup] = frozenset()
    """Groups of which only the header is shown."""
    finds_on_desk: bool = False
    """Show also what the desk's own search has found for this query."""

    desk_view: str = ""
    """Show only the tickets of this view of the desk, also those that the board does not; empty for no view."""

    @property
    def is_plain(self) -> bool:
        """Whether everything is shown as the board does unless told otherwise."""
        is_sorted = any(each is not SortBy.CLOCK for each in self.sort_by.values())
        return not (self.query or is_sorted or self.group_by is not None or self.finds_on_desk or self.desk_view)

    @property
    def desk_key(self) -> str:
        """Under what the cache keeps what the desk has told for it: the query, or the view."""
        return f"view:{self.desk_view}" if self.desk_view else self.query.text

    def sorting(self, status: Status) -> SortBy:
        """The order of a pane."""
        return self.sort_by.get(status, SortBy.CLOCK)


PLAIN: Final = BoardSelection()
"""Everything, sorted by the clocks."""


DESK_VIEW_PREFIX: Final = "desk:"
"""Prefix of the keys of the desk's views, and of their titles in the configuration."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A selection with a name, from the configuration or from the desk."""

    name: str
    """Safe to be drawn."""
    query: Query = EVERYTHING
    desk_id: str = ""
    """The desk's id of the view if it is one of the desk's, which then selects the tickets; empty otherwise."""
    sort_by: SortBy | None = None
    """Of every pane; None leaves it as it is."""
    group_by: GroupBy | None = None
    panes: tuple[Status, ...] = ()
    """The panes that it is about, the first of which gets the focus; none for all."""

    @property
    def key(self) -> str:
        """Identifier that stays the same across starts, and when the desk renames the view."""
        return f"{DESK_VIEW_PREFIX}{self.desk_id}" if self.desk_id else self.name

    def selection(self) -> BoardSelection:
        """What the board shows in this view."""
        sort_by = {} if self.sort_by is None else dict.fromkeys(Status, self.sort_by)
        return BoardSelection(query=self.query, sort_by=sort_by, group_by=self.group_by, desk_view=self.desk_id)
