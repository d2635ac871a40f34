"""What every help desk must do when it is written to: updates, new tickets, conflicts, and what it says it can do."""

from functools import reduce
from typing import Any

import pytest
from msgspec.structs import replace

from support.desks.desks_under_test import RETRY_AFTER_S, DeskUnderTest, Failure
from supporttui.domain.patch import UNASSIGNED, TicketPatch, apply_patch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Capabilities,
    Conflict,
    HelpDesk,
    Interrupted,
    NewTicket,
    NotFound,
    RateLimited,
    Rejected,
    TicketUpdate,
)

pytestmark = pytest.mark.anyio

STALE = "2020-01-01T00:00:00Z"


def update_of(
    ticket_id: TicketId, *, operation_id: str = "o1", based_on: str | None = None, **patch: Any
) -> TicketUpdate:
    return TicketUpdate(operation_id=operation_id, ticket_id=ticket_id, based_on=based_on, patch=TicketPatch(**patch))


def new_ticket(desk: DeskUnderTest, **changes: Any) -> NewTicket:
    values: dict[str, Any] = {"operation_id": "o1", "subject": "Down", "description": "since nine", "severity": 1}
    return NewTicket(**{**values, "requester_email": desk.customer_email, **changes})


async def capabilities_of(client: HelpDesk) -> Capabilities:
    return (await client.fetch_account()).capabilities


@pytest.mark.parametrize(
    ("patch", "shown"),
    [
        (TicketPatch(status=Status.OPEN), {"status": Status.OPEN}),
        (TicketPatch(status=Status.AWAITING_REPLY), {"status": Status.AWAITING_REPLY}),
        (TicketPatch(status=Status.CLOSED), {"status": Status.CLOSED}),
        (TicketPatch(severity=1), {"severity": 1}),
        (TicketPatch(severity=4), {"severity": 4}),
        (TicketPatch(tags=("outage", "berlin")), {"tags": (OutsideText("berlin"), OutsideText("outage"))}),
        (TicketPatch(tags=()), {"tags": ()}),
    ],
)
async def test_each_property_of_a_patch_is_applied_and_read_back(
    desk: DeskUnderTest, client: HelpDesk, patch: TicketPatch, shown: dict[str, Any]
) -> None:
    ticket_id = desk.create(severity=2)
    result = await client.send_update(TicketUpdate(operation_id="o1", ticket_id=ticket_id, based_on=None, patch=patch))
    fetched, _conversation, _people = await client.fetch_conversation(ticket_id)
    for ticket in (result.ticket, fetched):
        found = {name: getattr(ticket, name) for name in shown}
        if "tags" in found:
            found["tags"] = tuple(sorted(found["tags"], key=lambda tag: tag.raw))
        assert found == shown
    assert fetched.version == result.ticket.version
    assert len(desk.texts(ticket_id)) == 1


