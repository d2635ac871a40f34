"""The kinds of answers that the client decodes: each with the call that reads it, and what was read piece by piece."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from support.desks.sample_answers import ANSWERS, EVENT, EVENTS, REFUSAL, TOLD_CHANGE
from support.sample_values import START, make_ticket, ticket_key
from supporttui.domain.patch import TicketPatch
from supporttui.domain.query.parser import parse_query
from supporttui.domain.query.query import QueryContext
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, Conversation, Message, Person, Role, Status, Ticket
from supporttui.helpdesks.base import FoundTickets, NewTicket, Rejected, SendResult, TicketMerge, TicketUpdate
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.helpdesks.zendesk.people_reader import PeopleReader
from supporttui.helpdesks.zendesk.requests_desk import RequestsDesk
from supporttui.zendesk_api.responses import User

UPDATE: Final = TicketUpdate(
    operation_id="o", ticket_id=ticket_key(1), based_on=None, patch=TicketPatch(status=Status.OPEN)
)
NEW: Final = NewTicket(operation_id="o", subject="s", description="d", severity=None, requester_email="a@x.example")
MERGE: Final = TicketMerge(
    operation_id="o", source_id=ticket_key(1), target_id=ticket_key(1), target_note="t", source_note="s"
)
"""Of a ticket into itself: its answers are there."""
Pieces = dict[str, object]
"""What was read, one by one: `ticket 2 subject`, `person 8 name`; the same names for the same answer."""
Call = Callable[[ZendeskDesk], Awaitable[Pieces]]


def of_each(kind: str, found: Iterable[Any]) -> Pieces:
    pieces: Pieces = {}
    for each in found:
        number = each.id.id if isinstance(each, Ticket) else each.id
        name = f"{kind} {number}"
        while f"{name} id" in pieces:
            name += "b"
        pieces |= {f"{name} {field}": getattr(each, field) for field in each.__struct_fields__}
    return pieces


async def listed(desk: ZendeskDesk | RequestsDesk, cursor: str) -> Pieces:
    page = await desk.fetch_changes(cursor)
    place = {"page cursor": page.cursor, "page has_more": page.has_more, "page is_cut_short": page.is_cut_short}
    said = {"said": tuple(each.id for each in page.unreadable_ids)}
    return of_each("ticket", page.tickets) | of_each("person", page.people) | place | said


def of_conversation(found: tuple[Ticket, Conversation, tuple[Person, ...]]) -> Pieces:
    ticket, conversation, people = found
    history = {f"history {each.at:%M} {each.field}": each.after for each in conversation.history}
    is_unsaid = conversation.is_whole
    return (
        of_each("ticket", [ticket]) | of_each("message", conversation.messages) | of_each("person", people) | history
        | {"said": () if is_unsaid else ("conversation",), "audit last": conversation.last_audit_id}
    )  # fmt: skip


def of_found(found: FoundTickets) -> Pieces:
    said = {"said": tuple(each.id for each in found.unreadable_ids), "found total": found.total}
    return of_each("ticket", found.tickets) | of_each("person", found.people) | said


async def searched(desk: ZendeskDesk) -> Pieces:
    return of_found(await desk.search(parse_query("printer"), CONTEXT, 50))


async def viewed(desk: ZendeskDesk) -> Pieces:
    return of_found(await desk.fetch_view_tickets("1", 50))


async def views(desk: ZendeskDesk) -> Pieces:
    return of_each("view", await desk.fetch_views())


async def agents(desk: ZendeskDesk) -> Pieces:
    return of_each("person", {each.id: each for each in await desk.fetch_agents()}.values())


async def belonging(desk: ZendeskDesk) -> Pieces:
    """People, read by somebody who knows no organisation yet."""
    return of_each("person", await PeopleReader(desk.client).read([User(id=8, name="n", organization_id=4)]))


async def groups(desk: ZendeskDesk) -> Pieces:
    return of_each("group", await desk.fetch_groups())


async def fields(desk: ZendeskDesk) -> Pieces:
    return of_each("field", await desk.fetch_custom_fields())


async def macros(desk: ZendeskDesk) -> Pieces:
    return of_each("macro", await desk.fetch_macros())


async def previewed(desk: ZendeskDesk) -> Pieces:
    effect = await desk.fetch_macro_effect("1", make_ticket(1))
    patch = {f"effect {name}": getattr(effect.patch, name) for name in effect.patch.__struct_fields__}
    return {**patch, "effect text": effect.text, "effect is_public": effect.is_public, "effect tags": effect.tags}


async def incidents(desk: ZendeskDesk) -> Pieces:
    return of_found(await desk.fetch_incidents(ticket_key(1), 50))


async def merged(desk: ZendeskDesk) -> Pieces:
    return of_result(await desk.send_merge(MERGE))


async def opened(desk: ZendeskDesk | RequestsDesk) -> Pieces:
    return of_conversation(await desk.fetch_conversation(ticket_key(1)))


async def continued(desk: ZendeskDesk) -> Pieces:
    """The conversation of which its first message was known."""
    stamp = datetime(2026, 11, 23, 14, tzinfo=UTC)
    first = Message(
        id=1, author_id=7, body=OutsideText("b"), is_public=True, created_at=stamp.replace(minute=1),
        channel=OutsideText("web"), attachments=(ATTACHED,),
    )  # fmt: skip
    known = Conversation(
        ticket_id=ticket_key(1), messages=(first,), history=(), last_audit_id=1, ticket_version="0", initial_values=()
    )
    people = [
        Person(id=each, name=OutsideText("n"), email=OutsideText("n@x.example"), role=Role.AGENT) for each in (7, 8)
    ]
    page = await desk.fetch_changes("export:c")
    found = await desk.refresh_conversation(page.tickets[0], known, people)
    return {
        name: each for name, each in of_conversation(found).items() if not name.startswith(("person", "history 01"))
    }


ATTACHED: Final = Attachment(
    id=1, file_name=OutsideText("f"), content_type=OutsideText("text/plain"), size_bytes=1, url=OutsideText("/f")
)


def of_result(result: SendResult) -> Pieces:
    said = {"said": ("ticket",) if result.untold else ("audit",) if result.messages is None else ()}
    written = {"result audit": result.audit_id, "result messages": result.messages, "result history": result.history}
    return of_each("ticket", [result.ticket]) | of_each("person", result.people) | said | written


async def written(desk: RequestsDesk) -> Pieces:
    patch = TicketPatch(body="b", is_public=True)
    return of_result(await desk.send_update(replace(UPDATE, patch=patch)))


async def updated(desk: ZendeskDesk) -> Pieces:
    return of_result(await desk.send_update(UPDATE))


async def created(desk: ZendeskDesk | RequestsDesk) -> Pieces:
    return of_result(await desk.send_new_ticket(NEW))


async def refused(desk: ZendeskDesk) -> Pieces:
    try:
        await desk.send_update(UPDATE)
    except Rejected as error:
        return {"refusal": str(error), "says": error.desk_message}
    return {}


async def signed_in(desk: ZendeskDesk) -> Pieces:
    account = await desk.fetch_account()
    return of_each("person", [account.me]) | {"desk": account.desk_name, "capabilities": account.capabilities}


async def missing(desk: ZendeskDesk | RequestsDesk) -> Pieces:
    asked = [ticket_key(number) for number in (1, 2, 3, 4)]
    found = await desk.find_missing(asked)
    return {f"missing {each.id}": each in found for each in asked}


async def looked_up(desk: ZendeskDesk) -> Pieces:
    return {"found": await desk.find_operation(ticket_key(1), "o3", 1)}


async def uploaded(desk: ZendeskDesk) -> Pieces:
    return {"token": await desk.send_upload(Path(__file__), "f")}


async def heard(desk: ZendeskDesk) -> Pieces:
    events = [each async for each in desk.listen(None)]
    return {f"event {each.event_id}": each.ticket_id for each in events}


def as_customer(call: Callable[[RequestsDesk], Awaitable[Pieces]]) -> Call:
    """The same call on the requester's side of the desk."""
    return lambda desk: call(RequestsDesk(desk))


