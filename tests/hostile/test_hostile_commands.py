"""What commands print of hostile tickets, on a real pty and through a pipe: text, and nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.canary import secret
from support.command_line import PROGRAM, run_command
from support.desks.hostile_desk import ME, HostileDesk
from support.desks.scripted_server import ScriptedServer, serve_script
from support.faults.hostile_payloads import CORPUS, generated_payloads
from support.terminals.sent_sequences import unexpected_tokens
from support.terminals.terminal import Terminal

TYPED = "\n".join(each for each in [*CORPUS, *generated_payloads(100)] if len(each) < 200)
"""What comes back from the outbox: a text of our own, with everything in it."""

COMMANDS = (
    *(["status"], ["outbox", "list"], ["outbox", "list", "--all"], ["outbox", "export"], ["due", "--today"]),
    *(["due", "--today", "--json"], ["hours"], ["doctor"], ["reply", "1", "--body", "x"], ["reply", "1", "--note"]),
    *(["submit", "--subject", "\x1b]0;x\x07", "--severity", "1", "--description", "\x9b31m", "--attach", "\x1b[2J"],),
    *(["outbox", "show", "\x1b[31m"], ["--config", "\x1b]0;x\x07", "status"], ["due", "--created", "\x1b[2J"]),
    *(
        ["list"],
        ["list", "--json"],
        ["list", "\x1b]0;x\x07"],
        ["show", "1"],
        ["show", "1", "--json"],
        ["show", "\x1b[2J"],
    ),
    *(["tag", "1", "+\x1b[31m"], ["move", "1", "\x1b[31m"], ["assign", "1", "\x1b[31m"], ["note", "1", "\x9b31m"]),
    *(["bulk", "1", "2", "--tag", "+\x9b31m"], ["bulk", "--filter", "\x1b[5m", "--move", "closed", "--dry-run"]),
    *(["outbox", "retry", "zz\u202e"], ["nonsense\x1b[5m"], ["login", "--url", "https://\x1b[31m"], ["logout"]),
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A hostile desk whose tickets are in the local copy, and whose refusal of a hostile reply is in the outbox."""
    with serve_script(HostileDesk([*CORPUS, *generated_payloads(100)])) as server:
        for name, value in {"URL": server.url, "EMAIL": ME, "TOKEN": secret("commands")}.items():
            monkeypatch.setenv(f"SUPPORTTUI_{name}", value)
        with Terminal([*PROGRAM], rows=60, columns=150) as board:
            board.wait_text("Q0", within_s=60)
            board.wait_for(lambda: "loading" not in board.text())
            board.type("q")
            board.wait_exit()
        run_command("reply", "1", "--body", "-", stdin=_encodable(TYPED))
        yield server


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def test_no_command_prints_what_a_terminal_obeys(desk: ScriptedServer) -> None:
    shown = run_command("outbox", "list").out.split()
    entries = [
        ["outbox", "show", word] for word in shown if len(word) >= 4 and all(c in "0123456789abcdef" for c in word)
    ]
    assert entries
    for arguments in (*COMMANDS, entries[0]):
        with Terminal([*PROGRAM, *arguments], rows=100, columns=150, environment=dict(os.environ)) as seen:
            code = seen.wait_exit(within_s=60)
            seen.wait_for(lambda: not seen.is_reading)
            asked = (
                {repr("\x1b[?u"), repr("\x1b[c")} if arguments == ["doctor"] else set()
            )  # of the terminal, what it can do
            assert set(unexpected_tokens(bytes(seen.received))) <= asked, arguments
            assert b"Traceback" not in seen.received, arguments
            assert code in {0, 2, 3, 4, 5, 6, 9}, (arguments, code, seen.text())
            assert seen.received, arguments


def test_a_failing_desk_is_quoted_as_text(desk: ScriptedServer) -> None:
    assert isinstance(desk.script, HostileDesk)
    desk.script.is_down = True
    for arguments in (["status"], ["reply", "1", "--body", "x"], ["login", "--file"]):
        ended = run_command(*arguments, stdin=secret("typed") + "\n")
        assert unexpected_tokens(f"{ended.out}{ended.err}".encode()) == []
        assert ended.code != 0
