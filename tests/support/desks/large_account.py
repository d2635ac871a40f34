"""An account of many tickets in Zendesk's shape, as an agent sees it: worked out for each request, and kept nowhere."""

import base64
import json
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.types import Receive, Scope, Send

PAGE_SIZE = 100
ANSWER_S = 0.1
CUSTOMERS = 5_000


class LargeAccount:
    """Tickets that were changed one after the other at even intervals, the latest now; the latest few are unsolved.

    The incremental export is refused, as it is to an agent without administrator's rights.
    """

    def __init__(
        self, now: Callable[[], datetime], pause: Callable[[float], Any], *, tickets: int, unsolved: int, years: float
    ) -> None:
        self.asked: Counter[str] = Counter()
        self.requests_per_minute = 700
        self._now, self._pause = now, pause
        self._tickets, self._unsolved = tickets, unsolved
        self._opened_at = now()
        self._interval = timedelta(days=365 * years) / tickets
        self._recent: deque[datetime] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, after what a network takes."""
        while (await receive()).get("more_body"):
            pass
        await self._pause(ANSWER_S)
        self.asked[scope["path"]] += 1
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        wait_s = self._wait_s()
        status, content = (429, {"error": "TooManyRequests"}) if wait_s else self._answer(scope["path"], query)
        headers = [(b"content-type", b"application/json"), *([(b"retry-after", b"%d" % wait_s)] if wait_s else [])]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": msgspec.json.encode(content)})

    def _wait_s(self) -> int:
        """Seconds until another request is allowed; 0 where this one is."""
        now = self._now()
        while self._recent and now - self._recent[0] >= timedelta(minutes=1):
            self._recent.popleft()
        if len(self._recent) < self.requests_per_minute:
            self._recent.append(now)
            return 0
        return int((self._recent[0] + timedelta(minutes=1) - now).total_seconds()) + 1

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, object]:
        if path == "/api/v2/users/me.json":
            return 200, {"user": {"id": 1, "name": "Kim", "email": "kim@desk.example", "role": "agent"}}
        if path == "/api/v2/search/export.json":
            return 200, self._page("results", self._unsolved, query)
        if path == "/api/v2/tickets.json":
            return 200, self._page("tickets", self._tickets, query)
        if path == "/api/v2/groups.json":
            return 200, {"groups": [{"id": 7, "name": "Support"}], "meta": {"has_more": False}}
        return (403 if "incremental" in path else 404), {"error": "Forbidden"}

    def _page(self, name: str, count: int, query: dict[str, str]) -> dict[str, object]:
        start = json.loads(base64.b64decode(query["page[after]"])) if "page[after]" in query else 0
        end = min(count, start + int(query.get("page[size]", PAGE_SIZE)))
        after = base64.b64encode(json.dumps(end).encode()).decode()
        found = [self._ticket(rank) for rank in range(start, end)]
        people = {each["requester_id"] for each in found}
        return {
            name: found,
            "users": [{"id": number, "name": f"Customer {number}", "role": "end-user"} for number in people],
            "meta": {"has_more": end < count, "after_cursor": after},
        }

    def _ticket(self, rank: int) -> dict[str, Any]:
        """The ticket that was changed as the so-manyth latest."""
        at = (self._opened_at - rank * self._interval).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "id": self._tickets - rank,
            "subject": f"Ticket {self._tickets - rank}: the board does not load for the whole office",
            "status": ("open", "new", "pending", "hold")[rank % 4] if rank < self._unsolved else "closed",
            "priority": ("urgent", "high", "normal", "low")[rank % 4],
            "requester_id": 1000 + rank % CUSTOMERS,
            "assignee_id": 1 if rank % 10 == 0 else None,
            "group_id": 7,
            "tags": ["board", "login"],
            "created_at": at,
            "updated_at": at,
        }
