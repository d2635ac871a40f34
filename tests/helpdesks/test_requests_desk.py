"""What a help desk must do for the account of a customer: the part of the conformance suite that is theirs."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from support.desks.desks_under_test import (
    DESKS,
    MALFORMED,
    RETRY_AFTER_S,
    DeskUnderTest,
    EmbeddedUnderTest,
    Failure,
)
from support.desks.embedded_desk import serve_embedded_desk
from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket import Lifecycle, Role, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Forbidden,
    HelpDesk,
    Interrupted,
    NewTicket,
    NotFound,
    RateLimited,
    Rejected,
    TicketUpdate,
    Unauthorised,
)
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.helpdesks.zendesk.requests_desk import RequestsDesk, open_desk_by_role

pytestmark = pytest.mark.anyio

NOTE = "they broke it themselves"
MORE_THAN_A_PAGE = 70


@pytest.fixture(params=["embedded", "zendesk"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DeskUnderTest]:
    with DESKS[request.param](tmp_path / "d") as each:
        yield each


@pytest.fixture
async def client(desk: DeskUnderTest) -> AsyncIterator[HelpDesk]:
    """A connection to it as the customer."""
    connected = RequestsDesk(as_customer(desk.connect(**account_of(desk))))
    await connected.fetch_account()
    yield connected
    await connected.close()


def account_of(desk: DeskUnderTest) -> dict[str, Any]:
    return {"email": desk.customer_email, "token": desk.customer_token}


def as_customer(connection: HelpDesk) -> ZendeskDesk:
    return cast("ZendeskDesk", connection)


def update_of(ticket_id: TicketId, operation_id: str = "o1", **patch: Any) -> TicketUpdate:
    return TicketUpdate(operation_id=operation_id, ticket_id=ticket_id, based_on=None, patch=TicketPatch(**patch))


def new_ticket(desk: DeskUnderTest, **changes: Any) -> NewTicket:
    values: dict[str, Any] = {"operation_id": "n1", "subject": "Down", "description": "since nine", "severity": 1}
    return NewTicket(**{**values, "requester_email": desk.customer_email, **changes})


async def read_on(client: HelpDesk, cursor: str | None) -> tuple[dict[TicketId, Ticket], str]:
    """The tickets of all pages from a cursor on, and the cursor behind them."""
    found: dict[TicketId, Ticket] = {}
    while True:
        page = await client.fetch_changes(cursor)
        found.update({ticket.id: ticket for ticket in page.tickets})
        cursor = page.cursor
        if not page.has_more:
            return found, cursor


async def test_account_is_a_customers_and_says_what_it_cannot(desk: DeskUnderTest, client: HelpDesk) -> None:
    account = await client.fetch_account()
    can = account.capabilities
    assert (account.me.id, account.me.role) == (desk.customer_id, Role.END_USER)
    missing = ("can_note", "can_assign", "can_change_severity", "can_choose_status", "can_name_requester")
    assert [name for name in (*missing, "checks_versions", "keeps_operation_id") if getattr(can, name)] == []


async def test_side_of_the_desk_goes_by_the_role_and_mine_refuses_an_agent(desk: DeskUnderTest) -> None:
    theirs = await open_desk_by_role(as_customer(desk.connect(**account_of(desk))))
    ours = await open_desk_by_role(as_customer(desk.connect()))
    assert (type(theirs), type(ours)) == (RequestsDesk, ZendeskDesk)
    with pytest.raises(Forbidden, match="account of an agent"):
        await RequestsDesk(as_customer(ours)).fetch_account()
    for each in (theirs, ours):
        await each.close()


async def test_only_ones_own_tickets_are_read_and_of_them_what_is_public(desk: DeskUnderTest, client: HelpDesk) -> None:
    mine, other = desk.create(severity=2), desk.create("Agent's own", is_ours=True)
    desk.write(mine, NOTE, is_public=False)
    desk.write(mine, "Which browser?")
    desk.change(mine, TicketPatch(status=Status.AWAITING_REPLY))
    found, _cursor = await read_on(client, None)
    assert list(found) == [mine]
    ticket, conversation, people = await client.fetch_conversation(mine)
    for each in (found[mine], ticket):
        assert (each.severity, each.status, each.requester_id) == (2, Status.AWAITING_REPLY, desk.customer_id)
        assert each.first_reply_at is not None
        assert each.first_reply_at == each.replied_at
        assert (each.assignee_id, each.group, each.development_ticket, each.tags) == (None, None, None, ())
    assert [message.body.raw for message in conversation.messages] == ["It stays empty.", "Which browser?"]
    assert NOTE not in repr((found, ticket, conversation))
    assert {person.id: person.role for person in people}[desk.agent_id] is not Role.END_USER
    with pytest.raises(NotFound):
        await client.fetch_conversation(other)


async def test_note_is_no_answer_and_automatic_reply_neither(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    desk.write(ticket_id, NOTE, is_public=False)
    desk.write(ticket_id, "We got your message", is_automatic=True)
    (ticket,) = (await read_on(client, None))[0].values()
    assert (ticket.first_reply_at, ticket.status) == (None, Status.NEW)


async def test_changes_are_read_page_by_page_and_then_only_what_is_new(desk: DeskUnderTest, client: HelpDesk) -> None:
    ids = desk.create_many(MORE_THAN_A_PAGE)
    first = await client.fetch_changes(None)
    assert first.has_more
    found, cursor = await read_on(client, first.cursor)
    assert {ticket.id for ticket in first.tickets} | set(found) == set(ids)
    for number, ahead_s in enumerate((600.0, 1200.0)):
        desk.set_clock_ahead(ahead_s)
        desk.write(ids[number], "Which browser?")
        resumed = RequestsDesk(as_customer(desk.connect(**account_of(desk))))
        later, cursor = await read_on(resumed, cursor)
        await resumed.close()
        assert ids[number] in later
    assert len(later) < MORE_THAN_A_PAGE
    garbled, _cursor = await read_on(client, "export:of another kind")
    assert set(garbled) == set(ids)


async def test_what_is_gone_is_missed_and_what_was_closed_is_not_gone(desk: DeskUnderTest, client: HelpDesk) -> None:
    kept, gone, closed = desk.create(), desk.create(), desk.create()
    desk.delete(gone)
    desk.change(closed, TicketPatch(status=Status.CLOSED))
    assert set(await client.find_missing((kept, gone, closed))) == {gone, closed}
    with pytest.raises(NotFound):
        await client.fetch_conversation(gone)
    ticket, _conversation, _people = await client.fetch_conversation(closed)
    assert (ticket.status, ticket.lifecycle) == (Status.CLOSED, Lifecycle.LIVE)


async def test_ticket_is_submitted_answered_closed_and_reopened(
    desk: DeskUnderTest, client: HelpDesk, tmp_path: Path
) -> None:
    picture = tmp_path / "screen.png"
    picture.write_bytes(b"picture")
    new = new_ticket(desk, uploads=(await client.send_upload(picture, "screen.png"),))
    ticket_id = (await client.send_new_ticket(new)).ticket.id
    _ticket, conversation, people = await client.fetch_conversation(ticket_id)
    (file,) = conversation.messages[0].attachments
    assert await client.fetch_attachment(file, tmp_path / "back.png", max_bytes=100) == len(b"picture")
    assert desk.customer_id in {person.id for person in people}
    steps: tuple[tuple[dict[str, Any], Status], ...] = (
        ({"body": "and slow"}, Status.NEW),
        ({"status": Status.CLOSED}, Status.CLOSED),
        ({"body": "It is back."}, Status.OPEN),
        ({"body": "Never mind.", "status": Status.CLOSED}, Status.CLOSED),
    )
    for number, (patch, after) in enumerate(steps):
        result = await client.send_update(update_of(ticket_id, f"o{number}", **patch))
        assert result.ticket.status is after
    assert desk.texts(ticket_id) == ["since nine", "and slow", "It is back.", "Never mind."]


@pytest.mark.parametrize(
    "patch",
    [
        {"body": "between us", "is_public": False},
        {"body": "hello", "status": Status.ON_HOLD},
        {"status": Status.OPEN},
        {"severity": 1},
        {"assignee_id": 1},
        {"tags": ("vip",)},
    ],
)
async def test_what_a_customer_cannot_do_is_rejected_before_it_is_sent(
    desk: DeskUnderTest, client: HelpDesk, patch: dict[str, Any]
) -> None:
    ticket_id = desk.create()
    before = await client.fetch_conversation(ticket_id)
    with pytest.raises(Rejected, match="customer's account"):
        await client.send_update(update_of(ticket_id, **patch))
    assert await client.fetch_conversation(ticket_id) == before


async def test_new_ticket_in_anothers_name_is_rejected(desk: DeskUnderTest, client: HelpDesk) -> None:
    with pytest.raises(Rejected, match="own name only"):
        await client.send_new_ticket(new_ticket(desk, requester_email="bo@new.example"))


async def test_write_with_a_known_key_is_applied_once_exactly_where_the_desk_says_so(
    desk: DeskUnderTest, client: HelpDesk
) -> None:
    can = (await client.fetch_account()).capabilities
    ticket_id = desk.create()
    for _ in range(2):
        await client.send_update(update_of(ticket_id, body="hello"))
    assert desk.texts(ticket_id)[1:] == ["hello"] * (1 if can.idempotent_writes else 2)
    first, second = [(await client.send_new_ticket(new_ticket(desk))).ticket.id for _ in range(2)]
    assert (first == second) is can.idempotent_creation


@pytest.mark.parametrize("failure", [Failure.RATE_LIMIT, Failure.UNREADABLE_RESPONSE, Failure.CONNECTION_CUT])
async def test_failures_are_told_apart_as_on_the_agents_side(desk: DeskUnderTest, failure: Failure) -> None:
    ticket_id = desk.create()
    with desk.failing(failure, **account_of(desk)) as connection:
        client = RequestsDesk(as_customer(connection))
        wanted = RateLimited if failure is Failure.RATE_LIMIT else Interrupted
        for request in (
            client.fetch_changes(None),
            client.fetch_conversation(ticket_id),
            client.send_update(update_of(ticket_id, body="hello")),
            client.send_new_ticket(new_ticket(desk)),
        ):
            with pytest.raises(wanted) as caught:
                await request
            if isinstance(caught.value, RateLimited):
                assert caught.value.retry_after_s == RETRY_AFTER_S
        await client.close()
    assert desk.texts(ticket_id)[1:] == ["hello"] * (failure is Failure.CONNECTION_CUT)


async def test_malformed_ticket_costs_its_neighbours_nothing(desk: DeskUnderTest) -> None:
    spoiled, good = desk.create(MALFORMED), desk.create()
    with desk.failing(Failure.MALFORMED_SUBJECT, **account_of(desk)) as connection:
        client = RequestsDesk(as_customer(connection))
        page = await client.fetch_changes(None)
        await client.close()
    assert good in {ticket.id for ticket in page.tickets}
    assert page.unreadable_ids == (spoiled,)


async def test_token_that_is_not_accepted_is_unauthorised(desk: DeskUnderTest) -> None:
    client = RequestsDesk(as_customer(desk.connect(email=desk.customer_email, token="x" * 43)))
    for request in (client.fetch_account(), client.fetch_changes(None)):
        with pytest.raises(Unauthorised):
            await request
    await client.close()


async def test_stream_tells_a_customer_of_their_own_public_changes(tmp_path: Path) -> None:
    with serve_embedded_desk(tmp_path / "d") as embedded:
        desk = EmbeddedUnderTest(embedded)
        mine = desk.create()
        client = RequestsDesk(as_customer(desk.connect(**account_of(desk))))
        agent = desk.connect()
        events = client.listen(None)
        await anext(events)
        await agent.send_update(update_of(mine, "a", body=NOTE, is_public=False))
        await agent.send_update(update_of(desk.create("Agent's own", is_ours=True), "b", body="x"))
        await agent.send_update(update_of(replace(mine), "c", body="hello"))
        event = await anext(events)
        while event.ticket_id is None:
            event = await anext(events)
        assert event.ticket_id == mine
        assert embedded.bodies(mine)[1:] == [NOTE, "hello"]
        for each in (client, agent):
            await each.close()
