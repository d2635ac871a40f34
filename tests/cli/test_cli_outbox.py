"""`supporttui outbox`: what cannot be sent is read, exported, sent again, edited and dropped from a shell."""

import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.command_line import run_command
from support.desks.embedded_desk import AGENT, EmbeddedDesk, serve_embedded_desk
from supporttui.config import Folders


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedDesk]:
    with serve_embedded_desk(tmp_path / "d") as each:
        monkeypatch.setenv("SUPPORTTUI_URL", each.url)
        monkeypatch.setenv("SUPPORTTUI_EMAIL", AGENT)
        monkeypatch.setenv("SUPPORTTUI_TOKEN", each.token)
        yield each


def outbox_file() -> Path:
    (found,) = Folders.of_user().data.rglob("outbox.db")
    return found


def listed_id(word: str) -> str:
    (line,) = [line for line in run_command("outbox", "list").out.splitlines() if word in line]
    return line.split()[0]


def test_what_could_not_be_sent_is_listed_shown_exported_and_sent_again(desk: EmbeddedDesk, tmp_path: Path) -> None:
    ticket_id = desk.create()
    desk.stop()
    text = "first line\nsecond \x1b[31mline"
    assert run_command("reply", ticket_id.id, "--body", text).code == 4
    listed = run_command("outbox", "list").out
    assert f"{ticket_id.label}" in listed
    assert "waits for the desk: first line second" in listed
    assert "\x1b" not in listed
    entry = listed_id("first line")
    shown = run_command("outbox", "show", entry).out
    assert "first line\nsecond" in shown
    assert "\x1b" not in shown
    into = tmp_path / "export.jsonl"
    assert run_command("outbox", "export", "--file", str(into)).code == 0
    assert stat.S_IMODE(into.stat().st_mode) == 0o600
    (row,) = map(json.loads, into.read_text().splitlines())
    assert (row["entry"], row["body"], row["state"], row["ticket_id"]) == ("operation", text, "queued", ticket_id.id)
    assert run_command("outbox", "retry", entry).code == 4
    desk.start()
    assert run_command("outbox", "retry", entry).out == f"{ticket_id.label} sent\n"
    assert len(desk.bodies(ticket_id)) == 2
    assert run_command("outbox", "list").out == "Nothing is unsent, and there are no drafts.\n"
    assert "sent: first line" in run_command("outbox", "list", "--all").out
    again = run_command("outbox", "retry", entry)
    assert (again.code, len(desk.bodies(ticket_id))) == (6, 2)
    assert "nothing to retry" in again.err


def test_a_text_is_edited_and_sent_as_a_change_of_its_own(desk: EmbeddedDesk, tmp_path: Path) -> None:
    ticket_id = desk.create()
    desk.stop()
    run_command("reply", ticket_id.id, "--body", "teh answer")
    editor = tmp_path / "fix"
    editor.write_text('#!/bin/sh\nsed -i s/teh/the/ "$1"\n')
    editor.chmod(0o700)
    desk.start()
    ended = run_command("outbox", "edit", listed_id("teh"), environment={"EDITOR": str(editor), "VISUAL": ""})
    assert (ended.code, ended.out) == (0, f"{ticket_id.label} sent\n"), ended.err
    assert desk.bodies(ticket_id)[1:] == ["the answer"]


def test_what_is_dropped_is_not_sent_and_not_forgotten_at_once(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    desk.stop()
    run_command("reply", ticket_id.id, "--body", "never mind")
    entry = listed_id("never mind")
    assert run_command("outbox", "drop", entry).code == 0
    assert run_command("outbox", "drop", entry).code == 6
    assert "withdrawn: never mind" in run_command("outbox", "list", "--all").out
    desk.start()
    assert run_command("reply", ticket_id.id, "--body", "next").code == 0
    assert desk.bodies(ticket_id)[1:] == ["next"]


def test_an_unknown_id_is_a_usage_error(desk: EmbeddedDesk) -> None:
    ended = run_command("outbox", "show", "zzz")
    assert (ended.code, ended.out) == (2, "")
    assert "no entry begins with 'zzz'" in ended.err


def test_the_outbox_of_a_newer_version_is_listed_and_exported_and_not_written(desk: EmbeddedDesk) -> None:
    ticket_id = desk.create()
    desk.stop()
    run_command("reply", ticket_id.id, "--body", "kept")
    with closing(sqlite3.connect(outbox_file())) as database:
        database.execute("PRAGMA user_version = 99")
    entry = listed_id("kept")
    assert json.loads(run_command("outbox", "export").out)["body"] == "kept"
    ended = run_command("outbox", "drop", entry)
    assert ended.code == 8
    assert "newer supporttui" in ended.err
