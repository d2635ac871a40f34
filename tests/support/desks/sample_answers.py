"""One good answer of each kind, as Zendesk gives them. `answer_kinds` has the calls that read them."""

import json
from typing import Any, Final

from support.desks.scripted_server import ReceivedRequest, ScriptedResponse

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
        "email_cc_ids": [7], "type": "incident", "problem_id": 2,
    }  # fmt: skip


def person(number: int) -> dict[str, Any]:
    return {"id": number, "name": "n", "email": "n@x.example", "role": "agent", "verified": True, "created_at": STAMP,
            "organization_id": 4}  # fmt: skip


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


def view(number: int) -> dict[str, Any]:
    return {
        "id": number, "title": f"v{number}", "description": None, "active": True, "position": number,
        "conditions": {"all": [{"field": "status", "operator": "less_than", "value": "solved"}], "any": []},
        "restriction": None, "created_at": STAMP, "updated_at": STAMP,
    }  # fmt: skip


def ticket_field(number: int) -> dict[str, Any]:
    options = [{"id": 1, "name": "A", "value": "a"}, {"id": 2, "name": "B", "value": "b"}]
    return {
        "id": number, "title": f"f{number}", "type": "tagger", "description": "d", "active": True, "removable": True,
        "required": False, "custom_field_options": options, "created_at": STAMP, "updated_at": STAMP,
    }  # fmt: skip


def macro(number: int) -> dict[str, Any]:
    actions = [{"field": "status", "value": "pending"}, {"field": "current_tags", "value": "a b"}]
    return {
        "id": number, "title": f"m{number}", "description": None, "active": True, "position": number,
        "actions": actions, "restriction": None, "created_at": STAMP, "updated_at": STAMP,
    }  # fmt: skip


def request(number: int) -> dict[str, Any]:
    """A ticket as its requester gets it."""
    return {
        "id": number, "subject": "s", "description": "b", "status": "open", "priority": "high", "requester_id": 8,
        "created_at": STAMP, "updated_at": STAMP, "via": {"channel": "web"}, "can_be_solved_by_me": True,
        "is_public": True, "collaborator_ids": [1], "custom_fields": [{"id": 1, "value": "x"}], "type": "problem",
    }  # fmt: skip


def request_comment(number: int) -> dict[str, Any]:
    """A message of the customer, and then of agents."""
    return {**comment(number), "author_id": 8 if number == 1 else 7}


END: Final = {"has_more": False, "after_cursor": None}
USERS: Final = [person(7), person(8)]
LISTED: Final = [ticket(1), ticket(2), ticket(3)]
REQUESTS: Final = [request(1), request(2), request(3)]
AUTHORS: Final = [{"id": 7, "name": "n", "agent": True}, {"id": 8, "name": "n", "agent": False}]
WRITTEN: Final = {"comments": [request_comment(each) for each in (1, 2, 3)], "users": AUTHORS, "meta": END}
FILE: Final = {"id": 1, "file_name": "f", "content_url": "/f", "content_type": "text/plain", "size": 1}
ORGANIZATIONS: Final = [{"id": 3, "name": "o", "created_at": STAMP}, {"id": 4, "name": "p", "created_at": STAMP}]
PREVIEW: Final = {
    "id": 1, "subject": "s", "status": "pending", "priority": "low", "type": "task", "assignee_id": 7, "group_id": 4,
    "tags": ["c"], "custom_fields": [{"id": 1, "value": "y"}], "comment": {"body": "b", "public": True},
}  # fmt: skip
JOB: Final = {
    "id": "a1", "url": None, "total": 1, "progress": 1, "status": "completed", "message": None,
    "results": [{"id": 1, "action": "merge", "success": True}],
}  # fmt: skip
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
    "/api/v2/search": {"results": LISTED, "facets": None, "count": 3, "next_page": None, "previous_page": None},
    "/api/v2/users/show_many": {"users": USERS, "count": 2, "next_page": None, "previous_page": None},
    "/api/v2/views": {"views": [view(1), view(2), view(3)], "count": 3, "meta": END},
    "/api/v2/views/1/tickets": {"tickets": LISTED, "count": 3, "next_page": None, "previous_page": None},
    "/api/v2/users": {"users": USERS, "count": 2, "meta": END},
    "/api/v2/organizations/show_many": {"organizations": ORGANIZATIONS, "count": 2, "next_page": None},
    "/api/v2/groups/assignable": {"groups": [{"id": 4, "name": "f"}, {"id": 5, "name": "g"}], "meta": END},
    "/api/v2/ticket_fields": {"ticket_fields": [ticket_field(1), ticket_field(2)], "count": 2, "meta": END},
    "/api/v2/macros/active": {"macros": [macro(1), macro(2)], "count": 2, "meta": END},
    "/api/v2/tickets/1/macros/1/apply": {"result": {"ticket": PREVIEW}},
    "/api/v2/tickets/1/incidents": {"tickets": LISTED, "count": 3, "next_page": None, "previous_page": None},
    "/api/v2/tickets/1/merge": {"job_status": {**JOB, "status": "queued"}},
    "/api/v2/job_statuses/a1": {"job_status": JOB},
    "/api/v2/requests": {"requests": REQUESTS, "meta": END},
    "/api/v2/requests/open": {"requests": REQUESTS, "meta": END},
    "/api/v2/requests/1": {"request": request(1)},
    **{f"/api/v2/requests/{number}/comments": WRITTEN for number in (1, 2, 3)},
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


def told_audit() -> dict[str, Any]:
    """The audit of a change that tells all of it."""
    sent = audit(1)
    return {**sent, "created_at": STAMP, "events": [each for each in sent["events"] if each["id"] != 3]}


TOLD_CHANGE: Final = {"ticket": ticket(1), "users": USERS, "audit": told_audit()}
"""An answer to a change from which the conversation can be continued."""


class OneOddAnswer:
    """The script of a desk of which one path answers as it was told to."""

    def __init__(self) -> None:
        self.where = ""
        self.answer = ScriptedResponse()
        self.asked: set[str] = set()
        """The paths that were asked for, without their ending."""

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        path = request.path.removesuffix(".json")
        if request.method == "POST" and path in ("/api/v2/tickets", "/api/v2/requests"):
            path += "/1"  # where what was created is
        self.asked.add(path)
        if path == self.where:
            return self.answer
        found = ANSWERS.get(path)
        return ScriptedResponse(404) if found is None else ScriptedResponse(200, encoded(found))
