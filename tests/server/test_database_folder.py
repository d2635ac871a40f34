"""A database is not opened where somebody else could take it over, and the remedy does no harm."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from supporttui.config import ConfigProblem
from supporttui.config.folders import check_database
from supporttui.server.database import DatabaseUnusable, open_database
from supporttui.server.desk_paths import UnsafeFolder
from supporttui.server.serving import ServeOptions, serve


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    open_database(f"sqlite:///{folder}/desk.db").dispose()
    return folder / "desk.db"


def _refusal(database: Path) -> str:
    with pytest.raises(DatabaseUnusable) as refused:
        open_database(f"sqlite:///{database}")
    return str(refused.value)


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o720, 0o702])
def test_a_database_in_a_folder_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    database = _made(tmp_path / "desk")
    before = database.read_bytes()
    database.parent.chmod(mode)
    sentence = _refusal(database)
    assert f"{database.parent}: others on this machine can write" in sentence
    assert "mkdir -m 700 FOLDER" in sentence
    assert "chmod" not in sentence
    assert (database.read_bytes(), stat.S_IMODE(database.parent.stat().st_mode)) == (
        before,
        mode & 0o777 | mode & 0o1000,
    )


def test_a_database_below_a_folder_that_others_can_exchange_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    database = _made(tmp_path / "open" / "desk")
    (tmp_path / "open").chmod(0o777)
    assert f"{tmp_path / 'open'}: others on this machine can exchange" in _refusal(database)
    (tmp_path / "open").chmod(0o1777)
    open_database(f"sqlite:///{database}").dispose()


@pytest.mark.parametrize("suffix", ["", "-journal", "-wal", "-shm"])
@pytest.mark.parametrize("is_dangling", [True, False])
def test_a_link_in_the_place_of_one_of_the_files_is_refused(tmp_path: Path, suffix: str, is_dangling: bool) -> None:
    database = _made(tmp_path / "desk")
    planted, target = Path(f"{database}{suffix}"), tmp_path / "target"
    planted.unlink(missing_ok=True)
    if not is_dangling:
        target.write_bytes(b"mine")
        target.chmod(0o600)
    planted.symlink_to(target)
    sentence = _refusal(database)
    assert f"{planted}: this is a link" in sentence
    assert "chmod" not in sentence
    assert target.exists() is not is_dangling


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
def test_a_file_beside_it_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path, suffix: str) -> None:
    database = _made(tmp_path / "desk")
    planted = Path(f"{database}{suffix}")
    planted.write_bytes(b"planted")
    planted.chmod(0o644)
    assert f"run: chmod 600 {planted}" in _refusal(database)
    planted.unlink()
    os.mkfifo(planted, 0o600)
    assert f"{planted}: this is no file" in _refusal(database)


def test_what_belongs_to_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = _made(tmp_path / "desk")
    check_database(database)
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    with pytest.raises(ConfigProblem, match=r"can write to this folder|belongs to somebody else"):
        check_database(database)


def test_a_linked_folder_of_ones_own_is_followed(tmp_path: Path) -> None:
    _made(tmp_path / "desk")
    (tmp_path / "link").symlink_to(tmp_path / "desk")
    open_database(f"sqlite:///{tmp_path}/link/desk.db").dispose()
    (tmp_path / "desk").chmod(0o777)
    assert "can write" in _refusal(tmp_path / "link" / "desk.db")


@pytest.mark.parametrize(
    "url",
    ["sqlite:///file:/tmp/x?uri=true", "sqlite+aiosqlite:////tmp/x", "sqlite://host/x", "", "sqlite:////tmp/\0x"],
)
def test_an_address_that_is_more_than_a_file_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(DatabaseUnusable):
        open_database(url)


def test_a_socket_or_uploads_that_others_could_exchange_are_refused(tmp_path: Path) -> None:
    database = _made(tmp_path / "desk")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    safe = {"database": f"sqlite:///{database}", "uploads": tmp_path / "desk" / "uploads"}
    for unsafe in ({"uploads": tmp_path / "open" / "uploads", "port": 0}, {"uds": tmp_path / "open" / "s"}):
        with pytest.raises(UnsafeFolder, match="others on this machine can change it"):
            serve(ServeOptions(**(safe | unsafe)))  # type: ignore[arg-type] # options of several types


def test_a_journal_of_our_own_is_played_back(tmp_path: Path) -> None:
    """What a crash of this desk left is no planted file."""
    database = _made(tmp_path / "desk")
    with sqlite3.connect(database) as raw:
        raw.execute("CREATE TABLE more (x)")
    raw.close()
    journal = Path(f"{database}-journal")
    journal.touch(0o600)
    open_database(f"sqlite:///{database}").dispose()
