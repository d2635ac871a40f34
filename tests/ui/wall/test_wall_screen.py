"""The wall: nothing to press, everything with its age."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from support.app_driver import screen_text, settle
from support.board_samples import NOW, LocalCopy, sample_ticket
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Status
from supporttui.presentation.big_digits import large_digits
from supporttui.sync.status import LinkState
from supporttui.ui.app import SupportApp
from supporttui.ui.messages import TicketsChanged

HOUR = timedelta(hours=1)


def wall_desk(tmp_path: Path) -> LocalCopy:
    return LocalCopy(
        tmp_path / "desk",
        [
            sample_ticket(1042, "Board won't load", severity=1, ago=HOUR),
            sample_ticket(7, "Slow", Status.OPEN, ago=2 * HOUR),
        ],
    )


@pytest.mark.parametrize("size", [(200, 50), (120, 36), (80, 24), (40, 10), (20, 5), (1, 1)])
def test_every_pane_says_how_old_its_data_is(tmp_path: Path, size: tuple[int, int]) -> None:
    async def run() -> None:
        desk = wall_desk(tmp_path)
        app = SupportApp(desk.app_context(is_wall=True))
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            if size[0] >= 80:
                assert screen_text(app).count("data 0s old") == len(Status)

    asyncio.run(run())


def test_no_key_changes_anything(tmp_path: Path) -> None:
    async def run() -> None:
        desk = wall_desk(tmp_path)
        app = SupportApp(desk.app_context(is_wall=True))
        async with app.run_test(size=(200, 50)) as pilot:
            await settle(pilot)
            before = screen_text(app)
            await pilot.press("j", "a", "m", "o", "r", "i", "N", "f", "enter")
            await settle(pilot)
            assert screen_text(app) == before
            assert desk.engine.submitted == []

    asyncio.run(run())


def test_a_lost_link_is_said_and_found_again(tmp_path: Path) -> None:
    async def run() -> None:
        desk = wall_desk(tmp_path)
        app = SupportApp(desk.app_context(is_wall=True))
        async with app.run_test(size=(200, 50)) as pilot:
            await settle(pilot)
            desk.engine.say(link=LinkState.OFFLINE, sentence=safe_line(OutsideText("The desk does not answer.")))
            desk.now = NOW + timedelta(minutes=5)
            app.post_message(TicketsChanged())
            await settle(pilot)
            text = screen_text(app)
            assert "The desk does not answer." in text
            assert text.count("data 5m old") == len(Status)
            desk.engine.say(link=LinkState.LIVE, sentence=safe_line(OutsideText("")), last_sync_at=desk.now)
            app.post_message(TicketsChanged())
            await settle(pilot)
            assert "does not answer" not in screen_text(app)
            assert screen_text(app).count("data 0s old") == len(Status)

    asyncio.run(run())


def test_large_digits_stand_in_three_lines_of_one_width() -> None:
    lines = large_digits("‖-10h24m")
    assert len({len(line) for line in lines}) == 1
    assert len(lines) == 3


def test_a_large_clock_names_its_units_and_a_paused_one_reads_as_no_other_number() -> None:
    running, paused = (large_digits(text) for text in ("4h00m", "‖4h00m"))
    assert running[2].split()[-1].endswith("m")
    assert "h" in running[2]
    mark = paused[1][: len(paused[1]) - len(running[1])]
    assert mark.strip() == "‖"
    assert all(not line[: len(mark)].strip() for line in (paused[0], paused[2]))


@pytest.mark.parametrize("link", [LinkState.CONNECTING, LinkState.OFFLINE, LinkState.UNAUTHORISED])
def test_the_wall_shows_no_large_zeros_where_nothing_was_ever_fetched(tmp_path: Path, link: LinkState) -> None:
    async def run() -> None:
        desk = LocalCopy(tmp_path / "desk", [])
        desk.engine.say(loaded=False, last_sync_at=None, link=link)
        app = SupportApp(desk.app_context(is_wall=True))
        async with app.run_test(size=(200, 50)) as pilot:
            await settle(pilot)
            text = screen_text(app)
            assert not set("█▀▄") & set(text)
            assert ("Loading…" in text) == (link is LinkState.CONNECTING)
            assert "waits" not in text

    asyncio.run(run())
