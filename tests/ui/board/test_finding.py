"""Filter, views, groups, order and density, as a user drives and reads them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from support.app_driver import screen_lines, screen_text, settle
from support.board_samples import LocalCopy, sample_ticket
from support.open_board import on_board
from support.sample_values import ticket_key
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.messages import TicketsChanged
from supporttui.ui.panes.status_pane import StatusPane

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def some_tickets() -> list[object]:
    return [
        sample_ticket(1042, "Board won't load", severity=1, ago=3 * HOUR),
        sample_ticket(1047, "Sync stops at night", severity=2, ago=2 * HOUR, assignee=1),
        sample_ticket(1053, "Printer on fire", severity=3, ago=HOUR, assignee=2),
        sample_ticket(1038, "Cannot sign in", Status.OPEN, severity=1, ago=5 * HOUR, assignee=1),
        sample_ticket(1017, "Sync stops after login", Status.OPEN, severity=2, ago=HOUR, assignee=2),
        sample_ticket(995, "Rotate the key", Status.AWAITING_REPLY, ago=48 * HOUR, answered_after=HOUR, assignee=1),
    ]


@pytest.fixture
def desk(tmp_path: Path) -> LocalCopy:
    return LocalCopy(tmp_path / "desk", some_tickets())  # type: ignore[arg-type]  # tickets


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    for _ in range(1_000):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"did not happen; the screen says:\n{screen_text(pilot.app)}")


async def sees(app: SupportApp, pilot: Pilot[None], *words: str) -> None:
    await until(pilot, lambda: all(word in screen_text(app) for word in words))


def under_cursor(app: SupportApp) -> tuple[Status, TicketId | None]:
    pane = app.screen.focused
    assert isinstance(pane, StatusPane)
    return pane.status, pane.view.cursor_id


def keys_of(text: str) -> list[str]:
    return ["space" if each == " " else each for each in text]


def test_the_board_follows_a_filter_as_it_is_typed(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *keys_of("sync stops"))
        await sees(app, pilot, "2 of 6", "▽ sync stops · 2 of 6", "/ sync stops")
        assert "Printer on fire" not in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BoardScreen))
        await sees(app, pilot, "▽ sync stops · 2 of 6", "Nothing matches.")
        assert under_cursor(app) == (Status.NEW, ticket_key(1047))
        await pilot.press("escape")
        await until(pilot, lambda: "▽" not in screen_text(app) and "Printer on fire" in screen_text(app))
        assert under_cursor(app) == (Status.NEW, ticket_key(1047))

    on_board(desk, act)


def test_escape_takes_the_filter_away_and_puts_the_cursor_back(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("j", "j")
        before = under_cursor(app)
        await pilot.press("slash", *keys_of("sev:1"))
        await sees(app, pilot, "2 of 6")
        await pilot.press("escape")
        await settle(pilot)
        assert under_cursor(app) == before
        assert "Printer on fire" in screen_text(app)

    on_board(desk, act)


def test_a_filter_typed_at_once_with_enter_shows_its_ticket(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *keys_of("after login"), "enter", "a")
        await settle(pilot)
        assert under_cursor(app) == (Status.OPEN, ticket_key(1017))
        assert [each.ticket_id for each in desk.engine.submitted] == [ticket_key(1017)]

    on_board(desk, act)


def test_a_mistake_is_pointed_at_and_explained(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *keys_of("fire saverity:1 "))
        await settle(pilot)
        lines = screen_lines(app)
        at = next(index for index, line in enumerate(lines) if "/ fire saverity:1" in line)
        assert lines[at].index("saverity") == lines[at + 1].index("^^^^^^^^ ")
        assert "did you mean `severity`?" in lines[at + 1]
        await pilot.press("enter")
        await settle(pilot)
        assert "did you mean `severity`?" in screen_text(app)

    on_board(desk, act)


def test_tab_completes_words_and_values(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"ass", "tab")
        await settle(pilot)
        assert "/ assignee:" in screen_text(app)
        await pilot.press(*"rob")
        await settle(pilot)
        assert '"Robin Tan"' in screen_text(app)
        await pilot.press("tab")
        await sees(app, pilot, '/ assignee:"Robin Tan"', "2 of 6")

    on_board(desk, act)


def test_what_was_asked_is_there_again_after_the_next_start(desk: LocalCopy) -> None:
    async def ask(app: SupportApp, pilot: Pilot[None]) -> None:
        for text in ("sev:1", "printer"):
            await pilot.press("slash", "ctrl+u", *keys_of(text), "enter")
            await settle(pilot)

    async def recall(app: SupportApp, pilot: Pilot[None]) -> None:
        assert "▽" not in screen_text(app)
        await pilot.press("slash", "up")
        await sees(app, pilot, "/ printer")
        await pilot.press("up")
        await sees(app, pilot, "/ sev:1", "2 of 6")
        await pilot.press("down", "down")
        await sees(app, pilot, "6 of 6")

    on_board(desk, ask)
    on_board(desk, recall)


def test_a_view_is_one_key_and_is_there_again_at_the_next_start(desk: LocalCopy) -> None:
    async def choose(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("f3")
        await settle(pilot)
        text = screen_text(app)
        assert "▽ Not assigned · 1 of 6" in text
        assert "Board won't load" in text
        assert "Printer on fire" not in text

    async def find_again(app: SupportApp, pilot: Pilot[None]) -> None:
        assert "▽ Not assigned · 1 of 6" in screen_text(app)
        await pilot.press("f3")
        await settle(pilot)
        assert "Printer on fire" in screen_text(app)

    async def find_no_more(app: SupportApp, pilot: Pilot[None]) -> None:
        assert "▽" not in screen_text(app)

    on_board(desk, choose)
    on_board(desk, find_again)
    on_board(desk, find_no_more)


def test_a_view_is_chosen_by_typing(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("v")
        await settle(pilot)
        assert "Mine and urgent" in screen_text(app)
        await pilot.press(*"not", "enter")
        await settle(pilot)
        assert "▽ Not assigned · 1 of 6" in screen_text(app)

    on_board(desk, act)


def test_one_key_shows_the_other_tickets_of_a_customer(desk: LocalCopy) -> None:
    other = replace(sample_ticket(1061, "And the scanner", Status.ON_HOLD), requester_id=100 + 1042 % 8)
    desk.cache.apply([other], ())

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", *"1042", "enter", "c")
        await settle(pilot)
        text = screen_text(app)
        assert "And the scanner" in text
        assert "Printer on fire" not in text
        assert under_cursor(app) == (Status.NEW, ticket_key(1042))

    on_board(desk, act)


def test_mine_and_a_filter_go_together(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("f", "slash", *keys_of("sync"), "enter")
        await settle(pilot)
        text = screen_text(app)
        assert "mine only" in text
        assert "▽ sync · 1 of 6" in text
        assert "after login" not in text

    on_board(desk, act)


def test_groups_have_counts_and_fold_under_the_cursor(desk: LocalCopy) -> None:
    async def group(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("b", "a")
        await settle(pilot)
        text = screen_text(app)
        assert "▾ me · 1" in text
        assert "▾ Robin Tan · 1" in text
        assert "▾ not assigned · 1" in text
        await pilot.press("home", "minus")
        await settle(pilot)
        text = screen_text(app)
        assert "▸ me · 1" in text
        assert "Sync stops at night" not in text
        await pilot.press("a")
        await settle(pilot)
        assert "There is no ticket under the cursor." in screen_text(app)
        await pilot.press("enter")
        await settle(pilot)
        assert "Sync stops at night" in screen_text(app)
        await pilot.press("underscore")
        await settle(pilot)
        assert "▸ me · 1" in screen_text(app)

    async def find_again(app: SupportApp, pilot: Pilot[None]) -> None:
        assert "▾ Robin Tan · 1" in screen_text(app)

    on_board(desk, group)
    on_board(desk, find_again)


def test_each_pane_has_its_order_and_its_density(desk: LocalCopy) -> None:
    def new_tickets(app: SupportApp) -> list[str]:
        return [row.ticket.id.id for row in app.screen.query_one("#pane-new", StatusPane).view.visible()]

    async def choose(app: SupportApp, pilot: Pilot[None]) -> None:
        assert new_tickets(app) == ["1042", "1047", "1053"]
        await pilot.press("s", "n")
        await settle(pilot)
        assert new_tickets(app) == ["1053", "1047", "1042"]
        await pilot.press("2", "d")
        await settle(pilot)
        assert [pane.lines_per_row for pane in app.screen.query(StatusPane)] == [2, 1, 2, 2, 2]

    async def find_again(app: SupportApp, pilot: Pilot[None]) -> None:
        assert new_tickets(app) == ["1053", "1047", "1042"]
        assert [pane.lines_per_row for pane in app.screen.query(StatusPane)] == [2, 1, 2, 2, 2]

    on_board(desk, choose)
    on_board(desk, find_again)


def test_what_arrives_goes_into_a_filtered_board_only_where_it_matches(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *keys_of("sync"), "enter")
        await settle(pilot)
        desk.cache.apply([sample_ticket(2000, "Sync again"), sample_ticket(2001, "Another thing")], ())
        app.post_message(TicketsChanged())
        await sees(app, pilot, "Sync again", "3 of 8")
        assert "Another thing" not in screen_text(app)

    on_board(desk, act)


def test_a_ticket_that_no_longer_matches_keeps_its_line_under_the_cursor(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *keys_of("night"), "enter")
        await settle(pilot)
        changed = sample_ticket(1047, "Solved it", severity=2, ago=2 * HOUR, assignee=1)
        desk.cache.apply([replace(changed, version="v2", subject=OutsideText("Solved it"))], ())
        app.post_message(TicketsChanged())
        await sees(app, pilot, "Solved it", "filtered")
        assert under_cursor(app) == (Status.NEW, ticket_key(1047))

    on_board(desk, act)
