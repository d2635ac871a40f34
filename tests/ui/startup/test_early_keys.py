"""Before Textual is there, keys move the cursor of the first picture; every other key reaches the app in its order."""

import asyncio
import os
import sys
import termios
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from support.app_driver import settle
from support.board_samples import LocalCopy, sample_ticket
from support.command_line import PROGRAM
from support.terminals.terminal import Terminal
from supporttui.config.desk import desk_name
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.pane_layout import CellSize
from supporttui.presentation.terminal_options import LOCAL_TERMINAL
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files
from supporttui.ui.app import SupportApp
from supporttui.ui.panes.status_pane import StatusPane
from supporttui.ui.startup.board_styles import load_board_styles
from supporttui.ui.startup.early_keys import CURSOR_KEYS, EarlyKeys, cursor_steps
from supporttui.ui.startup.early_screen import EarlyScreen
from supporttui.ui.startup.first_picture import FirstPicture, LoadedBoard, draw_first_picture
from supporttui.ui.terminal.cells import CellRow
from supporttui.ui.terminal.frame_encoder import ScreenCells

HOUR = timedelta(hours=1)
SIZE = (120, 36)


class PipedScreen:
    """A screen whose keys come out of a pipe; it keeps what it was to show."""

    def __init__(self) -> None:
        self.input_fd, self.typing_fd = os.pipe()
        self.shown: list[Sequence[CellRow]] = []
        self.fits = True

    def show(self, rows: Sequence[CellRow]) -> bool:
        self.shown.append(rows)
        return self.fits


def board_of(folder: Path, count: int) -> LocalCopy:
    return LocalCopy(folder / "desk", [sample_ticket(n, f"Ticket {n}", ago=n * HOUR) for n in range(1, count + 1)])


def picture_of(desk: LocalCopy) -> FirstPicture:
    styles = load_board_styles(LOCAL_TERMINAL, {"COLORTERM": "truecolor"})
    assert styles is not None
    picture = draw_first_picture(LoadedBoard(desk.app_context()).model, styles, CellSize(*SIZE), styles.key_hints({}))
    assert picture is not None
    return picture


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> FirstPicture:
    """More tickets than there is room for."""
    found = picture_of(board_of(tmp_path_factory.mktemp("board"), 60))
    assert found.focused.lines.foot.below > 0
    return found


@pytest.fixture
def screen() -> Iterator[PipedScreen]:
    piped = PipedScreen()
    yield piped
    os.close(piped.input_fd)
    os.close(piped.typing_fd)


