"""A scripted desk whose tickets have so many comments of one text, and whose feed and history a test may change."""

import json
from collections.abc import Callable
from typing import Any

from support.desks.scripted_server import ReceivedRequest, ScriptedResponse

STAMP = "2026-11-23T14:00:00Z"


def sent_ticket(number: int) -> dict[str, Any]:
    """A ticket on the wire."""
    return {
        "id": number, "subject": f"Subject {number}", "status": "open", "requester_id": 7, "created_at": STAMP,
        "updated_at": f"2026-11-23T14:00:{number % 60:02}Z",
    }  # fmt: skip


class SizedDesk:
    """A desk whose tickets have so many comments of one text, and whose history may fail."""

    def __init__(self, comments: int, body: str = "hello", tickets: int = 1) -> None:
        self.comments = comments
        self.body = body
        self.tickets = tickets
        self.audits: Callable[[], ScriptedResponse] = lambda: json_answer({"audits": [], "meta": {"has_more": False}})
        self.page: Callable[[int], dict[str, Any]] | None = None
        self.pages = 0

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        if request.path == "/supporttui/v1/events":
            kind = {"Content-Type": "text/event-stream"}
            return ScriptedResponse(200, b": hello\n\n", kind, is_endless=True, heartbeat=b": alive\n\n")
        path = request.path.removesuffix(".json").removeprefix("/api/v2/")
        match path.split("/"):
            case ["users", "me"]:
                return json_answer({"user": {"id": 9, "name": "Kim", "email": "k@x.example", "role": "agent"}})
            case ["incremental", "tickets", "cursor"]:
                return json_answer(self._changes())
            case ["tickets", number, "comments"]:
                return json_answer(self._comments(int(number), request))
            case ["tickets", _, "audits"]:
                return self.audits()
            case ["tickets", number]:
                return json_answer({"ticket": sent_ticket(int(number)), "users": [{"id": 7, "name": "Ada"}]})
        return json_answer({"name": "x"}) if request.path == "/supporttui/v1/desk" else ScriptedResponse(404)

    def _changes(self) -> dict[str, Any]:
        self.pages += 1
        if self.page is not None:
            return self.page(self.pages)
        found = [sent_ticket(number) for number in range(1, self.tickets + 1)]
        return {"tickets": found, "users": [], "after_cursor": "c", "end_of_stream": True}

    def _comments(self, number: int, request: ReceivedRequest) -> dict[str, Any]:
        start, size = int(request.query.get("page[after]", "0")), int(request.query["page[size]"])
        end = min(start + size, self.comments)
        items = [
            {"id": number * 10_000 + n, "author_id": 7, "body": f"{n} {self.body}", "public": True, "created_at": STAMP}
            for n in range(start + 1, end + 1)
        ]
        return {"comments": items, "users": [], "meta": {"has_more": end < self.comments, "after_cursor": str(end)}}


def json_answer(content: object) -> ScriptedResponse:
    """The answer with this content."""
    return ScriptedResponse(200, json.dumps(content, ensure_ascii=False).encode())
