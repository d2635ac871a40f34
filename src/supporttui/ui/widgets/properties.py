"""A ticket's properties, its requester and its files, as sections of a side panel."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from supporttui.domain.board import in_status_since, waiting_since
from supporttui.domain.clock_text import elapsed_text
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket import Attachment, Lifecycle, Person, Ticket
from supporttui.ui.drawing import steady
from supporttui.ui.widgets.conversation_parts import person_name, size_text
from supporttui.ui.widgets.instants_text import instant_text
from supporttui.ui.widgets.side_panel import Fact, PanelInk, PanelRow, Section


def status_word(ticket: Ticket, policy: ServicePolicy) -> str:
    """The status as the policy calls it, or what became of a ticket that is none of its own any more."""
    return policy.statuses[ticket.status].title if ticket.fate is Lifecycle.LIVE else ticket.fate.value.capitalize()


def ticket_section(
    ticket: Ticket,
    people: Mapping[int, Person],
    policy: ServicePolicy,
    *,
    my_id: int | None,
    now: datetime,
    zone: tzinfo,
) -> Section:
    """What the desk knows of the ticket itself."""
    status = status_word(ticket, policy)
    locked = " · locked by the desk" if ticket.is_locked else ""
    rows: list[PanelRow] = [
        Fact("status", f"{status}{locked}, for {elapsed_text(max(now - in_status_since(ticket), now - now))}"),
        Fact("severity", _severity_text(ticket, policy)),
        Fact("assignee", _assignee_text(ticket, people, my_id)),
        Fact("group", safe_line(ticket.group) if ticket.group else "—"),
        Fact("tags", ", ".join(safe_line(tag) for tag in ticket.tags) or "—"),
        Fact("dev ticket", safe_line(ticket.external_id) if ticket.external_id else "—"),
    ]
    waiting = waiting_since(ticket)
    if waiting is not None:
        rows.append(Fact("waiting", f"customer, for {elapsed_text(max(now - waiting, now - now))}"))
    rows.append(Fact("created", _past_text(ticket.created_at, zone, now)))
    rows.append(Fact("updated", _past_text(ticket.updated_at, zone, now)))
    return Section("Ticket", tuple(rows))


def requester_section(ticket: Ticket, people: Mapping[int, Person], others: Sequence[Ticket]) -> Section:
    """Who asks, and what else of theirs is open."""
    person = people.get(ticket.requester_id)
    rows: list[PanelRow] = [Fact("", person_name(people, ticket.requester_id))]
    if person is not None:
        if person.email:
            rows.append(Fact("", safe_line(person.email), PanelInk.QUIET))
        if person.organization:
            rows.append(Fact("", safe_line(person.organization), PanelInk.QUIET))
    if others:
        noun = "other open ticket" if len(others) == 1 else "other open tickets"
        rows.append(Fact("", f"{len(others)} {noun}", PanelInk.LABEL))
        rows.extend(_other_row(other) for other in others[:4])
    else:
        rows.append(Fact("", "no other open tickets", PanelInk.FAINT))
    return Section("Requester", tuple(rows))


def _other_row(other: Ticket) -> Fact:
    return Fact("", f"#{other.id} {steady(safe_line(other.subject))}", PanelInk.LINK, is_one_line=True)


def files_section(attachments: Sequence[Attachment]) -> Section:
    """The files of the whole conversation, by name and size."""
    rows: tuple[PanelRow, ...] = tuple(
        Fact("", f"{safe_line(one.file_name)}  {size_text(one.size_bytes)}", PanelInk.LINK) for one in attachments
    )
    return Section("Attachments", rows or (Fact("", "none", PanelInk.FAINT),))


def _severity_text(ticket: Ticket, policy: ServicePolicy) -> str:
    if ticket.severity is None:
        return f"unset, counted as {policy.default_severity}"
    known = policy.severities.get(ticket.severity)
    return f"{ticket.severity} · {known.target_text}" if known else str(ticket.severity)


def _assignee_text(ticket: Ticket, people: Mapping[int, Person], my_id: int | None) -> str:
    if ticket.assignee_id is None:
        return "unassigned"
    return "you" if ticket.assignee_id == my_id else person_name(people, ticket.assignee_id)


def _past_text(at: datetime, zone: tzinfo, now: datetime) -> str:
    return f"{instant_text(at, zone, now)}, {elapsed_text(max(now - at, now - now))} ago"
