"""What a macro does to a ticket: its text, what it changes, and what of it is unknown."""

import hypothesis.strategies as st
import pytest
from hypothesis import given
from msgspec.structs import replace

from support.sample_values import make_person, make_ticket
from supporttui.domain.desk_setup import Group
from supporttui.domain.macros import (
    Macro,
    MacroEffect,
    MacroPeople,
    TagEdit,
    effect_of_macro,
    fill_placeholders,
    insert_text,
)
from supporttui.domain.patch import UNASSIGNED, FieldChange, TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import FieldKind, Role, Status

KIM = make_person(1, "Kim Lee", Role.AGENT)
PEOPLE = MacroPeople(
    current_user=KIM,
    requester=make_person(7, "Ada  Byron King"),
    agents=(KIM, make_person(2, "Bo", Role.AGENT)),
    groups=(Group(5, OutsideText("Billing")),),
)
TICKET = make_ticket(42, tags=(OutsideText("old"), OutsideText("vip")))


def macro(text: str = "", **values: object) -> Macro:
    return Macro(**{"id": "1", "title": OutsideText("M"), "text": OutsideText(text), **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "filled", "unknown"),
    [
        ("Dear {{ticket.requester.first_name}},", "Dear Ada,", ()),
        ("{{ ticket.requester.last_name }} #{{ticket.id}}", "Byron King #42", ()),
        ("{{current_user.name}}, {{current_user.email}}", "Kim Lee, kim lee@example.com", ()),
        ("{{ticket.assignee.name}} has it", "{{ticket.assignee.name}} has it", ("{{ticket.assignee.name}}",)),
        ("{{a}} {{a}} {% if b %}", "{{a}} {{a}} {% if b %}", ("{{a}}", "{% if b %}")),
        ("{{}} {ticket.id} {{{ticket.id}}}", "{{}} {ticket.id} {42}", ("{{}}",)),
    ],
)
def test_known_placeholders_are_filled_and_others_are_left_and_named(
    text: str, filled: str, unknown: tuple[str, ...]
) -> None:
    effect = effect_of_macro(macro(text), TICKET, PEOPLE)
    assert (effect.text, effect.unknown) == (filled, unknown)


def test_a_value_is_not_looked_through_for_placeholders() -> None:
    ticket = replace(TICKET, subject=OutsideText("{{current_user.email}}"))
    assert effect_of_macro(macro("{{ticket.title}}"), ticket, PEOPLE).text == "{{current_user.email}}"


def test_properties_become_one_patch_of_this_ticket() -> None:
    made = macro(
        status=Status.ON_HOLD, severity=2, assignee="me", group="billing", tags=TagEdit(None, ("old",), ("new",))
    )
    assert effect_of_macro(made, TICKET, PEOPLE).patch_for(TICKET) == TicketPatch(
        status=Status.ON_HOLD, severity=2, assignee_id=1, group_id=5, tags=("vip", "new")
    )


@pytest.mark.parametrize(
    ("assignee", "assignee_id", "unknown"),
    [
        ("nobody", UNASSIGNED, ()),
        ("BO@example.com", 2, ()),
        ("2", 2, ()),
        ("x@example.com", None, ("assignee x@example.com",)),
    ],
)
def test_an_assignee_is_an_agent_of_the_desk(assignee: str, assignee_id: int | None, unknown: tuple[str, ...]) -> None:
    effect = effect_of_macro(macro(assignee=assignee), TICKET, PEOPLE)
    assert (effect.patch.assignee_id, effect.unknown) == (assignee_id, unknown)


def test_tags_that_stay_as_they_are_are_no_change() -> None:
    assert effect_of_macro(macro(tags=TagEdit(added=("vip",))), TICKET, PEOPLE).patch_for(TICKET) == TicketPatch()


words = st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True, max_size=3).map(tuple)
edits = st.builds(TagEdit, st.none() | words, words, words)
patches = st.builds(
    TicketPatch,
    status=st.sampled_from([None, *Status]),
    severity=st.sampled_from([None, 1, 4]),
    assignee_id=st.sampled_from([None, 0, 3]),
    group_id=st.sampled_from([None, 0, 3]),
    field_changes=st.lists(
        st.builds(FieldChange, st.integers(1, 3), st.just(FieldKind.TEXT), st.sampled_from(["", "x", "y"])),
        unique_by=lambda each: each.field_id,
    ).map(tuple),
)
effects = st.builds(
    MacroEffect,
    text=st.sampled_from(["", "one", "two"]),
    is_public=st.sampled_from([None, True, False]),
    patch=patches,
    tags=edits,
    unknown=words,
)


@given(effects, effects, effects)
def test_combining_is_associative_and_nothing_is_its_neutral_element(
    one: MacroEffect, two: MacroEffect, three: MacroEffect
) -> None:
    assert one.then(two).then(three) == one.then(two.then(three))
    assert one.then(MacroEffect()) == one == MacroEffect().then(one)


@given(edits, edits, words)
def test_combined_tag_edits_do_what_they_do_one_after_the_other(
    one: TagEdit, two: TagEdit, tags: tuple[str, ...]
) -> None:
    assert set(one.then(two).applied(tags)) == set(two.applied(one.applied(tags)))


@given(effects, effects)
def test_a_note_never_becomes_a_reply(one: MacroEffect, two: MacroEffect) -> None:
    assert one.then(two).is_public is not True or False not in (one.is_public, two.is_public)


@given(st.text(), st.integers(-3, 30), st.text())
def test_inserting_never_replaces_what_was_typed(typed: str, at: int, inserted: str) -> None:
    made = insert_text(typed, at, inserted)
    start = made.cursor - len(inserted)
    assert made.text[start : made.cursor] == inserted
    assert made.text[:start] + made.text[made.cursor :] == typed


@given(st.text(alphabet="{}%ab. "), st.dictionaries(st.sampled_from(["a", "b", "a.b"]), st.text(max_size=3)))
def test_filling_changes_nothing_outside_of_placeholders(text: str, values: dict[str, str]) -> None:
    filled, unknown = fill_placeholders(text, values)
    assert all(each in filled for each in unknown)
    if "{" not in text:
        assert (filled, unknown) == (text, ())
