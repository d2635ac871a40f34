"""A Textual that is not as we know it is noticed, and the app runs without the frame writer."""

import asyncio
import inspect
from typing import Any

import pytest
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen

from supporttui.presentation.terminal_options import LOCAL_TERMINAL
from supporttui.ui.terminal.frame_driver import FrameDriver
from supporttui.ui.terminal.framed_app import FramedApp, frame_driver_for
from supporttui.ui.terminal.textual_internals import missing_internals


def test_the_installed_textual_has_what_the_frame_writer_rests_on() -> None:
    assert missing_internals() == []
    assert frame_driver_for(LinuxDriver) is FrameDriver


def test_a_driver_of_another_kind_is_left_alone() -> None:
    assert frame_driver_for(HeadlessDriver) is None


def test_another_shape_of_an_update_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(self: LayoutUpdate, lines: Any, region: Any) -> None: ...

    monkeypatch.setattr(LayoutUpdate, "__init__", init)
    assert frame_driver_for(LinuxDriver) is None


def test_the_app_runs_without_the_frame_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ChopsUpdate, "render_segments")
    app = FramedApp(line=LOCAL_TERMINAL)
    assert app.driver_class is LinuxDriver

    async def run() -> None:
        async with app.run_test(size=(20, 5)) as pilot:
            await pilot.press("ctrl+l")
            assert app.is_running

    asyncio.run(run())


def test_the_installed_textual_draws_a_screen_by_the_timer_that_ours_replaces() -> None:
    assert "_update_timer" in inspect.unwrap(Screen._on_idle).__code__.co_names
    assert "_update_timer" in Screen._on_timer_update.__code__.co_names
