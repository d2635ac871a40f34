"""Odd databases, homes, users and zones: one clear sentence, and nothing that changes while it runs."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.command_line import PROGRAM, run_command, single_error_line
from support.terminals.terminal import Terminal

DESK = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": "none"}


@pytest.mark.parametrize(
    "database",
    [
        "", " ", "x", "://", "sqlite://", "sqlite:///:memory:", "sqlite+nothing:///x.db", "sqlite:///x.db?timeout=abc",
        "sqlite:////x.db?mode=ro&uri=true", "postgresql://h:abc/x", "mysql://u:secret@h/x", "sqlite://host/x.db",
        "nothing+else://x", "sqlite:////dev/null/x.db", "sqlite:////etc",
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [["serve"], ["desk", "tokens", "--email", "a@b.example"]])
def test_an_odd_database_is_refused_in_one_sentence(database: str, command: list[str]) -> None:
    ended = run_command(*command, "--database", database)
    assert ended.code in (3, 8), ended
    assert "unexpected" not in single_error_line(ended)
    assert "secret" not in ended.err


def test_hints_name_the_same_desk(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/a desk/desk.db"
    person = ["--email", "ann@acme.example", "--database", database]
    added = run_command("desk", "add-user", "--name", "Ann", "--role", "agent", *person)
    hint = f"`supporttui desk token --email ann@acme.example --database {shlex.quote(database)}`"
    assert hint in added.out
    assert hint in run_command("desk", "tokens", *person).out


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_a_home_it_says_so_and_makes_nothing(home: str, tmp_path: Path) -> None:
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [*PROGRAM, "status"], env=kept | {"HOME": home}, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, "HOME: it names no folder" in done.stderr) == (3, True), done
    assert [each.name for each in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize("mode", [0o555, 0o500])
def test_a_home_that_an_ordinary_user_cannot_write_is_one_sentence(mode: int, tmp_path: Path) -> None:
    home = tmp_path / "theirs"
    home.mkdir()
    home.chmod(mode)
    without_rights = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"] if os.getuid() == 0 else []
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [*without_rights, *PROGRAM, "status"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 8, done
    assert str(home) in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_zone_that_changes_while_it_runs_changes_no_time(tmp_path: Path) -> None:
    zone = tmp_path / "localtime"
    zone.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    with Terminal([*PROGRAM], environment=DESK | {"TZ": f":{zone}"}, columns=120) as terminal:
        terminal.wait_text("offline", within_s=60)
        header = terminal.text().splitlines()[0]
        assert "EST" in header or "EDT" in header
        zone.unlink()
        zone.symlink_to("/usr/share/zoneinfo/America/Los_Angeles")
        terminal.type("?")
        terminal.wait_text("type to find")
        terminal.type("\x1b")
        terminal.wait_for(lambda: "type to find" not in terminal.text())
        assert "EST" in terminal.text().splitlines()[0] or "EDT" in terminal.text().splitlines()[0]
        terminal.type("q")
        assert terminal.wait_exit() == 0


def test_the_log_is_in_utc_whatever_the_zone() -> None:
    assert run_command("status", environment=DESK | {"TZ": "Asia/Tokyo"}).code == 4
    log = Path(os.environ["XDG_STATE_HOME"]) / "supporttui" / "supporttui.log"
    if log.exists():
        assert all(line.split()[1].endswith("Z") for line in log.read_text().splitlines())


def test_after_leaving_with_a_change_that_is_not_sent_the_shell_is_told() -> None:
    assert run_command("reply", "1", "--body", "kept", environment=DESK).code == 4
    with Terminal([*PROGRAM], environment=DESK) as terminal:
        terminal.wait_text("offline", within_s=60)
        terminal.type("q")
        terminal.wait_text("q once more leaves")
        terminal.type("q")
        assert terminal.wait_exit() == 0
        told = b"supporttui: 1 change not sent yet: kept, and sent at the next start (`supporttui outbox list`)"
        terminal.wait_for(lambda: told in terminal.received.partition(b"\x1b[?1049l")[2])


def localtime_missing(etc: Path) -> None:
    assert not (etc / "localtime").exists()


def localtime_dangling(etc: Path) -> None:
    (etc / "localtime").symlink_to("/usr/share/zoneinfo/Nowhere/City")


def localtime_relative(etc: Path) -> None:
    (etc / "localtime").symlink_to("../usr/share/zoneinfo/Asia/Tokyo")


def localtime_loop(etc: Path) -> None:
    (etc / "localtime").symlink_to("localtime")


def localtime_folder(etc: Path) -> None:
    (etc / "localtime").mkdir()


def localtime_garbage(etc: Path) -> None:
    (etc / "localtime").write_bytes(b"TZif" + bytes(range(256)) * 400)


IN_ITS_OWN_ETC = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount --bind "$0" /etc && exec "$@"']


@pytest.mark.parametrize(
    "prepare",
    [
        localtime_missing, localtime_dangling, localtime_relative, localtime_loop, localtime_folder, localtime_garbage,
    ],
)  # fmt: skip
def test_whatever_the_machines_own_zone_is_the_desks_hours_are_the_same(
    prepare: Callable[[Path], None], tmp_path: Path
) -> None:
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "passwd").write_bytes(Path("/etc/passwd").read_bytes())
    prepare(etc)
    asked = [*PROGRAM, "due", "--severity", "1", "--created", "2026-06-08 10:00", "--at", "2026-06-08 12:00"]
    kept = {name: value for name, value in os.environ.items() if name != "TZ"}
    usual = subprocess.run(asked, env=kept, capture_output=True, text=True, check=True)
    odd = subprocess.run([*IN_ITS_OWN_ETC, str(etc), *asked], env=kept, capture_output=True, text=True, check=False)
    assert (odd.returncode, odd.stdout, odd.stderr) == (0, usual.stdout, usual.stderr)


AS_ROOT = [] if os.getuid() == 0 else ["sudo", "-n"]
ANOTHER = 65_534
"""The uid of nobody: another user of this machine."""

PLANT_OUR_FOLDER = """
import os, sys, tempfile
from pathlib import Path
from supporttui.server.desk_paths import UnsafeFolder, choose_socket
shared = Path(sys.argv[1])
tempfile.tempdir = str(shared)
if os.fork() == 0:
    os.setuid(int(sys.argv[2]))
    os.mkdir(shared / "supporttui-0", 0o777)
    os._exit(0)
