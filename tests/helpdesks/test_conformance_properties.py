"""What every help desk must do with groups, copies, the requester, types and problems, and custom fields."""

from typing import Any

import pytest

from support.desks.desks_under_test import DeskUnderTest
from supporttui.domain.desk_setup import FieldChoice, field_change
from supporttui.domain.patch import UNASSIGNED, CcChange, FieldChange, TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import FieldKind, FieldValue, Lifecycle, Status, Ticket, TicketType
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Conflict,
    HelpDesk,
    NewTicket,
    NotFound,
    Rejected,
    TicketMerge,
    TicketUpdate,
)
from supporttui.store.operations import new_operation_id

pytestmark = pytest.mark.anyio

VALUES = {
    FieldKind.TEXT: "two\nlines",
    FieldKind.INTEGER: "-42",
    FieldKind.DECIMAL: "3.25",
    FieldKind.DATE: "2026-11-23",
    FieldKind.CHECKBOX: "true",
    FieldKind.TAGGER: "berlin",
}


async def sent(client: HelpDesk, ticket_id: TicketId, **patch: Any) -> Ticket:
    """The ticket as it is read after a change, which the answer to the change must tell too."""
    update = TicketUpdate(
        operation_id=new_operation_id(), ticket_id=ticket_id, based_on=None, patch=TicketPatch(**patch)
    )
    result = await client.send_update(update)
    ticket, _conversation, _people = await client.fetch_conversation(ticket_id)
    told = ("group_id", "cc_ids", "requester_id", "ticket_type", "problem_id", "custom_fields", "development_ticket")
    assert {name: getattr(result.ticket, name) for name in told} == {name: getattr(ticket, name) for name in told}
    return ticket


