"""One good answer of each kind, as Zendesk gives them, and the call that reads it."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from support.sample_values import ticket_key
from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket import Status
from supporttui.helpdesks.base import NewTicket, TicketUpdate
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
        "created_at": STAMP, "via": {"channel": "web"}, "attachments": [file], "audit_id": 1, "metadata": {"a": 1},
    }  # fmt: skip


def audit(number: int) -> dict[str, Any]:
    rated = {"id": 3, "type": "SatisfactionRating", "score": "good", "body": None}
    changed = {"id": 1, "type": "Change", "field_name": "status", "value": "open", "previous_value": "new"}
    return {
        "id": number, "ticket_id": 1, "created_at": STAMP, "author_id": 7, "via": {"channel": "web"},
        "metadata": {"system": {}, "custom": {"supporttui_operation": "o"}},
        "events": [changed, {**comment(number), "type": "Comment"}, rated],
    }  # fmt: skip


END: Final = {"has_more": False, "after_cursor": None}
USERS: Final = [person(7), person(8)]
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "/api/v2/users/me": {"user": person(8)},
    "/api/v2/groups": {"groups": [{"id": 5, "name": "g"}], "meta": END},
    "/api/v2/search/export": {"results": [ticket(1), ticket(2), ticket(3)], "users": USERS, "meta": END},
    "/api/v2/incremental/tickets/cursor": {
        "tickets": [ticket(1), ticket(2), ticket(3)], "users": USERS, "after_cursor": "c", "end_of_stream": True,
    },
    "/api/v2/tickets": {
        "tickets": [ticket(1), ticket(2), ticket(3)], "users": USERS, "meta": END,
        "metric_sets": [{"id": 1, "ticket_id": 1}],
    },
    "/api/v2/tickets/1": {"ticket": ticket(1), "users": USERS, "audit": audit(1)},
    "/api/v2/tickets/1/comments": {"comments": [comment(1), comment(2), comment(3)], "users": USERS, "meta": END},
    "/api/v2/tickets/1/audits": {"audits": [audit(1), audit(2), audit(3)], "users": USERS, "meta": END},
}  # fmt: skip


def encoded(answer: object) -> bytes:
    return json.dumps(answer).replace('"<huge>"', "9" * 5000).encode()


Call = Callable[[ZendeskDesk], Awaitable[object]]
UPDATE: Final = TicketUpdate(
    operation_id="o", ticket_id=ticket_key(1), based_on=None, patch=TicketPatch(status=Status.OPEN)
)
NEW: Final = NewTicket(operation_id="o", subject="s", description="d", severity=None, requester_email="a@x.example")


async def listed(desk: ZendeskDesk, cursor: str) -> set[str]:
    page = await desk.fetch_changes(cursor)
    found = {each.id.id for each in page.tickets}
    assert {"1", "3"} <= found
    assert "2" in found or len(page.unreadable_ids) <= 1
    return found


async def opened(desk: ZendeskDesk) -> int:
    _ticket, conversation, _people = await desk.fetch_conversation(ticket_key(1))
    ids = [each.id for each in conversation.messages]
    assert {1, 3} <= set(ids)
    return len(ids)


CASES: Final[dict[str, tuple[str, Call]]] = {
    "account": ("/api/v2/users/me", lambda desk: desk.fetch_account()),
    "groups": ("/api/v2/groups", lambda desk: listed(desk, "search:1:")),
    "search": ("/api/v2/search/export", lambda desk: listed(desk, "search:1:")),
    "export": ("/api/v2/incremental/tickets/cursor", lambda desk: listed(desk, "export:c")),
    "list": ("/api/v2/tickets", lambda desk: listed(desk, "list:0:0:")),
    "comments": ("/api/v2/tickets/1/comments", opened),
    "audits": ("/api/v2/tickets/1/audits", opened),
    "ticket": ("/api/v2/tickets/1", opened),
    "update": ("/api/v2/tickets/1", lambda desk: desk.send_update(UPDATE)),
    "creation": ("/api/v2/tickets/1", lambda desk: desk.send_new_ticket(NEW)),
}