CONTEXT: Final = QueryContext(
    now=START, zone=ZoneInfo("America/New_York"), my_id=8, open_us=0, business_day=timedelta(hours=9)
)


class Kind(NamedTuple):
    """A kind of answer: the path that gives it, the call that reads it, the answer itself where it is another."""

    where: str
    call: Call
    answer: dict[str, Any] | None = None
    status: int = 200
    needed: frozenset[tuple[str, ...]] = frozenset()
    """Without what else this answer is refused."""

    @property
    def good(self) -> dict[str, Any]:
        """The answer as it should be."""
        return self.answer or ANSWERS[self.where]


CASES: Final[dict[str, Kind]] = {
    "account": Kind("/api/v2/users/me", signed_in),
    "desk summary": Kind("/supporttui/v1/desk", signed_in),
    "groups": Kind("/api/v2/groups", lambda desk: listed(desk, "search:1:")),
    "search export": Kind("/api/v2/search/export", lambda desk: listed(desk, "search:1:")),
    "incremental export": Kind("/api/v2/incremental/tickets/cursor", lambda desk: listed(desk, "export:c")),
    "list of tickets": Kind("/api/v2/tickets", lambda desk: listed(desk, "list:0:0:")),
    "tickets by id": Kind("/api/v2/tickets/show_many", missing),
    "search": Kind("/api/v2/search", searched),
    "people by id": Kind("/api/v2/users/show_many", searched),
    "views": Kind("/api/v2/views", views),
    "tickets of a view": Kind("/api/v2/views/1/tickets", viewed),
    "people of a view": Kind("/api/v2/users/show_many", viewed),
    "agents": Kind("/api/v2/users", agents, needed=frozenset({("meta",), ("meta", "has_more")})),
    "organisations": Kind("/api/v2/organizations/show_many", belonging),
    "assignable groups": Kind("/api/v2/groups/assignable", groups),
    "ticket fields": Kind("/api/v2/ticket_fields", fields),
    "macros": Kind("/api/v2/macros/active", macros),
    "preview of a macro": Kind("/api/v2/tickets/1/macros/1/apply", previewed),
    "incidents": Kind("/api/v2/tickets/1/incidents", incidents),
    "merge": Kind("/api/v2/tickets/1/merge", merged),
    "job of a merge": Kind("/api/v2/job_statuses/a1", merged),
    "ticket": Kind("/api/v2/tickets/1", opened),
    "comments": Kind("/api/v2/tickets/1/comments", opened),
    "audits": Kind("/api/v2/tickets/1/audits", opened),
    "audits since": Kind("/api/v2/tickets/1/audits", continued),
    "audits searched": Kind("/api/v2/tickets/1/audits", looked_up),
    "answer to a change": Kind("/api/v2/tickets/1", updated),
    "answer that tells a whole change": Kind("/api/v2/tickets/1", updated, TOLD_CHANGE),
    "answer to a creation": Kind("/api/v2/tickets/1", created),
    "requests": Kind("/api/v2/requests", as_customer(lambda desk: listed(desk, "requests:0:0:"))),
    "open requests": Kind("/api/v2/requests/open", as_customer(missing)),
    "request": Kind("/api/v2/requests/1", as_customer(opened)),
    "messages of a request": Kind("/api/v2/requests/1/comments", as_customer(opened)),
    "messages of requests": Kind(
        "/api/v2/requests/2/comments", as_customer(lambda desk: listed(desk, "requests:0:0:"))
    ),
    "answer to a customer's message": Kind("/api/v2/requests/1", as_customer(written)),
    "answer to a customer's creation": Kind("/api/v2/requests/1", as_customer(created)),
    "upload": Kind("/api/v2/uploads", uploaded),
    "event": Kind(EVENTS, heard, EVENT),
    "refusal": Kind("/api/v2/tickets/1", refused, REFUSAL, 422),
}
"""Every kind of answer that the client decodes."""