async def test_a_group_is_listed_and_given_and_taken_away(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    group = (await client.fetch_groups())[0]
    ticket = await sent(client, ticket_id, group_id=group.id)
    assert (ticket.group_id, ticket.group) == (group.id, group.name)
    assert (await sent(client, ticket_id, group_id=UNASSIGNED)).group_id is None


async def test_an_assignee_is_taken_away(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    assert (await sent(client, ticket_id, assignee_id=desk.agent_id)).assignee_id == desk.agent_id
    assert (await sent(client, ticket_id, assignee_id=UNASSIGNED)).assignee_id is None


async def test_copies_are_added_by_number_or_address_and_taken_away(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket_id = desk.create()
    added = (CcChange("", desk.agent_id), CcChange("new@example.com"))
    agent_id, new_id = (await sent(client, ticket_id, cc_changes=added)).cc_ids
    assert agent_id == desk.agent_id
    ticket = await sent(client, ticket_id, cc_changes=(CcChange("new@example.com", is_removed=True),))
    assert ticket.cc_ids == (desk.agent_id,)
    assert new_id not in ticket.cc_ids


async def test_a_ticket_gets_another_requester(desk: DeskUnderTest, client: HelpDesk) -> None:
    assert (await sent(client, desk.create(), requester_id=desk.agent_id)).requester_id == desk.agent_id


async def test_incidents_are_linked_to_a_problem_listed_and_unlinked(desk: DeskUnderTest, client: HelpDesk) -> None:
    problem, incident = desk.create(), desk.create()
    assert (await sent(client, problem, ticket_type=TicketType.PROBLEM)).ticket_type is TicketType.PROBLEM
    ticket = await sent(client, incident, problem_id=problem)
    assert (ticket.ticket_type, ticket.problem_id) == (TicketType.INCIDENT, problem)
    assert [each.id for each in (await client.fetch_incidents(problem, 10)).tickets] == [incident]
    assert (await client.fetch_conversation(problem))[0].has_incidents
    ticket = await sent(client, incident, ticket_type=TicketType.QUESTION)
    assert (ticket.ticket_type, ticket.problem_id) == (TicketType.QUESTION, None)
    assert (await client.fetch_incidents(problem, 10)).tickets == ()


async def test_what_is_no_problem_has_no_incidents(desk: DeskUnderTest, client: HelpDesk) -> None:
    question, incident = desk.create(), desk.create()
    with pytest.raises(Rejected):
        await sent(client, incident, problem_id=question)
    with pytest.raises(NotFound):
        await client.fetch_incidents(TicketId(question.desk, "999999"), 10)


@pytest.mark.parametrize("kind", list(FieldKind))
async def test_a_custom_field_is_written_and_read_and_emptied(
    desk: DeskUnderTest, client: HelpDesk, kind: FieldKind
) -> None:
    number = desk.add_field(kind, "Where", *(("berlin", "bern") if kind is FieldKind.TAGGER else ()))
    ticket_id, value = desk.create(), VALUES[kind]
    (field,) = await client.fetch_custom_fields()
    assert (field.id, field.kind, field.title) == (number, kind, OutsideText("Where"))
    assert (FieldChoice(OutsideText("Bern"), OutsideText("bern")) in field.choices) is (kind is FieldKind.TAGGER)
    ticket = await sent(client, ticket_id, field_changes=(field_change(field, value),))
    assert ticket.custom_fields == (FieldValue(number, OutsideText(value)),)
    assert (await sent(client, ticket_id, field_changes=(field_change(field, ""),))).custom_fields == ()


async def test_a_value_that_a_field_cannot_have_is_rejected(desk: DeskUnderTest, client: HelpDesk) -> None:
    number, ticket_id = desk.add_field(FieldKind.DATE, "When"), desk.create()
    with pytest.raises(Rejected):
        await sent(client, ticket_id, field_changes=(FieldChange(number, FieldKind.DATE, "soon"),))


async def test_a_development_ticket_is_kept_where_the_configuration_says(desk: DeskUnderTest) -> None:
    number, ticket_id = desk.add_field(FieldKind.TEXT, "Development"), desk.create()
    for field in (None, number):
        client = desk.connect(development_field=field)
        ticket = await sent(client, ticket_id, development_ticket=f"https://dev.example/{field}")
        assert ticket.development_ticket == OutsideText(f"https://dev.example/{field}")
        assert bool(ticket.custom_fields) is (field is not None)
        assert (await sent(client, ticket_id, development_ticket="")).development_ticket is None
        await client.close()


async def test_a_follow_up_names_the_locked_ticket_that_it_follows(desk: DeskUnderTest, client: HelpDesk) -> None:
    locked, solved = desk.create(), desk.create()
    desk.lock(locked)
    new = NewTicket(
        operation_id="o",
        subject="Again",
        description="It is back.",
        severity=2,
        requester_email=desk.customer_email,
        follows=locked,
    )
    assert (await client.send_new_ticket(new)).ticket.requester_id == desk.customer_id
    assert desk.newest() != locked
    with pytest.raises(Rejected):
        await client.send_new_ticket(NewTicket(**{**as_dict(new), "operation_id": "o2", "follows": solved}))


def merge_of(source_id: TicketId, target_id: TicketId, operation_id: str = "o", note: str = "gone") -> TicketMerge:
    return TicketMerge(
        operation_id=operation_id,
        source_id=source_id,
        target_id=target_id,
        target_note="what we wrote",
        source_note=note,
    )


async def test_a_merge_is_done_once_however_often_it_is_sent(desk: DeskUnderTest, client: HelpDesk) -> None:
    assert (await client.fetch_account()).capabilities.can_merge
    source, target = desk.create(), desk.create()
    for operation_id in ("o", "o", "another"):
        assert (await client.send_merge(merge_of(source, target, operation_id))).ticket.id == target
    assert desk.texts(source)[1:] == ["gone"]
    assert desk.texts(target)[1:] == ["what we wrote"]
    ticket, conversation, _people = await client.fetch_conversation(target)
    assert not conversation.messages[-1].is_public
    assert (ticket.first_reply_at, ticket.status) == (None, Status.NEW)
    merged = (await client.fetch_conversation(source))[0]
    assert (merged.lifecycle, merged.is_locked) == (Lifecycle.MERGED, True)


async def test_what_somebody_else_has_merged_is_a_conflict(desk: DeskUnderTest, client: HelpDesk) -> None:
    source, target = desk.create(), desk.create()
    await client.send_merge(merge_of(source, target, note="by somebody else"))
    with pytest.raises(Conflict):
        await client.send_merge(merge_of(source, target, "o2"))


def as_dict(new: NewTicket) -> dict[str, Any]:
    return {name: getattr(new, name) for name in new.__struct_fields__}