os.wait()
try:
    print(choose_socket(Path("/run") / ("x" * 200), "desk"))
except UnsafeFolder as problem:
    print(problem)
"""
READ_ANOTHERS_FILES = """
import os, sys
from pathlib import Path
from supporttui.config import ConfigProblem
from supporttui.store.database import StoreProblem, prepare_store_files
home = Path(sys.argv[1])
print(prepare_store_files(home / "data", home / "cache", "desk", "desk").outbox)
os.chmod(home, 0o755)
os.setuid(int(sys.argv[2]))
try:
    prepare_store_files(home / "data", home / "cache", "desk", "desk")
    print("taken")
except (ConfigProblem, StoreProblem) as problem:
    print(type(problem).__name__, problem)
"""


def as_another_user(program: str, folder: Path) -> str:
    command = [*AS_ROOT, sys.executable, "-c", program, str(folder), str(ANOTHER)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder in which every user of the machine may make something."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o1777)
    yield folder
    subprocess.run([*AS_ROOT, "rm", "-r", str(folder)], check=True)


def test_a_folder_that_another_user_made_under_our_name_is_not_used(shared: Path) -> None:
    said = as_another_user(PLANT_OUR_FOLDER, shared)
    assert f"{shared}/supporttui-0" in said
    assert "belong" in said
    assert ".sock" not in said


def test_what_one_user_keeps_another_one_cannot_open(shared: Path) -> None:
    first, said = as_another_user(READ_ANOTHERS_FILES, shared / "home").splitlines()
    assert first.endswith("outbox.db")
    assert "taken" not in said
    assert str(shared / "home") in said
