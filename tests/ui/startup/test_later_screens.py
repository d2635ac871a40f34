"""What the screens beside the board need is read while nobody types, and at the latest when one is opened."""

import asyncio
from pathlib import Path

import pytest
from textual.pilot import Pilot

from support.app_driver import screen_text, settle
from support.board_samples import LocalCopy, sample_ticket
from supporttui.ui.app import SupportApp
from supporttui.ui.startup.later_screens import LaterScreens
from supporttui.ui.stylesheets import LATER_SHEETS, stylesheet_paths


def are_read(app: SupportApp) -> list[bool]:
    return [app.stylesheet.has_source(str(path), "") for path in stylesheet_paths(LATER_SHEETS)]


@pytest.mark.parametrize("is_prepared", [True, False])
def test_the_sheets_of_later_screens_are_there_when_a_ticket_opens(tmp_path: Path, *, is_prepared: bool) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await settle(pilot)
        assert not any(are_read(app))
        if is_prepared:
            LaterScreens(app, lambda _now: False)._prepare()
            assert all(are_read(app))
        await pilot.press("enter")
        await settle(pilot)
        assert all(are_read(app))
        assert "Printer on fire" in screen_text(app).splitlines()[0]

    async def run() -> None:
        desk = LocalCopy(tmp_path, [sample_ticket(1, "Printer on fire")])
        app = SupportApp(desk.app_context())
        async with app.run_test(size=(120, 36)) as pilot:
            await scene(app, pilot)
        desk.cache.close()

    asyncio.run(run())
