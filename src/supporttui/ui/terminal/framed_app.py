"""A Textual app whose frames are written as differences, and the measurement of its output rate."""

import os
import sys
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import COLOR_SYSTEMS
from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import Monochrome, NoColor
from textual.screen import Screen
from textual.timer import Timer

from supporttui.config.key_bindings import DEFAULT_KEYS
from supporttui.domain.safe_text import OutsideText, safe
from supporttui.presentation.key_names import first_key, key_name, short_key
from supporttui.presentation.terminal_options import TerminalOptions, terminal_size
from supporttui.ui.terminal.clipboard import copy_sentence, fitting_text

if TYPE_CHECKING:
    from supporttui.ui.terminal.frame_driver import EarlyPicture, FrameDriver


FRAME_INTERVAL_S = 0.004
"""Seconds between frames.

Textual draws 60 a second and skips one if it was late: a key right after an update would wait for two of them.
"""
MINUTE_S = 60.0
UPDATE_EVERY_S = 5.0
"""Seconds between changes of the text, which is output as well."""


class ByteRateMeter:
    """The bytes sent in the last minute."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()
        self._words = ""

    def words(self, now: float, sent: int) -> str:
        """Return the rate as text, given the time in seconds and the bytes sent until then."""
        if not self._counts or now - self._counts[-1][0] >= UPDATE_EVERY_S:
            self._counts.append((now, sent))
            while len(self._counts) > 2 and self._counts[1][0] <= now - MINUTE_S:
                self._counts.popleft()
            self._words = self._said()
        return self._words

    def _said(self) -> str:
        (first_at, first), (last_at, last) = self._counts[0], self._counts[-1]
        if last_at <= first_at:
            return ""
        return f"{(last - first) * MINUTE_S / (last_at - first_at) / 1000:.1f} kB/min"


class FramedApp(App[None]):
    """Connects Textual's compositor to our driver."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "redraw", "draw the whole screen again", id="app-redraw", priority=True),
    ]

    def __init__(self, *, line: TerminalOptions, early: "EarlyPicture | None" = None, **options: Any) -> None:  # noqa: ANN401
        """line: the terminal. early: the picture that it shows already. The other options are Textual's."""
        super().__init__(**options)
        self.line = line
        """How to draw for the terminal in use."""
        self.keymap: Mapping[str, str] = {}
        """The user's keys by binding id."""
        self.early = early
        self._is_drawing_paused = early is not None
        ours = frame_driver_for(self.driver_class) if line.writes_frames else None
        self.driver_class = ours or plain_driver_for(self.driver_class)
        self._frame_driver = ours
        if early is not None and ours is None:
            early.give_back()
            self._is_drawing_paused = False
        if not self.is_headless:  # Rich's guess may differ from the driver's size, and delay the first screen
            self.console.size = terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
        self._meter = ByteRateMeter()
        self.animation_level = "none"
        """Animated scrolling costs frames, and a quick key would find a field at a temporary position."""
        if self.no_color:
            self._use_no_colours(writes_frames=ours is not None)
        elif line.colours in COLOR_SYSTEMS:
            self.console._color_system = COLOR_SYSTEMS[line.colours]

    def _use_no_colours(self, *, writes_frames: bool) -> None:
        """Send no colours. Textual would send greys; our frames reverse text that has a background of its own."""
        self._filters = [each for each in self._filters if not isinstance(each, Monochrome | NoColor)]
        self.console.no_color = True
        if not writes_frames:
            self._filters.append(NoColor())

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        """Set other keys, by binding id."""
        self.keymap = keymap
        super().set_keymap(keymap)

    def keys_of(self, id_: str) -> frozenset[str]:
        """Return the present keys of a binding."""
        return frozenset(self.keymap.get(id_, DEFAULT_KEYS[id_]).split(","))

    @on(events.DescendantFocus)
    def stop_cursor_blinking(self, event: events.DescendantFocus) -> None:
        """Stop the cursor of a text field from blinking, which would cost two frames a second."""
        if self.line.is_thin and hasattr(event.widget, "cursor_blink"):  # their modules need not be loaded for it
            event.widget.cursor_blink = False

    @property
    def last_key_at(self) -> float:
        """When a key was read last, by `time.monotonic()`; 0 where our driver does not read them."""
        return float(getattr(self._driver, "last_key_at", 0.0))

    def note_key_read(self) -> None:
        """Record that a key was read, before the event loop gets it; called on the thread that reads the terminal."""

    def note_background(self, is_light: bool) -> None:
        """Record the reported background of the terminal; called on the thread that reads the terminal."""

    def copy_text(self, text: str, what: str) -> str:
        """Send text to the terminal's clipboard; return the sentence to show. what: the text's name in it."""
        self.copy_to_clipboard(safe(OutsideText(fitting_text(text))))
        return copy_sentence(what, text, os.environ)

    @property
    def sends_links(self) -> bool:
        """Whether addresses become hyperlinks; our frames give the parts of a wrapped one the same id."""
        return self.line.has_links and self.writes_frames

    def byte_rate_text(self) -> str:
        """The output rate as text, if the user wants to see it and our driver measures it; else empty."""
        framing = self._framing if self.line.shows_bytes else None
        return "" if framing is None else self._meter.words(time.monotonic(), framing.sender.sent)

    @property
    def failure(self) -> Exception | None:
        """The exception that ended the app, if any; to be reported by the caller of `run`."""
        return self._exception

    def _fatal_error(self) -> None:
        """Exit without Textual's traceback, which shows local variables and with them what people wrote."""
        self.bell()
        self._close_messages_no_wait()

    def restore_terminal(self) -> None:
        """Restore the terminal right before the process ends; from any thread, even if the event loop is stuck."""
        restore = getattr(self._driver, "restore_at_exit", None)  # only a driver of ours has it
        if restore is not None:
            restore()
        if self.early is not None:  # last: until the driver has taken over, only this one knows the modes
            self.early.restore_at_exit()

    @property
    def writes_frames(self) -> bool:
        """Whether frames are sent as differences."""
        return self._framing is not None

    @property
    def _framing(self) -> "FrameDriver | None":
        """The driver in use if it is ours, else None."""
        driver = self._driver
        return driver if self._frame_driver and isinstance(driver, self._frame_driver) else None

    def _display(self, screen: Screen[Any], renderable: Any) -> None:  # noqa: ANN401 - Textual's own
        driver = self._framing
        if driver is None:
            super()._display(screen, renderable)
            return
        if renderable is None or self._batch_count or not self._running or self._closed:
            self.post_display_hook()
        elif driver.encoder.note_update(renderable) or driver.encoder.note_update(
            screen._compositor.render_full_update()
        ):
            if not self._is_drawing_paused:
                driver.sender.offer(self._next_frame)
            self.post_display_hook()
        else:
            driver.encoder.invalidate()
            super()._display(screen, renderable)

    def _next_frame(self) -> str:
        """The codes for the latest state of the screen."""
        driver = self._framing
        assert driver is not None, "only a driver of ours asks for it"
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        return driver.encoder.next_frame((cursor.y, cursor.x), has_sync=self._sync_available)

    def resume_drawing(self) -> None:
        """Draw the screen in place of the first picture, now that it is complete.

        The focused widget is drawn first, in a frame of its own: it answers the keys typed so far, and the other
        widgets take another 20 ms.
        """
        if self._is_drawing_paused:
            self._is_drawing_paused = False
            compositor, behind, focused = self.screen._compositor, self._background_screens, self.screen.focused
            if focused is not None and self._framing is not None and self._framing.encoder.fits(*self.size):
                compositor._dirty_regions = {self.screen.find_widget(focused).region}
                self._display(self.screen, compositor.render_update(screen_stack=behind))
            self._display(self.screen, compositor.render_update(full=True, screen_stack=behind))

    def refresh_css(self, animate: bool = True) -> None:
        """Apply the stylesheets again, as for another theme; before there is a screen, only record the request.

        Textual requests it at every start after the theme is set, and would parse all sheets twice, which takes 10 ms.
        """
        if self._screen_stacks.get(self._current_mode):
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())
            self.stylesheet._require_parse = True
            self.stylesheet._rules_map = None

    @property
    def is_drawing_paused(self) -> bool:
        """Whether the first picture stays on the terminal until the screen is complete."""
        return self._is_drawing_paused

    def toggle_mouse(self) -> str:
        """Release the mouse to the terminal, or take it back; return a sentence about the new state."""
        from supporttui.ui.terminal.terminal_driver import TerminalDriver  # imported only on a terminal

        driver, key = self._driver, key_name(first_key("app-mouse", self.keymap))
        if not isinstance(driver, TerminalDriver):
            return "There is no terminal here whose mouse could be released."
        driver.take_mouse(not driver.has_mouse)
        if driver.has_mouse:
            return f"The mouse works on the board again; {key} releases it."
        return f"The mouse is released: the terminal selects text with it. {key} takes it back."

    def stop_job(self) -> str:
        """Stop the process and give the terminal to the shell until it is continued; if impossible, return why."""
        from supporttui.ui.terminal.terminal_driver import can_be_stopped, stop_process_group

        if self.is_headless or not can_be_stopped():
            key = key_name(first_key("app-quit", self.keymap))
            return f"No shell is there that could continue this window; {key} leaves it."
        self._suspend_signal()
        stop_process_group()
        return ""

    def get_key_display(self, binding: Binding) -> str:
        """Return the short form of a key or of a sequence of two."""
        return binding.key_display or short_key(binding.key)

    def action_redraw(self) -> None:
        """Redraw the whole screen, whatever the terminal shows."""
        if self._framing is not None:
            self._framing.encoder.invalidate()
        self.screen.refresh()


