"""The embedded desk's process: started when it is wanted, shared, and gone when nobody listens."""

import os
import signal
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.clock.waiting import wait_until
from support.command_line import processes_naming
from supporttui.helpdesks.base import Unreachable
from supporttui.server.desk_paths import DemoChoice, DeskPaths, choose_socket, load_desk_access
from supporttui.server.launcher import ensure_running, is_running


@pytest.fixture
def place(tmp_path: Path) -> Iterator[DeskPaths]:
    made = DeskPaths(folder=tmp_path / "data" / "desk", socket=choose_socket(tmp_path / "run", "desk"), idle_exit_s=0.5)
    yield made
    for pid in processes_naming(str(made.folder)):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not processes_naming(str(made.folder)), within_s=15)


def test_a_desk_is_started_once_and_found_again(place: DeskPaths) -> None:
    card = ensure_running(place)
    assert card.email.endswith("@localhost")
    assert ensure_running(place) == card
    assert len(processes_naming(str(place.folder))) == 1


def test_windows_that_start_at_the_same_moment_share_one_desk(place: DeskPaths) -> None:
    with ThreadPoolExecutor(4) as windows:
        cards = list(windows.map(lambda _: ensure_running(place, within_s=30), range(4)))
    assert len({card.token for card in cards}) == 1
    wait_until(lambda: len(processes_naming(str(place.folder))) == 1)


def test_after_a_kill_it_is_started_again_with_the_same_token(place: DeskPaths) -> None:
    card = ensure_running(place)
    (pid,) = processes_naming(str(place.folder))
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(place))
    assert ensure_running(place).token == card.token


def test_its_files_are_readable_by_their_owner_only(place: DeskPaths) -> None:
    ensure_running(place)
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in place.folder.parent.rglob("*")}
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    assert stat.S_IMODE(place.socket.lstat().st_mode) & 0o077 == 0


def test_secrets_of_the_starting_window_are_not_handed_on(place: DeskPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTTUI_TOKEN", "window-secret")
    ensure_running(place)
    (pid,) = processes_naming(str(place.folder))
    assert b"window-secret" not in Path(f"/proc/{pid}/environ").read_bytes()
    card = load_desk_access(place)
    assert card is not None
    assert card.token.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_it_leads_a_session_of_its_own_without_a_terminal(place: DeskPaths) -> None:
    ensure_running(place)
    (pid,) = processes_naming(str(place.folder))
    assert os.getsid(pid) == pid
    assert Path(f"/proc/{pid}/fd/0").readlink() == Path("/dev/null")


def test_a_desk_that_cannot_start_says_why_and_names_its_log(place: DeskPaths) -> None:
    for folder in (place.folder.parent, place.folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    place.database.mkdir()
    with pytest.raises(Unreachable, match="could not be started") as failed:
        ensure_running(place)
    assert "desk.db" in str(failed.value)
    assert str(place.log) in str(failed.value)
    assert "Traceback" not in str(failed.value)


def test_a_demonstration_is_removed_when_nobody_is_left(tmp_path: Path) -> None:
    place = DeskPaths(
        folder=tmp_path / "demo", socket=choose_socket(tmp_path / "run", "demo"), demo=DemoChoice(is_still=True)
    )
    card = ensure_running(place, fresh=True, within_s=30)
    assert len(card.tickets) == 80
    for pid in processes_naming(str(place.folder)):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not place.folder.exists(), within_s=15)


def test_a_demonstration_that_was_killed_goes_on_as_it_was(tmp_path: Path) -> None:
    place = DeskPaths(
        folder=tmp_path / "demo", socket=choose_socket(tmp_path / "run", "demo"), demo=DemoChoice(is_still=True)
    )
    card = ensure_running(place, fresh=True, within_s=30)
    for pid in processes_naming(str(place.folder)):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(place))
    assert ensure_running(place, within_s=30) == card
    for pid in processes_naming(str(place.folder)):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(place))
    assert ensure_running(place, fresh=True, within_s=30).run != card.run
    for pid in processes_naming(str(place.folder)):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not place.folder.exists(), within_s=15)
