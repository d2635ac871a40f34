"""The pinned Textual has the private parts that this program uses; the app runs without the frame writer."""

import asyncio
import inspect
import sys
from typing import Any, Final

import pytest
from msgspec.structs import replace
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.dom import DOMNode
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import TextArea

from supporttui.presentation.terminal_options import LOCAL_TERMINAL
from supporttui.ui.terminal.frame_driver import FrameDriver
from supporttui.ui.terminal.framed_app import FramedApp, frame_driver_for
from supporttui.ui.terminal.terminal_driver import TerminalDriver

EXPECTED_PARAMETERS: Final[dict[tuple[type, str], tuple[str, ...]]] = {
    (LayoutUpdate, "__init__"): ("self", "strips", "region"),
    (ChopsUpdate, "__init__"): ("self", "chops", "spans", "chop_ends"),
    (CompositorUpdate, "render_segments"): ("self", "console"),
    (Compositor, "render_full_update"): ("self", "simplify"),
    (Compositor, "render_update"): ("self", "full", "screen_stack", "simplify"),
    (Screen, "_compositor_refresh"): ("self",),
    (App, "_display"): ("self", "screen", "renderable"),
    (LinuxDriver, "write"): ("self", "data"),
    (LinuxDriver, "process_message"): ("self", "message"),
    (LinuxDriver, "start_application_mode"): ("self",),
    (LinuxDriver, "close"): ("self",),
    (LinuxDriver, "stop_application_mode"): ("self",),
    (LinuxDriver, "_get_terminal_size"): ("self",),
    (LinuxDriver, "_sigcont_application"): ("self", "_"),
    (Strip, "crop"): ("self", "start", "end"),
    (Strip, "render"): ("self", "console"),
    (DOMNode, "_attach"): ("self", "parent"),
    (MessagePump, "_close_messages_no_wait"): ("self",),
    (Screen, "_on_timer_update"): ("self",),
    (TextArea, "_on_paste"): ("self", "event"),
}
"""Functions that we call or stand in for, and their parameters."""

EXPECTED_NAMES: Final[dict[tuple[type, str], tuple[str, ...]]] = {
    (App, "_display"): ("_batch_count", "_running", "_closed", "cursor_position", "render_segments"),
    (Screen, "_compositor_refresh"): ("render_update", "_background_screens", "_display"),
    (App, "_begin_update"): ("_sync_available",),
    (LinuxDriver, "__init__"): (
        "_file",
        "__stderr__",
        "_must_signal_resume",
        "_in_band_window_resize",
        "_writer_thread",
    ),
    (Driver, "__init__"): ("_app", "_loop"),
    (Strip, "__init__"): ("_segments", "_cell_length"),
    (Strip, "render"): ("_segments", "_color_system"),
    (Strip, "render_ansi"): ("_attributes", "_set_attributes", "_color", "_bgcolor", "downgrade", "get_ansi_codes"),
    (Strip, "render_style"): ("_link", "_link_id"),
    (LayoutUpdate, "__init__"): ("strips", "region"),
    (LayoutUpdate, "render_segments"): ("strips", "region"),
    (ChopsUpdate, "__init__"): ("chops", "spans", "chop_ends"),
    (ChopsUpdate, "render_segments"): ("spans", "chops", "chop_ends", "crop"),
    (App, "_fatal_error"): ("bell", "_close_messages_no_wait"),
    (App, "_handle_exception"): ("_exception", "_fatal_error"),
    (Screen, "_on_idle"): ("_update_timer",),
    (Screen, "_on_timer_update"): ("_update_timer", "_compositor_refresh"),
}
"""Names that these functions use; where one has gone, the meaning may have changed with it."""


def missing_internals() -> list[str]:
    """What the installed Textual does not have as we know it."""
    broken = []
    for (owner, name), wanted in EXPECTED_PARAMETERS.items():
        found = tuple(inspect.signature(getattr(owner, name)).parameters) if hasattr(owner, name) else ()
        if found != wanted:
            broken.append(f"{owner.__qualname__}.{name} takes {', '.join(found)}")
    for (owner, name), uses in EXPECTED_NAMES.items():
        there = _names_in(getattr(owner, name, None))
        broken += [f"{owner.__qualname__}.{name} does not use {each}" for each in uses if each not in there]
    return broken


def _names_in(function: Any) -> tuple[str, ...]:
    code = getattr(inspect.unwrap(function), "__code__", None) if function is not None else None
    return (*code.co_names, *code.co_varnames) if code is not None else ()


def test_the_installed_textual_has_what_the_frame_writer_rests_on() -> None:
    assert missing_internals() == []
    assert frame_driver_for(LinuxDriver) is FrameDriver


def test_another_shape_of_a_function_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(self: LayoutUpdate, lines: Any, region: Any) -> None: ...

    monkeypatch.setattr(LayoutUpdate, "__init__", init)
    assert "LayoutUpdate.__init__ takes self, lines, region" in missing_internals()


def test_a_driver_of_another_kind_is_left_alone() -> None:
    assert frame_driver_for(HeadlessDriver) is None


def test_the_app_runs_without_the_frame_writer() -> None:
    app = FramedApp(line=replace(LOCAL_TERMINAL, writes_frames=False))
    assert app.driver_class is TerminalDriver

    async def run() -> None:
        async with app.run_test(size=(20, 5)) as pilot:
            await pilot.press("ctrl+l")
            assert app.is_running

    asyncio.run(run())


def test_without_the_modules_that_it_needs_the_usual_driver_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("frame_driver", "terminal_driver"):
        monkeypatch.setitem(sys.modules, f"supporttui.ui.terminal.{module}", None)  # as an import that fails
    assert frame_driver_for(LinuxDriver) is None
    assert FramedApp(line=LOCAL_TERMINAL).driver_class is LinuxDriver