def is_laid_out(screen: Screen[Any]) -> bool:
    """Whether all widgets of a screen have their positions."""
    return screen.is_mounted and not screen._layout_required


def lay_out_now(screen: Screen[Any]) -> bool:
    """Lay out a screen before its next frame if that was requested; return whether it was."""
    is_wanted = screen._layout_required and screen.is_current
    if is_wanted:
        screen._on_timer_update()
    return is_wanted


def frame_timer(screen: Screen[Any]) -> Timer:
    """Return a timer that draws a screen while it has changes; replaces Textual's slower one."""
    return screen.set_interval(FRAME_INTERVAL_S, screen._on_timer_update, name="frames", pause=True)


def is_drawing_paused(app: App[Any]) -> bool:
    """Whether the first picture stays on the terminal until the screen is complete."""
    return isinstance(app, FramedApp) and app.is_drawing_paused


def frame_driver_for(usual: type[Driver]) -> "type[FrameDriver] | None":
    """Return our replacement for the usual driver; None if that is not Textual's for Linux.

    A test against the pinned version checks the private parts of Textual that are used.
    """
    try:
        from textual.drivers.linux_driver import LinuxDriver

        from supporttui.ui.terminal.frame_driver import FrameDriver
    except (ImportError, AttributeError):  # another system, or a Textual without the required modules
        return None
    return FrameDriver if usual is LinuxDriver else None


def plain_driver_for(usual: type[Driver]) -> type[Driver]:
    """Return a driver that leaves frames to Textual: ours in place of Textual's for Linux, else the usual one."""
    try:
        from textual.drivers.linux_driver import LinuxDriver

        from supporttui.ui.terminal.terminal_driver import TerminalDriver
    except (ImportError, AttributeError):
        return usual
    return TerminalDriver if usual is LinuxDriver else usual
