"""A picture of hostile tickets is a picture: private, well formed, and nothing in it acts or fetches."""

import stat
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

from support.canary import secret
from support.command_line import PROGRAM
from support.desks.hostile_desk import ME, HostileDesk
from support.desks.scripted_server import serve_script
from support.faults.hostile_payloads import CORPUS
from support.terminals.sent_sequences import unexpected_tokens
from support.terminals.terminal import Terminal
from supporttui.ui.screenshot import save_screenshot

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def saved_by_the_palette(home: Path) -> tuple[Path, bytes]:
    """The file, and what the terminal was sent."""
    with serve_script(HostileDesk(CORPUS)) as server:
        settings = {"SUPPORTTUI_URL": server.url, "SUPPORTTUI_EMAIL": ME, "SUPPORTTUI_TOKEN": secret("picture")}
        with Terminal([*PROGRAM], rows=60, columns=160, home=home, environment=settings) as board:
            board.wait_text("Q0", within_s=60)
            board.type("\x10")
            board.wait_text("type to find")
            board.type("picture")
            board.wait_for(lambda: "SVG picture" in board.text() and "Ticket above" not in board.text())
            board.type("\r")
            board.wait_text("Saved the screen as")
            board.type("q")
            board.wait_exit()
            board.wait_for(lambda: not board.is_reading)
            (picture,) = home.rglob("*.svg")
            return picture, bytes(board.received)


def test_a_picture_of_hostile_tickets_holds_nothing_but_a_picture(tmp_path: Path) -> None:
    picture, received = saved_by_the_palette(tmp_path)
    assert unexpected_tokens(received) == []
    assert picture.parent.name == "downloads"
    assert (stat.S_IMODE(picture.stat().st_mode), stat.S_IMODE(picture.parent.stat().st_mode)) == (0o600, 0o700)
    text = picture.read_text(encoding="utf-8")
    assert unexpected_tokens(text.replace("\n", "").encode()) == []
    elements = [*ET.fromstring(text).iter()]
    assert any("Q0" in (each.text or "") for each in elements)
    tags = {each.tag.rpartition("}")[2] for each in elements}
    assert tags <= {"svg", "style", "defs", "clipPath", "rect", "g", "text", "circle"}
    values = [value for each in elements for value in (each.text or "", *each.attrib.values()) if "url(" in value]
    assert all(value.startswith("url(#") for value in values), values
    assert not [name for each in elements for name in each.attrib if name.lower().startswith(("on", "href", "{"))]


def test_a_picture_is_never_saved_over_a_file_and_says_why_not(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    said = save_screenshot("<svg/>", folder, NOW)
    (picture,) = folder.iterdir()
    assert said == f"Saved the screen as {picture}"
    assert "cannot be written" in save_screenshot("<svg>other</svg>", folder, NOW)
    assert picture.read_text() == "<svg/>"
    folder.chmod(0o755)
    assert f"run: chmod 700 {folder}" in save_screenshot("<svg/>", folder, NOW)
