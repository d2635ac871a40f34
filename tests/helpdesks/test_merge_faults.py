"""A merge whose end is not told, on a desk of Zendesk's shape."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.desks.embedded_desk import AGENT, EmbeddedDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer
from support.desks.zendesk_shape import script_zendesk_like
from support.sample_values import DESK
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import DeskError, Interrupted, Rejected, TicketMerge
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

pytestmark = pytest.mark.anyio

Answer = Callable[[ScriptedResponse], ScriptedResponse]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[EmbeddedDesk]:
    made = EmbeddedDesk(tmp_path / "d")
    yield made
    made.engine.dispose()


@pytest.fixture
def server(desk: EmbeddedDesk) -> Iterator[ScriptedServer]:
    with script_zendesk_like(desk) as each:
        yield each


def answer_merges(server: ScriptedServer, change: Answer) -> list[ReceivedRequest]:
    """Change the answers to merges; the merges that arrive."""
    pass_on, merges = server.script, list[ReceivedRequest]()

    def answer(request: ReceivedRequest) -> ScriptedResponse:
        found = pass_on(request)
        if request.method != "POST":
            return found
        merges.append(request)
        return change(found)

    server.script = answer
    return merges


def job(**values: object) -> ScriptedResponse:
    content = json.dumps({"job_status": {"id": "a1", **values}}).encode()
    return ScriptedResponse(200, content, {"Content-Type": "application/json"})


async def merge(desk: EmbeddedDesk, server: ScriptedServer, tickets: tuple[TicketId, TicketId]) -> TicketId:
    client = ZendeskDesk(name=DESK, url=server.url, email=AGENT, token=desk.token)
    source_id, target_id = tickets
    wanted = TicketMerge(
        operation_id="o", source_id=source_id, target_id=target_id, target_note="told", source_note="gone"
    )
    try:
        return (await client.send_merge(wanted)).ticket.id
    finally:
        await client.close()


async def test_a_merge_whose_answer_is_lost_is_not_done_again(desk: EmbeddedDesk, server: ScriptedServer) -> None:
    tickets = desk.create("A"), desk.create("B")
    merges = answer_merges(server, lambda found: replace(found, sent_bytes=50))
    with pytest.raises(Interrupted):
        await merge(desk, server, tickets)
    assert await merge(desk, server, tickets) == tickets[1]
    assert len(merges) == 1
    assert desk.bodies(tickets[1])[1:] == ["told"]


async def test_a_job_that_failed_is_a_refusal_with_the_desks_words(desk: EmbeddedDesk, server: ScriptedServer) -> None:
    answer_merges(server, lambda _found: job(status="failed", message="the target is locked"))
    with pytest.raises(Rejected, match="the target is locked"):
        await merge(desk, server, (desk.create("A"), desk.create("B")))


@pytest.mark.parametrize("values", [{"status": "queued", "id": "../x"}, {"status": "queued"}])
async def test_a_job_that_cannot_be_followed_may_have_been_done(
    desk: EmbeddedDesk, server: ScriptedServer, values: dict[str, str]
) -> None:
    answer_merges(server, lambda _found: job(**values))
    with pytest.raises(DeskError) as raised:
        await merge(desk, server, (desk.create("A"), desk.create("B")))
    assert raised.type is Interrupted
