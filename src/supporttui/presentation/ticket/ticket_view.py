"""The view of one ticket at one moment, gathered from the model, and the sections made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from supporttui.domain.board import Row
from supporttui.domain.metrics import METRIC_TITLES
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Attachment, Conversation, Lifecycle, Person, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.ticket.conversation_parts import ReadingContext
from supporttui.presentation.ticket.drafts import latest_draft_of
from supporttui.presentation.ticket.panel_facts import PanelSection
from supporttui.presentation.ticket.ticket_sections import (
    clock_section,
    files_section,
    own_ticket_section,
    record_section,
    requester_section,
    ticket_section,
)
from supporttui.store.operations import Draft, Operation
from supporttui.sync.engine import LinkState

_LIFECYCLE_SENTENCES = {
    Lifecycle.MERGED: "was merged into another one; nothing can be sent on it any more.",
    Lifecycle.DELETED: "is not on the help desk any more, or not for you; nothing can be sent on it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """One ticket with everything around it."""

    ticket_id: TicketId
    row: Row | None
    """The ticket with its pending changes; None if the local copy does not have it."""
    conversation: Conversation | None
    unsent: tuple[Operation, ...]
    draft: Draft | None
    people: Mapping[int, Person]
    """The people mentioned on it."""
    others: tuple[Ticket, ...]
    """The requester's other open tickets."""
    problem: str
    """Why the conversation could not be fetched, safe to draw; empty if it was or is being fetched."""

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files of all messages, oldest first."""
        messages = self.conversation.messages if self.conversation else ()
        return tuple(attachment for message in messages for attachment in message.attachments)


def load_ticket_view(
    model: BoardModel, ticket_id: TicketId, conversation: Conversation | None, *, with_others: bool = True
) -> TicketView:
    """Return the ticket as the model has it now; `with_others` includes the requester's other open tickets."""
    row = model.row(ticket_id)
    named = {message.author_id for message in conversation.messages} if conversation else set()
    named |= (
        {person_id for event in conversation.history for person_id in event.person_ids()} if conversation else set()
    )
    others: list[Ticket] = []
    if row is not None:
        named |= {row.ticket.requester_id, row.ticket.assignee_id or row.ticket.requester_id}
        found_others = model.open_tickets_of(row.ticket.requester_id) if with_others else []
        others = [one for one in found_others if one.id != ticket_id]
    model.people.prepare(named)
    found = {person_id: model.people.find(person_id) for person_id in named}
    return TicketView(
        ticket_id=ticket_id,
        row=row,
        conversation=conversation,
        unsent=model.outbox_view.operations(ticket_id),
        draft=latest_draft_of(model.outbox_view.drafts(), ticket_id),
        people={person_id: person for person_id, person in found.items() if person is not None},
        others=tuple(others),
        problem=model.engine.conversation_problem(ticket_id) or "",
    )


def conversation_context(
    view: TicketView, model: BoardModel, unread_after: datetime | None, *, shows_draft: bool
) -> ReadingContext:
    """Return the reader's context for the conversation."""
    zone = desk_zone(model)
    return ReadingContext(
        people=view.people,
        requester_id=view.row.ticket.requester_id if view.row else 0,
        me_id=model.my_id,
        policy=model.app_context.policy,
        zone=zone,
        today=model.now().astimezone(zone).date(),
        unread_after=unread_after,
        draft=view.draft if shows_draft else None,
        standing=loading_notice(view, model),
        keymap=model.app_context.keymap,
    )


def clock_sections(view: TicketView, model: BoardModel, now: datetime) -> list[PanelSection]:
    """Return one section for each clock, the worst first."""
    if view.row is None:
        return []
    zone, policy, worst = desk_zone(model), model.app_context.policy, view.row.clock
    others = [clock for clock in view.row.clocks if clock is not worst]
    return [clock_section(clock, view.row.ticket, policy, now, zone) for clock in (worst, *others)]


def clock_title(view: TicketView) -> str:
    """Return the title of the worst clock's section; empty if the ticket is unknown."""
    return METRIC_TITLES[view.row.clock.terms.metric] if view.row is not None else ""


def property_sections(view: TicketView, model: BoardModel, now: datetime) -> list[PanelSection]:
    """Return the sections looked at first: the ticket's state and the requester."""
    if view.row is None:
        return []
    ticket = view.row.ticket
    if model.app_context.is_requester:
        return [own_ticket_section(ticket, model.app_context.policy, now)]
    return [
        ticket_section(ticket, view.people, model.app_context.policy, my_id=model.my_id, now=now),
        requester_section(ticket, view.people, view.others),
    ]


def record_sections(view: TicketView, model: BoardModel, now: datetime) -> list[PanelSection]:
    """Return the sections with secondary facts."""
    if view.row is None:
        return []
    record = record_section(view.row.ticket, now, desk_zone(model), is_own=model.app_context.is_requester)
    return [record, files_section(view.attachments, model.app_context.key("ticket-files"))]


def ticket_notice(view: TicketView, model: BoardModel) -> str:
    """Return the most important notice about what is shown; empty if there is none."""
    is_offline = model.status.link in (LinkState.OFFLINE, LinkState.UNAUTHORISED, LinkState.STOPPED)
    if view.row is not None and view.row.ticket.lifecycle is not Lifecycle.LIVE:
        return f"{view.ticket_id.label} {_LIFECYCLE_SENTENCES[view.row.ticket.lifecycle]}"
    if model.status.unsaved:
        key = model.app_context.key("ticket-copy")
        return f"What you wrote is kept in this window; {key} copies it. {model.status.sentence}"
    if view.problem or model.readings.problem:
        return view.problem or model.readings.problem
    if view.conversation is None:
        return f"The conversation is not here yet. {model.status.sentence}" if is_offline else ""
    return model.status.sentence if is_offline else ""


def loading_notice(view: TicketView, model: BoardModel) -> str:
    """Return what is still being loaded, for the end of the conversation: `loading…`; empty if it is complete."""
    if model.status.link in (LinkState.OFFLINE, LinkState.UNAUTHORISED, LinkState.STOPPED) or view.problem:
        return ""
    if view.conversation is None:
        return "loading the conversation…"
    return "the ticket has changed; fetching what is new…" if is_overtaken(view, model) else ""


def is_overtaken(view: TicketView, model: BoardModel) -> bool:
    """Whether the ticket has changed since its conversation was fetched."""
    ticket = model.ticket(view.ticket_id)
    return ticket is not None and view.conversation is not None and view.conversation.ticket_version != ticket.version


def desk_zone(model: BoardModel) -> ZoneInfo:
    """Return the time zone of the desk's support hours."""
    return model.app_context.calendar.zone


def safe_sentence(sentence: str) -> str:
    """Make a sentence safe to draw that may quote a file name or the desk."""
    return safe_line(OutsideText(sentence))
