"""`supporttui context`: the ticket under the cursor of the board that is running."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.command_line import run_command
from support.desks.embedded_desk import EmbeddedDesk, serve_embedded_desk
from support.documented_shapes import documented_shapes, shape_problems
from support.terminals.board_terminal import open_board
from support.terminals.terminal import Terminal, terminal_environment

HOSTILE = "Board \x1b[31mred\x9b2J does not load"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[EmbeddedDesk]:
    with serve_embedded_desk(tmp_path / "d") as each:
        yield each


def context(home: Path) -> Any:
    """What a program is told."""
    ended = run_command("context", "--json", environment=terminal_environment(home, {}))
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def wait_for_subject(home: Path, board: Terminal, subject: str) -> Any:
    board.wait_for(lambda: (context(home)["ticket"] or {"subject": ""})["subject"] == subject, within_s=30)
    return context(home)


def test_it_follows_the_cursor_and_names_the_open_ticket(desk: EmbeddedDesk, tmp_path: Path) -> None:
    desk.create("First")
    desk.create("Second")
    home = tmp_path / "home"
    with open_board(desk, home) as board:
        board.wait_text("Second", within_s=30)
        found = wait_for_subject(home, board, "First")
        assert shape_problems(found, documented_shapes()["context"]) == []
        assert found["screen"] == "board"
        board.type("j")
        wait_for_subject(home, board, "Second")
        board.type("\r")
        board.wait_text("It stays empty.")
        board.wait_for(lambda: context(home)["screen"] == "ticket")
        board.type("\x1b")
        board.wait_for(lambda: context(home)["screen"] == "board")
        board.type("q")
        assert board.wait_exit() == 0
    ended = run_command("context", environment=terminal_environment(home, {}))
    assert (ended.code, "no board of yours is running" in ended.err) == (10, True)


def test_text_that_acts_on_terminals_is_shown_harmless_and_raw_in_json(desk: EmbeddedDesk, tmp_path: Path) -> None:
    desk.create(HOSTILE)
    home = tmp_path / "home"
    with open_board(desk, home) as board:
        board.wait_text("does not load", within_s=30)
        wait_for_subject(home, board, HOSTILE)
        ended = run_command("context", environment=terminal_environment(home, {}))
        assert "does not load" in ended.out
        assert not {"\x1b", "\x9b"} & set(ended.out)
        raw = run_command("context", "--json", environment=terminal_environment(home, {})).out
        assert raw.isascii()
        assert "\x1b" not in raw
