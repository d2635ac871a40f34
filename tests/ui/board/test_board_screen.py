"""The board as a user reads and drives it."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot

from support.app_driver import screen_lines, screen_text, settle
from support.board_samples import NOW, LocalCopy, sample_ticket
from support.open_board import change, on_board
from support.sample_values import ticket_key
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Status
from supporttui.store.operations import OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.status import LinkState
from supporttui.ui.app import SupportApp
from supporttui.ui.dialogs.help import HelpScreen
from supporttui.ui.panes.status_pane import StatusPane

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TITLES = ("New", "Open", "Awaiting your reply", "On-Hold", "Closed")


def some_tickets() -> list[Any]:
    return [
        sample_ticket(1042, "Board won't load", severity=1, ago=3 * HOUR + 17 * MINUTE + timedelta(seconds=50)),
        sample_ticket(1047, "Sticky notes lag", severity=2, ago=2 * HOUR + MINUTE / 2, assignee=1),
        sample_ticket(1053, "[/markup] \x1b]0;owned\x07 subject", severity=None, ago=HOUR + MINUTE / 2),
        sample_ticket(1038, "Cannot sign in", Status.OPEN, severity=1, ago=5 * HOUR + MINUTE / 2, assignee=1),
        sample_ticket(
            1017, "日本語のフォントが表示されない", Status.OPEN, severity=2, ago=HOUR + MINUTE / 2, assignee=2
        ),
        sample_ticket(995, "Rotate the key", Status.AWAITING_REPLY, ago=48 * HOUR, answered_after=HOUR, assignee=1),
        sample_ticket(972, "Audit log", Status.ON_HOLD, ago=90 * HOUR, answered_after=HOUR, external="ENG-411"),
        sample_ticket(950, "Metadata refresh", Status.CLOSED, ago=90 * HOUR, answered_after=HOUR, in_status=2 * HOUR),
    ]


@pytest.fixture
def desk(tmp_path: Path) -> LocalCopy:
    return LocalCopy(tmp_path / "desk", some_tickets())


@pytest.mark.parametrize("size", [(200, 50), (150, 30), (120, 36), (100, 24), (80, 24), (60, 20), (40, 10)])
def test_all_five_titles_stay_on_screen_with_their_counts(desk: LocalCopy, size: tuple[int, int]) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        text = screen_text(app)
        for number, (title, count) in enumerate(zip(TITLES, (3, 2, 1, 1, 1), strict=True), 1):
            in_short = rf"{number} {title.split()[0]}[\w ]*… {count} "
            assert f"{number} {title} {count}" in text or re.search(in_short, text)

    on_board(desk, act, size)


@pytest.mark.parametrize("size", [(39, 10), (40, 9), (20, 5), (5, 2), (1, 1)])
def test_a_screen_that_is_too_small_says_so(desk: LocalCopy, size: tuple[int, int]) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await settle(pilot)
        if size[0] >= 20:
            assert "40x10" in screen_text(app)
        for key in ("j", "2", "m", "escape", "d", "f", "f"):
            await pilot.press(key)
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        assert "Open 2" in screen_text(app)

    on_board(desk, act, size)


def test_narrow_screens_unfold_the_focused_pane(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        assert "Board won't load" in screen_text(app)
        await pilot.press("2")
        await settle(pilot)
        text = screen_text(app)
        assert "Cannot sign in" in text
        assert "Board won't load" not in text

    on_board(desk, act, (80, 24))


def test_a_row_says_severity_number_subject_clock_and_wait(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        line = next(line for line in screen_lines(app) if "Board won't load" in line)
        assert line.split() == ["│▌", "1", "1042", "Board", "won't", "load", "waits", "3h", "17m", "0:42:10", "│"]

    on_board(desk, act, (80, 24))


def test_hostile_text_is_shown_and_does_nothing(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        text = screen_text(app)
        assert "[/markup] ␛]0;owned␇ subject" in text
        assert "\x1b" not in text

    on_board(desk, act, (80, 24))


def test_every_line_has_the_width_of_the_screen(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        for key in ("2", "d"):
            await pilot.press(key)
            await settle(pilot)
            for strip in app.screen._compositor.render_strips():
                assert strip.cell_length == app.size.width

    on_board(desk, act, (160, 40))


def test_a_second_redraws_only_the_clocks_that_say_something_else(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        panes = list(app.screen.query(StatusPane))
        desk.now = NOW + timedelta(seconds=1)
        for pane in panes:
            pane.show(app.model.now())
        regions = {pane.status: list(pane._repaint_regions) for pane in panes}
        (clock,) = regions.pop(Status.NEW)
        assert (clock.height, clock.width) == (1, 8)
        assert not any(regions.values())

    on_board(desk, act, (200, 50))


def test_nothing_is_redrawn_while_nothing_says_something_else(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        for pane in app.screen.query(StatusPane):
            pane.follow()
            pane.show(app.model.now())
            assert not pane._repaint_regions

    on_board(desk, act, (200, 50))


def test_the_cursor_stays_on_its_ticket_when_a_worse_one_arrives(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("j")
        desk.cache.apply([sample_ticket(2000, "Everything is down", severity=1, ago=9 * HOUR)], ())
        await change(app, pilot)
        assert isinstance(app.focused, StatusPane)
        assert app.focused.view.cursor_id == ticket_key(1047)
        assert "New 4" in screen_text(app)

    on_board(desk, act, (200, 50))


def test_a_move_shows_at_once_as_pending_in_the_other_pane(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("m")
        await pilot.press("o")
        await settle(pilot)
        text = screen_text(app)
        assert "New 2" in text
        assert "Open 3" in text
        assert "↑ 1042" in text
        (operation,) = desk.engine.submitted
        assert (operation.ticket_id, operation.patch.status, operation.based_on) == (
            ticket_key(1042),
            Status.OPEN,
            "v1",
        )

    on_board(desk, act, (200, 50))


def test_a_refused_move_says_on_the_ticket_what_to_do(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("m", "o")
        await settle(pilot)
        (operation,) = desk.engine.submitted
        with_error = replace(
            operation, state=OperationState.REJECTED, error=OutsideText("The desk refuses it [b]today[/b].")
        )
        outbox = Outbox(desk.files.outbox, desk.files.desk)
        outbox.add(with_error)
        outbox.close()
        await change(app, pilot)
        app.screen.go_to_ticket("1042")  # type: ignore[attr-defined]  # the board
        await settle(pilot)
        text = screen_text(app)
        assert "New 3" in text
        assert "! 1042" in text
        assert "#1042: The desk refuses it [b]today[/b]. Open the ticket to decide." in text

    on_board(desk, act, (200, 50))


def test_a_move_that_is_not_allowed_says_why(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("5", "m")
        await settle(pilot)
        assert "#950 cannot go from Closed to On-Hold" in screen_text(app)
        await pilot.press("h")
        await pilot.press("escape")
        await settle(pilot)
        assert desk.engine.submitted == []

    on_board(desk, act, (200, 50))


def test_taking_a_new_ticket_makes_it_open_and_mine(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("a")
        await settle(pilot)
        (operation,) = desk.engine.submitted
        assert (operation.patch.assignee_id, operation.patch.status) == (1, Status.OPEN)
        await pilot.press("1", "a")
        await settle(pilot)
        assert "#1047 is yours already." in screen_text(app)
        await pilot.press("j")
        await settle(pilot)
        assert "yours already" not in screen_text(app)

    on_board(desk, act, (200, 50))


def test_mine_only_says_so_and_goes_again(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("f")
        await settle(pilot)
        text = screen_text(app)
        assert "mine only" in text
        assert "New 1" in text
        assert "None of yours." in text
        await pilot.press("f")
        await settle(pilot)
        assert "New 3" in screen_text(app)
        assert "mine only" not in screen_text(app)

    on_board(desk, act, (200, 50))


def test_go_to_puts_the_cursor_on_a_ticket_by_its_number(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("g", *"972", "enter")
        await settle(pilot)
        assert isinstance(app.focused, StatusPane)
        assert (app.focused.status, app.focused.view.cursor_id) == (Status.ON_HOLD, ticket_key(972))
        await pilot.press("g", *"77", "enter")
        await settle(pilot)
        assert "#77 is not in the local copy" in screen_text(app)

    on_board(desk, act, (200, 50))


def test_old_data_says_how_old_it_is_on_every_pane(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        assert " old" not in screen_text(app)
        desk.engine.say(link=LinkState.OFFLINE, sentence=safe_line(OutsideText("No connection. It is tried again.")))
        desk.now = NOW + 3 * MINUTE
        await change(app, pilot)
        text = screen_text(app)
        assert "○ offline since 14:31" in text
        assert text.count("data 3m old") == len(TITLES)
        assert "No connection. It is tried again." in text

    on_board(desk, act, (200, 50))


def test_a_desk_that_pushes_and_falls_silent_is_not_called_live(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        desk.now = NOW + timedelta(seconds=31)
        await change(app, pilot)
        text = screen_text(app)
        assert "live" not in text
        assert "○ silent since 14:31" in text

    on_board(desk, act, (200, 50))


def test_before_the_first_tickets_it_says_how_many_have_come(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path / "desk", [])
    desk.engine.say(loaded=False, last_sync_at=None)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        assert screen_text(app).count("Loading…") == len(TITLES)
        desk.cache.apply([sample_ticket(each, f"ticket {each}") for each in range(1, 1201)], ())
        await change(app, pilot)
        assert "loading tickets… 1,200" in screen_text(app)

    on_board(desk, act, (200, 50))


def test_a_local_copy_that_was_begun_anew_is_read_anew(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        desk.cache.close()
        for path in list(Path(desk.files.cache).parent.glob("cache.db*")):
            path.rename(f"{path}.aside")
        fresh = LocalCopy(Path(desk.files.cache).parent, [sample_ticket(1, "the only one")])
        await change(app, pilot)
        fresh.cache.close()
        assert "New 1" in screen_text(app)

    on_board(desk, act, (200, 50))


def test_the_help_lists_every_binding_that_has_a_name(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        board = app.screen
        bindings = [each.binding for each in board.active_bindings.values()]
        await pilot.press("question_mark")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        listed = {entry.word for entry in app.screen.found}
        for binding in bindings:
            if binding.id and "-" in binding.id and not binding.system:
                assert binding.description in listed

    on_board(desk, act, (200, 50))


def test_every_binding_has_a_permanent_id() -> None:
    from supporttui.ui.board.goto import GoToScreen
    from supporttui.ui.board.screen import BoardScreen
    from supporttui.ui.dialogs.move import MoveScreen

    owners: list[Any] = [SupportApp, BoardScreen, StatusPane, MoveScreen, GoToScreen, HelpScreen]
    names = [binding.id for owner in owners for binding in owner.BINDINGS]
    assert all(name and "-" in name for name in names)
    assert len(set(names)) == len(names)


def test_a_click_puts_the_cursor_there(tmp_path: Path) -> None:
    desk = LocalCopy(
        tmp_path / "desk", [sample_ticket(each, f"ticket {each}", ago=each * MINUTE) for each in range(1, 60)]
    )

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.click("#pane-new", offset=(10, 5))
        await settle(pilot)
        pane = app.screen.query_one("#pane-new", StatusPane)
        assert pane.view.cursor_id == ticket_key(57)
        await settle(pilot)

    on_board(desk, act, (200, 50))


def type_at_once(app: SupportApp, keys: str) -> None:
    """Keys that arrive together, as over a slow line."""
    for key in keys:
        app.post_message(events.Key(key, key))


def test_keys_typed_at_once_act_on_the_pane_and_ticket_they_were_meant_for(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        type_at_once(app, "2jmw1mo")
        await settle(pilot)
        moves = [(each.ticket_id, each.patch.status) for each in desk.engine.submitted]
        assert moves == [(ticket_key(1017), Status.AWAITING_REPLY), (ticket_key(1042), Status.OPEN)]

    on_board(desk, act, (200, 50))


def test_a_number_typed_at_once_is_gone_to(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        type_at_once(app, "g972")
        app.post_message(events.Key("enter", "\r"))
        await settle(pilot)
        assert isinstance(app.focused, StatusPane)
        assert app.focused.view.cursor_id == ticket_key(972)

    on_board(desk, act, (200, 50))


def test_a_reply_typed_ahead_of_its_screen_is_not_lost(desk: LocalCopy) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        type_at_once(app, "rHello macro")
        for _ in range(20):
            await settle(pilot)
        assert "Hello macro" in screen_text(app)

    on_board(desk, act, (200, 50))
