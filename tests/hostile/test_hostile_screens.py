"""Hostile tickets on every screen, in a real pty: nothing that they hold reaches the terminal as a command."""

import re
import signal
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from support.canary import secret
from support.clock.waiting import wait_until
from support.command_line import PROGRAM
from support.desks.hostile_desk import ME, HostileDesk
from support.desks.scripted_server import serve_script
from support.faults.hostile_payloads import CORPUS, GENERATED, generated_payloads
from support.terminals.sent_sequences import clipboard_texts, unexpected_tokens
from support.terminals.terminal import Terminal

CHUNK = 1030
"""Payloads on one board: as many as five panes of a tall terminal show in one line each."""

ROWS, COLUMNS = 220, 250
TOKEN = secret("screens")
ESCAPE, SEND = "\x1b", "\x13"


pytestmark = pytest.mark.timeout(600)


def chunks() -> Iterator[list[str]]:
    """The corpus and its first companions, then the rest by boards."""
    more = generated_payloads(GENERATED)
    yield CORPUS + list(islice(more, CHUNK - len(CORPUS)))
    while chunk := list(islice(more, CHUNK)):
        yield chunk


class Seen:
    """A board on a hostile desk, and what a person would check of it."""

    def __init__(self, board: Terminal, desk: HostileDesk) -> None:
        self.board = board
        self.desk = desk
        self.clicks = 0

    def waits(self, condition: Callable[[str], object], within_s: float = 120.0) -> str:
        """The screen's text, once it is as it should be."""
        return wait_until(lambda: text if condition(text := self.board.text()) else "", within_s=within_s, every_s=0.25)

    def shows(self, *words: str) -> str:
        """The screen's text, once it has all the words."""
        return self.waits(lambda text: all(word in text for word in words))

    def types(self, keys: str, *words: str) -> str:
        """Press keys and wait for what they bring."""
        self.board.type(keys)
        return self.shows(*words)

    def closes(self, words: str) -> None:
        """Leave the dialogue that these words are of; the next key must not come together with escape."""
        self.board.type(ESCAPE)
        self.waits(lambda text: words not in text)

    def conversation(self) -> str:
        """What is between the header of a ticket and the keys below it."""
        return "\n".join(self.board.text().split("\n")[1:-1])

    def settles(self) -> None:
        """Wait until the board has drawn what it had to."""
        quiet = threading.Event()
        length = -1
        while length != len(self.board.received):
            length = len(self.board.received)
            quiet.wait(0.25)

    def click_on(self, words: str, most: int = 3) -> None:
        """Click in the middle of the first places where these words stand."""
        lines = enumerate(self.board.text().split("\n"), 1)
        places = [(match, row) for row, line in lines for match in re.finditer(re.escape(words), line)]
        for match, row in places[:most]:
            at = f"{(match.start() + match.end()) // 2 + 1};{row}"
            self.board.type(f"\x1b[<0;{at}M\x1b[<0;{at}m")
            self.clicks += 1

    def is_untouched(self) -> None:
        """Nothing foreign was sent until its end, and the emulator has no trace of anything either."""
        assert self.board.is_running
        self.settles()  # a signal leaves at once, in the middle of a sequence if there is one
        self.board.kill(signal.SIGTERM)
        self.board.wait_exit(within_s=30)
        self.board.wait_for(lambda: not self.board.is_reading)
        received, screen = bytes(self.board.received), self.board.screen
        assert unexpected_tokens(received) == []
        assert all(each.startswith(("#1 Q0 ", "http://", "https://")) for each in clipboard_texts(received))
        assert b"\x07" not in re.sub(rb"\x1b\](?:52;c;|22;)[^\x07]*\x07", b"", received)
        assert screen.title == "" or screen.title.startswith(";")  # it takes the pointer's shape, 22, for a title, 2
        assert screen.icon_name in ("", ";?")  # it takes the question for the background, 11, for an icon's name, 1
        assert (screen.margins, screen.charset) == (None, 0)


def window(
    url: str, home: Path, *arguments: str, rows: int = ROWS, columns: int = COLUMNS, frames: bool = True
) -> Terminal:
    """The program on this desk, which sends at once, with or without the frame writer."""
    settings = home / "config" / "supporttui" / "config.toml"
    settings.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.write_text(f"[sending]\nundo_seconds = 0\n[terminal]\nframes = {str(frames).lower()}\n")
    environment = {"SUPPORTTUI_URL": url, "SUPPORTTUI_EMAIL": ME, "SUPPORTTUI_TOKEN": TOKEN, "SSH_TTY": "/dev/pts/9"}
    return Terminal([*PROGRAM, *arguments], rows=rows, columns=columns, home=home, environment=environment)


def drawn(text: str, letter: str) -> set[int]:
    """The numbers of the payloads that are on the screen."""
    return {int(number) for number in re.findall(rf"\b{letter}(\d+)\b", text)}


def board_with_all(seen: Seen) -> None:
    """Every name of the corpus is on the board in two lines a ticket, and every subject in one."""
    wanted = set(range(len(seen.desk.payloads)))
    seen.waits(lambda text: drawn(text, "Q") >= {each for each in wanted if each < len(CORPUS)})
    seen.waits(lambda text: "loading" not in text)
    seen.board.type("1d2d3d4d5d1")
    seen.waits(lambda text: drawn(text, "Q") >= wanted, within_s=90)


