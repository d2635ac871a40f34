"""`[views]`: filters with a name, and the one in which the board begins."""

from collections.abc import Sequence
from enum import Enum
from typing import Final, TypeVar

import msgspec

from supporttui.config.tables import SettingsTable, shown
from supporttui.domain.query.parser import parse_query
from supporttui.domain.query.query import QueryProblem
from supporttui.domain.query.selection import DESK_VIEW_PREFIX, GroupBy, SortBy, View

Word = TypeVar("Word", bound=Enum)

START_KEY: Final = "start"
_EXAMPLE: Final = '"assignee:me sev:1,2 due<2h"'


class ViewSettings(msgspec.Struct, frozen=True):
    """What `[views]` says."""

    views: Sequence[View] = ()
    """In their order in the file; none where the packaged ones are used."""
    start: str = ""
    """The view in which the board begins: a name, or `desk:` and a title; empty where it goes on with the last one."""


def parse_views(table: SettingsTable) -> ViewSettings:
    """`[views]`: a table for each view, and `start`.

    Raises ConfigProblem where a filter is none, or a word is not known.
    """
    names = [name for name in table.names() if name != START_KEY or table.holds_table(name)]
    views = tuple(_parse_view(name, table) for name in names)
    start = "" if START_KEY in names else table.optional(START_KEY)
    known = [view.name for view in views] or [view.name for view in DEFAULT_VIEWS]
    if start and start not in known and not start.startswith(DESK_VIEW_PREFIX):
        words = f'write one of {", ".join(map(shown, known))}, or "desk:TITLE" for a view of the help desk'
        raise table.problem(START_KEY, f"there is no view {shown(start)}; {words}")
    return ViewSettings(views, start)


def _parse_view(name: str, views: SettingsTable) -> View:
    """One view. Raises ConfigProblem."""
    if not name.strip() or not name.isprintable():
        raise views.problem(name, "the name of a view is one line of text that can be shown")
    if name.startswith(DESK_VIEW_PREFIX):
        raise views.problem(name, f"views of the help desk are called so; choose a name without {DESK_VIEW_PREFIX}")
    table = views.table(name)
    text = table.text("filter", "") if "filter" in table else ""
    if not text:
        raise table.problem("filter", f"a view needs a filter; write for example filter = {_EXAMPLE}")
    try:
        query = parse_query(text)
    except QueryProblem as problem:
        place = text[max(0, problem.start) : problem.end]
        raise table.problem("filter", f"at character {problem.start + 1}, {shown(place)}: {problem}") from problem
    view = View(name=name, query=query, sort_by=_word(table, "sort", SortBy), group_by=_word(table, "group", GroupBy))
    table.close()
    return view


def _word(table: SettingsTable, name: str, kind: type[Word]) -> Word | None:
    """A word of an enum; None where the key is missing. Raises ConfigProblem."""
    text = table.optional(name)
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        words = ", ".join(f'"{each.value}"' for each in kind)
        raise table.problem(name, f"{shown(text)} is not known here; write one of {words}") from None


DEFAULT_VIEWS: Final = tuple(
    View(name=name, query=parse_query(text))
    for name, text in (
        ("Mine and urgent", "assignee:me sev:1,2 due<2h"),
        ("Not assigned", "assignee:none status:new,open"),
        ("Unread", "unread"),
        ("Waiting for a day", "waiting>1d"),
    )
)
"""The views that there are unless `[views]` names others."""
