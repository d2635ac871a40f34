"""Processes keys and pastes one at a time, each after the effect of the previous one is complete."""

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
        """Whether it can process keys."""

    def prepare_for(self, event: events.Key | events.Paste) -> None:
        """Move the focus to where the event belongs."""


READY_CHECK_S: Final = 0.01
MAX_OPENING_CHECKS: Final = 200
"""Keys wait at most this many checks, two seconds, for a requested screen."""

MAX_HANDLING_CHECKS: Final = 50
"""The maximum number of checks for the previous key, as a widget removed meanwhile passes no message on.

Checks rather than seconds: on a busy machine the event loop is delayed too, and keys stay in order.
"""

MAX_LAYOUTS: Final = 2
"""The maximum number of layouts that one key waits for."""

ROUNDS: Final = 3
"""The number of markers sent after a key.

The first arrives after the key, the second after the messages that its action has posted, the third after those that
they have posted: the longest chain is from ctrl+s to the next ticket.
"""


class KeyHandled(Message):
    """A marker that follows a key from the focused widget to the app through the same queues, and arrives after it."""

    def __init__(self, number: int, rounds_left: int) -> None:
        super().__init__()
        self.number = number
        self.rounds_left = rounds_left


class KeyBuffer:
    """Keeps keys and pastes in order. Used on the app's own message loop only.

    A key that moves the focus or opens a screen takes effect through several message queues, while the next key of a
    burst would be sent to the widget that has the focus now. If a key changes the layout, the next one waits for that
    too, since page sizes and scrolling depend on it.
    """

    def __init__(
        self,
        app: App[Any],
        act: Callable[[events.Key | events.Paste], Awaitable[None]],
        read: Callable[[events.Key | events.Paste], events.Key | events.Paste | None] = lambda event: event,
    ) -> None:
        """read: returns the event to process in place of a key; None for none, as after the first key of a sequence."""
        self._app = app
        self._act = act
        self._read = read
        self._opening: Screen[Any] | None = None
        self._opening_checks = 0
        self._handling = 0
        """The number of the key being processed, or 0."""
        self._handling_checks = 0
        self._layouts_left = 0
        """The number of layouts left before the next key: a long conversation would request them without end."""
        self._last_number = 0
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._is_checking = False

    @property
    def is_idle(self) -> bool:
        """Whether every key has been handled, including the messages that its action has posted."""
        return not self._handling and not self._waiting and self._opening is None

    def wait_for(self, screen: Screen[Any]) -> None:
        """Keep further keys for a screen that was requested."""
        self._opening, self._opening_checks = screen, 0
        self._check_soon()

    async def take(self, event: events.Key | events.Paste) -> None:
        """Process an event as soon as everything before it is complete."""
        self._waiting.append(event)
        await self._catch_up()
        if self._waiting:
            self._check_soon()

    async def handled(self, marker: KeyHandled) -> None:
        """Handle a marker that has arrived at the app."""
        if marker.number != self._handling:
            return
        rounds_left = marker.rounds_left
        if not rounds_left and self._waiting and self._layouts_left and self._app.screen_stack:
            self._layouts_left -= 1
            if lay_out_now(self._app.screen):
                rounds_left = 1  # widgets that moved or changed size are notified
        if not rounds_left or not self._send_marker(rounds_left - 1):
            self._handling = 0
            await self._catch_up()

    def _send_marker(self, rounds_left: int) -> bool:
        if not self._app.screen_stack:  # the app is quitting
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
        """Continue once the screen is ready, gone or too slow, or a marker was lost."""
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
        """Process waiting events in order, until one has to be waited for."""
        while self._waiting and self._app.screen_stack and not self._handling and not self._is_waiting_for_screen():
            await self._dispatch(self._waiting.popleft())

    async def _dispatch(self, typed: events.Key | events.Paste) -> None:
        if isinstance(self._app.screen, OpeningScreen):
            self._app.screen.prepare_for(typed)
        event = self._read(typed)
        if event is None:
            return
        focused = self._app.focused
        if isinstance(event, events.Paste) or (focused and focused.check_consume_key(event.key, event.character)):
            await self._act(event)  # text: what follows goes through the same queue
            return
        self._last_number += 1
        self._handling, self._handling_checks, self._layouts_left = self._last_number, 0, MAX_LAYOUTS
        await self._act(event)
        if not self._send_marker(ROUNDS - 1):
            self._handling = 0
