"""Opens the board of a local copy in Textual's pilot."""

import asyncio
from collections.abc import Awaitable, Callable

from msgspec.structs import replace
from textual.pilot import Pilot

from support.app_driver import settle
from support.board_samples import LocalCopy
from supporttui.ui.app import SupportApp
from supporttui.ui.messages import TicketsChanged


def on_board(
    desk: LocalCopy,
    act: Callable[[SupportApp, Pilot[None]], Awaitable[None]],
    size: tuple[int, int] = (160, 44),
    *,
    undo_s: float = 0.0,
) -> None:
    """Open the board, settled, and do something with it."""

    async def run() -> None:
        app = SupportApp(replace(desk.app_context(), undo_s=undo_s))
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            await act(app, pilot)
            if "choices" in vars(app.model):
                app.model.choices._file.wait()

    asyncio.run(run())


async def change(app: SupportApp, pilot: Pilot[None]) -> None:
    """Have the app read what is new, as the engine would."""
    app.post_message(TicketsChanged())
    await settle(pilot)
