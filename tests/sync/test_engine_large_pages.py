"""A ticket that is too large to be read is said once, and costs nothing that can be read."""

import json
from typing import Any

from support.canary import secret
from support.clock.waiting import wait_until
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, serve_script
from support.engines import WindowGroup
from support.sample_values import DESK, make_reply, ticket_key
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.http_transport import MAX_BODY_BYTES
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.sync.engine import LinkState

STAMPS = {"created_at": "2026-11-23T14:00:00Z", "updated_at": "2026-11-23T14:00:00Z"}


class Desk:
    """Three tickets, of which the second is too large until somebody shortens it."""

    def __init__(self) -> None:
        self.large = "x" * (MAX_BODY_BYTES + 1)
        self.asked_for_one = 0
        self.writes = 0

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        if request.method == "PUT":
            self.writes += 1
            return _json({"ticket": self._ticket(1)})
        match request.path.removeprefix("/api/v2/").split("/"):
            case ["users", "me.json"]:
                return _json({"user": {"id": 9, "name": "Kim", "email": "kim@desk.example", "role": "agent"}})
            case ["incremental", *_]:
                return self._changes(int(request.query.get("cursor", "0")), int(request.query["per_page"]))
            case ["search", *_]:
                return _json({"results": [], "meta": {"has_more": False}})
        return ScriptedResponse(404)

    def _changes(self, place: int, size: int) -> ScriptedResponse:
        self.asked_for_one += size == 1 and place == 1
        end = min(place + size, 3)
        page = [self._ticket(number) for number in range(place + 1, end + 1)]
        return _json({"tickets": page, "users": [], "after_cursor": str(end), "end_of_stream": end == 3})

    def _ticket(self, number: int) -> dict[str, Any]:
        subject = self.large if number == 2 else "light"
        return {"id": number, "subject": subject, "status": "open", "requester_id": 7, **STAMPS}


def _json(content: object) -> ScriptedResponse:
    return ScriptedResponse(200, json.dumps(content).encode())


def test_a_ticket_that_is_too_large_is_said_and_costs_neither_the_link_nor_a_reply(windows: WindowGroup) -> None:
    desk = Desk()

    async def open_desk() -> HelpDesk:
        return ZendeskDesk(name=DESK, url=server.url, email="kim@desk.example", token=secret("large"))

    with serve_script(desk) as server:
        said: set[str] = set()
        engine = windows.open(open_desk, on_change=lambda: said.add(str(engine.status.sentence)))
        wait_until(lambda: desk.asked_for_one > 2)
        assert windows.ticket(ticket_key(1)) is not None
        assert engine.status.link is LinkState.POLLING
        assert "One entry of the list of changed tickets is larger than can be read" in engine.status.sentence
        engine.submit(make_reply(1, "meanwhile"))
        wait_until(lambda: desk.writes)
        assert said - {""} == {str(engine.status.sentence)}
        desk.large = "shortened"
        wait_until(lambda: windows.ticket(ticket_key(3)) is not None and windows.ticket(ticket_key(2)) is not None)
        wait_until(lambda: not engine.status.sentence)
        engine.stop()
