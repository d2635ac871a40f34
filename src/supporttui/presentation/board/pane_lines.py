"""A pane as lines of styled text: its frame, its title and its rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from supporttui.domain.clock_text import short_clock_text
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status
from supporttui.presentation.board.loaded_board import PaneRows
from supporttui.presentation.board.pane_layout import PaneLoad
from supporttui.presentation.board.row_layout import RowLayout, StyleByPart, lay_out_row
from supporttui.presentation.board.ticket_row import ClockTone, GroupText, TicketRowText, clock_tone
from supporttui.presentation.cell_text import StyledText, cell_len, cut

S = TypeVar("S")


NOT_KNOWN: Final = "–"
"""Shown in place of a number that is not known yet."""
LOADING: Final = "loading…"
COUNTING: Final = "counting…"
"""Shown in place of the number of tickets while a desk view is fetched, or while the cache is queried."""


class PaneTitle(msgspec.Struct, frozen=True):
    """The contents of a pane's title."""

    number: int
    name: str
    count: str
    age: str = ""
    """The age of the data, if it has to be shown on a collapsed pane."""
    worst: str = ""
    """The worst clock in short, or other text for the right end; may be empty."""
    tone: ClockTone = ClockTone.QUIET
    over: int = 0
    """Tickets whose clock has reached its target."""
    within_hour: int = 0
    """Tickets whose clock has less than an hour left."""
    arrived_above: int = 0
    """Tickets that have arrived above those in view."""


class PaneFooter(msgspec.Struct, frozen=True):
    """The contents of a pane's lower edge."""

    age: str
    """The age of the data, if it has to be shown."""
    above: int
    """Rows out of view."""
    below: int


def title_line(title: PaneTitle, width: int, styles: StyleByPart[S]) -> list[StyledText[S]]:
    """Return the top edge of an open pane."""
    if width < 4:
        return [(" " * width, styles["frame"])]
    left, right = _title_ends(title, width - 2, styles)
    arrived = f"↑ {title.arrived_above} new " if title.arrived_above else ""
    if arrived and _total_width(left) + _total_width(right) + len(arrived) <= width - 2:
        left = [*left, (arrived, styles["clock-notice"])]
    line = "─" * max(0, width - 2 - _total_width(left) - _total_width(right))
    frame = styles["frame"]
    return [("╭", frame), *left, (line, frame), *right, ("╮", frame)]


def folded_line(title: PaneTitle, width: int, styles: StyleByPart[S]) -> list[StyledText[S]]:
    """Return the one line of a collapsed pane."""
    left, right = _title_ends(title, width - 2, styles)
    ground = styles["detail"]
    room = width - 3 - _total_width(left) - _total_width(right)
    left = [*left, *_pressing(title, room, styles)]
    age = f" {title.age} " if title.age else ""
    if age and _total_width(left) + _total_width(right) + len(age) <= width - 2:
        left = [*left, (age, styles["age"])]
    gap = " " * max(0, width - 2 - _total_width(left) - _total_width(right))
    return [(" ", ground), *left, (gap, ground), *right, (" ", ground)]


def _pressing(title: PaneTitle, room: int, styles: StyleByPart[S]) -> list[StyledText[S]]:
    """The number of tickets over target and within the hour, as much as fits: `· 2 over, 3 within the hour`.

    The number over target is shown or all of it is left out.
    """
    over, hour = styles["clock-breached"], styles["clock-urgent"]
    quiet = styles["count"]
    for words in (" within the hour", " in 1h", None):
        said = [(f"{title.over} over", over)] if title.over else []
        if title.within_hour and (words or not said):
            said += [(", ", quiet)] if said else []
            said.append((f"{title.within_hour}{words or ' in 1h'}", hour))
        if said and _total_width(said) + 3 <= room:
            return [("· ", quiet), *said, (" ", quiet)]
    return []


def footer_line(foot: PaneFooter, width: int, styles: StyleByPart[S]) -> list[StyledText[S]]:
    """Return the bottom edge of an open pane."""
    frame, text = styles["frame"], styles["foot"]
    if width < 4:
        return [(" " * width, frame)]
    age = f" {foot.age} " if foot.age else ""
    beyond = " · ".join(
        said for said in (f"↑ {foot.above}" * bool(foot.above), f"↓ {foot.below}" * bool(foot.below)) if said
    )
    beyond = cut(f" {beyond} " if beyond else "", width - 2)
    age = cut(age, width - 2 - cell_len(beyond))
    line = "─" * (width - 2 - cell_len(age) - cell_len(beyond))
    return [("╰", frame), (age, styles["age"]), (line, frame), (beyond, text), ("╯", frame)]


def group_line(
    group: GroupText, width: int, styles: StyleByPart[S], *, is_last: bool, is_cursor: bool
) -> list[StyledText[S]]:
    """Return a line of a group's header; the name is on the last one, next to its tickets."""
    edge = (CURSOR_MARK if is_cursor else " ", styles["edge"])
    if not is_last:
        return [edge]
    sign, count = "▸" if group.is_folded else "▾", f" · {group.count} "
    name = cut(group.name, width - 5 - len(count))
    rule = "─" * max(0, width - 4 - cell_len(name) - len(count))
    return [
        edge,
        (f"{sign} ", styles["number"]),
        (name, styles["title"]),
        (count, styles["count"]),
        (rule, styles["frame"]),
        (" ", styles["frame"]),
    ]


