"""The tour says what to press next, notices when it was done, and can be left at any time."""

from pathlib import Path

import pytest

from support.app_driver import AppDriver, running_app
from support.command_line import PROGRAM
from support.sample_values import ticket_key
from support.terminals.terminal import Terminal
from supporttui.presentation.tour import STEPS, Tour, TourView
from supporttui.ui.tour import TourGuide

pytestmark = pytest.mark.anyio


async def at_step(driver: AppDriver, number: int) -> None:
    await driver.sees(f"Tour {number}/{len(STEPS)}")


async def test_whoever_does_what_it_says_comes_to_its_end(tmp_path: Path) -> None:
    async with running_app(tmp_path, undo_s=60.0) as driver:
        TourGuide(driver.app).begin()
        for number, keys in enumerate((["j"], ["l"], ["1", "enter"], ["r"]), start=1):
            await at_step(driver, number)
            await driver.pilot.press(*keys)
        await at_step(driver, 5)
        await driver.types("Hello")
        await driver.pilot.press("ctrl+s")
        for number, keys in enumerate((["u"], ["escape", "escape"], ["m", "w"], ["ctrl+p"], ["escape"]), start=6):
            await at_step(driver, number)
            await driver.pilot.press(*keys)
        await at_step(driver, 11)
        await driver.pilot.press("question_mark")
        await at_step(driver, 12)
        await driver.pilot.press("escape")
        await driver.sees("That was the tour. Look around; q leaves.")


def test_keys_that_it_did_not_ask_for_change_nothing() -> None:
    tour = Tour()
    board = TourView(screens=("BoardScreen",), pane="new", cursor_id=ticket_key(1))
    assert tour.words(board).startswith("Tour 1/")
    assert tour.words(board._replace(screens=("BoardScreen", "HelpScreen"))).startswith("Tour 1/")
    assert tour.words(board._replace(pane="open", cursor_id=ticket_key(2))).startswith("Tour 2/")


def test_it_names_the_keys_that_are_in_force() -> None:
    tour = Tour({"board-cursor-down": "f9,j", "board-pane-right": "g t"})
    board = TourView(screens=("BoardScreen",), pane="new", cursor_id=ticket_key(1))
    assert "Press f9 to go" in tour.words(board)
    assert "Press g t for the pane" in tour.words(board._replace(cursor_id=ticket_key(2)))


def test_it_waits_for_the_tickets() -> None:
    tour = Tour()
    assert tour.words(TourView(screens=("BoardScreen",), pane="new")).startswith("Tour 1/")
    assert tour.words(TourView(screens=("BoardScreen",), pane="new", cursor_id=ticket_key(1))).startswith("Tour 1/")


def test_the_command_opens_it_on_the_demonstration_and_q_leaves_it(tmp_path: Path) -> None:
    with Terminal([*PROGRAM, "tour"], home=tmp_path, rows=24, columns=80) as window:
        window.wait_text("Tour 1/", within_s=40)
        window.wait_text("On-Hold 9")
        window.type("q")
        window.wait_for(lambda: window.has_ended)
