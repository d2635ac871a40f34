"""A token_command that hangs, prints without end or leaves a child behind is ended as a whole, and never holds q."""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.clock.waiting import wait_until
from support.command_line import PROGRAM, processes_naming
from support.terminals.terminal import Terminal
from supporttui.cli import token_command
from supporttui.cli.token_command import TokenCommand, TokenCommandFailed
from supporttui.config import Folders

IN_TIME_S = 5.0


def script(folder: Path, text: str) -> str:
    """A program of the user's."""
    path = folder / "print-token"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


def members_of(group: int) -> list[int]:
    """The live processes of a process group; zombies are none."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            state, _, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(int(folder.name))
    return found


def took_s(action: Callable[[], object]) -> float:
    began_at = time.monotonic()
    action()
    return time.monotonic() - began_at


@pytest.mark.parametrize(
    "text",
    [
        "echo secret",
        "printf secret",
        "echo secret; echo a second line",
        "echo secret; yes",
        "echo ' secret '; exec yes",
    ],
)
def test_the_first_line_is_the_token(text: str, tmp_path: Path) -> None:
    assert TokenCommand((script(tmp_path, text),)).first_line() == b"secret"


def test_a_child_that_holds_the_output_is_not_waited_for_and_does_not_stay(tmp_path: Path) -> None:
    found = TokenCommand((script(tmp_path, f"echo $$ > {tmp_path}/pid; sleep 300 & echo secret"),))
    assert took_s(lambda: found.first_line()) < IN_TIME_S
    group = int((tmp_path / "pid").read_text())
    wait_until(lambda: not members_of(group))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("exec yes | tr -d '\\n'", "prints no end of a line"),
        ("exec cat /dev/zero", "prints no end of a line"),
        ("echo secret; exec sleep 300", "goes on after"),
        ("exit 3", "ended with code 3"),
        ("true", "printed nothing"),
    ],
)
def test_what_prints_no_token_is_refused_in_time_and_in_words(text: str, says: str, tmp_path: Path) -> None:
    def run() -> None:
        with pytest.raises(TokenCommandFailed, match=says):
            TokenCommand((script(tmp_path, text),)).first_line()

    assert took_s(run) < IN_TIME_S
    assert not processes_naming(str(tmp_path / "print-token"))


@pytest.mark.parametrize("command", ["/nowhere/print-token", "/etc", "/etc/passwd"])
def test_what_cannot_be_started_is_said(command: str) -> None:
    with pytest.raises(TokenCommandFailed, match="could not be started"):
        TokenCommand((command,)).first_line()


def test_one_that_hangs_is_ended_after_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_command, "TIMEOUT_S", 0.3)
    with pytest.raises(TokenCommandFailed, match="did not answer"):
        TokenCommand((script(tmp_path, "sleep 300 & exec sleep 300"),)).first_line()


def test_one_that_nobody_waits_for_is_ended_at_once(tmp_path: Path) -> None:
    command = TokenCommand((script(tmp_path, f"echo $$ > {tmp_path}/pid; sleep 300 & wait"),))

    def cancel() -> None:
        wait_until((tmp_path / "pid").exists)
        command.cancel()

    threading.Thread(target=cancel).start()
    with pytest.raises(TokenCommandFailed, match=r"was not waited for|ended with code"):
        command.first_line()
    assert not processes_naming(str(tmp_path))


@pytest.mark.parametrize("text", ["exec sleep 300", "trap '' TERM INT HUP; sleep 300 & wait", "exec cat /dev/zero"])
def test_q_leaves_at_once_while_the_token_is_asked_for(text: str, tmp_path: Path) -> None:
    program = script(tmp_path, f"echo $$ > {tmp_path}/pid; {text}")
    config = Folders.of_user().config_file
    config.parent.mkdir(mode=0o700, parents=True)
    config.write_text(f'[desk]\nurl = "http://127.0.0.1:9"\nemail = "kim@desk.example"\ntoken_command = "{program}"\n')
    with Terminal([*PROGRAM]) as terminal:
        terminal.wait_text("? keys", within_s=60)
        wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), within_s=30)
        pid = int((tmp_path / "pid").read_text())
        terminal.type("q")
        assert terminal.wait_exit(within_s=IN_TIME_S) == 0
    wait_until(lambda: not processes_naming(str(tmp_path)), within_s=5)
    wait_until(lambda: not members_of(pid), within_s=5)
