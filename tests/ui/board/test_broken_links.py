"""What the board says while nothing was ever fetched: no numbers, no promise to load, and the whole remedy."""

import asyncio
from pathlib import Path

import pytest

from support.app_driver import MONDAY, AppDriver, app_sources
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from supporttui.domain.safe_text import OutsideText
from supporttui.helpdesks.base import (
    Account,
    DeskError,
    RateLimited,
    ResponseTooLarge,
    Unauthorised,
    Unreachable,
)
from supporttui.ui.app import SupportApp

TOKEN = (
    "Acme Support at https://acme.zendesk.example does not accept this email and token. Make a new token and put it "
    "into the configuration (desk.token) or SUPPORTTUI_TOKEN, or run `supporttui login`."
)
FAULTS = (
    Unauthorised(TOKEN, desk_message=OutsideText("Couldn't authenticate you")),
    Unreachable("The help desk cannot be reached. Check the address below [desk] and the network."),
    DeskError("The help desk answered with an error.", desk_message=OutsideText("Internal " + "error " * 200)),
    ResponseTooLarge("An answer of the help desk is too large."),
    RateLimited("The help desk asks to wait.", retry_after_s=3600.0),
)


class BrokenDesk(InMemoryHelpDesk):
    """Fails before anything was fetched."""

    def __init__(self, fault: DeskError) -> None:
        super().__init__(MONDAY)
        self.fault = fault

    async def fetch_account(self) -> Account:
        raise self.fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=str)
def test_before_the_first_answer_nothing_is_counted_or_loading_and_the_remedy_is_read_whole(
    tmp_path: Path, fault: DeskError, size: tuple[int, int]
) -> None:
    async def play() -> None:
        desk = BrokenDesk(fault)
        app = SupportApp(app_sources(desk, tmp_path))
        async with app.run_test(size=size) as pilot:
            stage = AppDriver(app, pilot, desk)
            await stage.until(lambda: app.model.status.sentence)
            await stage.sees("New –", "Nothing fetched yet", "? keys")
            said = " ".join(stage.text.split())
            assert str(fault) in said
            assert "Loading" not in said
            assert "New 0" not in said
            app.engine.stop(1)
            await pilot.pause()

    asyncio.run(play())
