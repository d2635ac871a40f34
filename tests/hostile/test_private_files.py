"""Whatever the shell's umask was, what the program makes is its user's alone."""

import contextlib
import shlex
import stat
from pathlib import Path

import pytest

from support.command_line import PROGRAM
from support.terminals.terminal import Terminal


def test_a_start_under_umask_000_leaves_everything_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTTUI_IDLE_EXIT_S", "1")
    home = tmp_path / "fresh"
    shell = ["sh", "-c", f"umask 000; {shlex.join(PROGRAM)}"]
    with Terminal(shell, rows=40, columns=160, home=home) as board:
        before = set(home.rglob("*"))
        board.wait_text("live", within_s=60)
        board.type("N")
        board.wait_text("New ticket")
        board.type("somebody@example.com")
        board.wait_text("somebody@example.com")
        board.type("\x1b")
        board.wait_text("g go to")
        made = [path for path in home.rglob("*") if path not in before]
        modes = {path: mode for path in made if (mode := _mode_of(path)) is not None}
        assert len(modes) > 8
        wrong = {str(path): oct(mode) for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)}
        assert wrong == {}
        board.type("q")
        board.type("q")
        board.wait_exit()


def _mode_of(path: Path) -> int | None:
    """The permission bits; None of a link, and of a file that was only there for a moment."""
    with contextlib.suppress(FileNotFoundError):
        found = path.lstat().st_mode
        return None if stat.S_ISLNK(found) else stat.S_IMODE(found)
    return None
