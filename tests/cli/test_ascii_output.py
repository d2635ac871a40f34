"""What a command prints can be read where only some characters can be written, and never ends in an error."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.command_line import PROGRAM
from support.desks.embedded_desk import serve_embedded_desk
from support.terminals.board_terminal import desk_environment
from supporttui.cli.exits import Exit

COMMANDS = ("--help", "hours", "due --severity 2 --created 2026-11-25T16:00", "due --today", "status", "doctor",
            "outbox list", "config show", "submit --help")  # fmt: skip
ASCII_ONLY = ({"LANG": "C"}, {"LC_ALL": "POSIX"}, {"PYTHONIOENCODING": "ascii"}, {"LANG": "C", "NO_COLOR": "1"})
SUBJECT = "Größe ▌ 日本 👍🏽 …"


def printed(environ: dict[str, str], *arguments: str) -> bytes:
    """Standard output and standard error of a command."""
    usual = {name: value for name, value in os.environ.items() if name not in ("LANG", "LC_ALL", "LC_CTYPE")}
    ended = subprocess.run(
        [*PROGRAM, *arguments], env={**usual, **environ}, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode != Exit.UNEXPECTED, ended.stderr
    assert b"Traceback" not in ended.stderr
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("environ", ASCII_ONLY, ids=str)
def test_nothing_beyond_ascii_is_printed_where_it_cannot_be_shown(tmp_path: Path, environ: dict[str, str]) -> None:
    with serve_embedded_desk(tmp_path / "d") as desk:
        desk.create(SUBJECT)
        for command in COMMANDS:
            assert printed({**desk_environment(desk), **environ}, *command.split()).isascii(), command


def test_a_refusal_is_ascii_too() -> None:
    assert printed({"LANG": "C"}, "due", "--severity", "2", "--created", "…").isascii()


def test_marks_are_ascii_where_the_configuration_says_so_and_names_stay(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[looks]\nglyphs = "ascii"\n[policy.hours.dates]\n2026-12-31 = []\n')
    said = printed({"LANG": "C.UTF-8"}, "--config", str(tmp_path / "config.toml"), "hours").decode()
    assert "08:00-17:00" in said
    assert said.isascii()


def test_an_encoding_that_has_some_characters_keeps_them(tmp_path: Path) -> None:
    with serve_embedded_desk(tmp_path / "d") as desk:
        desk.create(SUBJECT)
        said = printed({**desk_environment(desk), "PYTHONIOENCODING": "latin-1"}, "hours").decode("latin-1")
    assert "08:00-17:00" in said


def test_json_says_the_same_in_every_encoding() -> None:
    usual, plain = (printed(environ, "hours", "--json") for environ in ({"LANG": "C.UTF-8"}, {"LANG": "C"}))
    assert json.loads(plain)["calendars"] == json.loads(usual)["calendars"]
