"""The desk's macros as ours, on every desk that has some; and actions of Zendesk's that are not known here."""

from typing import Any

import pytest

from support.desks.desks_under_test import DeskUnderTest
from supporttui.domain.macros import Macro, MacroEffect, MacroPeople, TagEdit, effect_of_macro
from supporttui.domain.patch import FieldChange, TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import FieldKind, Status, TicketType
from supporttui.helpdesks.base import HelpDesk, NotFound
from supporttui.helpdesks.zendesk.macros import parse_macro
from supporttui.zendesk_api import account_setup
from supporttui.zendesk_api.account_setup import MacroAction

pytestmark = pytest.mark.anyio

ACTIONS = [
    ("comment_value", "Dear {{ticket.requester.email}},"),
    ("comment_mode_is_public", "false"),
    ("status", "hold"),
    ("priority", "low"),
    ("assignee_id", "current_user"),
    ("current_tags", "logs"),
]


async def test_a_macro_does_what_the_desk_says_that_it_would_do(desk: DeskUnderTest, client: HelpDesk) -> None:
    account = await client.fetch_account()
    assert account.capabilities.has_macros
    number = desk.add_macro("Wait", ACTIONS)
    ticket, _conversation, people = await client.fetch_conversation(desk.create())
    (macro,) = await client.fetch_macros()
    assert (macro.id, macro.title, macro.unknown) == (number, OutsideText("Wait"), ())
    requester = next(each for each in people if each.id == desk.customer_id)
    ours = effect_of_macro(macro, ticket, MacroPeople(current_user=account.me, requester=requester))
    theirs = await client.fetch_macro_effect(number, ticket)
    assert (theirs.text, theirs.is_public) == (ours.text, ours.is_public) == (f"Dear {desk.customer_email},", False)
    assert theirs.patch_for(ticket) == ours.patch_for(ticket)
    assert ours.patch_for(ticket) == TicketPatch(
        status=Status.ON_HOLD, severity=4, assignee_id=desk.agent_id, tags=("logs",)
    )


async def test_a_macro_that_is_not_there_is_not_found(desk: DeskUnderTest, client: HelpDesk) -> None:
    ticket, _conversation, _people = await client.fetch_conversation(desk.create())
    for macro_id in ("999", "../1", ""):
        with pytest.raises(NotFound):
            await client.fetch_macro_effect(macro_id, ticket)
    assert await client.fetch_macros() == ()


def parsed(*actions: tuple[str, Any]) -> Macro:
    return parse_macro(account_setup.Macro(id=3, title="M", actions=[MacroAction(*each) for each in actions]))


@pytest.mark.parametrize(
    ("action", "values"),
    [
        (("comment_value", ["channel:all", "hello"]), {"text": OutsideText("hello")}),
        (("comment_mode_is_public", True), {"is_public": True}),
        (("status", "solved"), {"status": Status.CLOSED}),
        (("type", "task"), {"ticket_type": TicketType.TASK}),
        (("assignee_id", ""), {"assignee": "nobody"}),
        (("assignee_id", "12"), {"assignee": "12"}),
        (("group_id", 4), {"group": "4"}),
        (("set_tags", "a b"), {"tags": TagEdit(("a", "b"))}),
        (("custom_fields_7", "x"), {"field_changes": (FieldChange(7, FieldKind.TEXT, "x"),)}),
        (("custom_fields_7", True), {"field_changes": (FieldChange(7, FieldKind.CHECKBOX, "true"),)}),
        (("custom_fields_7", "false"), {"field_changes": (FieldChange(7, FieldKind.CHECKBOX, ""),)}),
        (("status", "new"), {"unknown": (OutsideText("status"),)}),
        (("side_conversation", {"a": 1}), {"unknown": (OutsideText("side_conversation"),)}),
        (("custom_fields_x", "1"), {"unknown": (OutsideText("custom_fields_x"),)}),
    ],
)
def test_an_action_is_read_or_named_as_unknown(action: tuple[str, Any], values: dict[str, Any]) -> None:
    assert parsed(action) == Macro(id="3", title=OutsideText("M"), **values)


def test_an_effect_of_nothing_changes_nothing() -> None:
    assert MacroEffect().patch == TicketPatch()
