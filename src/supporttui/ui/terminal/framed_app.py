"""An app whose frames are written as differences, where the installed Textual lets us."""

import time
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import COLOR_SYSTEMS
from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen

from supporttui.ui.terminal.line import BY_ITSELF, Line
from supporttui.ui.terminal.meter import Meter

if TYPE_CHECKING:
    from supporttui.ui.terminal.driver import FrameDriver
    from supporttui.ui.terminal.early import EarlyScreen


class FramedApp(App[None]):
    """Stands between Textual's compositor and its driver."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "redraw", "draw the whole screen again", id="app-redraw"),
    ]

    def __init__(self, *, line: Line, early: "EarlyScreen | None" = None, **options: Any) -> None:  # noqa: ANN401
        """Draw for a line of some kind, on from what is drawn already where that is; the options are Textual's."""
        super().__init__(**options)
        self.early = early
        self._holds_back = early is not None
        ours = frame_driver(self.driver_class) if line.writes_frames else None
        self.driver_class = ours or self.driver_class
        self._frame_driver = ours
        if early is not None and ours is None:
            early.give_back()
            self._holds_back = False
        self._line = line
        self._meter = Meter()
        if line.is_thin:
            self.animation_level = "none"
        if line.colours != BY_ITSELF and not self.no_color:
            self.console._color_system = COLOR_SYSTEMS[line.colours]

    @on(events.DescendantFocus)
    def still_cursor(self, event: events.DescendantFocus) -> None:
        """A cursor that blinks is sent twice a second."""
        if self._line.is_thin and hasattr(event.widget, "cursor_blink"):  # their modules need not be loaded for it
            event.widget.cursor_blink = False

    def key_came(self) -> None:
        """A key is there that no loop has seen yet; called on the thread that reads the terminal."""

    def sent_words(self) -> str:
        """How much goes to the terminal, where the user wants to know and it is known."""
        framing = self._framing if self._line.shows_bytes else None
        return "" if framing is None else self._meter.words(time.monotonic(), framing.outlet.sent)

    @property
    def writes_frames(self) -> bool:
        """Whether what is sent are the frame writer's differences."""
        return self._framing is not None

    @property
    def _framing(self) -> "FrameDriver | None":
        """The driver in use, where it writes frames our way."""
        driver = self._driver
        return driver if self._frame_driver and isinstance(driver, self._frame_driver) else None

    def _display(self, screen: Screen[Any], renderable: Any) -> None:  # noqa: ANN401 - Textual's own
        driver = self._framing
        if driver is None:
            super()._display(screen, renderable)
            return
        if renderable is None or self._batch_count or not self._running or self._closed:
            self.post_display_hook()
        elif driver.frames.take(renderable) or driver.frames.take(screen._compositor.render_full_update()):
            if not self._holds_back:
                driver.outlet.offer(self._next_frame)
            self.post_display_hook()
        else:
            driver.frames.forget()
            super()._display(screen, renderable)

    def _next_frame(self) -> str:
        """What makes the terminal show the newest state."""
        driver = self._framing
        assert driver is not None, "only a driver of ours asks for it"
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        return driver.frames.next_frame((cursor.y, cursor.x), has_sync=self._sync_available)

    def go_on_drawing(self) -> None:
        """The screen is whole: from now on it takes the place of what was drawn before it."""
        if self._holds_back:
            self._holds_back = False
            compositor, behind = self.screen._compositor, self._background_screens
            self._display(self.screen, compositor.render_update(full=True, screen_stack=behind))

    @property
    def holds_back(self) -> bool:
        """Whether what was drawn before stays until the screen is whole, so that nothing need be drawn until then."""
        return self._holds_back

    def action_redraw(self) -> None:
        """Draw everything again, whatever the terminal shows."""
        if self._framing is not None:
            self._framing.frames.forget()
        self.screen.refresh()


def frame_driver(usual: type[Driver]) -> "type[FrameDriver] | None":
    """The driver that takes the place of the usual one; None where the installed Textual is not as we know it."""
    try:
        from supporttui.ui.terminal.contract import has_contract
        from supporttui.ui.terminal.driver import FrameDriver
    except (ImportError, AttributeError):  # what the writer rests on is not there at all
        return None
    return FrameDriver if has_contract(usual) else None
