"""A day of a Support Contact and an agent on one served desk, each in a terminal of their own on one machine."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support.command_line import PROGRAM, run_command
from support.desks.embedded_desk import AGENT, CUSTOMER, EmbeddedDesk, serve_embedded_desk
from support.terminals.terminal import Terminal, terminal_environment

NOTE = "between-us-they-broke-it-themselves"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
SEND, ATTACH = "\x13", "\x07"


class Day(NamedTuple):
    """The desk, the two windows, and the environment of each."""

    desk: EmbeddedDesk
    customer: Terminal
    agent: Terminal
    environments: dict[str, dict[str, str]]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with serve_embedded_desk(tmp_path / "d") as desk:
        accounts = {CUSTOMER: desk.customer_token, AGENT: desk.token}
        environments = {
            email: terminal_environment(
                tmp_path / "home",
                {"SUPPORTTUI_URL": desk.url, "SUPPORTTUI_EMAIL": email, "SUPPORTTUI_TOKEN": token},
            )
            for email, token in accounts.items()
        }
        settings = tmp_path / "home" / "config" / "supporttui"
        settings.mkdir(mode=0o700)
        (settings / "config.toml").write_text("[sending]\nundo_seconds = 0\n")
        with (
            Terminal([*PROGRAM, "mine"], environment=environments[CUSTOMER], rows=36, columns=120) as customer,
            Terminal([*PROGRAM], environment=environments[AGENT], rows=36, columns=120) as agent,
        ):
            yield Day(desk, customer, agent, environments)


def first_line(window: Terminal) -> str:
    return window.text().partition("\n")[0]


def stored_bytes(day: Day, email: str, *command: str) -> bytes:
    """All that is on disk of one account's files, as `status` names them."""
    told = run_command(*command, "status", environment=day.environments[email])
    assert told.code == 0, told.err
    words = told.out.split()
    folders = {Path(word).parent for word in words if word.endswith((".db", "/downloads"))}
    stores = {folder for folder in folders if folder.name.startswith("desk-")}
    assert len(stores) == 2, told.out
    return b"".join(path.read_bytes() for store in stores for path in store.rglob("*") if path.is_file())


def write(window: Terminal, text: str, *, key: str = "r", file: Path | None = None) -> None:
    """Write on the ticket that is open, and send it."""
    window.type(key)
    window.wait_text("^s send")
    window.type(text)
    window.wait_text(text)
    if file is not None:
        window.type(ATTACH)
        window.wait_text("path of a file to attach")
        window.type(f"{file}\r")
        window.wait_text(f"▤ {file.name}")
    window.type(SEND)
    window.wait_for(lambda: "^s send" not in window.text())


def open_ticket(window: Terminal, ticket: str) -> None:
    """Open the ticket from the board by its number."""
    window.wait_text("/ filter")
    window.type("g")
    window.wait_text("Go to ticket")
    window.type(f"{ticket}\r")
    window.wait_for(lambda: "Go to ticket" not in window.text())
    window.type("\r")
    window.wait_for(lambda: f"#{ticket}" in first_line(window))


def move(window: Terminal, key: str, title: str) -> None:
    window.type("m")
    window.wait_text("leave it where it is")
    window.type(key)
    window.wait_for(lambda: title in first_line(window))


def test_requester_and_agent_each_see_what_they_should_and_nothing_else(
    day: Day, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    customer, agent = day.customer, day.agent
    screenshot = tmp_path / "white-page.png"
    screenshot.write_bytes(PICTURE)
    customer.wait_text("Nothing waits for you.", within_s=30)
    agent.wait_text("● live", within_s=30)

    customer.type("N")
    customer.wait_text("Steps to reproduce")
    assert "Requester" not in customer.text()
    customer.type("Board stays white\r")
    customer.type("1\r")
    customer.type("Since ten it loads nothing.")
    customer.wait_text("Since ten it loads nothing.")
    customer.type(SEND)
    agent.wait_text("Board stays white")
    customer.wait_text("3 Submitted 1")

    open_ticket(agent, "1")
    write(agent, NOTE, key="i")
    open_ticket(agent, "1")
    write(agent, "Which browser is it?")
    open_ticket(agent, "1")
    move(agent, "w", "Awaiting your reply")
    customer.wait_text("1 Waiting for you 1")

    open_ticket(customer, "1")
    customer.wait_text("Which browser is it?")
    customer.type("i")
    write(customer, "Firefox, see the picture.", file=screenshot)
    agent.wait_text("Firefox, see the picture.")
    agent.wait_text("white-page.png")
    agent.wait_for(lambda: "Open" in first_line(agent))

    move(agent, "h", "On-Hold")
    customer.wait_text("4 On hold 1")
    open_ticket(customer, "1")
    customer.type("m")
    customer.wait_text("leave it where it is")
    assert "On hold" not in customer.text().partition("Move #1")[2]
    customer.type("c")
    customer.wait_for(lambda: "Closed" in first_line(customer))
    agent.wait_for(lambda: "Closed" in first_line(agent))
    write(customer, "It is white again.")
    agent.wait_text("It is white again.")
    agent.wait_for(lambda: "Open" in first_line(agent))
    customer.wait_text("2 With support 1")

    assert day.desk.bodies(day.desk.newest()) == [
        *("Since ten it loads nothing.", NOTE, "Which browser is it?"),
        *("Firefox, see the picture.", "It is white again."),
    ]
    theirs, ours = stored_bytes(day, CUSTOMER, "--mine"), stored_bytes(day, AGENT)
    assert b"Which browser is it?" in theirs
    for hidden in (NOTE, AGENT):
        assert hidden.encode() in ours
        assert hidden.encode() not in theirs
        assert hidden.encode() not in customer.received
    assert NOTE.encode() in agent.received
    figures(f"submitted to reopened in two terminals; {len(theirs):,} bytes kept of it on the requester's side")
