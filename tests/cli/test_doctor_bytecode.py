"""`doctor` says whether a start finds the program compiled."""

import compileall
import sys
from pathlib import Path

import pytest

from supporttui.cli.doctor import bytecode


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
