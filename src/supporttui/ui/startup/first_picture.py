"""The board's first picture, read from the cache and drawn as cells before Textual is imported.

It equals what the board's screen draws when it takes over; later differences are sent like any other change.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.board.board_model import PROBLEM_STATES, BoardModel
from supporttui.presentation.board.freshness import Freshness, empty_sentences, is_count_known, model_freshness
from supporttui.presentation.board.header import header_items, place_items, styled_header
from supporttui.presentation.board.key_hints import HINT_GAP, KeyHint, fitting_hints
from supporttui.presentation.board.pane_layout import (
    NO_LOAD,
    CellBox,
    CellSize,
    OpenPanes,
    PaneLoad,
    is_readable,
    lines_per_row,
    pane_regions,
    split_for_preview,
)
from supporttui.presentation.board.pane_lines import PaneFooter, PaneLines, pane_labels, pane_title_at
from supporttui.presentation.board.row_layout import RowLayout
from supporttui.presentation.board.ticket_row import TicketRows
from supporttui.presentation.board.viewport import Viewport
from supporttui.presentation.cell_text import StyledText
from supporttui.presentation.terminal_options import terminal_size as size_of_terminal
from supporttui.ui.startup.board_styles import BoardStyles, pane_state_key
from supporttui.ui.terminal.cells import Cell, CellRow, build_row
from supporttui.ui.terminal.escape_codes import Pen


class LoadedBoard:
    """The board's model, read from the cache, and an engine that has not been started."""

    def __init__(self, app_context: AppContext) -> None:
        """Read the cache; the desk is not contacted. Raises StoreProblem."""
        self.app_context = app_context
        self.on_news: Callable[[], None] = lambda: None
        """Called on the engine's thread when there are changes."""
        self.engine = app_context.connect(lambda: self.on_news())
        self.model = BoardModel(app_context, self.engine)
        self.model.load()


HEADER_LINES, KEY_LINES = 1, 1


class PanePicture(NamedTuple):
    """A pane of the first picture."""

    lines: PaneLines
    box: CellBox
    """Its position below the header."""
    pens: tuple[dict[str, Pen], dict[str, Pen]]
    """The pens of ordinary rows, and of the row under the cursor."""
    ids: tuple[TicketId, ...]
    """The tickets in view."""

    def row(self, y: int) -> CellRow:
        """Return one of its lines, from edge to edge."""
        plain, cursor = self.pens
        edge = self.lines.edge(y, self.box.height, plain)
        if edge is not None:
            return build_row(edge[0], self.box.width, edge[1])
        pieces, ground = self.lines.inner(y - 1, plain, cursor)
        side: CellRow = [("│", plain["frame"])]
        return [*side, *build_row(pieces, self.box.width - 2, ground), *side]


class FirstPicture(NamedTuple):
    """The cells of the whole screen, and the pane that has the cursor."""

    rows: list[CellRow]
    focused: PanePicture

    def with_cursor(self, slot: int) -> list[CellRow]:
        """Return the cells with the cursor on another visible row."""
        box, rows = self.focused.box, list(self.rows)
        pane = self.focused._replace(lines=replace(self.focused.lines, cursor_slot=slot))
        for y in range(box.height):
            line = rows[HEADER_LINES + box.y + y]
            rows[HEADER_LINES + box.y + y] = [*line[: box.x], *pane.row(y), *line[box.x + box.width :]]
        return rows


def draw_first_picture(
    model: BoardModel, styles: BoardStyles, area: CellSize, hints: Sequence[KeyHint]
) -> FirstPicture | None:
    """Return the board's first picture; None if the board does not start with the default panes."""
    is_refused = any(each.state in PROBLEM_STATES for each in model.outbox_view.all())
    if not is_readable(*area) or is_refused or model.readings.problem or model.status.sentence or model.grouped_by:
        return None
    now, fresh = model.now(), model_freshness(model)
    placed = place_items(header_items(model, now, fresh), area.width)
    header = styled_header(placed, styles.header_ground, styles.header.__getitem__)
    panes = _panes(model, styles, area, (now, fresh))
    header_row = build_row(header, area.width, styles.header_ground)
    rows = [header_row, *_rows_of(panes, styles, area), _key_row(styles, hints, area.width)]
    return FirstPicture(rows, panes[model.initial_focus])


