"""Acts on keys and pastes one after the other: the next one only when the effect of the one before is complete."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

from supporttui.ui.terminal.framed_app import is_laid_out, lay_out_now


@runtime_checkable
class OpeningScreen(Protocol):
    """A screen that keys wait for."""

    def is_ready(self) -> bool:
        """Whether it can act on keys."""

    def prepare_for(self, event: events.Key | events.Paste) -> None:
        """Put the focus where the event belongs."""


READY_CHECK_S: Final = 0.01
MAX_OPENING_CHECKS: Final = 200
"""Keys wait no longer than so many checks, two seconds, for a screen that was asked for."""

MAX_HANDLING_CHECKS: Final = 50
"""And no longer than so many for the key before: a widget that is removed meanwhile passes no message on.

Checks, not seconds: on a busy machine the event loop gets no time either, and the order of the keys stays what it is.
"""

MAX_LAYOUTS: Final = 2
"""How often the screen is laid out on behalf of one key."""

ROUNDS: Final = 3
"""The first marker arrives behind the key itself, the second behind the messages that its action has posted, the third
behind what those have posted: the longest chain is from ctrl+s to the next ticket."""


class KeyHandled(Message):
    """Follows a key from the focused widget up to the app, through the same queues and so behind all it has caused."""

    def __init__(self, number: int, rounds_left: int) -> None:
        super().__init__()
        self.number = number
        self.rounds_left = rounds_left


class KeyBuffer:
    """Keeps the keys and pastes of one app in their order. Belongs to the app's own message loop.

    A key that moves the focus or opens a screen does so through several message queues, while the next key of a burst
    would already be sent to the widget that has the focus now. Where a key changes the layout, the next one waits for
    that too: how far a page is, and what is scrolled into view, depends on it.
    """

    def __init__(self, app: App[Any], act: Callable[[events.Key | events.Paste], Awaitable[None]]) -> None:
        self._app = app
        self._act = act
        self._opening: Screen[Any] | None = None
        self._opening_checks = 0
        self._handling = 0
        """The number of the key that is being handled, or 0."""
        self._handling_checks = 0
        self._layouts_left = 0
        """How often the screen may still be laid out before the next key: a long conversation asks for it on and on."""
        self._last_number = 0
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._is_checking = False

    def wait_for(self, screen: Screen[Any]) -> None:
        """A screen was asked for: what is typed from now on is meant for it."""
        self._opening, self._opening_checks = screen, 0
        self._check_soon()

    async def take(self, event: events.Key | events.Paste) -> None:
        """Act on it as soon as everything before it is done."""
        self._waiting.append(event)
        await self._catch_up()
        if self._waiting:
            self._check_soon()

    async def handled(self, marker: KeyHandled) -> None:
        """A marker has arrived at the app."""
        if marker.number != self._handling:
            return
        rounds_left = marker.rounds_left
        if not rounds_left and self._waiting and self._layouts_left and self._app.screen_stack:
            self._layouts_left -= 1
            if lay_out_now(self._app.screen):
                rounds_left = 1  # what is somewhere else now, or has another size, is told so
        if not rounds_left or not self._send_marker(rounds_left - 1):
            self._handling = 0
            await self._catch_up()

    def _send_marker(self, rounds_left: int) -> bool:
        if not self._app.screen_stack:  # the app is leaving
            return False
        return self._target().post_message(KeyHandled(self._handling, rounds_left))

    def _target(self) -> MessagePump:
        return self._app.focused or self._app.screen

    def _is_waiting_for_screen(self) -> bool:
        stack = self._app.screen_stack
        screen: object = stack[-1] if stack else self._opening
        return self._opening is not None and screen is self._opening

    def _check_soon(self) -> None:
        if not self._is_checking:
            self._is_checking = True
            self._app.set_timer(READY_CHECK_S, self._check)

    async def _check(self) -> None:
        """Go on once the screen is ready, gone, or taking too long, or where a marker was lost."""
        self._is_checking = False
        self._opening_checks += 1
        self._handling_checks += 1
        screen = self._opening
        if screen is not None:
            is_late = self._opening_checks > MAX_OPENING_CHECKS
            is_ready = screen.is_ready() if isinstance(screen, OpeningScreen) else is_laid_out(screen)
            if not self._is_waiting_for_screen() or is_ready or is_late:
                self._opening = None
        if self._handling_checks > MAX_HANDLING_CHECKS:
            self._handling = 0
        await self._catch_up()
        if self._opening is not None or self._waiting:
            self._check_soon()

    async def _catch_up(self) -> None:
        """Act on what waits, in order, until one of them has to be waited for."""
        while self._waiting and self._app.screen_stack and not self._handling and not self._is_waiting_for_screen():
            await self._dispatch(self._waiting.popleft())

    async def _dispatch(self, event: events.Key | events.Paste) -> None:
        if isinstance(self._app.screen, OpeningScreen):
            self._app.screen.prepare_for(event)
        focused = self._app.focused
        if isinstance(event, events.Paste) or (focused and focused.check_consume_key(event.key, event.character)):
            await self._act(event)  # text: what follows goes through the same queue
            return
        self._last_number += 1
        self._handling, self._handling_checks, self._layouts_left = self._last_number, 0, MAX_LAYOUTS
        await self._act(event)
        if not self._send_marker(ROUNDS - 1):
            self._handling = 0
