"""The sections of the side panel: properties, people, files, and clocks with their explanation."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from supporttui.domain.board_order import in_status_since, waiting_since
from supporttui.domain.clock_explanation import NIGHT, ClockExplanation, ExplainedSegment, explain_clock
from supporttui.domain.clock_text import clock_phrase, elapsed_text, hours_text
from supporttui.domain.metrics import METRIC_TITLES
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.sla import Clock, ClockReading, ClockState
from supporttui.domain.ticket import Attachment, Lifecycle, Person, Status, Ticket
from supporttui.presentation.board.ticket_row import clock_tone
from supporttui.presentation.cell_text import cut, strip_joiners
from supporttui.presentation.ticket.conversation_parts import person_name, size_text
from supporttui.presentation.ticket.explanation_text import explanation_facts
from supporttui.presentation.ticket.instants_text import instant_text, reader_instant_text, zone_name
from supporttui.presentation.ticket.panel_facts import FactRow, PanelRole, PanelRow, PanelSection, PanelText, StyledRow

MAX_LISTED_FILES: Final = 50
"""The number of newest files listed beside the conversation."""

MAX_LISTED_TAGS: Final = 50
MAX_SUBJECT_CELLS: Final = 2_000
"""The maximum width at which a subject is shown in full."""

_SHOWN_FACTS: Final = ("from", "why", "judged by", "desk says", "disagrees")


def status_word(ticket: Ticket, policy: ServicePolicy) -> str:
    """Return the policy's name of the status; for a ticket that is no longer live, what became of it."""
    return (
        policy.statuses[ticket.status].title
        if ticket.lifecycle is Lifecycle.LIVE
        else ticket.lifecycle.value.capitalize()
    )


def ticket_section(
    ticket: Ticket,
    people: Mapping[int, Person],
    policy: ServicePolicy,
    *,
    my_id: int | None,
    now: datetime,
) -> PanelSection:
    """Return the status and the assignee, which are looked for first."""
    status = status_word(ticket, policy)
    locked = " · locked by the desk" if ticket.is_locked else ""
    rows: list[PanelRow] = [
        FactRow("status", f"{status}{locked}, for {elapsed_text(max(now - in_status_since(ticket), now - now))}"),
        FactRow("severity", severity_text(ticket, policy)),
        FactRow("assignee", assignee_text(ticket, people, my_id)),
    ]
    waiting = waiting_since(ticket)
    if waiting is not None:
        rows.append(FactRow("waiting", f"customer, for {elapsed_text(max(now - waiting, now - now))}"))
    rows.append(FactRow("tags", _tags_text(ticket.tags)))
    return PanelSection("Ticket", tuple(rows))


def own_ticket_section(ticket: Ticket, policy: ServicePolicy, now: datetime) -> PanelSection:
    """Return the same section for the requester: the status, and which side is waiting."""
    rows: list[PanelRow] = [
        FactRow("status", status_word(ticket, policy)),
        FactRow("severity", severity_text(ticket, policy)),
    ]
    waiting = waiting_since(ticket)
    if waiting is not None:
        rows.append(FactRow("waiting", f"you, for {elapsed_text(max(now - waiting, now - now))}"))
    elif ticket.replied_at is not None and ticket.status is Status.AWAITING_REPLY:
        rows.append(FactRow("waiting", f"support, for {elapsed_text(max(now - ticket.replied_at, now - now))}"))
    return PanelSection("Ticket", tuple(rows))


def _tags_text(tags: Sequence[OutsideText]) -> str:
    """The first tags, and the number of further ones."""
    more = len(tags) - MAX_LISTED_TAGS
    shown = ", ".join(safe_line(tag) for tag in tags[:MAX_LISTED_TAGS])
    return f"{shown} and {more:,} more" if more > 0 else shown or "—"


def record_section(ticket: Ticket, now: datetime, zone: tzinfo, *, is_own: bool = False) -> PanelSection:
    """Return secondary facts: the group, the development ticket and when the ticket changed.

    For a requester (`is_own`), group and development ticket are left out.
    """
    of_agents = (
        ()
        if is_own
        else (
            FactRow("group", safe_line(ticket.group) if ticket.group else "—"),
            FactRow("dev ticket", safe_line(ticket.development_ticket) if ticket.development_ticket else "—"),
        )
    )
    return PanelSection(
        "Record",
        (
            FactRow("subject", strip_joiners(cut(safe_line(ticket.subject), MAX_SUBJECT_CELLS))),
            *of_agents,
            FactRow("created", _past_text(ticket.created_at, zone, now)),
            FactRow("updated", _past_text(ticket.updated_at, zone, now)),
        ),
    )


