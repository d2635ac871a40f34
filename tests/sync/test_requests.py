"""How many requests a change costs: what the desk has answered is not fetched again."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from support.clock.waiting import wait_until
from support.desks.embedded_desk import AGENT, CUSTOMER, EmbeddedDesk
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import DESK, make_reply, ticket_key
from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket import Conversation, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks import http_transport
from supporttui.helpdesks.base import HelpDesk, SendResult, TicketUpdate
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server.ticket_fields import CommentFields
from supporttui.store.operations import Operation, OperationKind, OperationState
from supporttui.sync.engine import Engine, OpenDesk

HELD_S = 0.6
PULL = "GET /api/v2/incremental/tickets/cursor.json"


class Requests:
    """What was asked of the desk, by method and path."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def counts(self) -> Counter[str]:
        return Counter(self.asked)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    """Every request that a connection makes from now on."""
    found, send = Requests(), http_transport.HttpTransport.request

    async def counted(self: http_transport.HttpTransport, method: str, path: str, **options: Any) -> Any:
        found.asked.append(f"{method} {path}")
        return await send(self, method, path, **options)

    monkeypatch.setattr(http_transport.HttpTransport, "request", counted)
    return found


def fetched(windows: WindowGroup, ticket_id: TicketId) -> tuple[Ticket, Conversation]:
    """What the cache has of a ticket whose conversation is there in its present version."""

    def is_there() -> bool:
        ticket, conversation = windows.ticket(ticket_id), windows.conversation(ticket_id)
        return ticket is not None and conversation is not None and ticket.version == conversation.ticket_version

    wait_until(is_there)
    ticket, conversation = windows.ticket(ticket_id), windows.conversation(ticket_id)
    assert ticket is not None
    assert conversation is not None
    return ticket, conversation


def changed(windows: WindowGroup, ticket_id: TicketId, *, messages: int) -> tuple[Ticket, Conversation]:
    """The same, once so many messages are there."""
    wait_until(lambda: len(windows.conversation(ticket_id).messages) == messages)  # type: ignore[union-attr] # it is there
    return fetched(windows, ticket_id)