async def test_assignee_is_applied_and_read_back(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    result = await client.send_update(update_of(ticket_id, assignee_id=desk.agent_id))
    assert result.ticket.assignee_id == desk.agent_id


async def test_a_ticket_is_taken_from_its_assignee_and_belongs_to_nobody(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    await client.send_update(update_of(ticket_id, assignee_id=desk.agent_id))
    result = await client.send_update(update_of(ticket_id, operation_id="o2", assignee_id=UNASSIGNED))
    assert result.ticket.assignee_id is None
    assert apply_patch(result.ticket, TicketPatch(assignee_id=UNASSIGNED), result.ticket.updated_at).assignee_id is None


async def test_the_agents_are_those_who_can_be_assigned(desk: DeskUnderTest, client: HelpDesk) -> None:
    assert [each.id for each in await client.fetch_agents()] == [desk.agent_id]


@pytest.mark.parametrize("is_public", [True, False])
async def test_message_is_a_reply_or_a_note_as_asked(desk: DeskUnderTest, client: HelpDesk, is_public: bool) -> None:
    ticket_id = desk.create()
    result = await client.send_update(update_of(ticket_id, body="hello", is_public=is_public))
    _ticket, conversation, _people = await client.fetch_conversation(ticket_id)
    last = conversation.messages[-1]
    assert (last.body.raw, last.is_public, last.author_id) == ("hello", is_public, desk.agent_id)
    assert result.messages is None or result.messages == (last,)


async def test_reply_with_a_move_applies_as_one_and_is_found_again(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    before, _conversation, _people = await client.fetch_conversation(ticket_id)
    update = update_of(
        ticket_id,
        based_on=before.version,
        body="hello",
        status=Status.AWAITING_REPLY,
        severity=1,
        assignee_id=desk.agent_id,
    )
    result = await client.send_update(update)
    assert (result.ticket.status, result.ticket.severity) == (Status.AWAITING_REPLY, 1)
    assert result.ticket.assignee_id == desk.agent_id
    assert desk.texts(ticket_id)[1:] == ["hello"]


async def test_parts_of_a_split_patch_do_together_what_the_patch_does(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    before, _conversation, _people = await client.fetch_conversation(ticket_id)
    patch = TicketPatch(status=Status.OPEN, severity=1, tags=("outage",), body="hello", assignee_id=desk.agent_id)
    parts = client.split(patch)
    at = before.created_at
    assert reduce(lambda ticket, part: apply_patch(ticket, part, at), parts, before) == apply_patch(before, patch, at)
    for number, part in enumerate(parts):
        await client.send_update(
            TicketUpdate(operation_id=f"o{number}", ticket_id=ticket_id, based_on=None, patch=part)
        )
    after, _conversation, _people = await client.fetch_conversation(ticket_id)
    assert (after.status, after.severity, after.tags) == (Status.OPEN, 1, (OutsideText("outage"),))
    assert desk.texts(ticket_id)[1:] == ["hello"]


async def test_version_is_checked_exactly_where_the_desk_says_so(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    stale = update_of(ticket_id, based_on=STALE, body="hello")
    if not (await capabilities_of(client)).checks_versions:
        await client.send_update(stale)
        assert desk.texts(ticket_id)[1:] == ["hello"]
        return
    with pytest.raises(Conflict, match=f"Ticket {ticket_id.label} was changed meanwhile"):
        await client.send_update(stale)
    assert len(desk.texts(ticket_id)) == 1


async def test_versions_differ_at_the_stated_resolution(desk: DeskUnderTest, client: HelpDesk) -> None:
    can = await capabilities_of(client)
    ticket_id = desk.create()
    versions = []
    for number, severity in enumerate((1, 2, 3)):
        if can.version_resolution_s:
            desk.set_clock_ahead(number * (can.version_resolution_s + 1.0))
        desk.change(ticket_id, TicketPatch(severity=severity))
        versions.append((await client.fetch_conversation(ticket_id))[0].version)
    assert len(set(versions)) == 3


async def test_update_with_a_known_key_is_applied_once_exactly_where_the_desk_says_so(
    desk: DeskUnderTest, client: HelpDesk
) -> None:
    ticket_id = desk.create()
    update = update_of(ticket_id, body="hello")
    first, second = await client.send_update(update), await client.send_update(update)
    if (await capabilities_of(client)).idempotent_writes:
        assert second == replace(first, event_id=second.event_id)  # a stored response need not name the event again
        assert desk.texts(ticket_id)[1:] == ["hello"]
    else:
        assert desk.texts(ticket_id)[1:] == ["hello", "hello"]


async def test_creation_with_a_known_key_is_applied_once_exactly_where_the_desk_says_so(
    desk: DeskUnderTest, client: HelpDesk
) -> None:
    first = await client.send_new_ticket(new_ticket(desk))
    second = await client.send_new_ticket(new_ticket(desk))
    can_repeat = (await capabilities_of(client)).idempotent_creation
    assert (first.ticket.id == second.ticket.id) is can_repeat
    assert (desk.newest() == first.ticket.id) is can_repeat


async def test_key_is_remembered_for_as_long_as_the_desk_says(desk: DeskUnderTest, client: HelpDesk) -> None:
    can = await capabilities_of(client)
    ticket_id = desk.create()
    created = await client.send_new_ticket(new_ticket(desk))
    updated = await client.send_update(update_of(ticket_id, operation_id="o2", body="hello"))
    desk.set_clock_ahead(can.idempotency_key_ttl_s - 60.0 if can.idempotency_key_ttl_s else 0.0)
    later = desk.connect()
    if can.idempotent_creation:
        assert (await later.send_new_ticket(new_ticket(desk))).ticket.id == created.ticket.id
    if can.idempotent_writes:
        assert await later.send_update(update_of(ticket_id, operation_id="o2", body="hello")) == replace(
            updated, event_id=None
        )
        assert desk.texts(ticket_id)[1:] == ["hello"]
    await later.close()


async def test_operation_is_found_in_the_history_exactly_where_the_desk_says_so(
    desk: DeskUnderTest, client: HelpDesk
) -> None:
    ticket_id = desk.create()
    keeps = (await capabilities_of(client)).keeps_operation_id
    assert not await client.find_operation(ticket_id, "o1", None)
    result = await client.send_update(update_of(ticket_id, body="hello"))
    assert await client.find_operation(ticket_id, "o1", None) is keeps
    assert not await client.find_operation(ticket_id, "other", None)
    assert not await client.find_operation(ticket_id, "o1", result.audit_id)


async def test_ticket_is_held_exactly_where_the_desk_says_that_it_can(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    held = update_of(ticket_id, status=Status.ON_HOLD)
    if (await capabilities_of(client)).can_hold:
        assert (await client.send_update(held)).ticket.status is Status.ON_HOLD
    else:
        with pytest.raises(Rejected):
            await client.send_update(held)


async def test_move_that_is_not_allowed_is_rejected_with_the_desks_reason(
    desk: DeskUnderTest, client: HelpDesk
) -> None:
    ticket_id = desk.create()
    desk.change(ticket_id, TicketPatch(status=Status.OPEN))
    with pytest.raises(Rejected) as caught:
        await client.send_update(update_of(ticket_id, status=Status.NEW, body="hello"))
    assert caught.value.desk_message is not None
    assert caught.value.desk_message.raw
    assert len(desk.texts(ticket_id)) == 1


async def test_update_of_a_ticket_that_is_not_there_is_not_found(desk: DeskUnderTest, client: HelpDesk) -> None:
    missing = replace(desk.create(), id="4711")
    with pytest.raises(NotFound, match=f"Ticket {missing.label} is not on the desk"):
        await client.send_update(update_of(missing, body="hello"))


async def test_text_that_no_desk_takes_is_sent_in_a_stated_form(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    await client.send_update(update_of(ticket_id, body="a\0b \ud83d\ude00 \ud83d c"))
    assert desk.texts(ticket_id)[1:] == ["a␀b 😀 \ufffd c"]


async def test_new_ticket_has_what_was_asked_for(desk: DeskUnderTest, client: HelpDesk) -> None:
    result = await client.send_new_ticket(new_ticket(desk, tags=("outage",)))
    ticket, conversation, people = await client.fetch_conversation(result.ticket.id)
    for each in (result.ticket, ticket):
        assert (each.subject.raw, each.severity, each.requester_id) == ("Down", 1, desk.customer_id)
        assert each.tags == (OutsideText("outage"),)
    assert [message.body.raw for message in conversation.messages] == ["since nine"]
    assert desk.customer_id in {person.id for person in people}


async def test_new_ticket_of_an_unknown_requester_adds_them(desk: DeskUnderTest, client: HelpDesk) -> None:
    new = new_ticket(desk, requester_email="bo@new.example", requester_name="Bo")
    ticket = (await client.send_new_ticket(new)).ticket
    _ticket, _conversation, people = await client.fetch_conversation(ticket.id)
    requester = next(person for person in people if person.id == ticket.requester_id)
    assert (requester.name.raw, requester.email.raw) == ("Bo", "bo@new.example")


@pytest.mark.parametrize("failure", [Failure.RATE_LIMIT, Failure.RATE_LIMIT_WITHOUT_WAIT])
async def test_write_beyond_the_rate_limit_is_not_applied(desk: DeskUnderTest, failure: Failure) -> None:
    ticket_id = desk.create()
    with desk.failing(failure) as client:
        for request in (
            client.send_update(update_of(ticket_id, body="hello")),
            client.send_new_ticket(new_ticket(desk)),
        ):
            with pytest.raises(RateLimited) as caught:
                await request
            assert caught.value.retry_after_s == (RETRY_AFTER_S if failure is Failure.RATE_LIMIT else 10.0)
        await client.close()
    assert len(desk.texts(ticket_id)) == 1
    assert desk.newest() == ticket_id


@pytest.mark.parametrize("failure", [Failure.CONNECTION_CUT, Failure.UNREADABLE_RESPONSE])
async def test_write_without_a_readable_response_may_have_been_applied(desk: DeskUnderTest, failure: Failure) -> None:
    ticket_id = desk.create()
    is_applied = failure is Failure.CONNECTION_CUT
    with desk.failing(failure) as client:
        with pytest.raises(Interrupted):
            await client.send_update(update_of(ticket_id, body="hello"))
        assert desk.texts(ticket_id)[1:] == ["hello"] * is_applied
        with pytest.raises(Interrupted):
            await client.send_new_ticket(new_ticket(desk, operation_id="o2"))
        assert (desk.newest() > ticket_id) is is_applied
        await client.close()