def after(
    screen: PipedScreen, picture: FirstPicture, pieces: Sequence[bytes], keymap: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """On which row in view the cursor stands after these pieces were typed, and what is left for the app."""
    keys = EarlyKeys(screen, picture, keymap or {})
    for piece in pieces:
        os.write(screen.typing_fd, piece)
        assert keys._read(screen.input_fd)
    keys.start()
    left = keys.stop()
    assert keys.cursor_id is not None
    return picture.focused.ids.index(keys.cursor_id), left


@pytest.mark.parametrize(
    ("typed", "row", "left"),
    [
        (b"jj", 2, ""),
        (b"\x1b[B\x1bOBk", 1, ""),
        (b"kkj", 1, ""),
        (b"jjrj", 2, "rj"),
        (b"\rj", 0, "\rj"),
        ("jéj".encode(), 1, "éj"),
        (b"j\x1b[5~j", 1, "\x1b[5~j"),
        (b"j\x1bj", 1, "\x1bj"),
    ],
)
def test_moves_are_acted_on_up_to_the_first_other_key(
    screen: PipedScreen, picture: FirstPicture, typed: bytes, row: int, left: str
) -> None:
    assert after(screen, picture, [typed]) == (row, left)


@given(typed=st.lists(st.sampled_from([b"j", b"k", b"\x1b[B", b"\x1b[A", b"r", b"\x1b[6~", "é".encode()]), min_size=1))
@settings(max_examples=60, deadline=None)
def test_it_does_not_matter_how_the_keys_are_cut_into_pieces(picture: FirstPicture, typed: list[bytes]) -> None:
    whole = b"".join(typed)
    results = []
    for pieces in ([whole], [whole[n : n + 1] for n in range(len(whole))]):
        piped = PipedScreen()
        results.append(after(piped, picture, pieces))
        os.close(piped.input_fd)
        os.close(piped.typing_fd)
    assert results[0] == results[1]


def test_the_rest_of_a_key_that_has_begun_is_waited_for(screen: PipedScreen, picture: FirstPicture) -> None:
    keys = EarlyKeys(screen, picture, {})
    os.write(screen.typing_fd, b"\x1b")
    assert keys._read(screen.input_fd)
    os.write(screen.typing_fd, b"[B")
    keys.start()
    assert (keys.stop(), keys.cursor_id) == ("", picture.focused.ids[1])


def test_a_row_that_is_not_in_view_is_left_to_the_app(screen: PipedScreen, picture: FirstPicture) -> None:
    last = len(picture.focused.ids) - 1
    assert after(screen, picture, [b"j" * (last + 2) + b"k"]) == (last, "jjk")


def test_the_last_row_of_all_is_the_end(tmp_path: Path, screen: PipedScreen) -> None:
    assert after(screen, picture_of(board_of(tmp_path, 3)), [b"jjjjjk"]) == (1, "")


def test_in_a_terminal_of_another_size_nothing_moves_any_more(screen: PipedScreen, picture: FirstPicture) -> None:
    screen.fits = False
    assert after(screen, picture, [b"j", b"j"]) == (1, "j")


def test_nothing_reads_the_terminal_any_more_once_it_is_given_back(
    picture: FirstPicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard, terminal = os.openpty()
    with os.fdopen(terminal, "r+b", buffering=0) as opened:
        monkeypatch.setattr(sys, "__stdin__", opened)
        monkeypatch.setattr(sys, "__stderr__", opened)
        early = EarlyScreen(picture.rows, has_bce=True)
        early.modes = termios.tcgetattr(opened)
        early.keys = EarlyKeys(early, picture, {})
        early.keys.start()
        early.give_back()
        assert not early.keys._thread.is_alive()
        assert early.stop_reading() == ""
    os.close(keyboard)


@pytest.mark.parametrize(
    ("keymap", "typed", "row", "left"),
    [
        ({"board-cursor-down": "n"}, b"nj", 1, "j"),
        ({"board-reply": "j"}, b"j", 0, "j"),
        ({"board-reply": "j"}, b"\x1b[B", 1, ""),
        ({"board-cursor-down": "ctrl+n"}, b"\x0e", 0, "\x0e"),
    ],
)
def test_the_keys_are_the_users_own(
    screen: PipedScreen, picture: FirstPicture, keymap: dict[str, str], typed: bytes, row: int, left: str
) -> None:
    assert after(screen, picture, [typed], keymap) == (row, left)


def test_the_usual_keys_are_those_of_the_panes() -> None:
    bound = {each.id: (each.key, each.action) for each in StatusPane.BINDINGS if not isinstance(each, tuple)}
    assert [(name, *bound[name]) for name, _, _ in CURSOR_KEYS] == [
        (name, keys, f"cursor({rows})") for name, keys, rows in CURSOR_KEYS
    ]
    assert {*cursor_steps({})} == {b"\x1b[A", b"\x1bOA", b"k", b"\x1b[B", b"\x1bOB", b"j"}


def test_the_picture_with_the_cursor_moved_is_what_the_screen_shows(tmp_path: Path) -> None:
    desk = board_of(tmp_path, 60)

    async def shown_after_two_keys() -> list[CellRow]:
        app = SupportApp(desk.app_context())
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await pilot.press("j", "j")
            await settle(pilot)
            cells = ScreenCells(*SIZE, app.console)
            cells.put_layout(app.screen._compositor.render_full_update())
            return cells.rows

    def texts(rows: Sequence[CellRow]) -> list[str]:
        return ["".join(text for text, _ in row) for row in rows]

    assert texts(picture_of(desk).with_cursor(2)) == texts(asyncio.run(shown_after_two_keys()))


DESK = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": "none"}


def test_the_screen_takes_over_with_the_cursor_where_it_was_put_and_the_rest_is_acted_on(tmp_path: Path) -> None:
    account = f"{DESK['SUPPORTTUI_URL']} {DESK['SUPPORTTUI_EMAIL']}"
    folders = tmp_path / "data" / "supporttui", tmp_path / "cache" / "supporttui"
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True)
    files = prepare_store_files(*folders, account, desk_name(DESK["SUPPORTTUI_URL"]))
    with Cache(files.cache, files.desk) as cache:
        tickets = [sample_ticket(n, f"The {n}. ticket", ago=(9 - n) * HOUR) for n in range(1, 6)]
        cache.apply([replace(each, id=TicketId(files.desk, each.id.id)) for each in tickets], ())
    with Terminal([*PROGRAM], home=tmp_path, environment=DESK, rows=50, columns=200) as terminal:
        terminal.wait_text("The 5. ticket", within_s=60)
        terminal.type("jj")
        terminal.wait_for(lambda: any("▌" in line and "The 3. ticket" in line for line in terminal.text().splitlines()))
        terminal.type("j\r")
        terminal.wait_text("esc back", within_s=60)
        assert "The 4. ticket" in terminal.text()
