"""What every help desk must do when it is read: account, changes, conversations, the stream."""

import pytest
from msgspec.structs import replace

from support.canary import secret
from support.desks.desks_under_test import MALFORMED, RETRY_AFTER_S, DeskUnderTest, Failure
from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket import Lifecycle, Role, Status, StatusChange, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    DeskError,
    HelpDesk,
    Interrupted,
    NotFound,
    PushEvent,
    RateLimited,
    TicketUpdate,
    Unauthorised,
)
from supporttui.store.merging import merge_ticket

pytestmark = pytest.mark.anyio

MORE_THAN_A_PAGE = 520
HOUR_S = 3600.0


async def read_on(client: HelpDesk, cursor: str | None) -> tuple[list[Ticket], str]:
    """The tickets of all pages from a cursor on, and the cursor behind them."""
    found: list[Ticket] = []
    while True:
        page = await client.fetch_changes(cursor)
        found += page.tickets
        cursor = page.cursor
        if not page.has_more:
            return found, cursor


async def test_account_names_us_and_our_role(desk: DeskUnderTest, client: HelpDesk) -> None:
    account = await client.fetch_account()
    assert account.me.id == desk.agent_id
    assert account.me.role is Role.ADMIN
    assert account.desk_name.raw


async def test_wrong_token_is_unauthorised_and_not_in_the_sentence(desk: DeskUnderTest) -> None:
    client = desk.connect(token=secret("hunter2"))
    with pytest.raises(Unauthorised, match="SUPPORTTUI_TOKEN") as caught:
        await client.fetch_account()
    assert "hunter2" not in str(caught.value)
    await client.close()


