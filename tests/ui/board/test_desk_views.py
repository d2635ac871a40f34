"""The desk's own views beside those of the configuration, as a user chooses and reads them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec.structs import replace

from support.app_driver import HOSTILE, HOUR, MONDAY, AppDriver, add_sample_tickets, app_sources, running_app, ticket
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.sample_values import ticket_keys
from supporttui.config.views import ViewSettings
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status
from supporttui.helpdesks.base import DeskView
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.ticket.screen import TicketScreen

WIDE = (160, 44)


def desk_with_views() -> InMemoryHelpDesk:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    desk.put(ticket(1060, "Sync stops at night", age=HOUR, status=Status.OPEN))
    old = ticket(77, "Closed in spring", age=5000 * HOUR, status=Status.CLOSED, closed_at=MONDAY - 4000 * HOUR)
    desk.archived = {old.id: old}
    desk.capabilities = replace(desk.capabilities, has_views=True)
    desk.views = (
        DeskView(id="7", title=OutsideText("Night shift")),
        DeskView(id="8", title=OutsideText(HOSTILE)),
    )
    desk.view_tickets = {"7": {*ticket_keys(1060, 77)}, "8": set()}
    return desk


def play(folder: Path, scene: Callable[[AppDriver], Awaitable[None]], desk: InMemoryHelpDesk) -> None:
    async def run() -> None:
        async with running_app(folder, WIDE, desk) as driver:
            await scene(driver)
            driver.app.model.choices._file.wait()

    asyncio.run(run())


@asynccontextmanager
async def beginning_in(folder: Path, start: str, desk: InMemoryHelpDesk) -> AsyncIterator[AppDriver]:
    """The app with a start view in its configuration."""
    app = SupportApp(replace(app_sources(desk, folder), views=ViewSettings(start=start)))
    async with app.run_test(size=WIDE) as pilot:
        yield AppDriver(app, pilot, desk)
        await pilot.pause()
        app.engine.stop(1)
        await pilot.pause()
        app.model.choices._file.wait()


def test_v_lists_the_desks_views_beside_the_configured_ones_and_shows_one(tmp_path: Path) -> None:
    async def scene(driver: AppDriver) -> None:
        await driver.pilot.press("v")
        await driver.sees("Mine and urgent", "Night shift", "of the help desk", "Everything")
        await driver.types("night")
        await driver.pilot.press("enter")
        await driver.sees("▽ Night shift · 2 of", "Sync stops at night", "Closed in spring")
        assert "How do I export" not in driver.text

    play(tmp_path, scene, desk_with_views())


def test_a_hostile_title_is_shown_and_does_nothing(tmp_path: Path) -> None:
    async def scene(driver: AppDriver) -> None:
        await driver.pilot.press("v")
        await driver.sees("6   ␛]0;owned␇[/markup][@clic")
        await driver.types("markup")
        await driver.pilot.press("enter")
        await driver.sees("▽ ␛]0;owned")
        assert isinstance(driver.app.screen, BoardScreen)

    play(tmp_path, scene, desk_with_views())


def test_what_is_not_loaded_yet_is_said_to_be_loading_and_is_no_zero(tmp_path: Path) -> None:
    desk = desk_with_views()
    desk.held_views = {"7"}

    async def scene(driver: AppDriver) -> None:
        await driver.pilot.press("v")
        await driver.sees("Night shift")
        await driver.types("night")
        await driver.pilot.press("enter")
        await driver.sees("▽ Night shift · loading…", "New –", "Loading the view…", "desk: loads…")
        desk.held_views = set()
        await driver.sees("▽ Night shift · 2 of", "New 0", "Nothing matches.")
        assert "loading" not in driver.text.lower()

    play(tmp_path, scene, desk)


def test_the_desks_view_is_there_again_at_the_next_start_before_the_desk_has_answered(tmp_path: Path) -> None:
    desk = desk_with_views()

    async def choose(driver: AppDriver) -> None:
        await driver.pilot.press("v")
        await driver.sees("Night shift")
        await driver.types("night")
        await driver.pilot.press("enter")
        await driver.sees("Closed in spring")

    async def find_again(driver: AppDriver) -> None:
        await driver.sees("▽ Night shift · 2 of", "Closed in spring")
        assert desk.held_views == {"7"}

    play(tmp_path, choose, desk)
    desk.held_views = {"7"}
    play(tmp_path, find_again, desk)


def test_the_board_begins_in_the_desks_view_that_the_configuration_names(tmp_path: Path) -> None:
    desk = desk_with_views()

    async def run() -> None:
        async with beginning_in(tmp_path, "desk:night  SHIFT", desk) as driver:
            await driver.sees("▽ Night shift · 2 of")
            await driver.pilot.press("escape")
            await driver.sees("How do I export")
        async with beginning_in(tmp_path, "desk:night shift", desk) as driver:
            await driver.sees("▽ Night shift")
        async with beginning_in(tmp_path, "desk:Day shift", desk) as driver:
            await driver.sees("The help desk has no view Day shift")

    asyncio.run(run())


def test_the_palette_finds_views_of_both_kinds_and_leaves_the_ticket_for_them(tmp_path: Path) -> None:
    async def scene(driver: AppDriver) -> None:
        await driver.until(lambda: driver.app.model.choices.state.desk_views)
        await driver.pilot.press("ctrl+p", *"waiting", "space", *"day")
        await driver.sees("View: Waiting for a day")
        await driver.pilot.press("escape")
        await driver.opens(1042)
        assert isinstance(driver.app.screen, TicketScreen)
        await driver.pilot.press("ctrl+p", *"night")
        await driver.sees("View: Night shift", "view of the desk")
        found = [each.label for each in driver.app.screen.found]  # type: ignore[attr-defined]  # the palette
        await driver.pilot.press(*["down"] * found.index("View: Night shift"), "enter")
        await driver.sees("▽ Night shift · 2 of")
        assert isinstance(driver.app.screen, BoardScreen)

    play(tmp_path, scene, desk_with_views())


def test_a_desk_without_views_is_not_asked_for_any(tmp_path: Path) -> None:
    desk = desk_with_views()
    desk.capabilities = replace(desk.capabilities, has_views=False)

    async def scene(driver: AppDriver) -> None:
        await driver.pilot.press("v")
        await driver.sees("Mine and urgent")
        assert "help desk" not in driver.text
        assert driver.app.engine.finder.views is None

    play(tmp_path, scene, desk)
