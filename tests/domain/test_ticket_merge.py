"""What a merge tells on the ticket that stays, and to whom."""

from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from support.sample_values import START, make_conversation, make_person, make_ticket
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Message, Role
from supporttui.domain.ticket_merge import TEXT_MAX, plan_merge

PEOPLE = {7: make_person(7, "Ada"), 1: make_person(1, "Kim", Role.AGENT)}
SOURCE, TARGET = make_ticket(4, subject=OutsideText("Slow")), make_ticket(5)


def message(body: str, author_id: int = 7, *, is_public: bool = True, **values: Any) -> Message:
    at = START + timedelta(minutes=1)
    return Message(id=9, author_id=author_id, body=OutsideText(body), is_public=is_public, created_at=at, **values)


def planned(*messages: Message, into: Any = TARGET) -> Any:
    conversation = make_conversation(SOURCE)
    return plan_merge(SOURCE, type(conversation)(**{**fields(conversation), "messages": messages}), into, PEOPLE)


def fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def test_the_requesters_text_is_public_and_everything_else_is_a_note() -> None:
    plan = planned(message("help"), message("we look", 1), message("no idea", 1, is_public=False))
    assert plan.reply == "From ticket #4, Slow:\n\nAda, 2026-11-23 14:01 UTC:\nhelp"
    assert plan.requester_id == 7
    assert plan.note == (
        "Merged from ticket #4, Slow.\n\nKim, 2026-11-23 14:01 UTC:\nwe look"
        "\n\nKim, 2026-11-23 14:01 UTC, internal note:\nno idea"
    )


def test_another_customer_reads_nothing_of_it() -> None:
    plan = planned(message("help"), into=make_ticket(5, requester_id=8))
    assert (plan.reply, plan.requester_id) == (None, None)
    assert "help" in plan.note


def test_a_text_that_is_too_long_is_cut_and_that_is_said() -> None:
    plan = planned(message("a" * 40_000), message("b" * 40_000))
    assert len(plan.reply) < TEXT_MAX + 100
    assert plan.reply.endswith("[More is on the merged ticket.]")


@given(st.lists(st.tuples(st.sampled_from([1, 7]), st.booleans(), st.booleans()), max_size=6))
def test_a_note_never_becomes_public(written: list[tuple[int, bool, bool]]) -> None:
    messages = [
        message(f"text {number}.", author, is_public=is_public, is_automatic=is_automatic)
        for number, (author, is_public, is_automatic) in enumerate(written)
    ]
    plan = planned(*messages)
    for each, (author, is_public, is_automatic) in zip(messages, written, strict=True):
        is_told = each.body.raw in (plan.reply or "")
        assert is_told is (author == 7 and is_public and not is_automatic)
        assert (each.body.raw in plan.note) is not is_told
