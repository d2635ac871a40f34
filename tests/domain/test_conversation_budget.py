"""How much of a conversation is kept."""

from hypothesis import given
from hypothesis import strategies as st

from support.app_driver import DANA, HOUR, message
from support.sample_values import ticket_key
from supporttui.domain.conversation_budget import (
    KEPT_EVENTS,
    bounded_text,
    message_bytes,
    newest_within,
    within_budget,
)
from supporttui.domain.safe_text import MAX_LENGTH, OutsideText, safe
from supporttui.domain.ticket import Conversation, HistoryEvent, Message


def messages(*lengths: int) -> tuple[Message, ...]:
    count = len(lengths)
    return tuple(message(n + 1, DANA.id, "\u65e5" * length, age=(count - n) * HOUR) for n, length in enumerate(lengths))


def conversation(written: tuple[Message, ...], history: tuple[HistoryEvent, ...] = ()) -> Conversation:
    return Conversation(ticket_id=ticket_key(1), messages=written, history=history, last_audit_id=1, ticket_version="1")


@given(st.lists(st.integers(0, 3_000), max_size=30), st.integers(0, 20_000))
def test_the_newest_messages_are_kept_within_the_budget_and_every_author_and_time(
    lengths: list[int], budget: int
) -> None:
    given_messages = messages(*lengths)
    kept = newest_within(given_messages, budget)
    whole = [each for each in kept if not each.is_omitted]
    assert [(each.id, each.author_id, each.created_at, each.is_public) for each in kept] == [
        (each.id, each.author_id, each.created_at, each.is_public) for each in given_messages
    ]
    assert whole == list(given_messages[len(given_messages) - len(whole) :])
    assert len(whole) <= 1 or sum(map(message_bytes, whole)) <= budget
    assert whole or not kept
    assert not any(each.body for each in kept if each.is_omitted)


def test_what_was_left_out_once_stays_left_out_and_does_not_count() -> None:
    once = within_budget(conversation(messages(500, 500, 500)), 5_000)
    assert (once.omitted, within_budget(once, 5_000)) == (1, once)
    assert within_budget(once, 10**9).omitted == 1


def test_a_conversation_within_the_budget_is_itself() -> None:
    small = conversation(messages(5, 5))
    assert within_budget(small, 10_000) is small


def test_of_a_long_history_what_the_clocks_need_stays() -> None:
    at = messages(1)[0].created_at
    events = [
        HistoryEvent(at=at, author_id=1, field="status" if n % 10 == 0 else "tags", before=None, after=None)
        for n in range(30_000)
    ]
    kept = within_budget(conversation(messages(1), tuple(events)), 10_000).history
    assert sum(event.field == "status" for event in kept) == 3_000
    assert sum(event.field == "tags" for event in kept) == KEPT_EVENTS


def test_a_giant_text_is_kept_as_far_as_it_is_shown() -> None:
    giant = "x" * 10_000_000
    kept = bounded_text(giant)
    assert len(kept.raw) == MAX_LENGTH + 1
    assert safe(kept) == safe(OutsideText(giant))