def terminal_size() -> CellSize:
    """Return the terminal's size as the app will determine it."""
    return CellSize(*size_of_terminal(sys.__stdout__.fileno() if sys.__stdout__ else 1))


def _panes(
    model: BoardModel, styles: BoardStyles, area: CellSize, at: tuple[datetime, Freshness]
) -> dict[Status, PanePicture]:
    """The panes, from left to right."""
    room = CellSize(area.width, area.height - HEADER_LINES - KEY_LINES)
    split = split_for_preview(room) if model.shows_preview else None
    room = split.panes if split is not None else room
    focused = model.initial_focus
    loads = model.pane_loads(at[0])
    regions = pane_regions(room, OpenPanes(order=model.pane_order).with_focus(focused), loads)
    usual = lines_per_row(*area)
    densities = {status: model.kept_lines_per_row(status) or usual for status in Status}
    model.prepare(_in_view(model, regions, densities))
    row_texts = TicketRows(model.people.find, model.app_context.calendar.zone)
    row_texts.my_id = model.my_id
    panes = {}
    for status, box in sorted(regions.items(), key=lambda placed: placed[1].x):
        pens = styles.panes[pane_state_key(has_focus=status is focused, is_stale=at[1].is_stale)]
        lines, ids = _picture(model, row_texts, status, (box, densities[status], loads[status]), at)
        panes[status] = PanePicture(lines, box, (pens.plain, pens.cursor), ids)
    return panes


def _rows_of(panes: Mapping[Status, PanePicture], styles: BoardStyles, area: CellSize) -> list[CellRow]:
    """The lines between the header and the footer."""
    lines: list[list[Cell]] = [[] for _ in range(area.height - HEADER_LINES - KEY_LINES)]
    for pane in panes.values():
        for y in range(pane.box.height):
            lines[pane.box.y + y] += pane.row(y)
    return [build_row([], area.width, styles.header_ground, before=line) for line in lines]


def _in_view(model: BoardModel, regions: Mapping[Status, CellBox], densities: Mapping[Status, int]) -> list[TicketId]:
    """The tickets that fit on the screen."""
    rooms = {status: max(0, box.height - 2) // densities[status] for status, box in regions.items()}
    return [ticket_id for status, room in rooms.items() for ticket_id in model.board.pane(status).ids(0, room)]


def _picture(
    model: BoardModel,
    row_texts: TicketRows,
    status: Status,
    shape: tuple[CellBox, int, PaneLoad],
    at: tuple[datetime, Freshness],
) -> tuple[PaneLines, tuple[TicketId, ...]]:
    """The lines of a pane, and the tickets in view."""
    (_, _, width, height), lines, load = shape
    now, fresh = at
    rows = model.board.pane(status)
    view = Viewport(rows)
    age = f"data {fresh.age} old" if fresh.age and fresh.is_stale else ""
    is_open = height > 1
    view.fit(max(0, height - 2) // lines if is_open else 0)
    in_view = view.visible() if is_open else ()
    shown = [row_texts.row_text(row, now) for row in in_view]
    labels, is_known = pane_labels(status, model.app_context.policy, model.pane_order), is_count_known(model)
    picture = PaneLines(
        title=pane_title_at(labels, rows, now, *(("", NO_LOAD) if is_open else (age, load)), is_known=is_known),
        foot=PaneFooter(age, view.top, view.below),
        row_texts=shown,
        cursor_slot=view.cursor_slot,
        shape=RowLayout(width - 2, lines, max([4, *(len(row_text.label.number) for row_text in shown)])),
        empty=empty_sentences(model)[status],
    )
    return picture, tuple(row.ticket.id for row in in_view)


def _key_row(styles: BoardStyles, hints: Sequence[KeyHint], width: int) -> CellRow:
    """The footer, with a blank at both ends."""
    gap: Iterable[StyledText[Pen]] = [(" " * HINT_GAP, styles.keys_ground)]
    pieces: list[StyledText[Pen]] = [(" ", styles.keys_ground)]
    for number, hint in enumerate(fitting_hints(hints, width - 2)):
        pieces += gap if number else ()
        pieces += [(hint.key, styles.key), (" ", styles.keys_ground), (hint.word, styles.word)]
    return build_row(pieces, width, styles.keys_ground)
