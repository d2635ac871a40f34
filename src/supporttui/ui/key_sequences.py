"""Key sequences: two keys pressed one after the other. The first waits for the second without a timeout."""

from collections.abc import Callable
from typing import Any, Final

from textual import events
from textual.app import App
from textual.screen import Screen

from supporttui.presentation.key_names import key_name
from supporttui.ui.terminal.binding_chain import takes_as_text

MAX_NAMED: Final = 6
"""The maximum number of second keys listed while the first one waits."""


class KeySequences:
    """Merges the two keys of a sequence into one event. There is no timeout: typing speed never changes the meaning."""

    def __init__(self, app: App[Any], say: Callable[[str], object]) -> None:
        """say: shows one sentence until the next key."""
        self._app = app
        self._say = say
        self._first = ""
        self._screen: Screen[Any] | None = None
        """The screen on which the first key was pressed."""
        self.are_there = False
        """Whether the keymap has any sequence."""

    def read(self, event: events.Key | events.Paste) -> events.Key | events.Paste | None:
        """Return the event to process: the key, a completed sequence, or None if the key waits or has no meaning."""
        if not self.are_there:
            return event
        first, self._first = self._first, ""
        is_same_screen = self._screen is self._app.screen
        if isinstance(event, events.Paste):
            return event
        if first and is_same_screen:
            return self._ended(first, event)
        return None if self._begins(event) else event

    def cancel(self) -> None:
        """Discard a pending first key after another action, as with the mouse."""
        if self._first:
            self._first = ""
            self._say("")

    def _begins(self, event: events.Key) -> bool:
        screen = self._app.screen
        if takes_as_text(self._app.focused or screen, event.key):
            return False
        active = screen.active_bindings
        seconds = {key: each.binding for key, each in active.items() if key.startswith(f"{event.key} ")}
        if not seconds or event.key in active:
            return False
        self._first, self._screen = event.key, screen
        named = [f"{key_name(key.split(' ')[1])} {each.description}" for key, each in seconds.items()]
        more = " · …" if len(named) > MAX_NAMED else ""
        self._say(f"{key_name(event.key)}…  {' · '.join(named[:MAX_NAMED])}{more} · esc cancels")
        return True

    def _ended(self, first: str, event: events.Key) -> events.Key | None:
        self._say("")
        if event.key == "escape":
            return None
        whole = f"{first} {event.key}"
        if whole in self._app.screen.active_bindings:
            return events.Key(whole, None)
        self._say(f"{key_name(whole)} is no key here; nothing was done.")
        return None
