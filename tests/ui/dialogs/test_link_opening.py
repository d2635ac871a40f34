"""A link is handed to the user's browser as one plain argument, and only where there is a browser."""

from pathlib import Path

import pytest

from support.canary import secret
from support.clock.waiting import wait_until
from supporttui.domain.links import Link
from supporttui.ui.ticket.link_opening import link_program, open_link


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Writes down what it was given, and what it knows of us."""
    path = tmp_path / "xdg-open"
    path.write_text(f'#!/bin/sh\nprintf "%s|%s|%s" "$#" "$1" "$SUPPORTTUI_TOKEN" > {tmp_path}/new\n'
                    f"mv {tmp_path}/new {tmp_path}/told\n")  # fmt: skip
    path.chmod(0o700)
    return path


def test_a_link_is_one_argument_and_no_secret_goes_with_it(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORTTUI_TOKEN", secret("browser"))
    address = "https://a.example/;touch%20x?a=$(id)&b=`id`"
    assert open_link(Link(address), str(program))
    wait_until(lambda: (tmp_path / "told").exists())
    assert (tmp_path / "told").read_text() == f"1|{address}|"


def test_a_program_that_is_not_there_is_said() -> None:
    assert not open_link(Link("https://a.example"), "/nonexistent/xdg-open")


def test_over_ssh_and_without_a_desktop_nothing_is_opened(program: Path) -> None:
    here = {"PATH": str(program.parent)}
    assert link_program(here | {"DISPLAY": ":0"}) == str(program)
    assert link_program(here | {"WAYLAND_DISPLAY": "wayland-0"}) == str(program)
    assert link_program(here) is None
    assert link_program(here | {"DISPLAY": ":0", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}) is None
    assert link_program(here | {"DISPLAY": ":0", "SSH_TTY": "/dev/pts/3"}) is None
