"""An outbox of layout 4, whose ticket ids were integers: everything in it is taken over with its id as text."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from support.sample_values import DESK, START, at, make_reply, ticket_key
from supporttui.store.operations import Draft, Operation, OperationState
from supporttui.store.outbox import Outbox
from supporttui.store.outbox_rows import MIGRATIONS, SCHEMA, SCHEMA_VERSION

PAGE = 4096
FORMER_SCHEMA = tuple(
    statement.replace("ticket_id TEXT", "ticket_id INTEGER") if "CREATE TABLE" in statement else statement
    for statement in SCHEMA
)
REPLIES = [
    make_reply(7, "first", id="a" * 32),
    make_reply(1042, "second " + "x" * PAGE, id="b" * 32, held_until=at(3), state=OperationState.HELD),
    make_reply(7, "third", id="c" * 32, tags=("vip",), based_on="v1", audit_mark=5),
]
DRAFTS = [
    Draft(id="of a ticket", updated_at=at(1), ticket_id=ticket_key(7), body="typed"),
    Draft(id="of a new one", updated_at=START, ticket_id=None, body="asked", fields=(("subject", "s"),)),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An outbox of layout 4; the last number that was given in it is of a row that is gone."""
    former = tmp_path / "outbox.db"
    current = tmp_path / "current.db"
    with contextlib.closing(Outbox(current, DESK)) as outbox:
        for reply in REPLIES:
            outbox.add(reply)
        for draft in DRAFTS:
            outbox.save_draft(draft)
        outbox.change("a" * 32, OperationState.IN_FLIGHT, at=START)
        outbox.change("a" * 32, OperationState.SENT, result_ticket_id=ticket_key(9001))
    with contextlib.closing(sqlite3.connect(former, isolation_level=None)) as database:
        for statement in FORMER_SCHEMA:
            database.execute(statement)
        database.execute("ATTACH ? AS current", (str(current),))
        for table in ("operation", "draft"):
            database.execute(f"INSERT INTO {table} SELECT * FROM current.{table}")
        assert database.execute("SELECT DISTINCT typeof(ticket_id) FROM operation").fetchall() == [("integer",)]
        database.execute("UPDATE sqlite_sequence SET seq = 40 WHERE name = 'operation'")
        database.execute("PRAGMA user_version = 4")
    return former


def kept(path: Path) -> tuple[list[Operation], list[Draft]]:
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        return outbox.load_all(), outbox.load_drafts()


def test_every_operation_and_draft_is_kept(path: Path) -> None:
    operations, drafts = kept(path)
    assert [(each.id, each.ticket_id, each.patch) for each in operations] == [
        (each.id, each.ticket_id, each.patch) for each in REPLIES
    ]
    assert operations[1:] == REPLIES[1:]
    assert operations[0].result_ticket_id == ticket_key(9001)
    assert drafts == DRAFTS


def test_numbers_go_on_behind_the_last_one_that_was_ever_given(path: Path) -> None:
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        outbox.add(make_reply("SUP-12", "fourth"))
        assert outbox.load_all()[-1].ticket_id == ticket_key("SUP-12")
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT max(seq) FROM operation").fetchone() == (41,)
        assert {row[0] for row in database.execute("SELECT typeof(ticket_id) FROM operation")} == {"text"}
        assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} == {
            *("operation", "step", "draft", "notice", "sqlite_sequence")
        }


@pytest.mark.parametrize("done", range(len(MIGRATIONS[4]) + 1))
def test_a_process_that_is_killed_half_way_leaves_a_whole_outbox(path: Path, done: int) -> None:
    program = (
        "import os, sqlite3, sys\n"
        "from supporttui.store.outbox_rows import MIGRATIONS\n"
        "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "database.execute('PRAGMA cache_size = 1')\n"
        "database.execute('BEGIN IMMEDIATE')\n"
        f"for statement in MIGRATIONS[4][:{done}]:\n"
        "    database.execute(statement)\n"
        "os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 9
    operations, drafts = kept(path)
    assert [each.id for each in operations] == [each.id for each in REPLIES]
    assert drafts == DRAFTS


def test_a_damaged_one_is_salvaged_from_its_pages(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(PAGE))
    operations, drafts = kept(path)
    assert [(each.id, each.ticket_id) for each in operations] == [(each.id, each.ticket_id) for each in REPLIES]
    assert [(each.id, each.ticket_id) for each in drafts] == [(each.id, each.ticket_id) for each in DRAFTS]
