"""Files that are none, too large, too deep or somebody else's: one sentence at once, whose remedy harms nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from supporttui.config import ConfigProblem, Folders, load_settings
from supporttui.config.folders import check_private, is_ours_to_change
from supporttui.config.tables import load_toml


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: os.mkfifo(path), "it is a named pipe"),
        (lambda path: path.mkdir(), "it is a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device"),
        (lambda path: path.write_text("#" * 2_000_000), "it has more than 1,000 kB"),
        (lambda path: path.write_text("a = " + "[" * 5000 + "]" * 5000), "nested more than"),
        (lambda path: path.write_text("a = " + "[" * 50 + "]" * 50), "nested more than"),
        (lambda path: path.write_text(".".join(["a"] * 5000) + " = 1"), "nested more than"),
        (lambda path: path.write_text("a = " + "{b = " * 300 + "1" + "}" * 300), "nested more than"),
    ],
)
def test_a_configuration_that_is_none_is_refused_at_once(
    make: Callable[[Path], object], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    make(path)
    with pytest.raises(ConfigProblem, match=says) as caught:
        load_settings(path, {})
    assert str(path) in str(caught.value)


def test_lines_are_counted_the_same_whatever_ends_them(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"[desk]\r\nurl = 'x'\r\n")
    assert load_toml(path)[1]["desk", "url"] == 2


@pytest.mark.parametrize("path", ["/", "/etc", "/etc/passwd", "/usr/share", "/var/lib", "/home/kim", "/proc/self/stat"])
def test_no_command_is_offered_for_what_is_not_ours(path: str) -> None:
    assert not is_ours_to_change(Path(path))


def test_a_home_is_never_to_be_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert is_ours_to_change(tmp_path / "home" / "supporttui")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert not is_ours_to_change(tmp_path / "home")


def test_the_mode_of_what_a_link_points_to_is_left_alone(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir()
    target.chmod(0o755)
    link.symlink_to(target)
    with pytest.raises(ConfigProblem, match=f"it is a link to {target}") as caught:
        check_private(link)
    assert "chmod" not in str(caught.value)


def test_etc_is_not_to_be_made_private() -> None:
    with pytest.raises(ConfigProblem, match="not supporttui's alone") as caught:
        check_private(Path("/etc"))
    assert not any(word in str(caught.value) for word in ("chmod", "chown"))


@pytest.mark.parametrize("home", ["", "relative", None])
def test_a_home_that_is_none_is_refused_before_anything_is_made(
    home: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unknown(user_id: int) -> object:
        raise KeyError(user_id)

    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    if home is None:
        monkeypatch.delenv("HOME")
        monkeypatch.setattr("pwd.getpwuid", unknown)
    else:
        monkeypatch.setenv("HOME", home)
    with pytest.raises(ConfigProblem, match="HOME: it names no folder"):
        Folders.of_user()
