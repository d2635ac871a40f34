"""What tmux, as a terminal, shows for what a program has written."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waiting import until

COMMAND = ("tmux", "-f", "/dev/null", "-L", "supporttui-tests")


def _tmux(*arguments: str) -> str:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=True).stdout


@contextmanager
def tmux_server() -> Iterator[None]:
    """A server of our own, gone afterwards."""
    try:
        yield
    finally:
        subprocess.run([*COMMAND, "kill-server"], capture_output=True, check=False)


def shown(written: str, columns: int, rows: int, folder: Path) -> str:
    """The screen with its colours, as tmux tells it."""
    file, mark = folder / "written", "the end of it"
    file.write_text(written + f"\x1b]2;{mark}\x07", encoding="utf-8")
    pane = _tmux(
        *("new-session", "-d", "-P", "-F", "#{pane_id}", "-x", str(columns), "-y", str(rows)),
        f"stty raw -echo; cat {file}; exec sleep 60",
    ).strip()
    until(lambda: _tmux("display-message", "-p", "-t", pane, "#{pane_title}").strip() == mark)
    picture = _tmux("capture-pane", "-e", "-N", "-p", "-t", pane)
    _tmux("kill-pane", "-t", pane)
    return picture
