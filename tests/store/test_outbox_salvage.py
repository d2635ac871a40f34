"""An outbox that is damaged, older or newer: nothing in it is given up."""

import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from support.sample_values import DESK, START, make_reply, ticket_key
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Draft, OperationState
from supporttui.store.outbox import Outbox
from supporttui.store.outbox_rows import SCHEMA_VERSION
from supporttui.store.outbox_salvage import damaged_copies

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


def fill(path: Path, count: int) -> list[str]:
    """Replies of a page each, and a draft; their texts."""
    bodies = [f"{number} " + "x" * PAGE for number in range(count)]
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        for number, body in enumerate(bodies):
            outbox.add(make_reply(number + 1, body))
        outbox.save_draft(Draft(id="d", updated_at=START, ticket_id=ticket_key(1), body="typed"))
    return bodies


def bodies_in(path: Path) -> list[str | None]:
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        return [each.patch.body for each in outbox.load_all()]


def overwrite(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(os.urandom(PAGE))


def test_every_page_in_turn_destroyed_loses_at_most_what_stood_on_it(path: Path, tmp_path: Path) -> None:
    bodies = fill(path, 8)
    sound = path.read_bytes()
    pages = len(sound) // PAGE
    recovered = []
    for page in range(1, pages + 1):
        folder = tmp_path / str(page)
        folder.mkdir()
        copy = folder / "outbox.db"
        copy.write_bytes(sound)
        overwrite(copy, page)
        damaged = copy.read_bytes()
        found = bodies_in(copy)
        recovered.append(sum(body in found for body in bodies))
        for kept in damaged_copies(copy):
            assert kept.read_bytes() == damaged
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    print(f"pages destroyed in turn: {pages}; recovered of 8: {recovered}")
    assert sorted(recovered)[1] >= 7  # the beginnings of all eight stand on one page


def test_a_file_without_its_first_page_is_nothing_to_sqlite_and_everything_is_still_found(path: Path) -> None:
    """Why pages are read: the module sqlite3 has no recovery, and a journal would keep every draft many times."""
    bodies = fill(path, 3)
    overwrite(path, 1)
    with contextlib.closing(sqlite3.connect(path)) as plain:
        for statement in ("PRAGMA integrity_check", "SELECT * FROM operation", "VACUUM"):
            with pytest.raises(sqlite3.DatabaseError, match="file is not a database"):
                plain.execute(statement).fetchall()
        with pytest.raises(sqlite3.DatabaseError, match="file is not a database"):
            list(plain.iterdump())
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        assert [each.patch.body for each in outbox.load_all()] == bodies
        assert [draft.body for draft in outbox.load_drafts()] == ["typed"]


def test_what_is_found_without_its_tree_is_for_a_person_to_decide(path: Path) -> None:
    fill(path, 3)
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        sent = make_reply(7, "sent")
        outbox.add(sent)
        outbox.change(sent.id, OperationState.IN_FLIGHT, at=START)
        outbox.change(sent.id, OperationState.SENT)
    overwrite(path, 1)
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        assert [each.state for each in outbox.load_all()] == [OperationState.UNKNOWN] * 3 + [OperationState.SENT]
        assert outbox.load_sendable() == []
        assert [draft.body for draft in outbox.load_drafts()] == ["typed"]


def test_a_window_that_has_the_damaged_file_open_goes_on_with_the_salvaged_one(path: Path) -> None:
    fill(path, 3)
    with contextlib.closing(Outbox(path, DESK)) as here, contextlib.closing(Outbox(path, DESK)) as there:
        before = there.changes()
        last = path.stat().st_size // PAGE
        for page in range(2, last + 1):
            overwrite(path, page)
        here.add(make_reply(9, "written on"))
        assert "written on" in [each.patch.body for each in there.load_all()]
        assert there.changes() != before
        there.add(make_reply(9, "and on"))
        assert [each.patch.body for each in here.load_all()][-2:] == ["written on", "and on"]
        assert len(damaged_copies(path)) == 1


def make_upload_table(database: sqlite3.Connection) -> None:
    """The table of uploads of the third version and those before, in the place of the steps."""
    database.execute("CREATE TABLE upload (operation_id TEXT, position INTEGER, token TEXT)")
    database.execute("INSERT INTO upload SELECT operation_id, position, detail FROM step WHERE kind = 'upload'")
    database.execute("DROP TABLE step")


@pytest.mark.parametrize("is_damaged", [False, True])
def test_the_uploads_of_the_third_version_become_steps(path: Path, is_damaged: bool) -> None:
    fill(path, 8)
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        operation_id = outbox.load_all()[0].id
        outbox.save_uploads(operation_id, ["one", "two"])
    with contextlib.closing(sqlite3.connect(path)) as database:
        make_upload_table(database)
        database.execute("PRAGMA user_version = 3")
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'draft'").fetchone()
        database.commit()
    if is_damaged:
        overwrite(path, page)
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        assert outbox.load_uploads(operation_id) == ("one", "two")
        assert len(outbox.load_all()) == 8
    assert bool(damaged_copies(path)) is is_damaged


def make_older(path: Path) -> None:
    """The layout of the first version."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        for column in ("last_attempt_at", "held_until", "came_from", "doubts", "tags"):
            database.execute(f"ALTER TABLE operation DROP COLUMN {column}")
        database.execute("DROP TABLE notice")
        make_upload_table(database)
        database.execute("PRAGMA user_version = 1")
        database.commit()


def test_the_layout_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    bodies = fill(path, 2)
    make_older(path)
    with contextlib.closing(Outbox(path, DESK)) as outbox:
        (first, second) = outbox.load_all()
        assert [first.patch.body, second.patch.body] == bodies
        outbox.change(first.id, OperationState.IN_FLIGHT, at=START)
        found = outbox.load(first.id)
        assert found is not None
        assert found.last_attempt_at == START


def test_a_migration_that_is_killed_leaves_a_whole_outbox(path: Path) -> None:
    bodies = fill(path, 2)
    statements = 0
    while True:
        make_older(path)
        code = (
            "import os, signal, sys\n"
            "import supporttui.store.outbox_file as file\n"
            "left = [int(sys.argv[2])]\n"
            "class Killing:\n"
            "    def __init__(self, database): self.database = database\n"
            "    def execute(self, *asked):\n"
            "        if left[0] == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
            "        left[0] -= 1\n"
            "        return self.database.execute(*asked)\n"
            "migrate = file.DurableFile._migrate\n"
            "file.DurableFile._migrate = lambda self, database, version: migrate(self, Killing(database), version)\n"
            "file.OutboxFile(file.Path(sys.argv[1]))\n"
        )
        done = subprocess.run([sys.executable, "-c", code, str(path), str(statements)], check=False)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        assert bodies_in(path) == bodies
        statements += 1
    print(f"killed before each of {statements} statements of the migration")
    assert statements >= 8
    assert damaged_copies(path) == []


def test_a_newer_layout_without_a_column_of_ours_is_still_read(path: Path) -> None:
    bodies = fill(path, 2)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE operation DROP COLUMN came_from")
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert bodies_in(path) == bodies
    assert damaged_copies(path) == []


def test_where_there_is_no_room_to_salvage_the_damaged_file_keeps_its_place(path: Path) -> None:
    fill(path, 2)
    overwrite(path, 1)
    damaged = path.read_bytes()
    path.with_name("outbox.db.salvage").mkdir()
    with pytest.raises(StoreProblem, match="cannot be salvaged"):
        Outbox(path, DESK)
    assert path.read_bytes() == damaged
