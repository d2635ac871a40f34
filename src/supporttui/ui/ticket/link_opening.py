"""Opens links in the user's browser, if there is one on this machine."""

import shutil
import sys
from collections.abc import Mapping

from supporttui.domain.links import Link
from supporttui.ui.programs import start_beside


def link_program(environ: Mapping[str, str]) -> str | None:
    """The program that opens links and files here; None over SSH and where there is no desktop."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return None
    if sys.platform == "darwin":
        return "/usr/bin/open"
    has_desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return shutil.which("xdg-open", path=environ.get("PATH")) if has_desktop else None


def open_link(link: Link, program: str) -> bool:
    """Open it beside the board, as one plain argument; whether the program could be started."""
    return start_beside([program, link.address])
