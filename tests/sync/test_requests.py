"""How many requests a change costs: what the desk has answered is not fetched again."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from support.clock.waiting import wait_until
from support.desks.embedded_desk import AGENT, EmbeddedDesk
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import make_reply
from supporttui.domain.ticket import Conversation, Status, Ticket
from supporttui.helpdesks import http_transport
from supporttui.helpdesks.base import HelpDesk, SendResult, TicketUpdate
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.operations import OperationState
from supporttui.sync.engine import Engine

HELD_S = 0.6


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


def fetched(windows: WindowGroup, ticket_id: int) -> tuple[Ticket, Conversation]:
    """What the cache has of a ticket whose conversation is there in its present version."""

    def is_there() -> bool:
        ticket, conversation = windows.ticket(ticket_id), windows.conversation(ticket_id)
        return ticket is not None and conversation is not None and ticket.version == conversation.ticket_version

    wait_until(is_there)
    ticket, conversation = windows.ticket(ticket_id), windows.conversation(ticket_id)
    assert ticket is not None
    assert conversation is not None
    return ticket, conversation


def settle_stream(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    """Return when the engine has heard of everything that happened before: of one more change, which it asks for."""
    fetched(windows, desk.submit("one more"))


def asked_about(requests: Requests, ticket_id: int, *, extra: str = "") -> list[str]:
    return [each for each in requests.asked if f"/tickets/{ticket_id}" in each or (extra and extra in each)]


def test_a_reply_is_one_request_and_its_answer_is_what_a_fetch_would_bring(
    desk: EmbeddedDesk, windows: WindowGroup, requests: Requests
) -> None:
    ticket_id = desk.submit()
    engine = windows.live(desk.open_desk)
    ticket, _conversation = fetched(windows, ticket_id)
    requests.asked.clear()

    engine.submit(make_reply(ticket_id, "Try again, please.", based_on=ticket.version, status=Status.AWAITING_REPLY))
    wait_until(lambda: windows.states() == [OperationState.SENT])
    answered = fetched(windows, ticket_id)
    settle_stream(desk, windows)
    about_reply = asked_about(requests, ticket_id)
    pulls = requests.counts()["GET /api/v2/incremental/tickets/cursor.json"]
    print(f"requests for a reply: {about_reply}; pulls, with one for another's change: {pulls}")

    async def fetch() -> tuple[Ticket, Conversation]:
        client = desk.connect()
        try:
            return (await client.fetch_conversation(ticket_id))[:2]
        finally:
            await client.close()

    assert about_reply == [f"PUT /api/v2/tickets/{ticket_id}.json"]
    assert pulls == 1
    fresh_ticket, fresh_conversation = asyncio.run(fetch())
    assert answered[1] == fresh_conversation
    assert answered[0] == fresh_ticket


def test_an_event_of_another_is_one_pull_and_one_conversation(
    desk: EmbeddedDesk, windows: WindowGroup, requests: Requests
) -> None:
    windows.live(desk.open_desk)
    requests.asked.clear()
    fetched(windows, desk.submit())
    asked = [each for each in requests.asked if not each.startswith("POST")]
    print(f"requests for an event of another: {asked}")
    assert len(asked) == 4


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
        client = LateAnswers(url=desk.url, email=AGENT, token=desk.token)
        client.may_answer = may_answer
        return client

    return connect


def begin_reply(windows: WindowGroup, engine: Engine, ticket_id: int) -> None:
    ticket, _conversation = fetched(windows, ticket_id)
    engine.submit(make_reply(ticket_id, "Try again, please.", based_on=ticket.version))


def test_an_event_whose_answer_does_not_come_is_pulled_for_in_time(
    desk: EmbeddedDesk, windows: WindowGroup, requests: Requests
) -> None:
    ticket_id, answers = desk.submit(), [False]
    engine = windows.live(late(desk, lambda: answers[0]), pace=replace(FAST_TIMINGS, poller_wait_s=HELD_S))
    begin_reply(windows, engine, ticket_id)
    wait_until(lambda: len(desk.bodies(ticket_id)) == 2)
    wait_until(lambda: windows.ticket(ticket_id).version == desk.version(ticket_id))  # type: ignore[union-attr] # it is there
    answers[0] = True
    wait_until(lambda: windows.states() == [OperationState.SENT])


def test_a_change_by_another_meanwhile_is_pulled_for(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id, answers = desk.submit(), [False]
    engine = windows.live(late(desk, lambda: answers[0]), pace=replace(FAST_TIMINGS, poller_wait_s=60.0))
    begin_reply(windows, engine, ticket_id)
    wait_until(lambda: len(desk.bodies(ticket_id)) == 2)
    desk.update(ticket_id, priority="urgent")
    answers[0] = True
    wait_until(lambda: windows.states() == [OperationState.SENT])
    desk.submit("it makes the stream look")
    wait_until(lambda: windows.ticket(ticket_id).version == desk.version(ticket_id))  # type: ignore[union-attr] # it is there
