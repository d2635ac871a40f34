"""Completing the path of a file to attach."""

from pathlib import Path

import pytest

from supporttui.presentation.ticket.file_paths import complete_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("console.log", "console-old.log", ".hidden", "zürich.txt"):
        (tmp_path / name).touch()
    (tmp_path / "shots").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("con", "console"),
        ("console.", "console.log"),
        ("sh", "shots/"),
        ("z", "zürich.txt"),
        (".h", ".hidden"),
        ("", ""),
        ("nothing", "nothing"),
        ("no/folder/x", "no/folder/x"),
        ("con\0", "con\0"),
    ],
)
def test_a_path_grows_by_what_all_its_continuations_share(folder: Path, typed: str, completed: str) -> None:
    assert complete_path(f"{folder}/{typed}") == f"{folder}/{completed}"


def test_the_home_folder_stays_as_it_was_typed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert complete_path("~/sh") == "~/shots/"