def _title_ends(
    title: PaneTitle, width: int, styles: StyleByPart[S]
) -> tuple[list[StyledText[S]], list[StyledText[S]]]:
    """The left and right part of a title, cut to fit with a cell between them."""
    worst = f" {title.worst} " if title.worst else ""
    fixed = len(f" {title.number}  {title.count} ")
    shortest = title.name.split(" ")[0]
    if fixed + cell_len(shortest) + (shortest != title.name) + len(worst) > width:
        worst = ""
    name = _cut_at_word(title.name, width - fixed - len(worst))
    left = [
        (f" {title.number} ", styles["number"]),
        (f"{name} ", styles["title"]),
        (f"{title.count} ", styles["count"]),
    ]
    right = [(worst, styles[f"clock-{title.tone.value}"])] if worst else []
    return left, right


def _cut_at_word(text: str, width: int) -> str:
    """Cut text to `width` cells at a word boundary, ending in `…`."""
    words = text.split(" ")
    while len(words) > 1 and cell_len(" ".join(words)) + 1 > width:
        words.pop()
    return text if cell_len(text) <= width else cut(" ".join(words) + "…", width)


def _total_width(pieces: list[StyledText[S]]) -> int:
    return sum(cell_len(text) for text, _ in pieces)


class PaneLabels(msgspec.Struct, frozen=True):
    """The name of a pane."""

    number: int
    name: str
    right: str = ""
    """Text for the right end of the title if no clock runs."""


def pane_labels(status: Status, policy: ServicePolicy, order: Sequence[Status]) -> PaneLabels:
    """Return the labels of a status's pane, by its position in the given order."""
    right = f"{policy.closed_days} days" if status is Status.CLOSED else ""
    return PaneLabels(order.index(status) + 1, policy.statuses[status].title, right)


def pane_title_at(
    words: PaneLabels, rows: PaneRows, now: datetime, age: str, load: PaneLoad, *, is_known: bool
) -> PaneTitle:
    """Return the title for these rows; `age` is shown on a collapsed pane.

    is_known: whether the tickets were ever fetched; until then no number is shown.
    """
    worst = rows.worst
    reading = worst.clock.read(now) if worst is not None else None
    return PaneTitle(
        number=words.number,
        name=words.name,
        count=_count_text(rows) if is_known or rows.ticket_count else NOT_KNOWN,
        age=age,
        worst=short_clock_text(reading) if reading is not None else words.right,
        tone=clock_tone(reading) if reading is not None else ClockTone.QUIET,
        over=load.over,
        within_hour=load.within_hour,
    )


def _count_text(rows: PaneRows) -> str:
    """The number of tickets, and out of how many if a filter is on."""
    shown = rows.ticket_count
    return f"{shown} of {max(shown, rows.total_count)}" if rows.is_filtered else str(shown)


CURSOR_MARK: Final = "▌"


class PaneLines(msgspec.Struct, frozen=True, kw_only=True):
    """Everything visible in a pane at one moment."""

    title: PaneTitle
    foot: PaneFooter
    row_texts: Sequence[TicketRowText | GroupText | None]
    """The text of each line in view; None is an empty line."""
    cursor_slot: int | None
    """The index, among the rows in view, of the one under the cursor; None if out of view."""
    shape: RowLayout
    empty: str
    """The text shown if there are no rows."""

    def edge(self, y: int, height: int, styles: StyleByPart[S]) -> tuple[list[StyledText[S]], S] | None:
        """Return a line of the frame and its background; None for a line between the sides."""
        width = self.shape.width + 2
        if height == 1:
            return folded_line(self.title, width, styles), styles["detail"]
        if y == 0:
            return title_line(self.title, width, styles), styles["frame"]
        return (footer_line(self.foot, width, styles), styles["frame"]) if y == height - 1 else None

    def inner(self, y: int, plain: StyleByPart[S], cursor: StyleByPart[S]) -> tuple[list[StyledText[S]], S]:
        """Return a line between the sides of the frame and its background; `y` counts from the first such line."""
        slot, line = divmod(y, self.shape.lines)
        row_text = self.row_texts[slot] if slot < len(self.row_texts) else None
        if row_text is None:
            text = f"  {self.empty}" if y == 1 and not self.row_texts else ""
            return [(cut(text, self.shape.width), plain["foot"])], plain["foot"]
        is_cursor = slot == self.cursor_slot
        styles = cursor if is_cursor else plain
        if isinstance(row_text, GroupText):
            is_last = line == self.shape.lines - 1
            return group_line(row_text, self.shape.width, styles, is_last=is_last, is_cursor=is_cursor), styles[
                "detail"
            ]
        lines = lay_out_row(row_text, self.shape, styles, CURSOR_MARK if is_cursor else " ")
        return lines[line], styles["detail"]
