"""Odd databases, homes, users and zones: one clear sentence, and nothing that changes while it runs."""

import os
import shlex
import subprocess
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
        terminal.wait_text("take back")
        terminal.type("\x1b")
        terminal.wait_for(lambda: "take back" not in terminal.text())
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
