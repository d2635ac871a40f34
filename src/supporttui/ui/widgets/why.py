"""Why a clock shows what it shows, and what a reply would do to it, as lines of a side panel."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

from supporttui.domain.clock_explanation import NIGHT, ClockExplanation, ExplainedSegment, explain_clock
from supporttui.domain.clock_text import clock_phrase, hours_text
from supporttui.domain.metrics import METRIC_TITLES
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.sla import Clock, ClockReading, ClockState
from supporttui.domain.ticket import Ticket
from supporttui.ui.row_face import tone_of
from supporttui.ui.widgets.instants_text import instant_text, readers_text, zone_name
from supporttui.ui.widgets.side_panel import Fact, PanelInk, PanelRow, PanelRun, Runs, Section

SHOWN_DAYS: Final = 9
"""Counted stretches that are listed one by one; older ones are summed up."""

_BAR_CELLS: Final = 10
_MINUTE: Final = timedelta(minutes=1)
_ON_THE_CLOCK: Final = frozenset({ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED})


def clock_section(clock: Clock, ticket: Ticket, policy: ServicePolicy, now: datetime, zone: tzinfo) -> Section:
    """What the clock reads and what it is judged by."""
    reading = clock.read(now)
    if reading.state is ClockState.NONE:
        return Section(METRIC_TITLES[clock.terms.metric], (Fact("", f"No clock: {reading.reason}", PanelInk.FAINT),))
    ink = PanelInk(tone_of(reading).value)
    rows: list[PanelRow] = [Runs(((clock_phrase(reading), ink),))]
    if reading.remaining > timedelta() and reading.state in _ON_THE_CLOCK:
        filled = round(reading.fraction_left * _BAR_CELLS)
        bar: tuple[PanelRun, ...] = (("▰" * filled, ink), ("▱" * (_BAR_CELLS - filled), PanelInk.FAINT))
        rows.append(Runs((*bar, (f"  {reading.fraction_left:.0%} left", PanelInk.FAINT))))
    if reading.state in _ON_THE_CLOCK:
        rows.extend(_standing_rows(reading, zone, now))
    severity = "unset, counted as " if ticket.severity is None else ""
    number = ticket.severity if ticket.severity is not None else policy.default_severity
    rows.append(Fact("target", f"{clock.terms.target_text} · severity {severity}{number}"))
    rows.append(Fact("used", hours_text(reading.used)))
    if reading.due_at is not None:
        due = f"{instant_text(reading.due_at, zone, now)} {zone_name(reading.due_at, zone)}"
        rows.append(Fact("was due" if reading.state is ClockState.BREACHED else "due", due))
        mine = readers_text(reading.due_at, zone, now)
        if mine:
            rows.append(Fact("for you", mine, PanelInk.FAINT))
    return Section(METRIC_TITLES[clock.terms.metric], tuple(rows))


def _standing_rows(reading: ClockReading, zone: tzinfo, now: datetime) -> list[PanelRow]:
    """Why it does not count at the moment, and from when on it will."""
    if reading.is_counting:
        return []
    rows: list[PanelRow] = [Fact("paused", reading.reason)]
    if reading.resumes_at is not None:
        when = f"{instant_text(reading.resumes_at, zone, now)} {zone_name(reading.resumes_at, zone)}"
        rows.append(Fact("opens", when))
    return rows


def why_section(clock: Clock, now: datetime, zone: tzinfo, title: str = "What counted") -> Section:
    """The stretches that counted and those that did not, then those that will until it is due."""
    account = explain_clock(clock, now)
    rows = [*_folded(_stretch_rows(account.segments, zone)), *_ahead_rows(account, zone)]
    return Section(title, tuple(rows) or (Fact("", "nothing yet", PanelInk.FAINT),))


def _ahead_rows(account: ClockExplanation, zone: tzinfo) -> list[PanelRow]:
    rows = _stretch_rows(account.ahead, zone, is_ahead=True)
    if not rows:
        return []
    return [Fact("", "ahead", PanelInk.LABEL), *(row for row, _ in rows[: SHOWN_DAYS * 2])]


def _stretch_rows(
    segments: Sequence[ExplainedSegment], zone: tzinfo, *, is_ahead: bool = False
) -> list[tuple[PanelRow, timedelta]]:
    """One row for each counted stretch, and one for the reasons that stood between two of them."""
    rows: list[tuple[PanelRow, timedelta]] = []
    reasons: list[str] = []
    for segment in segments:
        if not segment.is_counted:
            reasons.append(segment.reason) if segment.reason not in reasons else None
            continue
        if reasons:
            rows.append((_still_row(reasons), timedelta()))
            reasons = []
        rows.append((Runs(_counted_runs(segment, zone, is_ahead=is_ahead)), segment.amount))
    if reasons:
        rows.append((_still_row(reasons), timedelta()))
    return rows


def _still_row(reasons: Sequence[str]) -> Fact:
    """Why nothing counted for a while; a night beside something longer goes without saying."""
    told = [reason for reason in reasons if reason != NIGHT] or reasons
    return Fact("", f"‖ {', '.join(told)}", PanelInk.FAINT)


def _counted_runs(segment: ExplainedSegment, zone: tzinfo, *, is_ahead: bool) -> tuple[PanelRun, ...]:
    start, end = segment.start.astimezone(zone), segment.end.astimezone(zone)
    day = f"{start:%a} {start.day:>2} {start:%b}"
    amount = hours_text(segment.amount)
    ink = PanelInk.FAINT if is_ahead else PanelInk.VALUE
    return (day, PanelInk.LABEL), (f"  {start:%H:%M}–{end:%H:%M}", ink), (f"{amount:>10}", ink)


def _folded(rows: list[tuple[PanelRow, timedelta]]) -> list[PanelRow]:
    """The latest rows, and the sum of what came before them."""
    most = SHOWN_DAYS * 2
    if len(rows) <= most:
        return [row for row, _ in rows]
    earlier = sum((amount for _, amount in rows[:-most]), timedelta())
    return [
        Fact("", f"earlier days: {hours_text(earlier)} counted", PanelInk.FAINT),
        *(row for row, _ in rows[-most:]),
    ]
