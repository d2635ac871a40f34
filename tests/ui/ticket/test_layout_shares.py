"""A conversation of any size is laid out in shares of bounded work, from its end upwards."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from support.app_driver import DANA, HOUR, MONDAY, add_sample_tickets, message, running_app, ticket
from support.desks.in_memory_help_desk import AGENT, InMemoryHelpDesk
from support.policy_samples import NEW_YORK, packaged_policy
from support.sample_values import ticket_key
from supporttui.domain.safe_text import MAX_COMBINING, STEP_CHARACTERS, OutsideText, safe, safe_in_steps
from supporttui.domain.ticket import Conversation, Message
from supporttui.presentation.ticket.conversation_layout import (
    FIRST_SHARE,
    NEXT_SHARE,
    ConversationLayout,
)
from supporttui.presentation.ticket.conversation_lines import HISTORY_UNREADABLE
from supporttui.presentation.ticket.conversation_parts import ReadingContext
from supporttui.presentation.ticket.wrapping import CHOPPED_CHARACTERS, iter_wrap, wrap
from supporttui.ui.app import SupportApp
from supporttui.ui.ticket.conversation import ConversationView

EMOJI = "\U0001f600"
SETTING = ReadingContext(
    people={AGENT.id: AGENT, DANA.id: DANA},
    requester_id=DANA.id,
    me_id=AGENT.id,
    policy=packaged_policy(),
    zone=NEW_YORK,
    today=MONDAY.astimezone(NEW_YORK).date(),
)


def conversation(*bodies: str) -> Conversation:
    messages = tuple(message(n + 1, DANA.id, body, age=(len(bodies) - n) * HOUR) for n, body in enumerate(bodies))
    return Conversation(ticket_id=ticket_key(1), messages=messages, history=(), last_audit_id=None, ticket_version="1")


HOSTILE = {
    "emoji": EMOJI * 65_535,
    "private use": "\ue000" * 65_535,
    "one word": "x" * 200_000,
    "wide word": "日" * 90_000,
    "marks": "e" + "\u0301" * 60_000,
    "line breaks": "x\n" * 40_000,
    "blanks": " " * 90_000 + "x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_comes_line_by_line(name: str) -> None:
    lines = [len(line) for line in iter_wrap(safe(OutsideText(HOSTILE[name])), 80)]
    assert max(lines) <= 80 * (1 + MAX_COMBINING)


def test_what_has_to_be_made_visible_is_done_in_steps() -> None:
    assert sum(1 for _ in safe_in_steps(OutsideText("\ue000" * 65_535))) == 65_535 // STEP_CHARACTERS


@given(st.text("ab \u0301日-*\n" + EMOJI, max_size=300), st.integers(4, 40), st.integers(0, 40))
def test_a_long_word_is_cut_where_a_short_one_would_be(text: str, width: int, repeats: int) -> None:
    long = text.replace(" ", "") * repeats
    lines = wrap(long, width)
    assert "".join(lines).replace(" ", "") == long.replace("\n", "").replace(" ", "")
    assert len(long) <= CHOPPED_CHARACTERS or all(lines[:-1]) or "\n" in long


@pytest.mark.parametrize("name", [each for each in HOSTILE if each != "blanks"])
def test_a_share_lays_out_a_bounded_part_and_all_shares_everything(name: str) -> None:
    layout, shown = ConversationLayout(), conversation(*[HOSTILE[name]] * 4, "the newest")
    layout.begin(shown, (), SETTING, 100)
    layout.advance(FIRST_SHARE)
    assert "the newest" in [text for line in range(len(layout)) for text, _ in layout.line(line).runs]
    assert not layout.is_complete
    shares = 1
    while not layout.is_complete:
        layout.advance(NEXT_SHARE)
        shares += 1
    assert shares > 3
    again = ConversationLayout().lines(shown, (), SETTING, 100)
    assert [layout.line(line) for line in range(len(layout))] == again


def test_an_ordinary_conversation_is_there_at_once() -> None:
    layout = ConversationLayout()
    layout.begin(
        conversation(*["Nobody can open any board since this morning.\n\nSteps follow."] * 40), (), SETTING, 100
    )
    layout.advance(FIRST_SHARE)
    assert layout.is_complete


def test_of_five_thousand_messages_the_first_share_lays_out_a_few() -> None:
    layout = ConversationLayout()
    layout.begin(conversation(*map(str, range(5_000))), (), SETTING, 100)
    layout.advance(FIRST_SHARE)
    assert 200 < len(layout) < 2_000


def hostile_desk(*bodies: str) -> InMemoryHelpDesk:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    desk.put(ticket(7, "hostile", age=90 * HOUR), *conversation_of(*bodies))
    return desk


def conversation_of(*bodies: str) -> list[Message]:
    return [message(100 + n, DANA.id, body, age=timedelta(minutes=len(bodies) - n)) for n, body in enumerate(bodies)]


def test_the_end_stands_still_while_earlier_messages_are_laid_out_and_home_finds_the_first(tmp_path: Path) -> None:
    async def scene() -> None:
        bodies = ["the first of all", *[EMOJI * 9_000] * 12, "the newest"]
        async with running_app(tmp_path, (120, 36), hostile_desk(*bodies)) as stage:
            await stage.opens(7)
            view = stage.app.screen.query_one(ConversationView)
            await stage.sees("the newest")
            await stage.until(lambda: view.is_laid_out)
            assert "the newest" in stage.text
            assert view.is_at_end
            await stage.pilot.press("home")
            await stage.sees("the first of all")
            await stage.pilot.press("end")
            await stage.sees("the newest")

    asyncio.run(scene())


def test_home_pressed_before_everything_is_laid_out_ends_at_the_first_message(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running_app(tmp_path, (120, 36), hostile_desk("the first of all", *[EMOJI * 9_000] * 12)) as stage:
            await stage.opens(7)
            await stage.pilot.press("home")
            await stage.sees("the first of all")

    asyncio.run(scene())


def test_older_messages_that_are_not_here_are_counted_and_loaded_on_request(tmp_path: Path) -> None:
    async def scene() -> None:
        bodies = [f"message {n} {EMOJI * 20_000}" for n in range(30)]
        async with running_app(tmp_path, (120, 36), hostile_desk(*bodies)) as stage:
            await stage.opens(7)
            view = stage.app.screen.query_one(ConversationView)
            await stage.until(lambda: view.is_laid_out)
            before = omitted(stage.app)
            assert 10 < before < 30
            await stage.pilot.press("home")
            await stage.sees(f"{before} older messages not loaded", "H load older ones")
            await stage.pilot.press("H")
            await stage.until(lambda: omitted(stage.app) == 0, within_s=60)
            await stage.until(lambda: view.is_laid_out, within_s=60)
            await stage.pilot.press("home")
            await stage.sees("message 0 ")
            await stage.pilot.press("H")
            await stage.sees("All messages of this conversation are here.")

    asyncio.run(scene())


def omitted(app: SupportApp) -> int:
    conversation = app.model.conversation(ticket_key(7))
    return conversation.omitted if conversation is not None else -1


def test_a_history_that_could_not_be_read_is_said_beside_the_messages() -> None:
    shown = replace(conversation("hello"), is_history_unreadable=True)
    lines = texts(shown)
    assert "hello" in lines
    assert HISTORY_UNREADABLE in lines


def texts(shown: Conversation, width: int = 100) -> list[str]:
    lines = ConversationLayout().lines(shown, (), SETTING, width)
    return ["".join(text for text, _ in line.runs) for line in lines]


def test_a_message_of_unknown_visibility_is_shown_as_no_reply_and_counted() -> None:
    known = conversation("first", "second", "third")
    odd = replace(known.messages[1], author_id=AGENT.id, is_public=False, unreadable=("visibility",))
    lines = texts(replace(known, messages=(known.messages[0], odd, known.messages[2])))
    assert "note of unknown visibility · nobody can tell whether the customer sees it · you" in lines
    assert not any("public reply" in line for line in lines)
    assert "1 message could not be read whole." in lines


def test_a_message_that_cannot_be_read_has_its_place_and_the_others_stay() -> None:
    known = conversation("first", "second", "third")
    odd = replace(known.messages[1], body=OutsideText(""), is_public=False, unreadable=("message",))
    late = replace(known.messages[2], unreadable=("time", "files"))
    lines = texts(replace(known, messages=(known.messages[0], odd, late), unreadable_changes=2, is_cut_short=True))
    order = [lines.index(text) for text in ("first", "a message that could not be read", "third")]
    assert order == sorted(order)
    assert any(line.endswith("its time, files could not be read") for line in lines)
    assert [
        line for line in lines if "could not be read whole" in line or "broke off" in line or "2 entries" in line
    ] == [
        "2 messages could not be read whole.",
        "The help desk broke off its list of messages: later ones are missing here.",
        "2 entries of the history could not be read: the clocks may miss a change of status or severity.",
    ]


@pytest.mark.parametrize("width", [28, 38, 60])
def test_what_could_not_be_read_is_said_in_any_width(width: int) -> None:
    shown = replace(conversation("hello"), is_history_unreadable=True, unreadable_changes=1234, is_cut_short=True)
    assert max(map(len, texts(shown, width))) <= width


@pytest.mark.parametrize("part", [0.0, 0.02, 0.5, 0.98])
def test_reader_of_a_long_conversation_stays_there_when_a_message_comes(tmp_path: Path, part: float) -> None:
    async def scene() -> None:
        desk = hostile_desk(*[f"message {n} of many" for n in range(900)])
        async with running_app(tmp_path, (120, 36), desk) as stage:
            await stage.opens(7)
            view = stage.app.screen.query_one(ConversationView)
            await stage.until(lambda: view.is_laid_out)
            view.action_scroll_up()
            view.scroll_to(y=int(view.max_scroll_y * part), animate=False)
            await stage.pilot.pause()
            before = read_at_top(view)
            assert view._source is not None
            shown, unsent, setting = view._source
            assert shown is not None
            more = replace(shown, messages=(*shown.messages, message(9_000, DANA.id, "one more", age=timedelta())))
            view.show(more, unsent, setting)
            await stage.until(lambda: view.is_laid_out)
            await stage.pilot.pause()
            assert read_at_top(view) == before

    asyncio.run(scene())


def read_at_top(view: ConversationView) -> list[str]:
    return view.plain_lines[view.scroll_offset.y :][:10]
