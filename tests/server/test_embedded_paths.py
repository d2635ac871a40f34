"""Where an embedded desk lies, and that nobody else can put theirs in its place."""

import os
import stat
from pathlib import Path

import pytest

from supporttui.config.desk import SOCKET_PATH_MAX_BYTES
from supporttui.server.desk_paths import (
    DeskAccess,
    DeskPaths,
    UnsafeFolder,
    choose_socket,
    load_desk_access,
    make_private,
    own_account,
    save_desk_access,
)


def test_the_socket_lies_in_the_runtime_folder_where_its_path_is_short_enough(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    assert choose_socket(folder, "desk") == folder / "desk.sock"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_long_runtime_folder_leads_to_the_same_short_path_each_time(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 30)
    socket = choose_socket(folder, "desk")
    assert len(os.fsencode(socket)) <= SOCKET_PATH_MAX_BYTES
    assert choose_socket(folder, "desk") == socket
    assert choose_socket(folder, "demo") != socket
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeFolder, match="is no folder of ours"):
        make_private(tmp_path / "run")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    os.chown(tmp_path / "run", 12345, 12345)
    with pytest.raises(UnsafeFolder, match="belongs to somebody else"):
        make_private(tmp_path / "run")


def test_a_folder_that_others_can_enter_is_refused_with_the_command_that_closes_it(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o755)
    with pytest.raises(UnsafeFolder, match=f"run: chmod 700 {tmp_path / 'run'}"):
        make_private(tmp_path / "run")


def place_in(folder: Path) -> DeskPaths:
    folder.chmod(0o700)
    (folder / "desk").mkdir(mode=0o700)
    return DeskPaths(folder=folder / "desk", socket=folder / "desk.sock")


def test_the_card_is_readable_by_its_owner_only_and_shows_no_token_in_its_repr(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    card = DeskAccess(socket="/run/desk.sock", email="me@localhost", token="secret-token", requester_ticket=1042)
    save_desk_access(place, card)
    save_desk_access(place, card)
    assert stat.S_IMODE(place.access_file.stat().st_mode) == 0o600
    assert load_desk_access(place) == card
    assert "secret-token" not in repr(card)


def test_a_desk_without_a_card_has_none_and_a_broken_card_is_named(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    assert load_desk_access(place) is None
    place.access_file.write_text("{")
    with pytest.raises(UnsafeFolder, match=r"card\.json"):
        load_desk_access(place)


def test_the_own_account_is_an_address_whatever_the_login_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "Ann Example\\CORP")
    email, name = own_account()
    assert email == "AnnExampleCORP@localhost"
    assert name


def test_the_lock_and_the_log_outlive_the_folder(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    assert place.folder not in place.lock.parents
    assert place.folder not in place.log.parents
