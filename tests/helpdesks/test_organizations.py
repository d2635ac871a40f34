"""The names of organisations, of which most answers have the ids alone."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from support.canary import secret
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, serve_script
from support.sample_values import DESK
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Person
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

SHOW_MANY = "/api/v2/organizations/show_many.json"
TICKET = {"id": 1, "subject": "s", "status": "open", "requester_id": 7, "updated_at": "2026-11-23T14:00:00Z"}


def answer(content: object) -> ScriptedResponse:
    return ScriptedResponse(200, json.dumps(content).encode())


def person(number: int, organization_id: int | None) -> dict[str, Any]:
    return {"id": number, "name": f"P{number}", "role": "end-user", "organization_id": organization_id}


class ScriptedDesk:
    """An embedded desk with three people, which answers as it is told to when it is asked for organisations."""

    def __init__(self, organizations: Callable[[ReceivedRequest], ScriptedResponse]) -> None:
        self.organizations = organizations
        self.beside: list[dict[str, Any]] = []

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        if request.path == "/supporttui/v1/desk":
            return answer({"name": "x"})
        if request.path == SHOW_MANY:
            return self.organizations(request)
        people = [person(7, 70), person(8, 80), person(9, None)]
        page = {"tickets": [TICKET], "users": people, "after_cursor": "c", "end_of_stream": True}
        return answer(page | {"organizations": self.beside})


def named(request: ReceivedRequest) -> ScriptedResponse:
    ids = request.query["ids"].split(",")
    return answer({"organizations": [{"id": int(each), "name": f"O{each}"} for each in ids], "count": len(ids)})


def read_twice(desk: ScriptedDesk, between: Callable[[], object] = lambda: None) -> tuple[list[Sequence[Person]], int]:
    """The people of two pages read over one connection, and how often organisations were asked for."""

    async def run(server: ScriptedServer) -> list[Sequence[Person]]:
        client = ZendeskDesk(name=DESK, url=server.url, email="kim@desk.example", token=secret("organizations"))
        try:
            first = (await client.fetch_changes(None)).people
            between()
            return [first, (await client.fetch_changes(None)).people]
        finally:
            await client.close()

    with serve_script(desk) as server:
        pages = asyncio.run(run(server))
        return pages, sum(each.path == SHOW_MANY for each in server.requests)


def names(people: Sequence[Person]) -> list[str | None]:
    return [None if each.organization is None else each.organization.raw for each in people]


def test_names_are_asked_for_once_and_remembered() -> None:
    pages, asked = read_twice(ScriptedDesk(named))
    assert [names(each) for each in pages] == [["O70", "O80", None]] * 2
    assert asked == 1


def test_names_beside_the_people_need_no_question_and_tell_a_new_name() -> None:
    desk = ScriptedDesk(named)
    desk.beside = [{"id": 70, "name": "Acme"}, {"id": 80, "name": "Hooli"}]
    pages, asked = read_twice(desk, lambda: desk.beside.append({"id": 70, "name": "Acme Robotics"}))
    assert [names(each) for each in pages] == [["Acme", "Hooli", None], ["Acme Robotics", "Hooli", None]]
    assert asked == 0


@pytest.mark.parametrize("status", [403, 404, 422])
def test_a_desk_that_tells_no_organisations_is_asked_once(status: int) -> None:
    pages, asked = read_twice(ScriptedDesk(lambda request: ScriptedResponse(status)))
    assert [names(each) for each in pages] == [[None, None, None]] * 2
    assert not any(each.is_known_in_part for each in pages[1])
    assert asked == 1


@pytest.mark.parametrize("status", [429, 503])
def test_while_the_desk_cannot_say_it_whoever_is_known_stays_as_they_are(status: int) -> None:
    desk = ScriptedDesk(lambda request: ScriptedResponse(status))
    pages, asked = read_twice(desk, lambda: setattr(desk, "organizations", named))
    assert [each.is_known_in_part for each in pages[0]] == [True, True, False]
    assert names(pages[1]) == ["O70", "O80", None]
    assert asked == 2


def test_an_organisation_that_the_desk_does_not_know_is_none() -> None:
    pages, asked = read_twice(ScriptedDesk(lambda request: answer({"organizations": [{"id": 80, "name": "\x1b"}]})))
    assert [each.organization for each in pages[1]] == [None, OutsideText("\x1b"), None]
    assert asked == 1
