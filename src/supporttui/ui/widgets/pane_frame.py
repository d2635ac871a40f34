"""The frame around a pane: its title with count and worst clock above, what lies out of view below."""

from typing import TypeVar

import msgspec

from supporttui.ui.cell_width import cell_len
from supporttui.ui.drawing import Piece, cut
from supporttui.ui.row_drawing import Styles
from supporttui.ui.row_face import Tone

S = TypeVar("S")


class Title(msgspec.Struct, frozen=True):
    """What a pane says of itself."""

    number: int
    name: str
    count: str
    age: str
    """How old the data is, where that must be said on a pane that is folded up."""
    worst: str
    """The worst clock in short, or what else stands at the right; may be empty."""
    tone: Tone


class Foot(msgspec.Struct, frozen=True):
    """What a pane says below its rows."""

    age: str
    """How old the data is, where that must be said."""
    above: int
    """Rows out of view."""
    below: int


def draw_title(title: Title, width: int, styles: Styles[S]) -> list[Piece[S]]:
    """The upper edge of an open pane."""
    if width < 4:
        return [(" " * width, styles["frame"])]
    left, right = _ends(title, width - 2, styles)
    line = "─" * max(0, width - 2 - _cells(left) - _cells(right))
    frame = styles["frame"]
    return [("╭", frame), *left, (line, frame), *right, ("╮", frame)]


def draw_closed(title: Title, width: int, styles: Styles[S]) -> list[Piece[S]]:
    """The one line of a pane that is folded up."""
    left, right = _ends(title, width - 2, styles)
    ground = styles["detail"]
    age = f" {title.age} " if title.age else ""
    if age and _cells(left) + _cells(right) + len(age) <= width - 2:
        left = [*left, (age, styles["age"])]
    gap = " " * max(0, width - 2 - _cells(left) - _cells(right))
    return [(" ", ground), *left, (gap, ground), *right, (" ", ground)]


def draw_foot(foot: Foot, width: int, styles: Styles[S]) -> list[Piece[S]]:
    """The lower edge of an open pane."""
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


def _ends(title: Title, width: int, styles: Styles[S]) -> tuple[list[Piece[S]], list[Piece[S]]]:
    """The left and right part of a title, cut so that they fit with a cell between them."""
    worst = f" {title.worst} " if title.worst else ""
    fixed = len(f" {title.number}  {title.count} ")
    if fixed + len(worst) + 3 > width:
        worst = ""
    name = cut(title.name, width - fixed - len(worst))
    left = [
        (f" {title.number} ", styles["number"]),
        (f"{name} ", styles["title"]),
        (f"{title.count} ", styles["count"]),
    ]
    right = [(worst, styles[f"clock-{title.tone.value}"])] if worst else []
    return left, right


def _cells(pieces: list[Piece[S]]) -> int:
    return sum(cell_len(text) for text, _ in pieces)