async def test_token_that_expires_is_unauthorised_on_every_method(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    await read_on(client, None)
    desk.revoke_token()
    update = TicketUpdate(operation_id="o", ticket_id=ticket_id, based_on=None, patch=TicketPatch(body="hello"))
    for request in (
        client.fetch_account(),
        client.fetch_changes(None),
        client.fetch_conversation(ticket_id),
        client.find_operation(ticket_id, "o", None),
        client.send_update(update),
    ):
        with pytest.raises(Unauthorised):
            await request
    assert len(desk.texts(ticket_id)) == 1


async def test_changes_are_read_to_the_end_and_then_only_what_is_new(desk: DeskUnderTest, client: HelpDesk) -> None:
    ids = [desk.create(f"ticket {number}", severity=1) for number in range(5)]
    first, cursor = await read_on(client, None)
    assert {ticket.id for ticket in first} == set(ids)
    assert {ticket.severity for ticket in first} == {1}
    desk.change(ids[2], TicketPatch(severity=4))
    second, cursor = await read_on(client, cursor)
    expected = dict.fromkeys(ids, 1) if desk.repeats_recent_changes else {}
    assert {ticket.id: ticket.severity for ticket in second} == {**expected, ids[2]: 4}
    page = await client.fetch_changes(cursor)
    assert not page.has_more
    assert bool(page.tickets) is desk.repeats_recent_changes


async def test_pages_go_on_from_a_cursor_in_the_middle_with_nothing_lost(desk: DeskUnderTest) -> None:
    ids = desk.create_many(MORE_THAN_A_PAGE)
    first_client = desk.connect()
    first = await first_client.fetch_changes(None)
    await first_client.close()
    assert first.has_more
    assert 0 < len(first.tickets) < MORE_THAN_A_PAGE
    changed = first.tickets[0].id
    desk.change(changed, TicketPatch(severity=1))

    resumed = desk.connect()
    rest, cursor = await read_on(resumed, first.cursor)
    later, _cursor = await read_on(resumed, cursor)
    await resumed.close()

    assert {ticket.id for ticket in (*first.tickets, *rest)} == set(ids)
    assert {ticket.id: ticket.severity for ticket in (*first.tickets, *rest, *later)}[changed] == 1


async def test_ticket_that_changes_twice_within_a_second_is_reported_as_it_is_last(
    desk: DeskUnderTest, client: HelpDesk
) -> None:
    ticket_id = desk.create()
    _all, cursor = await read_on(client, None)
    for severity in (4, 3, 2):
        desk.change(ticket_id, TicketPatch(severity=severity))
        changes, cursor = await read_on(client, cursor)
        assert {ticket.id: ticket.severity for ticket in changes} == {ticket_id: severity}


async def test_changes_name_the_people_of_their_tickets(desk: DeskUnderTest, client: HelpDesk) -> None:
    desk.create()
    people, cursor, has_more = set[int](), None, True
    while has_more:
        page = await client.fetch_changes(cursor)
        people |= {person.id for person in page.people}
        cursor, has_more = page.cursor, page.has_more
    assert desk.customer_id in people


async def test_deleted_ticket_is_reported_or_not_found_any_more(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    _all, cursor = await read_on(client, None)
    desk.delete(ticket_id)
    changes, _cursor = await read_on(client, cursor)
    reported = {ticket_id: Lifecycle.DELETED} if desk.reports_deletions else {}
    assert {ticket.id: ticket.lifecycle for ticket in changes} == reported
    with pytest.raises(NotFound):
        await client.fetch_conversation(ticket_id)


async def test_what_is_not_there_any_more_is_found(desk: DeskUnderTest, client: HelpDesk) -> None:
    ids = [desk.create(f"ticket {number}") for number in range(3)]
    assert await client.find_missing(ids) == ()
    desk.delete(ids[1])
    assert await client.find_missing(ids) == (ids[1],)
    assert await client.find_missing([]) == ()


async def test_conversation_has_replies_notes_turns_and_history(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    desk.write(ticket_id, "thanks for the report", is_automatic=True)
    desk.write(ticket_id, "is it the proxy?", is_public=False)
    desk.change(ticket_id, TicketPatch(body="We look.", status=Status.AWAITING_REPLY, severity=2))
    desk.write(ticket_id, "It works again.", is_ours=False)
    ticket, conversation, people = await client.fetch_conversation(ticket_id)
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
    changes = [
        (event.field, event.before and event.before.raw, event.after and event.after.raw)
        for event in conversation.history
    ]
    assert ("status", "new", "awaiting_reply") in changes
    assert ("severity", None, "2") in changes
    assert conversation.ticket_version == ticket.version


async def test_conversation_of_many_pages_is_whole(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    for number in range(130):
        desk.write(ticket_id, f"note {number}", is_public=False)
    _ticket, conversation, _people = await client.fetch_conversation(ticket_id)
    assert [message.body.raw for message in conversation.messages[1:]] == [f"note {number}" for number in range(130)]


async def test_refreshed_conversation_is_the_one_that_a_fetch_gives(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    listed, cursor = await read_on(client, None)
    unknown = await client.refresh_conversation(listed[-1], None, ())
    known = await client.fetch_conversation(ticket_id)
    assert unknown[:2] == known[:2]
    desk.write(ticket_id, "is it the proxy?", is_public=False)
    desk.change(ticket_id, TicketPatch(body="We look.", status=Status.AWAITING_REPLY, severity=2))
    desk.write(ticket_id, "It works again.", is_ours=False)
    listed, cursor = await read_on(client, cursor)
    refreshed = await client.refresh_conversation(merge_ticket(known[0], listed[-1]), known[1], known[2])
    fetched = await client.fetch_conversation(ticket_id)
    assert refreshed[:2] == fetched[:2]
    assert {person.id for person in refreshed[2]} >= {desk.agent_id, desk.customer_id}


async def test_answer_by_its_own_requester_is_no_first_reply(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create(is_ours=True)
    desk.write(ticket_id, "forget it")
    ticket, _conversation, _people = await client.fetch_conversation(ticket_id)
    assert ticket.first_reply_at is None


async def test_ticket_that_is_not_there_is_named(desk: DeskUnderTest, client: HelpDesk) -> None:
    missing = replace(desk.create(), id="4711")
    with pytest.raises(NotFound, match=f"Ticket {missing.label} is not on the desk"):
        await client.fetch_conversation(missing)
    with pytest.raises(NotFound):
        await client.find_operation(missing, "o", None)


async def test_stream_reports_a_change_exactly_where_the_desk_says_that_it_pushes(
    desk: DeskUnderTest, client: HelpDesk
) -> None:
    ticket_id = desk.create()
    events = client.listen(None)
    if not (await client.fetch_account()).capabilities.pushes:
        with pytest.raises(DeskError):
            await anext(events)
        return
    received = [await anext(events)]
    assert received == [PushEvent(None, None)]
    update = TicketUpdate(operation_id="o", ticket_id=ticket_id, based_on=None, patch=TicketPatch(body="hello"))
    result = await client.send_update(update)
    while received[-1].ticket_id is None:
        received.append(await anext(events))
    assert received[-1].ticket_id == ticket_id
    assert received[-1].event_id is not None
    assert result.event_id in (None, received[-1].event_id)


async def test_stream_goes_on_after_an_event_id(desk: DeskUnderTest, client: HelpDesk) -> None:
    if not (await client.fetch_account()).capabilities.pushes:
        with pytest.raises(DeskError):
            await anext(client.listen("1"))
        return
    first_id, second_id = desk.create(), desk.create()
    events = client.listen(None)
    await anext(events)
    for ticket_id in (first_id, second_id):
        patch = TicketPatch(body="hello")
        await client.send_update(
            TicketUpdate(operation_id=f"o{ticket_id.id}", ticket_id=ticket_id, based_on=None, patch=patch)
        )
    event = await anext(events)
    while event.ticket_id != first_id:
        event = await anext(events)
    resumed = client.listen(event.event_id)
    found = await anext(resumed)
    while found.ticket_id is None:
        found = await anext(resumed)
    assert found.ticket_id == second_id


async def test_desks_clock_is_unknown_before_its_first_response(desk: DeskUnderTest) -> None:
    desk.set_clock_ahead(HOUR_S)
    client = desk.connect()
    assert client.desk_ahead_s is None
    await client.fetch_account()
    assert client.desk_ahead_s == pytest.approx(HOUR_S, abs=5)
    await client.close()


async def test_closing_ends_open_streams_and_may_be_repeated(desk: DeskUnderTest) -> None:
    client = desk.connect()
    if (await client.fetch_account()).capabilities.pushes:
        await anext(client.listen(None))
    await client.close()
    await client.close()


@pytest.mark.parametrize("failure", [Failure.RATE_LIMIT, Failure.RATE_LIMIT_WITHOUT_WAIT])
async def test_rate_limit_says_how_long_to_wait(desk: DeskUnderTest, failure: Failure) -> None:
    ticket_id = desk.create()
    with desk.failing(failure) as client:
        for request in (client.fetch_changes(None), client.fetch_conversation(ticket_id)):
            with pytest.raises(RateLimited) as caught:
                await request
            expected = RETRY_AFTER_S if failure is Failure.RATE_LIMIT else pytest.approx(10.0)
            assert caught.value.retry_after_s == expected
        await client.close()


@pytest.mark.parametrize("failure", [Failure.CONNECTION_CUT, Failure.UNREADABLE_RESPONSE])
async def test_page_that_does_not_arrive_whole_is_not_taken(desk: DeskUnderTest, failure: Failure) -> None:
    ticket_id = desk.create()
    with desk.failing(failure) as client:
        for request in (client.fetch_changes(None), client.fetch_conversation(ticket_id)):
            with pytest.raises(Interrupted):
                await request
        await client.close()


async def test_malformed_field_costs_only_itself(desk: DeskUnderTest) -> None:
    before, broken, after = desk.create("a"), desk.create(MALFORMED), desk.create("b")
    subjects, unreadable, cursor, has_more = dict[TicketId, str](), set[TicketId](), None, True
    with desk.failing(Failure.MALFORMED_SUBJECT) as client:
        while has_more:
            page = await client.fetch_changes(cursor)
            subjects |= {ticket.id: ticket.subject.raw for ticket in page.tickets}
            unreadable |= set(page.unreadable_ids)
            cursor, has_more = page.cursor, page.has_more
        _, conversation, _ = await client.fetch_conversation(broken)
        await client.close()
    assert subjects == {before: "a", broken: MALFORMED, after: "b"}  # which `raw_subject` says too
    assert unreadable == {broken}
    assert conversation.messages
