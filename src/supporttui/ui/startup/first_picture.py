"""The board's first picture, read from the cache and drawn as cells before Textual is imported.

It is the same that the screen draws when it takes over; what differs then is sent like any other change.
"""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from supporttui.domain.ticket import Status
from supporttui.ui.board_model import PROBLEM_STATES, BoardModel
from supporttui.ui.drawing import Piece
from supporttui.ui.empty_words import empty_sentences
from supporttui.ui.freshness import Freshness, freshness_of
from supporttui.ui.header_line import header_pieces, placed_in
from supporttui.ui.header_text import header_items
from supporttui.ui.hints import GAP, fitting
from supporttui.ui.pane_layout import Area, Box, Opened, arrangement_for, is_readable, lines_per_row, pane_regions
from supporttui.ui.pane_lines import PaneLines
from supporttui.ui.pane_title import title_of, words_of
from supporttui.ui.row_drawing import RowShape
from supporttui.ui.row_face import Faces
from supporttui.ui.sources import Sources
from supporttui.ui.startup.saved_styles import SavedStyles, pane_state_key
from supporttui.ui.terminal.cells import Cell, CellRow, build_row
from supporttui.ui.terminal.escape_codes import Pen
from supporttui.ui.viewport import Viewport
from supporttui.ui.widgets.pane_frame import Foot


class LoadedBoard:
    """What the first picture is drawn from, and an engine that has not begun."""

    def __init__(self, sources: Sources) -> None:
        """Read the local copy; nothing is asked of the desk. Raises StoreProblem."""
        self.sources = sources
        self.on_news: Callable[[], None] = lambda: None
        """Called on the engine's thread when it has news."""
        self.engine = sources.connect(lambda: self.on_news())
        self.model = BoardModel(sources, self.engine)
        self.model.load()


HEADER_AND_KEY_LINES = 2
"""The header and the line of keys."""


def first_picture_rows(model: BoardModel, look: SavedStyles, area: Area) -> list[CellRow] | None:
    """The cells of the whole screen; None where the board does not begin with the plain picture of all its panes."""
    is_refused = any(each.state in PROBLEM_STATES for each in model.decisions.all())
    if not is_readable(*area) or is_refused or model.readings.problem or model.status.sentence:
        return None
    now, fresh = model.now(), freshness_of(model)
    placed = placed_in(header_items(model, now, fresh), area.width)
    try:
        header = header_pieces(placed, look.header_ground, look.header.__getitem__)
        panes = _panes(model, look, area, (now, fresh))
    except KeyError:  # a look that was taken down when there were other parts
        return None
    return [build_row(header, area.width, look.header_ground), *panes, _key_row(look, area.width)]


def terminal_size() -> Area:
    """The size of the terminal, as Textual will find it; nothing where the environment says another."""
    if "COLUMNS" in os.environ or "LINES" in os.environ:
        return Area(0, 0)
    try:
        return Area(*os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1))
    except (OSError, ValueError):
        return Area(0, 0)


def initial_focus(model: BoardModel) -> Status:
    """The pane that has the focus at first: one in which something waits."""
    return next((status for status in Status if len(model.board.pane(status))), Status.NEW)


def _panes(model: BoardModel, look: SavedStyles, area: Area, at: tuple[datetime, Freshness]) -> list[CellRow]:
    """The lines between the header and the keys."""
    room = Area(area.width, area.height - HEADER_AND_KEY_LINES)
    focused = initial_focus(model)
    regions = pane_regions(room, arrangement_for(area.width), Opened().with_focus(focused), all_open=False)
    lines_of_row = lines_per_row(*area)
    model.prepare(_in_view(model, regions, lines_of_row))
    faces = Faces(model.people.find, model.sources.calendar.zone)
    faces.my_id = model.my_id
    lines: list[list[Cell]] = [[] for _ in range(room.height)]
    for status, box in sorted(regions.items(), key=lambda placed: placed[1].x):
        picture = _picture(model, faces, status, (box, lines_of_row), at)
        styles = look.panes[pane_state_key(has_focus=status is focused, is_stale=at[1].is_stale)]
        for y in range(box.height):
            lines[box.y + y] += _pane_row(picture, y, box, (styles.plain, styles.cursor))
    return [build_row([], area.width, look.header_ground, before=line) for line in lines]


def _in_view(model: BoardModel, regions: Mapping[Status, Box], lines_of_row: int) -> list[int]:
    """The tickets for which there is room."""
    rooms = {status: max(0, box.height - 2) // lines_of_row for status, box in regions.items()}
    return [ticket_id for status, room in rooms.items() for ticket_id in model.board.pane(status).ids[:room]]


def _picture(
    model: BoardModel, faces: Faces, status: Status, shape: tuple[Box, int], at: tuple[datetime, Freshness]
) -> PaneLines:
    (_, _, width, height), lines = shape
    now, fresh = at
    rows = model.board.pane(status)
    view = Viewport(rows)
    age = f"data {fresh.age} old" if fresh.age and fresh.is_stale else ""
    is_open = height > 1
    view.fit(max(0, height - 2) // lines if is_open else 0)
    shown = [faces.face(row, now) for row in view.visible()] if is_open else []
    return PaneLines(
        title=title_of(words_of(status, model.sources.policy), rows, now, age="" if is_open else age),
        foot=Foot(age, view.top, view.below),
        faces=shown,
        cursor_slot=view.cursor_slot,
        shape=RowShape(width - 2, lines, max([4, *(len(face.label.number) for face in shown)])),
        empty=empty_sentences(model)[status],
    )


def _pane_row(picture: PaneLines, y: int, box: Box, pens: tuple[dict[str, Pen], dict[str, Pen]]) -> CellRow:
    plain, cursor = pens
    edge = picture.edge(y, box.height, plain)
    if edge is not None:
        return build_row(edge[0], box.width, edge[1])
    pieces, ground = picture.inner(y - 1, plain, cursor)
    side: CellRow = [("│", plain["frame"])]
    return [*side, *build_row(pieces, box.width - 2, ground), *side]


def _key_row(look: SavedStyles, width: int) -> CellRow:
    """The line of keys, with a blank at both ends."""
    gap: Iterable[Piece[Pen]] = [(" " * GAP, look.keys_ground)]
    pieces: list[Piece[Pen]] = [(" ", look.keys_ground)]
    for number, hint in enumerate(fitting(look.hints, width - 2)):
        pieces += gap if number else ()
        pieces += [(hint.key, look.key), (" ", look.keys_ground), (hint.word, look.word)]
    return build_row(pieces, width, look.keys_ground)
