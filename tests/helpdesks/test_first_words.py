"""Whose word a ticket begins with: its row in a list and the opened ticket have the same clock."""

from pathlib import Path

import pytest

from support.desks.embedded_desk import serve_embedded_desk
from support.policy_samples import packaged_calendars, packaged_policy
from supporttui.domain.clock import ClockState
from supporttui.domain.sla import ticket_clocks
from supporttui.domain.ticket import Ticket
from supporttui.server.database import write
from supporttui.server.ticket_fields import CommentFields, NewTicketFields
from supporttui.server.tickets import create_ticket

pytestmark = pytest.mark.anyio

CUSTOMER, AGENT = "customer", "agent"
BEGINNINGS = {
    "the customer writes": (CUSTOMER, CUSTOMER, CUSTOMER, True, True),
    "an agent writes it down for them, for all to read": (AGENT, CUSTOMER, AGENT, True, True),
    "an agent submits what they wrote": (AGENT, CUSTOMER, CUSTOMER, True, True),
    "what they wrote is kept internal": (AGENT, CUSTOMER, CUSTOMER, False, True),
    "an agent notes that they called": (AGENT, CUSTOMER, AGENT, False, False),
    "an agent asks something themselves": (AGENT, AGENT, AGENT, True, True),
}
"""Who creates the ticket, whose it is, whose its first message is, whether that is public, and whether a clock runs."""


def has_clock(ticket: Ticket) -> bool:
    reading = ticket_clocks(ticket, packaged_policy(), packaged_calendars())[0].read(ticket.created_at)
    return reading.state is not ClockState.NONE


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("then", ["", "a note", "their message"])
async def test_list_and_opened_ticket_agree_whose_word_starts_the_clock(
    tmp_path: Path, beginning: str, then: str
) -> None:
    creator, requester, author, is_public, expected = BEGINNINGS[beginning]
    with serve_embedded_desk(tmp_path / "d") as desk:
        ids = {CUSTOMER: desk.customer_id, AGENT: desk.agent_id}
        comment = CommentFields(body="Nothing works.", is_public=is_public)
        fields = NewTicketFields(subject="s", comment=comment, requester_id=ids[requester], submitter_id=ids[author])
        with write(desk.engine) as connection:
            create_ticket(connection, ids[creator], fields, desk.now())
        ticket_id = desk.newest()
        if then:
            is_note = then == "a note"
            author_id = desk.agent_id if is_note else desk.customer_id
            desk.update(ticket_id, comment=CommentFields(body="More.", is_public=not is_note, author_id=author_id))
        client = desk.connect(url=desk.url)
        listed = (await client.fetch_changes(None)).tickets[0]
        opened, _, _ = await client.fetch_conversation(ticket_id)
        await client.close()

    assert has_clock(listed) is has_clock(opened)
    if not then:
        assert has_clock(opened) is expected
