"""Buffers the keys that are typed while a screen opens, and delivers them in order once it can take them."""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from textual import events
from textual.app import App

from supporttui.ui.live import LiveScreen

READY_CHECK_S: Final = 0.01
MAX_BUFFERED_S: Final = 2.0
"""Keys wait no longer than this for a screen that was asked for."""


class KeyBuffer:
    """Keeps the keys of one app in their order while a screen opens. Belongs to the app's own message loop."""

    def __init__(self, app: App[Any], act: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._act = act
        self._opening: LiveScreen[Any] | None = None
        self._since = 0.0
        self._keys: deque[events.Key] = deque()

    def wait_for(self, screen: LiveScreen[Any]) -> None:
        """A screen was asked for: what is typed from now on is meant for it."""
        self._opening, self._since = screen, time.monotonic()
        self._app.set_timer(READY_CHECK_S, self._look)

    async def take(self, key: events.Key) -> bool:
        """Keep a key that has to wait; whether it was kept."""
        if not self._keys and not self._is_waiting_for_screen():
            return False
        self._keys.append(key)
        await self._catch_up()
        return True

    def _is_waiting_for_screen(self) -> bool:
        stack = self._app.screen_stack  # empty before the first screen is there
        return self._opening is not None and (not stack or self._opening is stack[-1])

    async def _look(self) -> None:
        """Let the keys go on once the screen is ready for them, gone, or taking too long."""
        screen = self._opening
        if screen is None:
            return
        is_late = time.monotonic() - self._since > MAX_BUFFERED_S
        if self._is_waiting_for_screen() and not screen.is_ready() and not is_late:
            self._app.set_timer(READY_CHECK_S, self._look)
            return
        self._opening = None
        await self._catch_up()

    async def _catch_up(self) -> None:
        """Act on the keys in their order, until one of them opens another screen."""
        while self._keys and not self._is_waiting_for_screen():
            await self._act(self._keys.popleft())
