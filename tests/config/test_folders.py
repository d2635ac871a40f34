"""Where files lie, and that nobody else reads them."""

import stat
from pathlib import Path

import pytest

from supporttui.config import ConfigProblem, Folders


def test_folders_follow_the_environment() -> None:
    folders = Folders.of_user()

    assert folders.config_file.name == "config.toml"
    assert {folders.data.name, folders.cache.name, folders.runtime.name} == {"supporttui"}
    assert folders.data.parent.name == "xdg_data_home"
    assert not folders.data.exists()


def test_created_folders_are_private() -> None:
    folders = Folders.of_user()

    folders.create()

    for folder in (folders.data, folders.cache, folders.runtime):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_folder_that_others_could_read_is_refused_with_the_command_that_mends_it() -> None:
    folders = Folders.of_user()
    folders.data.mkdir(mode=0o700, parents=True)
    folders.data.chmod(0o755)
    with pytest.raises(ConfigProblem, match=rf"others on this machine can read it; run: chmod 700 {folders.data}$"):
        folders.create()


@pytest.mark.parametrize("runtime", ["", "/nonexistent/runtime", "relative"])
def test_without_a_runtime_folder_sockets_lie_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: str
) -> None:
    (tmp_path / "relative").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)

    folders = Folders.of_user()

    assert folders.runtime == folders.cache / "run"


def test_runtime_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr("os.getuid", lambda: tmp_path.stat().st_uid + 1)

    assert Folders.of_user().runtime == Folders.of_user().cache / "run"
