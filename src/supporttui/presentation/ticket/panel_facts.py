"""Facts for a side panel, as plain values, and the lines that they take."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from supporttui.presentation.cell_text import cut
from supporttui.presentation.ticket.wrapping import wrap_paths

FACT_LABEL_CELLS: Final = 12


class PanelRole(Enum):
    """What a run of text is; it decides its colour. The clock's tones have the names that the board uses."""

    HEADING = "heading"
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
    """One line of several colours; cropped where it does not fit."""

    runs: tuple[PanelText, ...]


PanelRow = FactRow | StyledRow


@dataclass(frozen=True, slots=True)
class PanelSection:
    """A heading and its rows."""

    title: str
    rows: tuple[PanelRow, ...]


def panel_lines(sections: Sequence[PanelSection], width_cells: int) -> list[tuple[PanelText, ...]]:
    """The sections as lines, an empty one between two of them."""
    lines: list[tuple[PanelText, ...]] = []
    for section in sections:
        if lines:
            lines.append(())
        lines.append(((section.title, PanelRole.HEADING),))
        for row in section.rows:
            lines.extend(_row_lines(row, width_cells))
    return lines


def _row_lines(row: PanelRow, width: int) -> list[tuple[PanelText, ...]]:
    if isinstance(row, StyledRow):
        return [row.runs]
    if row.is_one_line:
        return [((cut(row.value, width), row.text_role),)]
    if not row.label:
        return [((text, row.text_role),) for text in wrap_paths(row.value, width)]
    values = wrap_paths(row.value, max(width - FACT_LABEL_CELLS, 8))
    labels = [row.label.ljust(FACT_LABEL_CELLS), *([" " * FACT_LABEL_CELLS] * (len(values) - 1))]
    return [((label, PanelRole.LABEL), (value, row.text_role)) for label, value in zip(labels, values, strict=True)]
