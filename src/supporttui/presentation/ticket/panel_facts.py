"""Facts for a side panel, as plain values, and the lines that they take."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from supporttui.presentation.cell_text import cell_len, cut
from supporttui.presentation.ticket.wrapping import wrap_paths

FACT_LABEL_CELLS: Final = 12


class PanelRole(Enum):
    """What a run of text is; it decides its colour. The clock's tones have the names that the board uses."""

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
    """A label and what it stands for, wrapped below itself. Without a label it takes the whole width."""

    label: str
    value: str
    text_role: PanelRole = PanelRole.VALUE
    is_one_line: bool = False
    """Cut where it does not fit, instead of wrapped."""


@dataclass(frozen=True, slots=True)
class StyledRow:
    """Pieces of several colours in one line; those that do not fit there go on in the next."""

    runs: tuple[PanelText, ...]


PanelRow = FactRow | StyledRow


@dataclass(frozen=True, slots=True)
class PanelSection:
    """A heading, which may be empty, and its rows."""

    title: str
    rows: tuple[PanelRow, ...]


def panel_lines(sections: Sequence[PanelSection], width_cells: int) -> list[tuple[PanelText, ...]]:
    """The sections as lines, an empty one between two of them."""
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
    """The pieces in lines of so many cells; one that is wider than a line is cut."""
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
