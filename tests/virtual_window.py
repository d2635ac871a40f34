"""One window's engine on the virtual loop: opened, told what to do, ended, or killed where it stands."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from supporttui.helpdesks.base import HelpDesk
from supporttui.store.files import store_files
from supporttui.store.outbox import Outbox
from supporttui.store.records import Operation
from supporttui.sync.engine import Engine, Link
from virtual_time import VirtualClock, happens


class VirtualWindow:
    """An engine of the product whose thread is the virtual loop."""

    def __init__(
        self, open_desk: Callable[[], Awaitable[HelpDesk]], folder: Path, clock: VirtualClock, **options: Any
    ) -> None:
        self.files = store_files(folder / "data", folder / "cache", "desk")
        self.engine = Engine(open_desk, self.files, on_change=lambda: None, now=clock.now, **options)
        self._life = asyncio.ensure_future(self.engine._main())

    async def live(self, within_s: float = 120.0) -> None:
        """Wait until the desk is reached."""
        await happens(lambda: self._is_fine() and self.engine.status.link in (Link.LIVE, Link.POLLING), within_s)

    def _is_fine(self) -> bool:
        if self._life.done():
            self._life.result()
        return True

    async def quit(self, grace_s: float = 5.0) -> None:
        """End it as a person does."""
        self._is_fine()
        self.engine._tell(lambda run: run.leave(grace_s))
        await self._life

    def operation(self, operation_id: str) -> Operation | None:
        """What the outbox knows of one operation."""
        with contextlib.closing(Outbox(self.files.outbox)) as outbox:
            return outbox.load(operation_id)