def every_line_of_the_conversation(seen: Seen) -> None:
    """Page through all messages from the first on; each line and each file name was drawn at some time."""
    wait_until(lambda: "B0 " in seen.types("H\x1b[1~"), within_s=120, every_s=2)
    lines: set[int] = set()
    files: set[int] = set()
    wanted = set(range(len(seen.desk.payloads)))
    while not (lines >= wanted and files >= wanted):
        seen.settles()
        before = seen.conversation()
        lines |= drawn(before, "B")
        files |= drawn(before, "F")
        seen.click_on("[@click=")
        if not (lines >= wanted and files >= wanted):
            seen.board.type("\x1b[6~")
            if len({*before.split("\n")}) > 3:  # a page of a message of a thousand equal lines is like the next one
                seen.waits(lambda _text, before=before: seen.conversation() != before)  # type: ignore[misc] # this page


def every_dialogue(seen: Seen) -> None:
    """Each dialogue of the ticket once, and what is copied from it."""
    for keys, words in (("m", "Move #1"), ("S", "Severity of #1"), ("o", "Save a file"), ("L", "Copy a link")):
        seen.types(keys, words)
        seen.board.type("\x1b[4~")
        seen.closes(words)
    seen.types("y", "Sent the number")
    seen.types("L", "Copy a link")
    seen.types("\r", "Sent the address")
    seen.types("o", "Save a file")
    seen.types("\r", "Open it in the desk")
    assert clipboard_texts(bytes(seen.board.received))[0].startswith("#1 Q0 ")


def every_refusal(seen: Seen) -> None:
    """A reply that the desk refuses in its own words, in the ticket, in the outbox and in the editor for it."""
    seen.types("r", "Public reply")
    seen.types("On it.", "On it.")
    seen.board.type(SEND)
    seen.waits(lambda _text: seen.desk.refused)
    seen.board.type(ESCAPE)
    seen.waits(lambda text: drawn(text, "Q"))
    seen.settles()
    seen.types("O", "Unsent, and drafts", "efuse")
    seen.closes("Unsent, and drafts")
    seen.settles()
    seen.desk.is_down = True
    seen.board.type("R")
    seen.types("j", "failed (status 500)")
    seen.desk.is_down = False


@pytest.mark.parametrize("payloads", [*chunks()], ids=lambda chunk: f"{len(chunk)} payloads")
def test_no_row_of_the_board_lets_a_ticket_reach_the_terminal(payloads: list[str], tmp_path: Path) -> None:
    board_of(payloads, tmp_path)


@pytest.mark.parametrize("payloads", [*chunks()], ids=lambda chunk: f"{len(chunk)} payloads")
def test_no_ticket_reaches_the_terminal_from_its_own_screen(payloads: list[str], tmp_path: Path) -> None:
    ticket_of(payloads, tmp_path)


def test_without_the_frame_writer_the_board_lets_nothing_through_either(tmp_path: Path) -> None:
    board_of(CORPUS, tmp_path, frames=False)


def test_without_the_frame_writer_a_ticket_lets_nothing_through_either(tmp_path: Path) -> None:
    ticket_of(CORPUS[::3], tmp_path, frames=False)


def board_of(payloads: list[str], home: Path, *, frames: bool = True) -> None:
    """All payloads as rows, clicked on, with the dialogues over them."""
    desk = HostileDesk(payloads)
    with serve_script(desk) as server, window(server.url, home, frames=frames) as board:
        seen = Seen(board, desk)
        board_with_all(seen)
        seen.click_on("[@click=")
        assert seen.clicks > 0 or not any("[@click=" in each for each in payloads)
        for keys, words in (("t", "What to do first"), ("?", "Keys"), ("N", "New ticket")):
            seen.types(keys, words)
            seen.settles()
            seen.closes(words)
        seen.is_untouched()


def ticket_of(payloads: list[str], home: Path, *, frames: bool = True) -> None:
    """All payloads on one ticket, with everything that is asked there and refused."""
    desk = HostileDesk(payloads)
    with serve_script(desk) as server, window(server.url, home, rows=200, columns=104, frames=frames) as board:
        seen = Seen(board, desk)
        open_first(seen)
        seen.types("p", "dev ticket", "other open")
        seen.types("p", "internal note")
        every_line_of_the_conversation(seen)
        every_dialogue(seen)
        every_refusal(seen)
        seen.is_untouched()


def open_first(seen: Seen) -> None:
    """The ticket on which everybody writes."""
    seen.waits(lambda text: drawn(text, "Q"))
    seen.types("g", "Go to")
    seen.board.type("1\r")
    seen.waits(lambda text: "Go to" not in text)
    seen.types("\r", "internal note")


def test_the_wall_lets_nothing_through(tmp_path: Path) -> None:
    desk = HostileDesk(CORPUS)
    with serve_script(desk) as server, window(server.url, tmp_path, "wall") as board:
        seen = Seen(board, desk)
        seen.waits(lambda text: drawn(text, "Q"))
        seen.settles()
        seen.is_untouched()
