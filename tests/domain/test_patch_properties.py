"""Each property of a patch, applied to a ticket."""

from typing import Any

import pytest

from support.sample_values import START, make_ticket, ticket_key
from supporttui.domain.patch import UNASSIGNED, CcChange, FieldChange, TicketPatch, apply_patch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import FieldKind, FieldValue, TicketType

BEFORE: dict[str, Any] = {
    "assignee_id": 5,
    "group_id": 3,
    "group": OutsideText("Billing"),
    "ticket_type": TicketType.INCIDENT,
    "problem_id": ticket_key(9),
    "cc_ids": (11, 12),
    "custom_fields": (FieldValue(1, OutsideText("red")), FieldValue(2, OutsideText("true"))),
    "development_ticket": OutsideText("DEV-1"),
}


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        (TicketPatch(), {}),
        (TicketPatch(assignee_id=UNASSIGNED), {"assignee_id": None}),
        (TicketPatch(group_id=4), {"group_id": 4, "group": None}),
        (TicketPatch(group_id=3), {}),
        (TicketPatch(group_id=UNASSIGNED), {"group_id": None, "group": None}),
        (TicketPatch(requester_id=8), {"requester_id": 8}),
        (TicketPatch(ticket_type=TicketType.QUESTION), {"ticket_type": TicketType.QUESTION, "problem_id": None}),
        (TicketPatch(ticket_type=TicketType.INCIDENT), {}),
        (TicketPatch(problem_id=ticket_key(10)), {"problem_id": ticket_key(10)}),
        (TicketPatch(cc_changes=(CcChange("a@x.example", 11, is_removed=True),)), {"cc_ids": (12,)}),
        (TicketPatch(cc_changes=(CcChange("b@x.example", 13), CcChange("", 12))), {"cc_ids": (11, 12, 13)}),
        (TicketPatch(cc_changes=(CcChange("new@x.example"),)), {}),
        (TicketPatch(development_ticket="DEV-2"), {"development_ticket": OutsideText("DEV-2")}),
        (TicketPatch(development_ticket=""), {"development_ticket": None}),
    ],
)
def test_property_is_changed_and_nothing_else(patch: TicketPatch, after: dict[str, Any]) -> None:
    ticket = apply_patch(make_ticket(1, **BEFORE), patch, START)
    assert {name: getattr(ticket, name) for name in {**BEFORE, **after}} == {**BEFORE, **after}


def test_a_custom_field_keeps_its_place_and_an_empty_one_is_gone() -> None:
    changes = (
        FieldChange(1, FieldKind.TEXT, "blue"),
        FieldChange(2, FieldKind.CHECKBOX, ""),
        FieldChange(3, FieldKind.INTEGER, "7"),
    )
    ticket = apply_patch(make_ticket(1, **BEFORE), TicketPatch(field_changes=changes), START)
    assert ticket.custom_fields == (FieldValue(1, OutsideText("blue")), FieldValue(3, OutsideText("7")))


def test_linking_to_a_problem_makes_an_incident() -> None:
    ticket = apply_patch(make_ticket(1), TicketPatch(problem_id=ticket_key(10)), START)
    assert (ticket.ticket_type, ticket.problem_id) == (TicketType.INCIDENT, ticket_key(10))