def requester_section(ticket: Ticket, people: Mapping[int, Person], others: Sequence[Ticket]) -> PanelSection:
    """Return the requester and their other open tickets."""
    person = people.get(ticket.requester_id)
    rows: list[PanelRow] = [FactRow("", person_name(people, ticket.requester_id))]
    if person is not None:
        if person.email:
            rows.append(FactRow("", safe_line(person.email), PanelRole.QUIET))
        if person.organization:
            rows.append(FactRow("", safe_line(person.organization), PanelRole.QUIET))
    if others:
        noun = "other open ticket" if len(others) == 1 else "other open tickets"
        rows.append(FactRow("", f"{len(others)} {noun}", PanelRole.LABEL))
        rows.extend(_other_row(other) for other in others[:4])
    else:
        rows.append(FactRow("", "no other open tickets", PanelRole.FAINT))
    return PanelSection("Requester", tuple(rows))


def _other_row(other: Ticket) -> FactRow:
    return FactRow("", f"{other.id.label} {strip_joiners(safe_line(other.subject))}", PanelRole.LINK, is_one_line=True)


def files_section(attachments: Sequence[Attachment], key: str) -> PanelSection:
    """The files of the whole conversation, by name and size; `key` lists all of them."""
    rows: tuple[PanelRow, ...] = tuple(
        FactRow("", f"{safe_line(one.file_name)}  {size_text(one.size_bytes)}", PanelRole.LINK)
        for one in attachments[-MAX_LISTED_FILES:]
    )
    if len(attachments) > MAX_LISTED_FILES:
        earlier = f"{len(attachments) - MAX_LISTED_FILES:,} earlier files: {key} lists them"
        rows = (FactRow("", earlier, PanelRole.FAINT), *rows)
    return PanelSection("Attachments", rows or (FactRow("", "none", PanelRole.FAINT),))


def severity_text(ticket: Ticket, policy: ServicePolicy) -> str:
    """Return the severity and its target; for an unset one, the severity that is assumed."""
    if ticket.severity is None:
        return f"unset, counted as {policy.default_severity}"
    known = policy.severities.get(ticket.severity)
    return f"{ticket.severity} · {known.target_text}" if known else str(ticket.severity)


def assignee_text(ticket: Ticket, people: Mapping[int, Person], my_id: int | None) -> str:
    """Return the assignee's name."""
    if ticket.assignee_id is None:
        return "unassigned"
    return "you" if ticket.assignee_id == my_id else person_name(people, ticket.assignee_id)


def _past_text(at: datetime, zone: tzinfo, now: datetime) -> str:
    """When something happened; what the desk's clock has dated later than now was just now."""
    at = min(at, now)
    return f"{instant_text(at, zone, now)}, {elapsed_text(now - at)} ago"


MAX_LISTED_SPANS: Final = 9
"""Counted spans that are listed individually; older ones are summed up."""

_BAR_CELLS: Final = 10
_MINUTE: Final = timedelta(minutes=1)
_OPEN_CLOCK_STATES: Final = frozenset({ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED})


def clock_section(clock: Clock, ticket: Ticket, policy: ServicePolicy, now: datetime, zone: ZoneInfo) -> PanelSection:
    """Return everything about one clock: its reading, its target, and which hours counted."""
    reading = clock.read(now)
    if reading.state is ClockState.NONE:
        return PanelSection(
            METRIC_TITLES[clock.terms.metric], (FactRow("", f"No clock: {reading.reason}", PanelRole.FAINT),)
        )
    text_role = PanelRole(clock_tone(reading).value)
    rows: list[PanelRow] = [StyledRow(((clock_phrase(reading), text_role),))]
    if reading.remaining > timedelta() and reading.state in _OPEN_CLOCK_STATES:
        filled = round(reading.fraction_left * _BAR_CELLS)
        bar: tuple[PanelText, ...] = (("▰" * filled, text_role), ("▱" * (_BAR_CELLS - filled), PanelRole.FAINT))
        rows.append(StyledRow((*bar, (f"  {reading.fraction_left:.0%} left", PanelRole.FAINT))))
    if reading.state in _OPEN_CLOCK_STATES:
        rows.extend(_paused_rows(reading, zone, now))
    severity = "unset, counted as " if ticket.severity is None else ""
    number = ticket.severity if ticket.severity is not None else policy.default_severity
    rows.append(FactRow("target", f"{clock.terms.target_text} · severity {severity}{number}"))
    rows.append(FactRow("used", hours_text(reading.used)))
    if reading.due_at is not None:
        due = f"{instant_text(reading.due_at, zone, now)} {zone_name(reading.due_at, zone)}"
        rows.append(FactRow("was due" if reading.state is ClockState.BREACHED else "due", due))
        mine = reader_instant_text(reading.due_at, zone, now)
        if mine:
            rows.append(FactRow("for you", mine, PanelRole.FAINT))
    account = explain_clock(clock, now)
    rows += _judgement_rows(account, now, zone)
    rows += [FactRow("", "What counted", PanelRole.LABEL), *counted_rows(account, zone)]
    return PanelSection(METRIC_TITLES[clock.terms.metric], tuple(rows))


