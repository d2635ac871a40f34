"""A clock's days as lines of a side panel: each day's hours as a strip, and why the others did not count."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from supporttui.domain.clock_explanation import explain_clock
from supporttui.domain.clock_text import hours_text
from supporttui.domain.sla import Clock
from supporttui.presentation.explanation_text import RULER, DayRow, HourMark, day_rows, explanation_facts
from supporttui.ui.widgets.side_panel import Fact, PanelInk, PanelRow, PanelRun, Runs, Section

SHOWN: Final = 8
"""Days that are drawn; older ones are left to the list of what counted."""

_LABEL_CELLS: Final = 8
_INKS: Final = {
    HourMark.COUNTED: PanelInk.VALUE,
    HourMark.AHEAD: PanelInk.LABEL,
    HourMark.PAUSED: PanelInk.NOTICE,
    HourMark.CLOSED: PanelInk.FAINT,
    HourMark.NOTHING: PanelInk.FAINT,
}
_TOLD: Final = ("from", "why", "judged by", "desk says", "disagrees")


def days_section(clock: Clock, now: datetime, zone: ZoneInfo) -> Section:
    """The days from the start to the due time, and the facts that no other section tells."""
    account = explain_clock(clock, now)
    rows = day_rows(account, zone)[-SHOWN:]
    lines: list[PanelRow] = [Runs(((f"{'':{_LABEL_CELLS}}{RULER}".rstrip(), PanelInk.FAINT),))] if rows else []
    lines += [_day_line(row) for row in rows]
    for label, value in explanation_facts(account, zone, now):
        if label in _TOLD:
            lines.append(Fact(label, value, PanelInk.PROBLEM if label in ("why", "disagrees") else PanelInk.FAINT))
    return Section("Across the days", tuple(lines) or (Fact("", "nothing yet", PanelInk.FAINT),))


def _day_line(row: DayRow) -> PanelRow:
    """One day's strip; for days on which nothing counts, the reason."""
    label = f"{row.first:%a} {row.first.day:>2}"
    if row.reasons and not row.counted and not row.ahead:
        until = "" if row.first == row.last else f" to {row.last:%a} {row.last.day}"
        return Runs(
            ((f"{label:<{_LABEL_CELLS}}", PanelInk.LABEL), (f"‖ {', '.join(row.reasons)}{until}", PanelInk.FAINT))
        )
    runs: list[PanelRun] = [(f"{label:<{_LABEL_CELLS}}", PanelInk.LABEL)]
    for mark in row.hours:
        ink = _INKS[mark]
        if runs[1:] and runs[-1][1] is ink:
            runs[-1] = (runs[-1][0] + mark.value, ink)
        else:
            runs.append((mark.value, ink))
    amount = row.counted or row.ahead
    runs.append((f"{hours_text(amount) if amount else '':>8}", PanelInk.VALUE if row.counted else PanelInk.FAINT))
    return Runs(tuple(runs))