def settle_stream(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    """Return when the engine has heard of everything that happened before: of one more change, which it asks for."""
    fetched(windows, desk.submit("one more"))


def asked_about(requests: Requests, ticket_id: TicketId, *, extra: str = "") -> list[str]:
    return [each for each in requests.asked if f"/tickets/{ticket_id.id}" in each or (extra and extra in each)]


def test_a_reply_is_one_request_and_its_answer_is_what_a_fetch_would_bring(
    desk: EmbeddedDesk, windows: WindowGroup, requests: Requests
) -> None:
    ticket_id = desk.submit()
    engine = windows.live(desk.open_desk)
    ticket, conversation = fetched(windows, ticket_id)
    requests.asked.clear()

    engine.submit(make_reply(ticket_id, "Try again, please.", based_on=ticket.version, status=Status.AWAITING_REPLY))
    wait_until(lambda: windows.states() == [OperationState.SENT])
    answered = changed(windows, ticket_id, messages=len(conversation.messages) + 1)
    settle_stream(desk, windows)
    about_reply = asked_about(requests, ticket_id)
    pulls = requests.counts()["GET /api/v2/incremental/tickets/cursor.json"]
    print(f"requests for a reply: {about_reply}; pulls, with one for another's change: {pulls}")

    assert about_reply == [f"PUT /api/v2/tickets/{ticket_id.id}.json"]
    assert pulls == 1
    assert answered == whole(desk, ticket_id)


def whole(desk: EmbeddedDesk, ticket_id: TicketId) -> tuple[Ticket, Conversation]:
    """What fetching everything brings."""

    async def fetch() -> tuple[Ticket, Conversation]:
        client = desk.connect()
        try:
            return (await client.fetch_conversation(ticket_id))[:2]
        finally:
            await client.close()

    return asyncio.run(fetch())


def send_update(desk: EmbeddedDesk, ticket_id: TicketId) -> None:
    """Somebody replies: the stream tells of it."""

    async def send() -> None:
        client = desk.connect()
        try:
            patch = TicketPatch(body="We look.", severity=2, assignee_id=desk.agent_id)
            await client.send_update(
                TicketUpdate(operation_id="theirs", ticket_id=ticket_id, based_on=None, patch=patch)
            )
        finally:
            await client.close()

    asyncio.run(send())


def reads(requests: Requests) -> list[str]:
    return [each for each in requests.asked if each.startswith("GET")]


def test_a_new_ticket_of_another_is_one_pull_and_its_audits(
    desk: EmbeddedDesk, windows: WindowGroup, requests: Requests
) -> None:
    windows.live(desk.open_desk)
    requests.asked.clear()
    new_id = desk.submit()
    found = fetched(windows, new_id)
    asked = reads(requests)
    print(f"requests for a new ticket of another: {asked}")
    assert asked == [PULL, f"GET /api/v2/tickets/{new_id.id}/audits.json"]
    assert found == whole(desk, new_id)


def test_a_reply_of_another_is_one_pull_and_the_audits_since(
    desk: EmbeddedDesk, windows: WindowGroup, requests: Requests
) -> None:
    ticket_id = desk.submit()
    windows.live(desk.open_desk)
    fetched(windows, ticket_id)
    requests.asked.clear()
    send_update(desk, ticket_id)
    found = changed(windows, ticket_id, messages=2)
    asked = reads(requests)
    print(f"requests for a reply of another: {asked}")
    assert asked == [PULL, f"GET /api/v2/tickets/{ticket_id.id}/audits.json"]
    assert found == whole(desk, ticket_id)


def test_a_change_on_a_desk_of_zendesks_shape_is_the_audits_since(
    desk: EmbeddedDesk, windows: WindowGroup, open_desk: OpenDesk, requests: Requests
) -> None:
    ticket_id = desk.create()
    windows.live(open_desk)
    fetched(windows, ticket_id)
    requests.asked.clear()
    desk.update(ticket_id, comment=CommentFields(body="We look."), priority="high")
    found = changed(windows, ticket_id, messages=2)
    asked = asked_about(requests, ticket_id)
    print(f"requests for a reply of another, Zendesk's shape: pulls and {asked}")
    assert asked == [f"GET /api/v2/tickets/{ticket_id.id}/audits.json"]
    assert found == whole(desk, ticket_id)


def test_a_reply_on_a_desk_of_zendesks_shape_is_two_requests(
    desk: EmbeddedDesk, windows: WindowGroup, open_desk: OpenDesk, requests: Requests
) -> None:
    ticket_id = desk.create()
    engine = windows.live(open_desk)
    ticket, _conversation = fetched(windows, ticket_id)
    requests.asked.clear()
    created_at = ticket.updated_at + timedelta(minutes=1)
    engine.submit(make_reply(ticket_id, "Try again.", based_on=ticket.version, created_at=created_at))
    found = changed(windows, ticket_id, messages=2)
    wait_until(lambda: windows.states() == [OperationState.SENT])
    about = asked_about(requests, ticket_id)
    print(f"requests for a reply, Zendesk's shape: {about}")
    assert about == [f"PUT /api/v2/tickets/{ticket_id.id}.json", f"GET /api/v2/tickets/{ticket_id.id}/audits.json"]
    assert found == whole(desk, ticket_id)


def create(requester: str) -> Operation:
    return make_reply(
        ticket_id=None,
        kind=OperationKind.CREATE,
        body="It is down.",
        subject="Down",
        severity=2,
        requester_email=requester,
    )


@pytest.mark.parametrize(("requester", "wanted"), [(CUSTOMER, []), ("new@customer.example", [".json", "/audits.json"])])
def test_a_new_ticket_is_one_request_where_its_requester_is_known(
    desk: EmbeddedDesk, windows: WindowGroup, requests: Requests, requester: str, wanted: list[str]
) -> None:
    desk.create()
    engine = windows.live(desk.open_desk)
    fetched(windows, ticket_key(1))
    requests.asked.clear()
    engine.submit(create(requester))
    found = fetched(windows, ticket_key(2))
    wait_until(lambda: windows.states() == [OperationState.SENT])
    settle_stream(desk, windows)
    about = asked_about(requests, ticket_key(2))
    print(f"requests for a new ticket: POST and {about}")
    assert about == [f"GET /api/v2/tickets/2{each}" for each in wanted]
    assert reads(requests).count(PULL) == 1
    assert found == whole(desk, ticket_key(2))


def test_a_new_ticket_on_a_desk_of_zendesks_shape_is_two_requests(
    desk: EmbeddedDesk, windows: WindowGroup, open_desk: OpenDesk, requests: Requests
) -> None:
    desk.create()
    engine = windows.live(open_desk)
    fetched(windows, ticket_key(1))
    requests.asked.clear()
    engine.submit(create(CUSTOMER))
    found = fetched(windows, ticket_key(2))
    wait_until(lambda: windows.states() == [OperationState.SENT])
    about = asked_about(requests, ticket_key(2))
    print(f"requests for a new ticket, Zendesk's shape: POST and {about}")
    assert about == ["GET /api/v2/tickets/2/audits.json"]
    assert found == whole(desk, ticket_key(2))


class LateAnswers(ZendeskDesk):
    """The answer to a change comes when the test says so: the event of the change comes before it."""

    may_answer: Callable[[], bool] = staticmethod(lambda: True)

    async def send_update(self, update: TicketUpdate) -> SendResult:
        result = await super().send_update(update)
        while not self.may_answer():  # noqa: ASYNC110 - it is set on another thread
            await asyncio.sleep(0.01)
        return result


def late(desk: EmbeddedDesk, may_answer: Callable[[], bool]) -> Callable[[], Awaitable[HelpDesk]]:
    async def connect() -> HelpDesk:
        client = LateAnswers(name=DESK, url=desk.url, email=AGENT, token=desk.token)
        client.may_answer = may_answer
        return client

    return connect


def begin_reply(windows: WindowGroup, engine: Engine, ticket_id: TicketId) -> None:
    ticket, _conversation = fetched(windows, ticket_id)
    engine.submit(make_reply(ticket_id, "Try again, please.", based_on=ticket.version))


def test_an_event_whose_answer_does_not_come_is_pulled_for_in_time(
    desk: EmbeddedDesk, windows: WindowGroup, requests: Requests
) -> None:
    ticket_id, answers = desk.submit(), [False]
    engine = windows.live(late(desk, lambda: answers[0]), timings=replace(FAST_TIMINGS, poller_wait_s=HELD_S))
    begin_reply(windows, engine, ticket_id)
    wait_until(lambda: len(desk.bodies(ticket_id)) == 2)
    wait_until(lambda: windows.ticket(ticket_id).version == desk.version(ticket_id))  # type: ignore[union-attr] # it is there
    answers[0] = True
    wait_until(lambda: windows.states() == [OperationState.SENT])


def test_a_change_by_another_meanwhile_is_pulled_for(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id, answers = desk.submit(), [False]
    engine = windows.live(late(desk, lambda: answers[0]), timings=replace(FAST_TIMINGS, poller_wait_s=60.0))
    begin_reply(windows, engine, ticket_id)
    wait_until(lambda: len(desk.bodies(ticket_id)) == 2)
    desk.update(ticket_id, priority="urgent")
    answers[0] = True
    wait_until(lambda: windows.states() == [OperationState.SENT])
    desk.submit("it makes the stream look")
    wait_until(lambda: windows.ticket(ticket_id).version == desk.version(ticket_id))  # type: ignore[union-attr] # it is there
