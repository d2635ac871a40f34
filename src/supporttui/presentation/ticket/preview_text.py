"""The text of the board's preview above a ticket's messages, and in place of missing messages."""

from datetime import datetime
from typing import Final

from supporttui.domain.board import PendingMark, Row
from supporttui.domain.board_order import in_status_since, waiting_since
from supporttui.domain.clock_text import clock_phrase, elapsed_text
from supporttui.domain.metrics import METRIC_TITLES
from supporttui.domain.safe_text import safe_line
from supporttui.domain.sla import ClockReading, ClockState
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.ticket_row import clock_tone
from supporttui.presentation.cell_text import cut, strip_joiners
from supporttui.presentation.ticket.conversation_parts import person_name
from supporttui.presentation.ticket.instants_text import instant_text, zone_name
from supporttui.presentation.ticket.panel_facts import FactRow, PanelRole, PanelRow, PanelSection, PanelText, StyledRow
from supporttui.presentation.ticket.ticket_sections import assignee_text, status_word
from supporttui.presentation.ticket.ticket_view import TicketView, desk_zone, is_overtaken
from supporttui.sync.engine import LinkState

_OPEN_CLOCK_STATES: Final = frozenset({ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED})
_UNREACHED: Final = frozenset({LinkState.OFFLINE, LinkState.UNAUTHORISED, LinkState.STOPPED})


def preview_section(view: TicketView, model: BoardModel, now: datetime, subject_cells: int) -> PanelSection:
    """Return the subject, the clock, the requester, the ticket's state, and unsent changes."""
    row = view.row
    if row is None:
        return PanelSection("", (FactRow("", "This ticket is not in the local copy.", PanelRole.FAINT),))
    subject = strip_joiners(cut(safe_line(row.ticket.subject), subject_cells))
    rows: list[PanelRow] = [
        FactRow("", subject, PanelRole.SUBJECT),
        StyledRow(_clock_runs(row, model, now)),
        StyledRow(_standing_runs(row, view, model, now)),
    ]
    marks = _mark_runs(row, view)
    return PanelSection("", (*rows, StyledRow(marks)) if marks else tuple(rows))


def _standing_runs(row: Row, view: TicketView, model: BoardModel, now: datetime) -> tuple[PanelText, ...]:
    """Return `Dana Reyes · Acme Robotics · New for 3h 18m · severity 1 · unassigned · customer waits 24m`.

    On a requester's own board, requester and assignee are left out: `Submitted for 3h 18m · severity 1 · you wait 24m`.
    """
    ticket, policy = row.ticket, model.app_context.policy
    severity = f"{policy.default_severity}, unset" if ticket.severity is None else str(ticket.severity)
    since = elapsed_text(max(now - in_status_since(ticket), now - now))
    runs: list[PanelText] = [
        (_requester_text(row, view), PanelRole.VALUE),
        (f" · {status_word(ticket, policy)} for {since}", PanelRole.VALUE),
        (f" · severity {severity}", PanelRole.VALUE),
        (f" · {assignee_text(ticket, view.people, model.my_id)}", PanelRole.VALUE),
    ]
    waits = "customer waits"
    if model.app_context.is_requester:
        runs, waits = (
            [(f"{status_word(ticket, policy)} for {since} · severity {severity}", PanelRole.VALUE)],
            "you wait",
        )
    waiting = waiting_since(ticket)
    if waiting is not None:
        runs.append((f" · {waits} {elapsed_text(max(now - waiting, now - now))}", PanelRole.FAINT))
    return tuple(runs)


def _clock_runs(row: Row, model: BoardModel, now: datetime) -> tuple[PanelText, ...]:
    """Return `0:42:10 left · first response · due today 15:13 EST`."""
    reading = row.clock.read(now)
    if reading.state is ClockState.NONE:
        return ((f"No clock: {reading.reason}", PanelRole.FAINT),)
    metric = METRIC_TITLES[row.clock.terms.metric].lower()
    runs: list[PanelText] = [
        (clock_phrase(reading), PanelRole(clock_tone(reading).value)),
        (f" · {metric}", PanelRole.FAINT),
    ]
    runs += [(f" · {said}", PanelRole.FAINT) for said in _due_texts(reading, model, now)]
    return tuple(runs)


def _due_texts(reading: ClockReading, model: BoardModel, now: datetime) -> list[str]:
    if reading.state not in _OPEN_CLOCK_STATES:
        return []
    zone, said = desk_zone(model), []
    if reading.due_at is not None:
        word = "was due" if reading.state is ClockState.BREACHED else "due"
        said.append(f"{word} {instant_text(reading.due_at, zone, now)} {zone_name(reading.due_at, zone)}")
    if not reading.is_counting:
        said.append(f"paused: {reading.reason}")
        if reading.resumes_at is not None:
            said.append(f"opens {instant_text(reading.resumes_at, zone, now)}")
    return said


def _requester_text(row: Row, view: TicketView) -> str:
    """Return the requester and their organisation."""
    person = view.people.get(row.ticket.requester_id)
    name = person_name(view.people, row.ticket.requester_id)
    organization = strip_joiners(safe_line(person.organization)) if person and person.organization else ""
    return f"{name} · {organization}" if organization else name


def _mark_runs(row: Row, view: TicketView) -> tuple[PanelText, ...]:
    """Return marks for unsent changes; their text is shown after the messages."""
    runs: list[PanelText] = []
    if row.mark is PendingMark.PROBLEM:
        runs.append(("! a change was not sent: open the ticket to decide", PanelRole.PROBLEM))
    elif row.mark is PendingMark.PENDING:
        runs.append(("↑ a change is waiting to be sent", PanelRole.NOTICE))
    if view.draft is not None:
        kind = "reply" if view.draft.is_public else "note"
        runs.append((f"{' · ' if runs else ''}your draft of a {kind} is kept", PanelRole.NOTICE))
    return tuple(runs)


def missing_messages_text(view: TicketView, model: BoardModel, *, is_asked: bool) -> str:
    """Return what is missing from the local copy and whether it is on its way; empty if nothing is."""
    is_unreached = model.status.link in _UNREACHED
    if view.conversation is None:
        if is_unreached:
            return "The messages are not in the local copy, and the help desk cannot be reached now."
        return f"The messages are not in the local copy{': asking the help desk for them…' if is_asked else ' yet.'}"
    if not is_overtaken(view, model):
        return ""
    return "The ticket has changed since" + (": asking the help desk for what is new…" if is_asked else ".")
