"""`?` lists every key by where it acts; `ctrl+p` every action of the screen, with its key."""

import asyncio
from pathlib import Path

from support.app_driver import running_app
from supporttui.ui.dialogs.commands import CommandsScreen
from supporttui.ui.dialogs.key_list import active_entries


def test_help_lists_the_keys_of_the_board_by_where_they_act(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path) as stage:
            await stage.pilot.press("question_mark")
            await stage.sees("On the board", "reply to the customer")
            await stage.types("all actions")
            await stage.sees("Everywhere", "^p", "all actions")

    asyncio.run(play())


def test_help_on_a_ticket_lists_the_keys_of_writing_too(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path) as stage:
            await stage.pilot.press("enter")
            await stage.sees("Now New York has it as well")
            await stage.pilot.press("question_mark")
            await stage.sees("On the ticket", "While writing", "^s")
            await stage.types("attach")
            await stage.sees("attach a file")

    asyncio.run(play())


def test_keys_of_ones_own_are_listed_also_where_they_do_not_act_yet(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path) as stage:
            stage.app.set_keymap({"composer-send": "f9"})
            await stage.pilot.press("enter")
            await stage.sees("Now New York has it as well")
            await stage.pilot.press("question_mark")
            await stage.sees("f9")

    asyncio.run(play())


def test_every_action_of_the_board_is_among_the_commands(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path) as stage:
            wanted = {entry.label for entry in active_entries(stage.app.screen) if entry.action != "commands"}
            await stage.pilot.press("ctrl+p")
            await stage.sees("type to find")
            dialog = stage.app.screen
            assert isinstance(dialog, CommandsScreen)
            shown = {entry.label for entry in dialog.found}
            assert wanted | {"Choose other colours", "Save the screen as an SVG picture"} == shown

    asyncio.run(play())


def test_command_is_found_by_its_words_and_run(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path) as stage:
            await stage.pilot.press("ctrl+p", *"what", "space", *"first")
            await stage.sees("What to do first", "› what first")
            await stage.pilot.press("enter")
            await stage.sees("within the hour")

    asyncio.run(play())


def test_commands_while_writing_are_those_of_writing(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path) as stage:
            await stage.pilot.press("r")
            await stage.types("Hello")
            await stage.pilot.press("ctrl+p")
            await stage.sees("Attach a file")
            assert "Move: then" not in stage.text
            await stage.pilot.press(*"note", "enter")
            await stage.sees("Internal note", "Hello")

    asyncio.run(play())
