"""Pastes of any size into the fields in which one writes."""

import asyncio
from pathlib import Path

import pytest
from rich.text import Text
from textual import events
from textual.widgets import Input

from support.app_driver import running_app
from support.sample_values import ticket_key
from supporttui.ui.typing_area import MAX_FIELD, MAX_TEXT, LongLine, PlainTextArea

EMOJI = "\U0001f600"


def test_a_paste_that_no_message_holds_is_refused_and_what_was_typed_stays(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running_app(tmp_path) as stage:
            await stage.opens(1042)
            await stage.pilot.press("r")
            await stage.types("On it")
            await stage.pastes("x" * 10_000_000)
            await stage.sees("Not pasted: that makes 10,000,005 characters", "On it")
            assert stage.app.screen.query_one(PlainTextArea).text == "On it"
            await stage.types("!")
            assert stage.app.screen.query_one(PlainTextArea).text == "On it!"
            await stage.until(lambda: stage.app.model.outbox_view.drafts()[0].body == "On it!")
            assert stage.app.model.outbox_view.drafts()[0].ticket_id == ticket_key(1042)

    asyncio.run(scene())


@pytest.mark.parametrize("text", ["x" * MAX_TEXT, EMOJI * MAX_TEXT, "word " * (MAX_TEXT // 5), "x\n" * (MAX_TEXT // 2)])
def test_a_paste_that_a_message_holds_is_there_as_a_whole(tmp_path: Path, text: str) -> None:
    async def scene() -> None:
        async with running_app(tmp_path) as stage:
            await stage.opens(1042)
            await stage.pilot.press("r")
            await stage.pastes(text)
            await stage.until(lambda: stage.app.screen.query_one(PlainTextArea).text == text)
            await stage.pilot.press("backspace")
            assert stage.app.screen.query_one(PlainTextArea).text == text[:-1]

    asyncio.run(scene())


def test_a_paste_that_no_field_of_one_line_holds_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with running_app(tmp_path) as stage:
            await stage.pilot.press("N")
            await stage.sees("New ticket")
            field = stage.app.screen.query_one("#requester", Input)
            field.focus()
            await stage.types("dana")
            await stage.app.on_event(events.Paste(EMOJI * (MAX_FIELD + 1)))
            await stage.until(lambda: field.value == "dana")
            await stage.types("!")
            await stage.until(lambda: field.value == "dana!")
            await stage.app.on_event(events.Paste("x" * MAX_FIELD))
            await stage.until(lambda: len(field.value) == MAX_FIELD + 5)

    asyncio.run(scene())


@pytest.mark.parametrize("offsets", [[10, 20, 30], [5], [39]])
def test_a_long_line_is_cut_and_styled_as_any_other(offsets: list[int]) -> None:
    written = "a\u65e5" * 20
    for number in range(len(offsets) + 1):
        expected, long = Text(written), LongLine(written)
        for line in (expected, long):
            line.set_length(41)
            line.stylize("bold", 8, 25)
            line.stylize("reverse", 40, 41)
        assert long.divide(offsets)[number] == expected.divide(offsets)[number]
        assert long.divide(offsets)[number].spans == expected.divide(offsets)[number].spans
