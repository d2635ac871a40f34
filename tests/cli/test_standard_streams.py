"""Closed, full and unread standard streams: what was done decides the exit code, not whether it could be printed."""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command_line import PROGRAM, run_command
from support.desks.embedded_desk import EmbeddedDesk, serve_embedded_desk
from support.terminals.board_terminal import desk_environment
from support.terminals.terminal import Terminal

REFUSING = (">&-", ">/dev/full", ">&- 2>&-", ">/dev/full 2>/dev/full", "2>&-", "| true")
"""Ways in which a shell can leave a command without an output."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedDesk]:
    with serve_embedded_desk(tmp_path / "d") as served:
        for name, value in desk_environment(served).items():
            monkeypatch.setenv(name, value)
        yield served


def in_shell(arguments: str, redirection: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a script does; its own exit code also at the begin of a pipe."""
    line = f"{shlex.join(PROGRAM)} {arguments} {redirection}; exit ${{PIPESTATUS[0]}}"
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("redirection", REFUSING)
def test_a_reply_that_was_sent_ends_with_0_whatever_takes_its_output(redirection: str, desk: EmbeddedDesk) -> None:
    ticket_id = desk.create("Answered by a script")
    ended = in_shell(f"reply {ticket_id.id} --body 'We are on it.'", redirection)
    assert desk.bodies(ticket_id)[1:] == ["We are on it."]
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("redirection", REFUSING)
def test_a_reply_that_the_desk_refuses_ends_with_6_whatever_takes_its_output(
    redirection: str, desk: EmbeddedDesk
) -> None:
    assert in_shell("reply 4711 --body 'To nobody.'", redirection).returncode == 6


def test_what_was_done_is_said_on_standard_error_where_standard_output_takes_nothing(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create("Answered by a script")
    ended = in_shell(f"reply {ticket_id.id} --body 'We are on it.'", ">/dev/full")
    assert ended.stderr.startswith(f"supporttui: #{ticket_id.id} replied to")


@pytest.mark.parametrize("redirection", [">&-", ">/dev/full", ">&- 2>&-"])
@pytest.mark.parametrize("arguments", ["outbox export", "doctor", "hours --json", "due --created 2026-11-23T10:00"])
def test_output_that_is_not_taken_is_a_failure_of_a_command_that_only_prints(arguments: str, redirection: str) -> None:
    if arguments == "outbox export":
        run_command("submit", "--subject", "x", "--severity", "4", "--description", "y")
    ended = in_shell(arguments, redirection)
    assert ended.returncode == 8
    if "2>&-" not in redirection:
        assert ended.stderr.startswith("supporttui: standard output cannot be written")
        assert len(ended.stderr.splitlines()) == 1


def test_a_token_that_could_not_be_printed_is_said_to_be_lost() -> None:
    added = run_command("desk", "add-user", "--email", "ann@acme.example", "--name", "Ann", "--role", "agent")
    assert added.code == 0, added.err
    ended = in_shell("desk token --email ann@acme.example", ">/dev/full")
    assert ended.returncode == 8
    assert "supporttui desk revoke --email ann@acme.example" in ended.stderr


def test_a_text_from_a_closed_standard_input_is_refused() -> None:
    ended = in_shell("reply 1 --body -", "<&-")
    assert ended.returncode == 2
    assert ended.stderr.startswith("supporttui: standard input cannot be read")


def test_an_endless_text_is_refused() -> None:
    ended = in_shell("reply 1 --body -", "</dev/zero")
    assert (ended.returncode, "more than 10 MB" in ended.stderr) == (2, True)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-", "</dev/null", "2>/dev/null"])
@pytest.mark.parametrize("screen", ["", "wall", "demo --still"])
def test_a_screen_without_one_of_its_streams_ends_in_one_sentence(closed: str, screen: str) -> None:
    line = f"{shlex.join(PROGRAM)} {screen} {closed}; echo ended with $?"
    with Terminal(["bash", "-c", line]) as terminal:
        terminal.wait_text("ended with 2")
        assert "Traceback" not in terminal.text()
        is_seen = closed not in ("<&- >&- 2>&-",)
        assert ("standard error" in terminal.text() or "needs a terminal" in terminal.text()) == is_seen


def test_a_file_that_is_opened_while_output_is_closed_is_not_standard_output(tmp_path: Path) -> None:
    """What a child process prints must not end up in the outbox or on the desk's connection."""
    printed = 'import os, sys; os.write(1, b"stray"); os.write(2, b"stray")'
    config = tmp_path / "home" / "xdg_config_home" / "supporttui" / "config.toml"
    config.parent.mkdir(mode=0o700)
    program = tmp_path / "token"
    program.write_text(f"#!/usr/bin/env python3\n{printed}\n")
    program.chmod(0o700)
    config.write_text(f'[desk]\nurl = "http://127.0.0.1:9"\nemail = "a@b.example"\ntoken_command = "{program}"\n')
    config.chmod(0o600)
    assert in_shell("reply 1 --body 'kept'", "<&- >&- 2>&-").returncode == 4
    listed = run_command("outbox", "list")
    assert (listed.code, "kept" in listed.out) == (0, True), listed
