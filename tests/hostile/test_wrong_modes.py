"""Whatever of ours others could read or change is refused, with the command that mends it; that command does."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.canary import secret
from support.command_line import run_command
from support.desks.hostile_desk import ME, HostileDesk
from support.desks.scripted_server import serve_script
from supporttui.helpdesks.base import Unreachable
from supporttui.server.database import DatabaseUnusable, open_database
from supporttui.server.desk_paths import DeskPaths
from supporttui.server.launcher import ensure_running
from supporttui.server.serving import ServeOptions, serve

IS_ROOT = os.getuid() == 0
STRANGER = 12345
XDG = {"HOME": "."} | {
    f"XDG_{name}": name.partition("_")[0].lower()
    for name in ("CONFIG_HOME", "DATA_HOME", "CACHE_HOME", "STATE_HOME", "RUNTIME_DIR")
}
OURS = (
    ("config/supporttui", 0o777),
    ("config/supporttui/config.toml", 0o666),
    ("data/supporttui", 0o755),
    ("data/supporttui/desk-*", 0o750),
    ("data/supporttui/desk-*/outbox.db", 0o644),
    ("data/supporttui/desk-*/downloads", 0o755),
    ("data/supporttui/logins", 0o755),
    ("data/supporttui/logins/*.json", 0o640),
    ("cache/supporttui", 0o755),
    ("cache/supporttui/desk-*", 0o711),
    ("cache/supporttui/desk-*/cache.db", 0o644),
    ("state/supporttui", 0o755),
    ("state/supporttui/supporttui.log", 0o644),
    ("state/supporttui/supporttui.log.1", 0o644),
    ("runtime/supporttui", 0o755),
)
"""What a user has, below the home, and a mode that is too wide for it."""

OF_A_DESK = (
    (".", 0o755),
    ("desk", 0o755),
    ("desk.lock", 0o644),
    ("desk.log", 0o644),
    ("desk/card.json", 0o644),
    ("desk/desk.db", 0o644),
    ("desk/desk.db-wal", 0o640),
    ("desk/uploads", 0o755),
    ("desk/clients", 0o755),
)
"""The same of an embedded desk."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A home with everything in it, as the program makes it, and an older log beside the newest."""
    below = tmp_path_factory.mktemp("home")
    environment = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "below": str(below)}
    for name, folder in XDG.items():
        (below / folder).mkdir(mode=0o700, exist_ok=True)
        environment[name] = str(below / folder)
    with serve_script(HostileDesk(["plain", "text"] * 5)) as desk:
        config = below / "config" / "supporttui" / "config.toml"
        config.parent.mkdir(mode=0o700)
        config.write_text(f'[desk]\nurl = "{desk.url}"\nemail = "{ME}"\n')
        assert run_command("login", "--file", stdin=secret("modes") + "\n", environment=environment).code == 0
        (below / "state" / "supporttui" / "supporttui.log.1").touch(0o600)
        assert run_command("status", environment=environment).code == 0
        yield environment


def wrong(path: Path, mode: int, how: str) -> Callable[[], None]:
    """Spoil a path; what it was is given back by what is returned."""
    was = path.stat()
    if how == "mode":
        path.chmod(mode)
    else:
        os.chown(path, STRANGER, STRANGER)

    def give_back() -> None:
        os.chown(path, was.st_uid, was.st_gid)
        path.chmod(was.st_mode & 0o7777)

    return give_back


def mend(sentence: str, how: str) -> None:
    """Do what the sentence says; where it asks for another's rights, see only that it does."""
    command = re.search(r"run: (chmod \S+ \S+|sudo chown \S+ \S+)", sentence)
    assert command is not None, sentence
    if how == "mode":
        subprocess.run(["sh", "-c", command[1].rstrip(".")], check=True)


def ways() -> list[str]:
    return ["mode", *(["owner"] if IS_ROOT else [])]


@pytest.mark.parametrize("how", ways())
@pytest.mark.parametrize(("pattern", "mode"), OURS)
def test_what_others_could_read_of_a_user_is_refused(pattern: str, mode: int, how: str, home: dict[str, str]) -> None:
    (path,) = Path(home["below"]).glob(pattern)
    give_back = wrong(path, mode, how)
    try:
        ended = run_command("status", environment=home)
        assert ended.code in (3, 5), ended
        said = ended.err + ended.out
        assert f"{path}: " in said
        mend(said, how)
        if how == "mode":
            assert run_command("status", environment=home).code == 0
    finally:
        give_back()


@pytest.fixture
def place(tmp_path: Path) -> DeskPaths:
    """An embedded desk as it was left."""
    tmp_path.chmod(0o700)
    for folder in ("desk", "desk/uploads", "desk/clients"):
        (tmp_path / folder).mkdir(mode=0o700)
    for file in ("desk.lock", "desk.log", "desk/card.json", "desk/desk.db", "desk/desk.db-wal"):
        (tmp_path / file).touch(0o600)
    return DeskPaths(folder=tmp_path / "desk", socket=tmp_path / "desk.sock")


@pytest.mark.parametrize("how", ways())
@pytest.mark.parametrize(("name", "mode"), OF_A_DESK)
def test_what_others_could_read_of_a_desk_is_refused(
    name: str, mode: int, how: str, place: DeskPaths, tmp_path: Path
) -> None:
    give_back = wrong(tmp_path / name, mode, how)
    try:
        with pytest.raises(Unreachable) as caught:
            ensure_running(place)
        assert str(tmp_path / name) in str(caught.value)
        mend(str(caught.value), how)
    finally:
        give_back()


@pytest.mark.parametrize("name", ["desk.db", "desk.db-wal"])
def test_a_database_that_others_could_read_is_not_opened(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    (tmp_path / name).chmod(0o644)
    with pytest.raises(DatabaseUnusable, match="chmod 600") as caught:
        open_database(f"sqlite:///{tmp_path}/desk.db")
    mend(str(caught.value), "mode")
    open_database(f"sqlite:///{tmp_path}/desk.db").dispose()


def test_uploads_that_others_could_read_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads").chmod(0o755)
    with pytest.raises(Exception, match=f"run: chmod 700 {tmp_path}/uploads"):
        serve(ServeOptions(database=f"sqlite:///{tmp_path}/desk.db", uploads=tmp_path / "uploads"))
