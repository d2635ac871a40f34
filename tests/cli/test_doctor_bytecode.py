"""`doctor` says whether a start finds the program compiled, and whether SQLite can do what the cache needs."""

import compileall
import sqlite3
import sys
from pathlib import Path

import pytest

from supporttui.cli import doctor
from supporttui.cli.doctor import bytecode
from supporttui.store import cache_file


def package_in(folder: Path) -> Path:
    package = folder / "package"
    (package / "ui").mkdir(parents=True)
    (package / "ui" / "app.py").write_text("NAME = 1\n")
    return package


def test_compiled_program_is_found(tmp_path: Path) -> None:
    package = package_in(tmp_path)
    assert compileall.compile_dir(package, quiet=2)
    assert bytecode(package) == "compiled"


def test_program_that_can_be_compiled_is_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert bytecode(package_in(tmp_path)).startswith("not yet compiled")


def test_python_that_keeps_no_bytecode_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert "unset PYTHONDONTWRITEBYTECODE" in bytecode(package_in(tmp_path))


def test_folder_that_cannot_be_written_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = package_in(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr("os.access", lambda _path, _mode: False)  # the tests may run as root, who may write anywhere
    assert "is not yours to write" in bytecode(package)


def test_full_text_search_is_found() -> None:
    assert doctor.sqlite() == f"{sqlite3.sqlite_version}; full-text search is there"


def test_sqlite_without_full_text_search_has_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    class WithoutModules(sqlite3.Connection):
        def execute(self, *_arguments: object) -> sqlite3.Cursor:
            raise sqlite3.OperationalError("no such module: fts5")

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path: connect(path, factory=WithoutModules))
    assert cache_file.FTS5_MISSING in doctor.sqlite()
    assert "Use a Python" in doctor.sqlite()
