"""The side panel's facts as plain values, and their layout in lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from supporttui.presentation.cell_text import cell_len, cut
from supporttui.presentation.ticket.wrapping import wrap_paths

FACT_LABEL_CELLS: Final = 12


class PanelRole(Enum):
    """The role of a run of text; decides its colour. The clock's tones have the same names as on the board."""

    HEADING = "heading"
    SUBJECT = "subject"
    LABEL = "label"
    VALUE = "value"
    FAINT = "faint"
    LINK = "link"
    PROBLEM = "problem"
    CALM = "calm"
    NOTICE = "notice"
    URGENT = "urgent"
    BREACHED = "breached"
    PAUSED_CALM = "paused-calm"
    PAUSED_NOTICE = "paused-notice"
    PAUSED_URGENT = "paused-urgent"
    PAUSED_BREACHED = "paused-breached"
    QUIET = "quiet"
    LATE = "late"


PanelText = tuple[str, PanelRole]


@dataclass(frozen=True, slots=True)
class FactRow:
    """A label and its value, wrapped below itself. Without a label the value takes the whole width."""

    label: str
    value: str
    text_role: PanelRole = PanelRole.VALUE
    is_one_line: bool = False
    """Whether a value that does not fit is cut instead of wrapped."""


@dataclass(frozen=True, slots=True)
class StyledRow:
    """Runs in several colours on one line, continued on the next if they do not fit."""

    runs: tuple[PanelText, ...]


PanelRow = FactRow | StyledRow


@dataclass(frozen=True, slots=True)
class PanelSection:
    """A heading, which may be empty, and its rows."""

    title: str
    rows: tuple[PanelRow, ...]


def panel_lines(sections: Sequence[PanelSection], width_cells: int) -> list[tuple[PanelText, ...]]:
    """Return the sections as lines, separated by empty ones."""
    lines: list[tuple[PanelText, ...]] = []
    for section in sections:
        if lines:
            lines.append(())
        if section.title:
            lines.append(((section.title, PanelRole.HEADING),))
        for row in section.rows:
            lines.extend(_row_lines(row, width_cells))
    return lines


def _row_lines(row: PanelRow, width: int) -> list[tuple[PanelText, ...]]:
    if isinstance(row, StyledRow):
        return _flowed(row.runs, width)
    if row.is_one_line:
        return [((cut(row.value, width), row.text_role),)]
    if not row.label:
        return [((text, row.text_role),) for text in wrap_paths(row.value, width)]
    values = wrap_paths(row.value, max(width - FACT_LABEL_CELLS, 8))
    labels = [row.label.ljust(FACT_LABEL_CELLS), *([" " * FACT_LABEL_CELLS] * (len(values) - 1))]
    return [((label, PanelRole.LABEL), (value, row.text_role)) for label, value in zip(labels, values, strict=True)]


def _flowed(runs: Sequence[PanelText], width: int) -> list[tuple[PanelText, ...]]:
    """Distribute the runs over lines of `width` cells; a run wider than a line is cut."""
    lines: list[list[PanelText]] = [[]]
    room = width
    for text, role in runs:
        if lines[-1] and cell_len(text) > room:
            lines.append([])
            text, room = text.lstrip(" ·"), width
        shown = cut(text, room)
        lines[-1].append((shown, role))
        room -= cell_len(shown)
    return [tuple(line) for line in lines]
