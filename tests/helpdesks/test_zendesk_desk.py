"""The client against the embedded help desk: what every desk that speaks this wire has to do."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from msgspec.structs import replace

from support.canary import secret
from support.desks.embedded_desk import CUSTOMER, EmbeddedDesk, serve_embedded_desk
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, Lifecycle, Role, Status, StatusChange
from supporttui.helpdesks.base import (
    Conflict,
    HelpDesk,
    NewTicket,
    NotFound,
    PushEvent,
    Rejected,
    SendResult,
    TicketUpdate,
    Unauthorised,
)
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server.database import write
from supporttui.server.ticket_fields import CommentFields
from supporttui.server.tickets import delete_ticket

T = TypeVar("T")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[EmbeddedDesk]:
    with serve_embedded_desk(tmp_path / "d") as each:
        yield each


def call(desk: EmbeddedDesk, action: Callable[[ZendeskDesk], Awaitable[T]], **options: object) -> T:
    """Do something with a client of its own."""

    async def run() -> T:
        client = desk.connect(**options)
        try:
            return await action(client)
        finally:
            await client.close()

    return asyncio.run(run())


def new_ticket(**changes: object) -> NewTicket:
    values = {"operation_id": "o1", "subject": "Down", "description": "since nine", "severity": 1}
    return NewTicket(**{**values, "requester_email": CUSTOMER, **changes})  # type: ignore[arg-type] # by name


def reply(ticket_id: int, body: str | None = "hello", **changes: object) -> TicketUpdate:
    values = {"operation_id": f"r-{body}", "ticket_id": ticket_id, "based_on": None, "body": body, **changes}
    patch = {name: values.pop(name) for name in TicketPatch.__struct_fields__ if name in values}
    return TicketUpdate(**values, patch=TicketPatch(**patch))  # type: ignore[arg-type] # by name


def test_the_client_is_a_help_desk(desk: EmbeddedDesk) -> None:
    client: HelpDesk = desk.connect()
    asyncio.run(client.close())


def test_the_account_says_who_we_are_and_what_the_desk_can(desk: EmbeddedDesk) -> None:
    account = call(desk, lambda client: client.fetch_account())
    assert account.me.id == desk.agent_id
    assert account.me.role is Role.ADMIN
    assert account.capabilities.pushes
    assert account.capabilities.idempotent_writes


def test_a_wrong_token_is_unauthorised_and_not_in_the_sentence(desk: EmbeddedDesk) -> None:
    with pytest.raises(Unauthorised, match="SUPPORTTUI_TOKEN") as caught:
        call(desk, lambda client: client.fetch_account(), token=secret("hunter2"))
    assert "hunter2" not in str(caught.value)


def test_changes_are_read_to_the_end_and_then_only_what_is_new(desk: EmbeddedDesk) -> None:
    ids = [desk.create(f"ticket {number}", priority="urgent") for number in range(5)]

    async def read(client: ZendeskDesk) -> tuple[list[int], list[int]]:
        first = await client.fetch_changes(None)
        desk.update(ids[2], priority="low")
        second = await client.fetch_changes(first.cursor)
        third = await client.fetch_changes(second.cursor)
        assert not third.tickets
        assert not third.has_more
        assert [ticket.severity for ticket in (*first.tickets, *second.tickets)] == [1, 1, 1, 1, 1, 4]
        return [ticket.id for ticket in first.tickets], [ticket.id for ticket in second.tickets]

    assert call(desk, read) == (ids, [ids[2]])


def test_a_deleted_ticket_is_told_as_such(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    with write(desk.engine) as connection:
        from datetime import UTC, datetime

        delete_ticket(connection, desk.agent_id, ticket_id, datetime.now(UTC))
    (ticket,) = call(desk, lambda client: client.fetch_changes(None)).tickets
    assert ticket.fate is Lifecycle.DELETED


def test_a_conversation_tells_what_no_list_does(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    desk.update(ticket_id, comment=CommentFields(body="thanks for the report", via="rule"))
    desk.update(ticket_id, comment=CommentFields(body="is it the proxy?", is_public=False))
    desk.update(ticket_id, comment=CommentFields(body="We look."), status="pending", priority="high")
    desk.update(ticket_id, desk.customer_id, comment=CommentFields(body="It works again."))
    ticket, conversation, people = call(desk, lambda client: client.fetch_conversation(ticket_id))
    assert [(message.body.raw, message.is_public, message.is_automatic) for message in conversation.messages] == [
        ("It stays empty.", True, False),
        ("thanks for the report", True, True),
        ("is it the proxy?", False, False),
        ("We look.", True, False),
        ("It works again.", True, False),
    ]
    assert ticket.first_reply_at == ticket.replied_at == conversation.messages[3].created_at
    assert ticket.customer_wrote_at == conversation.messages[4].created_at
    assert [change.status for change in ticket.status_history] == [Status.NEW, Status.AWAITING_REPLY, Status.OPEN]
    assert ticket.status_history[0] == StatusChange(ticket.created_at, Status.NEW)
    assert {person.id for person in people} >= {desk.agent_id, desk.customer_id}
    told = [
        (event.field, event.before and event.before.raw, event.after and event.after.raw)
        for event in conversation.history
    ]
    assert ("status", "new", "awaiting_reply") in told
    assert ("severity", None, "2") in told
    assert conversation.ticket_version == ticket.version


def test_a_conversation_of_many_pages_is_whole(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    for number in range(130):
        desk.update(ticket_id, comment=CommentFields(body=f"note {number}", is_public=False))
    _ticket, conversation, _people = call(desk, lambda client: client.fetch_conversation(ticket_id))
    assert [message.body.raw for message in conversation.messages[1:]] == [f"note {number}" for number in range(130)]


def test_an_answer_by_its_own_requester_meets_no_clock(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create(actor_id=desk.agent_id)
    desk.update(ticket_id, comment=CommentFields(body="forget it"))
    ticket, _conversation, _people = call(desk, lambda client: client.fetch_conversation(ticket_id))
    assert ticket.first_reply_at is None


def test_a_reply_with_a_move_applies_as_one_and_is_found_again(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()

    async def send(client: ZendeskDesk) -> tuple[SendResult, list[bool]]:
        before = (await client.fetch_changes(None)).tickets[0]
        update = reply(ticket_id, based_on=before.version, status=Status.AWAITING_REPLY, severity=1, assignee_id=1)
        result = await client.send_update(update)
        found = [
            await client.find_operation(ticket_id, operation, None) for operation in (update.operation_id, "other")
        ]
        found.append(await client.find_operation(ticket_id, update.operation_id, result.audit_id))
        return result, found

    result, found = call(desk, send)
    assert (result.ticket.status, result.ticket.severity, result.ticket.assignee_id) == (Status.AWAITING_REPLY, 1, 1)
    assert found == [True, False, False]


def test_the_same_key_applies_once(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()

    async def send(client: ZendeskDesk) -> tuple[SendResult, SendResult]:
        return await client.send_update(reply(ticket_id)), await client.send_update(reply(ticket_id))

    one, two = call(desk, send)
    assert replace(one, event_id=None) == two  # the stored response does not name the event again
    assert desk.bodies(ticket_id)[1:] == ["hello"]


def test_a_stale_version_is_a_conflict(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    with pytest.raises(Conflict, match=f"Ticket #{ticket_id} was changed by somebody else"):
        call(desk, lambda client: client.send_update(reply(ticket_id, based_on="2020-01-01T00:00:00Z")))
    assert len(desk.bodies(ticket_id)) == 1


def test_a_move_that_is_not_allowed_is_rejected_with_the_desks_reason(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    desk.update(ticket_id, status="open")
    with pytest.raises(Rejected) as caught:
        call(desk, lambda client: client.send_update(reply(ticket_id, None, status=Status.NEW)))
    assert caught.value.desk_message is not None
    assert caught.value.desk_message.raw


def test_a_vanished_ticket_is_named(desk: EmbeddedDesk) -> None:
    with pytest.raises(NotFound, match="Ticket #4711 is not on the desk"):
        call(desk, lambda client: client.fetch_conversation(4711))


def test_text_that_no_desk_takes_is_sent_in_a_stated_form(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    call(desk, lambda client: client.send_update(reply(ticket_id, "a\0b \ud83d\ude00 \ud83d c", operation_id="o")))
    assert desk.bodies(ticket_id)[1:] == ["a␀b 😀 \ufffd c"]


def test_a_new_ticket_carries_what_was_asked_for(desk: EmbeddedDesk, tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"0123456789" * 50_000)

    async def create(client: ZendeskDesk) -> SendResult:
        token = await client.send_upload(log, "späť \u202egol.x")
        return await client.send_new_ticket(new_ticket(uploads=(token,), tags=("outage",)))

    ticket = call(desk, create).ticket
    assert (ticket.subject.raw, ticket.severity, ticket.requester_id) == ("Down", 1, desk.customer_id)
    assert ticket.tags == (OutsideText("outage"),)
    _ticket, conversation, _people = call(desk, lambda client: client.fetch_conversation(ticket.id))
    (attachment,) = conversation.messages[0].attachments
    assert attachment.file_name.raw == "späť \u202egol.x"
    into = tmp_path / "fetched"
    assert call(desk, lambda client: client.fetch_attachment(attachment, into, max_bytes=1_000_000)) == 500_000
    assert into.read_bytes() == log.read_bytes()
    with pytest.raises(FileExistsError):
        call(desk, lambda client: client.fetch_attachment(attachment, into, max_bytes=1_000_000))
    with pytest.raises(Rejected, match="larger than"):
        call(desk, lambda client: client.fetch_attachment(attachment, tmp_path / "big", max_bytes=1000))
    assert not (tmp_path / "big").exists()


def test_an_attachment_is_never_written_through_a_link(desk: EmbeddedDesk, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    attachment = make_attachment("http://desk/attachments/token/x")
    with pytest.raises(FileExistsError):
        call(desk, lambda client: client.fetch_attachment(attachment, tmp_path / "link", max_bytes=9))
    assert not (tmp_path / "precious").exists()


def make_attachment(url: str) -> Attachment:
    return Attachment(
        id=1, file_name=OutsideText("a"), content_type=OutsideText("text/plain"), size_bytes=1, url=OutsideText(url)
    )


def test_the_stream_tells_of_a_change_and_is_alive_from_its_opening(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()

    async def hear(client: ZendeskDesk) -> list[PushEvent]:
        events = client.listen(None)
        heard = [await anext(events)]
        await client.send_update(reply(ticket_id))
        while heard[-1].ticket_id is None:
            heard.append(await anext(events))
        return heard

    heard = call(desk, hear)
    assert heard[0] == PushEvent(None, None)
    assert heard[-1].ticket_id == ticket_id
    assert heard[-1].event_id is not None
