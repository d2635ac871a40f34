"""A row says that something is written on its ticket and not sent."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from support.app_driver import screen_lines, settle
from support.board_samples import NOW, LocalCopy, sample_ticket
from support.open_board import change, on_board
from support.sample_values import ticket_key
from supporttui.presentation.ascii_glyphs import with_ascii_glyphs
from supporttui.store.operations import Draft
from supporttui.store.outbox import Outbox
from supporttui.ui.app import SupportApp

HOUR = timedelta(hours=1)


def new_tickets(folder: Path) -> LocalCopy:
    return LocalCopy(folder, [sample_ticket(n, f"Subject {n}", severity=1, ago=n * HOUR / 4) for n in range(1, 4)])


def marked(app: SupportApp) -> list[int]:
    """The tickets whose row, its first or its second line, has the mark of a draft."""
    text = screen_lines(app)
    return [n for n in (1, 2, 3) if any("✎" in line and (f"Subject {n}" in line or f"✎ {n} " in line) for line in text)]


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (160, 44)])
def test_a_row_is_marked_from_the_first_character_until_nothing_is_kept(tmp_path: Path, size: tuple[int, int]) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", "2", "enter", "r", "H", "i", "escape", "escape")
        await settle(pilot)
        assert marked(app) == [2]
        await pilot.press("r", "backspace", "backspace", "escape", "escape")
        await settle(pilot)
        assert marked(app) == []

    on_board(desk, act, size)


def test_a_draft_of_the_last_run_and_of_another_window_are_marked(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)

    def keep(number: int) -> None:
        with closing(Outbox(desk.files.outbox, desk.files.desk)) as outbox:
            outbox.save_draft(Draft(id=f"d{number}", updated_at=NOW, ticket_id=ticket_key(number), body="Later"))

    keep(1)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await change(app, pilot)
        assert marked(app) == [1]
        keep(3)
        await change(app, pilot)
        assert marked(app) == [1, 3]

    on_board(desk, act)


def test_what_is_sent_is_no_draft_any_more_and_the_mark_has_a_form_in_ascii(tmp_path: Path) -> None:
    desk = new_tickets(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", "2", "enter", "r", "H", "i", "escape", "r", "ctrl+s", "escape")
        await settle(pilot)
        await change(app, pilot)
        assert desk.engine.submitted
        assert marked(app) == []

    on_board(desk, act)
    assert with_ascii_glyphs("✎") == "d"
