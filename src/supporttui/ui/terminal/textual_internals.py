"""The private parts of Textual that the frame writer depends on, and whether the installed version has them."""

import inspect
from typing import Any, Final

from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.strip import Strip

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
    (Strip, "crop"): ("self", "start", "end"),
    (Strip, "render"): ("self", "console"),
}
"""Functions that we call or stand in for, and their parameters."""

EXPECTED_NAMES: Final[dict[tuple[type, str], tuple[str, ...]]] = {
    (App, "_display"): ("_batch_count", "_running", "_closed", "cursor_position", "render_segments"),
    (Screen, "_compositor_refresh"): ("render_update", "_background_screens", "_display"),
    (App, "_begin_update"): ("_sync_available",),
    (LinuxDriver, "__init__"): ("_file", "__stderr__"),
    (Driver, "__init__"): ("_app", "_loop"),
    (Strip, "__init__"): ("_segments", "_cell_length"),
    (Strip, "render"): ("_segments", "_color_system"),
    (Strip, "render_ansi"): ("_attributes", "_set_attributes", "_color", "_bgcolor", "downgrade", "get_ansi_codes"),
    (Strip, "render_style"): ("_link", "_link_id"),
    (LayoutUpdate, "__init__"): ("strips", "region"),
    (LayoutUpdate, "render_segments"): ("strips", "region"),
    (ChopsUpdate, "__init__"): ("chops", "spans", "chop_ends"),
    (ChopsUpdate, "render_segments"): ("spans", "chops", "chop_ends", "crop"),
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


def _names_in(function: Any) -> tuple[str, ...]:  # noqa: ANN401 - any kind of function
    code = getattr(inspect.unwrap(function), "__code__", None) if function is not None else None
    return (*code.co_names, *code.co_varnames) if code is not None else ()


def supports_frame_driver(driver: type[Driver]) -> bool:
    """Whether frames can be written our way: Textual is as we know it, and it would use its driver of a terminal."""
    return driver is LinuxDriver and not missing_internals()
