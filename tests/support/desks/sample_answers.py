"""One good answer of each kind, as Zendesk gives them, and the call that reads it."""

import json
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from support.desks.scripted_server import ReceivedRequest, ScriptedResponse
from support.sample_values import ticket_key
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, Conversation, Message, Person, Role, Status, Ticket
from supporttui.helpdesks.base import NewTicket, Rejected, SendResult, TicketUpdate
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

STAMP: Final = "2026-11-23T14:00:00Z"


def ticket(number: int) -> dict[str, Any]:
    metrics = {"id": 1, "ticket_id": number, "replies": 1, "solved_at": STAMP, "status_updated_at": STAMP}
    return {
        "id": number, "subject": "s", "raw_subject": "s", "status": "open", "priority": "high", "requester_id": 7,
        "assignee_id": 8, "group_id": 5, "created_at": STAMP, "updated_at": STAMP, "tags": ["a", "b"],
        "external_id": "e",
        "via": {"channel": "web", "source": {"from": {}}}, "is_public": True, "result_type": "ticket",
        "metric_set": {**metrics, "reply_time_in_minutes": {"calendar": 3, "business": 1}},
        "slas": {"policy_metrics": [{"metric": "first_reply_time", "stage": "active", "breach_at": STAMP}]},
        "metric_events": {"reply_time": [{"type": "apply_sla", "metric": "reply_time", "instance_id": 1, "time": STAMP,
                                          "sla": {"target": 5, "business_hours": True, "policy": {"title": "p"}}}]},
        "custom_fields": [{"id": 1, "value": "x"}], "collaborator_ids": [1],
    }  # fmt: skip


def person(number: int) -> dict[str, Any]:
    return {"id": number, "name": "n", "email": "n@x.example", "role": "agent", "verified": True, "created_at": STAMP}


def comment(number: int) -> dict[str, Any]:
    file = {"id": 1, "file_name": "f", "content_url": "/f", "content_type": "text/plain", "size": 1, "deleted": False}
    return {
        "id": number, "type": "Comment", "author_id": 7, "body": "b", "plain_body": "b", "public": True,
        "created_at": f"2026-11-23T14:0{number}:00Z", "via": {"channel": "web"},
        "attachments": [file], "audit_id": 1, "metadata": {"a": 1},
    }  # fmt: skip


def audit(number: int) -> dict[str, Any]:
    rated = {"id": 3, "type": "SatisfactionRating", "score": "good", "body": None}
    changed = {"id": 1, "type": "Change", "field_name": "status", "value": "open", "previous_value": "new"}
    renamed = {"id": 4, "type": "Change", "field_name": "subject", "value": f"s{number}", "previous_value": "s"}
    return {
        "id": number, "ticket_id": 1, "created_at": f"2026-11-23T14:0{number}:00Z", "author_id": 7,
        "via": {"channel": "web"}, "metadata": {"system": {}, "custom": {"supporttui_operation": f"o{number}"}},
        "events": [changed, renamed, {**comment(number), "type": "Comment"}, rated],
    }  # fmt: skip


END: Final = {"has_more": False, "after_cursor": None}
USERS: Final = [person(7), person(8)]
LISTED: Final = [ticket(1), ticket(2), ticket(3)]
FILE: Final = {"id": 1, "file_name": "f", "content_url": "/f", "content_type": "text/plain", "size": 1}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "/supporttui/v1/desk": {"name": "d", "demo": False, "now": STAMP},
    "/api/v2/users/me": {"user": person(8)},
    "/api/v2/groups": {"groups": [{"id": 4, "name": "f"}, {"id": 5, "name": "g"}], "meta": END},
    "/api/v2/search/export": {"results": LISTED, "users": USERS, "meta": END},
    "/api/v2/incremental/tickets/cursor": {
        "tickets": LISTED, "users": USERS, "after_cursor": "d", "end_of_stream": True,
    },
    "/api/v2/tickets": {
        "tickets": LISTED, "users": USERS, "meta": END, "metric_sets": [{"id": 1, "ticket_id": 1, "replies": 0}],
    },
    "/api/v2/tickets/show_many": {"tickets": LISTED, "count": 3, "next_page": None},
    "/api/v2/tickets/1": {"ticket": ticket(1), "users": USERS, "audit": audit(1)},
    "/api/v2/tickets/1/comments": {"comments": [comment(1), comment(2), comment(3)], "users": USERS, "meta": END},
    "/api/v2/tickets/1/audits": {"audits": [audit(1), audit(2), audit(3)], "users": USERS, "meta": END},
    "/api/v2/uploads": {"upload": {"token": "t", "attachment": FILE, "attachments": [FILE]}},
}  # fmt: skip


