"""What the frame writer rests on in Textual, and whether the installed one has it."""

import inspect
from typing import Any, Final

from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.strip import Strip

PARAMETERS: Final[dict[Any, tuple[str, ...]]] = {
    LayoutUpdate.__init__: ("self", "strips", "region"),
    ChopsUpdate.__init__: ("self", "chops", "spans", "chop_ends"),
    CompositorUpdate.render_segments: ("self", "console"),
    Compositor.render_update: ("self", "full", "screen_stack", "simplify"),
    App._display: ("self", "screen", "renderable"),
    LinuxDriver.write: ("self", "data"),
    LinuxDriver.process_message: ("self", "message"),
    LinuxDriver.start_application_mode: ("self",),
    LinuxDriver.close: ("self",),
    Strip.crop: ("self", "start", "end"),
    Strip.render: ("self", "console"),
}
"""Functions that we call or stand in for, and their parameters."""

NAMES: Final[dict[Any, tuple[str, ...]]] = {
    App._display: ("_batch_count", "_running", "_closed", "cursor_position", "render_segments", "post_display_hook"),
    App._begin_update: ("_sync_available",),
    LinuxDriver.__init__: ("_file", "__stderr__"),
    Driver.__init__: ("_app", "_loop"),
    Strip.__init__: ("_segments", "_cell_length"),
    Strip.render: ("_segments", "_color_system"),
    Strip.render_ansi: ("_attributes", "_set_attributes", "_color", "_bgcolor", "downgrade", "get_ansi_codes"),
    Strip.render_style: ("_link", "_link_id"),
    LayoutUpdate.__init__: ("strips", "region"),
    ChopsUpdate.__init__: ("chops", "spans", "chop_ends"),
    ChopsUpdate.render_segments: ("crop",),
}
"""Names that these functions use; where one has gone, the meaning may have changed with it."""


def broken_terms() -> list[str]:
    """What the installed Textual does not have as we know it."""
    broken = [
        f"{function.__qualname__} takes {', '.join(found)}"
        for function, wanted in PARAMETERS.items()
        if (found := tuple(inspect.signature(function).parameters)) != wanted
    ]
    broken += [
        f"{function.__qualname__} does not use {name}"
        for function, names in NAMES.items()
        for name in names
        if name not in _names_in(function)
    ]
    return broken


def _names_in(function: Any) -> tuple[str, ...]:  # noqa: ANN401 - any kind of function
    code = inspect.unwrap(function).__code__
    return (*code.co_names, *code.co_varnames)


def has_contract(driver: type[Driver]) -> bool:
    """Whether frames can be written our way: Textual is as we know it, and it would use its driver of a terminal."""
    return driver is LinuxDriver and not broken_terms()
