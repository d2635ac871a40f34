"""A desk whose tickets have keys such as SUP-12, not numbers."""

import asyncio
from datetime import timedelta
from pathlib import Path

from support.app_driver import DANA, MONDAY, add_sample_tickets, message, running_app, ticket
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.sample_values import ticket_key

HOUR = timedelta(hours=1)


def desk_with_keys() -> InMemoryHelpDesk:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    for number, own_id in enumerate(("SUP-9", "SUP-12"), 21):
        desk.put(
            ticket(number, f"Subject of {own_id}", age=number * HOUR, id=ticket_key(own_id)),
            message(number, DANA.id, f"Text of {own_id}", age=number * HOUR),
        )
    return desk


def test_a_ticket_with_a_key_is_shown_found_by_its_key_and_answered(tmp_path: Path) -> None:
    desk = desk_with_keys()

    async def play() -> None:
        async with running_app(tmp_path, desk=desk) as stage:
            await stage.sees("SUP-12", "SUP-9")
            await stage.pilot.press("g", *"SUP", "minus", *"12")
            await stage.sees("Go to ticket SUP-12")
            await stage.pilot.press("enter", "enter")
            await stage.sees("Text of SUP-12")
            await stage.pilot.press("r")
            await stage.types("We look into it")
            await stage.pilot.press("ctrl+s")
            await stage.until(lambda: desk.updates)

    asyncio.run(play())
    (update,) = desk.updates
    assert (update.ticket_id, update.patch.body) == (ticket_key("SUP-12"), "We look into it")


def test_a_key_that_is_not_there_is_named_as_it_was_typed(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path, desk=desk_with_keys()) as stage:
            await stage.pilot.press("g", *"SUP", "minus", *"7", "enter")
            await stage.sees("SUP-7 is not in the local copy")

    asyncio.run(play())