REFUSAL: Final = {
    "error": "RecordInvalid", "description": "Record validation errors",
    "details": {"status": [{"description": "Status: is closed"}, {"description": "Status: is odd"}]},
}  # fmt: skip
EVENT: Final = {"ticket_id": 1, "at": STAMP}
EVENTS: Final = "/supporttui/v1/events"


def encoded(answer: object) -> bytes:
    return json.dumps(answer).replace('"<huge>"', "9" * 5000).encode()


def as_body(where: str, answer: object) -> bytes:
    """The body of the answer: JSON, or events of a stream, of which the answer is the first one's data."""
    if where != EVENTS:
        return encoded(answer)
    return b"id: a\ndata: " + encoded(answer) + b"\n\nid: b\ndata: " + encoded(EVENT) + b"\n\n"


class OneOddAnswer:
    """The script of a desk of which one path answers as it was told to."""

    def __init__(self) -> None:
        self.where = ""
        self.answer = ScriptedResponse()

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        path = request.path.removesuffix(".json")
        path = "/api/v2/tickets/1" if (request.method, path) == ("POST", "/api/v2/tickets") else path
        if path == self.where:
            return self.answer
        found = ANSWERS.get(path)
        return ScriptedResponse(404) if found is None else ScriptedResponse(200, encoded(found))


UPDATE: Final = TicketUpdate(
    operation_id="o", ticket_id=ticket_key(1), based_on=None, patch=TicketPatch(status=Status.OPEN)
)
NEW: Final = NewTicket(operation_id="o", subject="s", description="d", severity=None, requester_email="a@x.example")
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


async def listed(desk: ZendeskDesk, cursor: str) -> Pieces:
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


async def opened(desk: ZendeskDesk) -> Pieces:
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


async def updated(desk: ZendeskDesk) -> Pieces:
    return of_result(await desk.send_update(UPDATE))


async def created(desk: ZendeskDesk) -> Pieces:
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


async def missing(desk: ZendeskDesk) -> Pieces:
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


class Kind(NamedTuple):
    """A kind of answer: the path that gives it, the call that reads it, the answer itself where it is another."""

    where: str
    call: Call
    answer: dict[str, Any] | None = None
    status: int = 200

    @property
    def good(self) -> dict[str, Any]:
        """The answer as it should be."""
        return self.answer or ANSWERS[self.where]


CASES: Final[dict[str, Kind]] = {
    "account": Kind("/api/v2/users/me", signed_in),
    "desk summary": Kind("/supporttui/v1/desk", signed_in),
    "groups": Kind("/api/v2/groups", lambda desk: listed(desk, "search:1:")),
    "search": Kind("/api/v2/search/export", lambda desk: listed(desk, "search:1:")),
    "incremental export": Kind("/api/v2/incremental/tickets/cursor", lambda desk: listed(desk, "export:c")),
    "list of tickets": Kind("/api/v2/tickets", lambda desk: listed(desk, "list:0:0:")),
    "tickets by id": Kind("/api/v2/tickets/show_many", missing),
    "ticket": Kind("/api/v2/tickets/1", opened),
    "comments": Kind("/api/v2/tickets/1/comments", opened),
    "audits": Kind("/api/v2/tickets/1/audits", opened),
    "audits since": Kind("/api/v2/tickets/1/audits", continued),
    "audits searched": Kind("/api/v2/tickets/1/audits", looked_up),
    "answer to a change": Kind("/api/v2/tickets/1", updated),
    "answer to a creation": Kind("/api/v2/tickets/1", created),
    "upload": Kind("/api/v2/uploads", uploaded),
    "event": Kind(EVENTS, heard, EVENT),
    "refusal": Kind("/api/v2/tickets/1", refused, REFUSAL, 422),
}
"""Every kind of answer that the client decodes."""
