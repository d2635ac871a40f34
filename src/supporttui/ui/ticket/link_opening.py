"""Opens links in the user's browser, if there is one on this machine."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping

from supporttui.config.child_environment import child_environment
from supporttui.domain.links import Link


def link_program(environ: Mapping[str, str]) -> str | None:
    """Return the program that opens links; None over SSH and without a desktop, where links are copied."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return None
    if sys.platform == "darwin":
        return "/usr/bin/open"
    has_desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return shutil.which("xdg-open", path=environ.get("PATH")) if has_desktop else None


def open_link(link: Link, program: str) -> bool:
    """Open a link in the background; return whether the program could be started."""
    try:
        process = subprocess.Popen(  # noqa: S603 - one program, one plain address that begins with http: no shell reads it
            [program, link.address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=child_environment(os.environ),
        )
    except OSError:
        return False
    threading.Thread(target=process.wait, name="link-reaper", daemon=True).start()
    return True
