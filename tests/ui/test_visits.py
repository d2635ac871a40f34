"""Back and forward like in a browser, the previous ticket again, and the list of those that were opened lately."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from support.app_driver import MONDAY, AppDriver, add_sample_tickets, running_app, ticket
from support.board_samples import NOW, LocalCopy, sample_ticket
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.sample_values import ticket_key, ticket_keys
from supporttui.domain.ticket import Status
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.visits import MAX_PLACES, BoardPlace, VisitHistory
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.dialogs.recent_tickets import RecentTicketsScreen
from supporttui.ui.panes.status_pane import StatusPane
from supporttui.ui.ticket.screen import TicketScreen

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
HERE, THERE = BoardPlace(Status.NEW, ticket_key(1)), BoardPlace(Status.OPEN, ticket_key(2))
ONE, TWO, THREE = ticket_key(11), ticket_key(12), ticket_key(13)


def desk_with_tickets() -> InMemoryHelpDesk:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    for number in range(1, 5):
        desk.put(ticket(number, f"Open ticket {number}", age=number * HOUR, severity=2, status=Status.OPEN))
    return desk


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[AppDriver]:
    async with running_app(tmp_path, (200, 50), desk_with_tickets()) as driver:
        await driver.until(lambda: driver.app.model.ticket(ticket_key(4)))
        yield driver


def where(app: SupportApp) -> str:
    """The ticket that is open, or `board` with the ticket under the cursor."""
    if isinstance(app.screen, TicketScreen):
        return app.screen._reader.view.ticket_id.id
    assert isinstance(app.screen, BoardScreen)
    assert isinstance(app.focused, StatusPane)
    row = app.focused.cursor_row
    return f"board {row.ticket.id.id if row else None}"


async def opens(driver: AppDriver, number: int) -> None:
    """From the board, as a user does."""
    await driver.pilot.press("g", *str(number), "enter", "enter")
    await driver.until(lambda: where(driver.app) == str(number))


async def is_at(driver: AppDriver, place: str) -> None:
    await driver.until(lambda: isinstance(driver.app.screen, BoardScreen | TicketScreen))
    await driver.until(lambda: where(driver.app) == place)


def test_what_was_ahead_is_forgotten_by_a_visit_and_cursor_moves_are_no_visits() -> None:
    history = VisitHistory()
    for place in (HERE, THERE, ONE, TWO):
        history.visit(place)
    assert [history.step(-1), history.step(-1), history.step(-1)] == [ONE, THERE, None]
    assert [history.step(1), history.current] == [ONE, ONE]
    history.visit(THREE)
    assert [history.step(1), history.step(-1), history.step(-1)] == [None, ONE, THERE]


def test_only_so_many_places_are_remembered() -> None:
    history = VisitHistory()
    for number in range(3 * MAX_PLACES):
        history.visit(ticket_key(number + 1))
    steps = 0
    while history.step(-1) is not None:
        steps += 1
    assert steps == MAX_PLACES - 1


async def test_back_and_forward_go_through_tickets_and_places_on_the_board(driver: AppDriver) -> None:
    press = driver.pilot.press
    await opens(driver, 1042)
    await press("J")
    await is_at(driver, "1047")
    await press("escape")
    await opens(driver, 2)
    for key, place in (("alt+left", "board 2"), ("alt+left", "1047"), ("alt+left", "1042"), ("alt+left", "board 1042")):
        await press(key)
        await is_at(driver, place)
    await press("alt+left")
    await driver.sees("There is nothing to go back to.")
    for place in ("1042", "1047", "board 2", "2"):
        await press("alt+right")
        await is_at(driver, place)
    await press("alt+right")
    await driver.sees("There is nothing to go forward to.")


async def test_one_key_opens_the_previous_ticket_again_from_the_board_and_from_a_ticket(driver: AppDriver) -> None:
    await driver.pilot.press("backspace")
    await driver.sees("No other ticket was opened yet.")
    await opens(driver, 1042)
    await driver.pilot.press("escape")
    await opens(driver, 3)
    await driver.pilot.press("backspace")
    await is_at(driver, "1042")
    await driver.pilot.press("backspace")
    await is_at(driver, "3")
    await driver.pilot.press("escape", "backspace")
    await is_at(driver, "3")


async def test_a_ticket_from_another_pane_has_its_own_pane_beside_it_and_the_keys_for_it(driver: AppDriver) -> None:
    await opens(driver, 1042)
    await driver.pilot.press("escape")
    await opens(driver, 3)
    assert "2 Open 4" in driver.text
    await driver.pilot.press("backspace")
    await is_at(driver, "1042")
    await driver.until(lambda: "1 New 3" in driver.text and "2 Open 4" not in driver.text)
    await driver.pilot.press("J")
    await is_at(driver, "1047")


async def test_recent_tickets_are_listed_and_found_by_typing_and_by_arrows(driver: AppDriver) -> None:
    for number in (1042, 1, 3):
        await opens(driver, number)
        await driver.pilot.press("escape")
    await driver.pilot.press("ctrl+r")
    await driver.until(lambda: isinstance(driver.app.screen, RecentTicketsScreen))
    lines = [line for line in driver.text.splitlines() if "#" in line]
    assert [number for line in lines for number in ("#1042", "#1 ", "#3 ") if number in line][:3] == [
        *("#3 ", "#1 ", "#1042"),
    ]
    await driver.pilot.press("down", "ctrl+r", "enter")
    await is_at(driver, "1042")
    await driver.pilot.press("ctrl+r")
    await driver.types("ticket 1")
    await driver.pilot.press("enter")
    await is_at(driver, "1")


async def test_they_are_remembered_at_the_next_start(tmp_path: Path) -> None:
    async with running_app(tmp_path, (120, 36), desk_with_tickets()) as driver:
        await driver.until(lambda: driver.app.model.ticket(ticket_key(4)))
        for number in (1042, 2):
            await opens(driver, number)
            driver.desk.now += timedelta(seconds=1)
            await driver.pilot.press("escape")
    async with running_app(tmp_path, (120, 36), desk_with_tickets()) as driver:
        await driver.pilot.press("ctrl+r")
        await driver.until(lambda: isinstance(driver.app.screen, RecentTicketsScreen))
        assert driver.text.index("#2") < driver.text.index("#1042")
        await driver.pilot.press("escape", "backspace")
        await is_at(driver, "2")


async def test_while_writing_these_keys_edit_the_text(driver: AppDriver) -> None:
    await opens(driver, 1042)
    await driver.pilot.press("escape")
    await opens(driver, 3)
    await driver.pilot.press("r")
    await driver.until(lambda: driver.app.focused is not None and driver.app.focused.id == "composer-text")
    await driver.types("Hello")
    await driver.pilot.press("backspace", "alt+left", "alt+right")
    await driver.sees("Hell")
    assert where(driver.app) == "3"
    assert "Hello" not in driver.text
    await driver.pilot.press("ctrl+r")
    assert where(driver.app) == "3"


async def test_a_ticket_that_is_gone_is_passed_over(driver: AppDriver) -> None:
    await opens(driver, 1042)
    await driver.pilot.press("escape")
    await opens(driver, 3)
    visits = driver.app.navigator._ticket_visits
    visits._history.visit(ticket_key(999))
    visits._history.visit(ticket_key(2))
    await driver.pilot.press("alt+left")
    await is_at(driver, "3")


def test_tickets_that_count_as_read_without_having_been_opened_are_not_recent(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path, [sample_ticket(number, f"T{number}") for number in (1, 2, 3)])
    desk.cache.mark_read(ticket_key(1), NOW - HOUR)
    desk.cache.mark_all_read(ticket_keys(1, 2, 3), NOW - 2 * HOUR)
    model = BoardModel(desk.app_context(), desk.engine)
    model.load()
    assert model.rows.recently_opened(10) == [ticket_key(1)]
    model.rows.note_read(ticket_key(3), NOW)
    assert model.rows.recently_opened(10) == [ticket_key(3), ticket_key(1)]
    assert model.rows.read_at(ticket_key(2)) == NOW - 2 * HOUR
    model.close()