def _paused_rows(reading: ClockReading, zone: tzinfo, now: datetime) -> list[PanelRow]:
    """Why it is paused, and when it resumes."""
    if reading.is_counting:
        return []
    rows: list[PanelRow] = [FactRow("paused", reading.reason)]
    if reading.resumes_at is not None:
        when = f"{instant_text(reading.resumes_at, zone, now)} {zone_name(reading.resumes_at, zone)}"
        rows.append(FactRow("opens", when))
    return rows


def _judgement_rows(account: ClockExplanation, now: datetime, zone: ZoneInfo) -> list[PanelRow]:
    """The source of the target, the cause of a breach, and the help desk's values for the same clock."""
    return [
        FactRow(label, value, PanelRole.PROBLEM if label in ("why", "disagrees") else PanelRole.FAINT)
        for label, value in explanation_facts(account, zone, now)
        if label in _SHOWN_FACTS
    ]


def counted_rows(account: ClockExplanation, zone: tzinfo) -> list[PanelRow]:
    """Return the counted and the paused spans, then those expected until the due time."""
    rows = [*_with_earlier_summed(_span_rows(account.segments, zone)), *_ahead_rows(account, zone)]
    return rows or [FactRow("", "nothing yet", PanelRole.FAINT)]


def _ahead_rows(account: ClockExplanation, zone: tzinfo) -> list[PanelRow]:
    rows = _span_rows(account.ahead, zone, is_ahead=True)
    if not rows:
        return []
    return [FactRow("", "ahead", PanelRole.LABEL), *(row for row, _ in rows[: MAX_LISTED_SPANS * 2])]


def _span_rows(
    segments: Sequence[ExplainedSegment], zone: tzinfo, *, is_ahead: bool = False
) -> list[tuple[PanelRow, timedelta]]:
    """A row for each counted span, and one for the reasons of each pause between two of them."""
    rows: list[tuple[PanelRow, timedelta]] = []
    reasons: list[str] = []
    for segment in segments:
        if not segment.is_counted:
            reasons.append(segment.reason) if segment.reason not in reasons else None
            continue
        if reasons:
            rows.append((_paused_row(reasons), timedelta()))
            reasons = []
        rows.append((StyledRow(_counted_texts(segment, zone, is_ahead=is_ahead)), segment.amount))
    if reasons:
        rows.append((_paused_row(reasons), timedelta()))
    return rows


def _paused_row(reasons: Sequence[str]) -> FactRow:
    """The reasons of a pause; a night is left out if there is another reason."""
    told = [reason for reason in reasons if reason != NIGHT] or reasons
    return FactRow("", f"‖ {', '.join(told)}", PanelRole.FAINT)


def _counted_texts(segment: ExplainedSegment, zone: tzinfo, *, is_ahead: bool) -> tuple[PanelText, ...]:
    start, end = segment.start.astimezone(zone), segment.end.astimezone(zone)
    day = f"{start:%a} {start.day:>2} {start:%b}"
    amount = hours_text(segment.amount)
    text_role = PanelRole.FAINT if is_ahead else PanelRole.VALUE
    return (day, PanelRole.LABEL), (f"  {start:%H:%M}–{end:%H:%M}", text_role), (f"{amount:>10}", text_role)


def _with_earlier_summed(rows: list[tuple[PanelRow, timedelta]]) -> list[PanelRow]:
    """The latest rows, preceded by the sum of the earlier ones."""
    most = MAX_LISTED_SPANS * 2
    if len(rows) <= most:
        return [row for row, _ in rows]
    earlier = sum((amount for _, amount in rows[:-most]), timedelta())
    return [
        FactRow("", f"earlier days: {hours_text(earlier)} counted", PanelRole.FAINT),
        *(row for row, _ in rows[-most:]),
    ]
