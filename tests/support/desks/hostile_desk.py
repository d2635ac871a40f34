"""A scripted Zendesk API whose every text field is a hostile payload."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from support.desks.scripted_server import ReceivedRequest, ScriptedResponse

ME: Final = "kim@desk.example"
STATUSES: Final = ("new", "open", "pending", "hold", "solved")
PAGE_SIZE: Final = 100
PAYLOADS_PER_MESSAGE: Final = 4
"""Payloads in one message."""

FIRST_PERSON: Final = 10_000


class HostileDesk:
    """The script of a server that speaks the API, with payloads wherever the API has a text."""

    def __init__(self, payloads: Sequence[str], *, talks_on: int = 1) -> None:
        self.payloads = list(payloads)
        self.short = [each for each in payloads if len(each) < 60]
        self.talks_on = talks_on
        """The ticket on which everybody writes."""
        self.is_down = False
        self.now = datetime.now(UTC) - timedelta(hours=2)
        self.refused = 0
        """Writes that were."""

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        """Answer one request."""
        if self.is_down:
            return self._refusal(500)
        if request.method in ("PUT", "POST"):
            self.refused += 1
            return self._refusal(422)
        if request.path == "/supporttui/v1/desk":
            return _json({"name": self._crowd(0)})
        if request.path == "/supporttui/v1/events":
            kind = {"Content-Type": "text/event-stream"}
            return ScriptedResponse(200, b": hello\n\n", kind, is_endless=True, heartbeat=b": alive\n\n")
        return self._read(request)

    def _read(self, request: ReceivedRequest) -> ScriptedResponse:
        offset, path = int(request.query.get("page[after]", "0")), request.path.removesuffix(".json")
        match path.removeprefix("/api/v2/").split("/"):
            case ["users", "me"]:
                return _json({"user": {"id": 9, "name": self._crowd(1), "email": ME, "role": "agent"}})
            case ["users"]:
                return _json({"users": [self._person(n) for n in range(len(self.payloads))]})
            case ["groups"]:
                return _json({"groups": [{"id": 5, "name": self._crowd(2)}]})
            case ["incremental", "tickets", "cursor"]:
                return self._changes(int(request.query.get("cursor", "0")))
            case ["tickets", number, "comments"]:
                return self._listed("comments", [self._comment(n) for n in self._on(number)], offset)
            case ["tickets", number, "audits"]:
                return self._listed("audits", [self._audit(n) for n in self._on(number)], offset)
            case ["tickets", number]:
                return _json({"ticket": self.ticket(int(number) - 1), "users": [self._person(int(number) - 1)]})
            case ["attachments", *_]:
                return ScriptedResponse(200, b"content")
        return ScriptedResponse(404)

    def _on(self, number: str) -> range:
        messages = -(-len(self.payloads) // PAYLOADS_PER_MESSAGE)
        return range(messages if int(number) == self.talks_on else 1)

    def _changes(self, offset: int) -> ScriptedResponse:
        numbers = range(offset, min(offset + PAGE_SIZE, len(self.payloads)))
        more = offset + PAGE_SIZE < len(self.payloads)
        return _json({
            "tickets": [self.ticket(n) for n in numbers], "users": [self._person(n) for n in numbers],
            "after_cursor": str(offset + PAGE_SIZE if more else offset), "end_of_stream": not more,
        })  # fmt: skip

    def ticket(self, n: int) -> dict[str, Any]:
        """A ticket whose subject begins with its number, so that a test sees that it was drawn."""
        payload = self.payloads[n]
        return {
            "id": n + 1, "subject": f"Q{n} {payload}", "status": STATUSES[n % 5], "requester_id": FIRST_PERSON + n,
            "assignee_id": FIRST_PERSON + (n + 1) % len(self.payloads), "group_id": 5, "external_id": payload,
            "tags": [payload, self._crowd(n)], "priority": ("urgent", "high", "normal", "low", payload)[n % 5],
            "created_at": _stamp(self.now), "updated_at": _stamp(self.now + timedelta(minutes=1)),
        }  # fmt: skip

    def _person(self, n: int) -> dict[str, Any]:
        payload = self.payloads[n]
        return {"id": FIRST_PERSON + n, "name": f"{payload} P{n}", "email": f"a{n}{payload}@x.example"}

    def _comment(self, n: int) -> dict[str, Any]:
        """One message with several payloads: a line and a file each."""
        mine = range(n * PAYLOADS_PER_MESSAGE, min((n + 1) * PAYLOADS_PER_MESSAGE, len(self.payloads)))
        lines = sorted((f"B{each} {self.payloads[each]}" for each in mine), key=len)  # the end of a giant is cut off
        body = "\n".join(lines)
        return {
            "id": n + 1, "author_id": FIRST_PERSON + n, "body": body, "public": n % 3 != 0 or n == 0,
            "created_at": _stamp(self.now + timedelta(seconds=n)), "via": {"channel": self.payloads[n]},
            "attachments": [self._file(each) for each in mine],
        }  # fmt: skip

    def _file(self, n: int) -> dict[str, Any]:
        payload = self.payloads[n]
        address = payload if n % 2 else f"/attachments/{payload}"
        return {
            "id": n + 1,
            "file_name": f"F{n} {payload}",
            "content_type": payload,
            "size": 7 * n,
            "content_url": address,
        }

    def _audit(self, n: int) -> dict[str, Any]:
        name = ("subject", "assignee_id", "status", "priority", "tags", "group_id", self.payloads[n])[n % 7]
        before, after = self.payloads[n], self.payloads[-n - 1]
        event = {"id": n + 1, "type": "Change", "field_name": name, "value": after, "previous_value": before}
        stamp = _stamp(self.now + timedelta(seconds=n))
        return {"id": n + 1, "author_id": FIRST_PERSON + n, "created_at": stamp, "events": [event]}

    def _listed(self, name: str, items: list[dict[str, Any]], offset: int) -> ScriptedResponse:
        numbers = [each["id"] - 1 for each in items[offset : offset + PAGE_SIZE]]
        more = offset + PAGE_SIZE < len(items)
        return _json({
            name: items[offset : offset + PAGE_SIZE], "users": [self._person(n) for n in numbers],
            "meta": {"has_more": more, "after_cursor": str(offset + PAGE_SIZE) if more else None},
        })  # fmt: skip

    def _refusal(self, status: int) -> ScriptedResponse:
        says = self._crowd(3)
        body = {"error": says, "description": says, "details": {"base": [{"description": says}]}}
        return ScriptedResponse(
            status, json.dumps(body).encode(), {"X-Says": "plain"}, reason="r\x1b]0;owned\x07\x9b31m"
        )

    def _crowd(self, start: int) -> str:
        """Many short payloads in one text."""
        return " ".join(self.short[start::7])[:1500]


def _json(content: object) -> ScriptedResponse:
    return ScriptedResponse(200, json.dumps(content).encode())


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
