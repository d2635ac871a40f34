"""`?` lists every key by where it acts; `ctrl+p` every action of the screen, with its key."""

import asyncio
from pathlib import Path

from msgspec.structs import replace

from support.app_driver import running_app, screen_text
from support.app_places import PLACES, opened_place
from support.board_samples import LocalCopy, sample_ticket
from supporttui.ui.app import SupportApp
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
            shown = {entry.label for entry in dialog.found if not entry.label.startswith("View: ")}
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
            assert "Move to another status" not in stage.text
            await stage.pilot.press(*"note", "enter")
            await stage.sees("Internal note", "Hello")

    asyncio.run(play())


HINTED = {
    "agenda": ("agenda-open", "agenda-leave", "agenda-down", "agenda-up"),
    "move": ("move-to-open", "move-to-closed", "move-stay"),
    "outbox": ("list-choose", "outbox-close"),
    "attachments": ("list-choose", "attachments-close"),
    "links": ("list-choose", "links-copy", "links-close"),
    "palette": ("commands-run", "commands-leave"),
    "recent": ("recent-open", "recent-leave"),
    "choice": ("choice-take", "choice-leave"),
    "filter": ("filter-keep", "filter-leave", "filter-complete", "filter-earlier"),
    "go to": ("go-to-go", "go-to-leave"),
    "themes": ("list-choose", "themes-close"),
    "help": ("help-close",),
    "severity": ("severity-1", "severity-close"),
    "board": ("board-open-ticket", "board-preview", "app-help"),
    "ticket": ("ticket-reply", "ticket-back", "app-help"),
    "composer": ("composer-send", "composer-leave"),
    "form": ("new-ticket-send", "new-ticket-leave"),
}
"""The keys that each place names, by the ids of their bindings."""


def test_every_place_names_the_keys_that_are_in_force(tmp_path: Path) -> None:
    named = [*dict.fromkeys(id_ for ids in HINTED.values() for id_ in ids)]
    keymap = {id_: f"f{20 - number // 26} {chr(ord('a') + number % 26)}" for number, id_ in enumerate(named)}

    async def play() -> None:
        desk = LocalCopy(tmp_path, [sample_ticket(n, f"Ticket {n}") for n in range(1, 4)])
        app = SupportApp(replace(desk.app_context(), keymap=keymap))
        async with app.run_test(size=(200, 50)) as pilot:
            for place, ids in HINTED.items():
                async with opened_place(app, pilot, PLACES[place]):
                    shown = screen_text(app)
                    missing = [id_ for id_ in ids if keymap[id_] not in shown]
                    assert missing == [], (place, shown)

    asyncio.run(play())
