"""Where the parts of the ticket screen stand: the queue, the text, the composer, the facts, and what is first."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from textual.events import MouseScrollDown

from support.app_driver import DANA, HOUR, MONDAY, AppDriver, add_sample_tickets, message, running_app, ticket
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.sample_values import ticket_key
from supporttui.helpdesks.base import Rejected
from supporttui.ui.messages import TicketsChanged
from supporttui.ui.panes.status_pane import WHEEL_ROWS, StatusPane
from supporttui.ui.ticket.conversation import ConversationView
from supporttui.ui.ticket.side_panel import SidePanel

Scene = Callable[[AppDriver], Awaitable[None]]


def play(folder: Path, scene: Scene, size: tuple[int, int], desk: InMemoryHelpDesk | None = None) -> None:
    async def run() -> None:
        async with running_app(folder, size, desk) as stage:
            await stage.opens(1042)
            await scene(stage)

    asyncio.run(run())


def headings_of(stage: AppDriver) -> list[str]:
    titles = ("Ticket", "Requester", "First response", "Record", "Attachments")
    lines = stage.app.screen.query_one(SidePanel).plain_lines
    return [line for line in lines if line in titles]


def test_the_panel_begins_with_where_the_ticket_stands_and_has_one_block_for_the_clock(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("boston, login")
        assert headings_of(stage) == ["Ticket", "Requester", "First response", "Record", "Attachments"]
        lines = stage.app.screen.query_one(SidePanel).plain_lines
        assert [line.split()[0] for line in lines[1:4]] == ["status", "severity", "assignee"]
        assert sum("11:13–14:31" in line for line in lines) == 1

    play(tmp_path, scene, (160, 60))


def test_the_keys_of_the_panel_go_to_the_clock_and_to_the_properties(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("Requester")
        panel = stage.app.screen.query_one(SidePanel)
        await stage.pilot.press("t")
        await stage.until(lambda: panel.plain_lines[int(panel.scroll_offset.y)] == "First response")
        await stage.pilot.press("p")
        await stage.until(lambda: panel.plain_lines[int(panel.scroll_offset.y)] == "Ticket")

    play(tmp_path, scene, (120, 20))


@pytest.mark.parametrize("size", [(80, 24), (160, 45), (320, 80)])
def test_the_header_says_the_state_of_the_link(tmp_path: Path, size: tuple[int, int]) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.until(lambda: "●" in stage.text.split("\n")[0])
        header = stage.text.split("\n")[0]
        assert "0:42:00" in header
        assert size[0] < 130 or "● live" in header or "● up to date" in header

    play(tmp_path, scene, size)


def test_the_header_says_what_was_not_sent_and_what_was_refused(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        assert "#1042 refused" not in stage.text.split("\n")[0]
        stage.desk.refusal = Rejected("The desk refuses it: Tags are required to close. Add them first.")
        await stage.pilot.press("m", "c")
        await stage.until(lambda: "! #1042 refused" in stage.text.split("\n")[0])
        await stage.until(lambda: "↑ 1 unsent" in stage.text.split("\n")[0])

    play(tmp_path, scene, (160, 45))


@pytest.mark.parametrize("size", [(120, 36), (200, 50)])
def test_the_composer_stands_below_the_last_message_with_six_lines(tmp_path: Path, size: tuple[int, int]) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("workaround?")
        text = stage.app.screen.query_one(ConversationView)
        first_before = text.region.y
        await stage.pilot.press("r")
        await stage.sees("Public reply")
        composer = stage.app.screen.query_one("#composer")
        needed = text.needed_lines
        assert text.region.y == first_before
        assert composer.region.y == text.region.bottom
        assert text.region.height == min(needed, text.region.height)
        assert stage.app.screen.query_one("#composer-text").region.height == 6

    play(tmp_path, scene, size)


def test_the_composer_grows_to_half_the_screen(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r")
        await stage.sees("Public reply")
        await stage.pastes("\n".join(f"line {number}" for number in range(60)))
        field = stage.app.screen.query_one("#composer-text")
        await stage.until(lambda: field.region.height == 20)
        await stage.sees("line 59", "If you send now")
        assert stage.app.screen.query_one(ConversationView).region.height > 5

    play(tmp_path, scene, (120, 40))


def test_a_long_conversation_stays_at_its_end_above_the_composer(tmp_path: Path) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    desk.messages[ticket_key(1042)] = [
        message(100 + n, DANA.id, f"message {n}", age=timedelta(hours=90 - n)) for n in range(80)
    ]

    async def scene(stage: AppDriver) -> None:
        await stage.sees("message 79")
        await stage.pilot.press("r")
        await stage.sees("Public reply", "message 79")
        await stage.pilot.press("escape")
        await stage.sees("message 79")

    play(tmp_path, scene, (120, 36), desk)


@pytest.mark.parametrize(("width", "is_shown"), [(189, False), (190, True), (320, True)])
def test_the_queue_stands_beside_the_ticket_where_there_is_room(tmp_path: Path, width: int, is_shown: bool) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("Requester")
        assert [queue.display for queue in stage.app.screen.query("#ticket-queue")] == [True] * is_shown
        if not is_shown:
            return
        pane = stage.app.screen.query_one(StatusPane)
        assert pane.region.x == 0
        text = stage.app.screen.query_one(ConversationView)
        assert text.region.x == pane.region.right
        assert 100 <= text.region.width < 200
        assert pane.view.cursor_id == ticket_key(1042)
        await stage.sees("1047")
        await stage.pilot.press("J")
        await stage.until(lambda: pane.view.cursor_id == ticket_key(1047))
        assert not pane.has_focus

    play(tmp_path, scene, (width, 50))


def test_the_queue_comes_and_goes_with_the_size(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("Requester")
        for width in (200, 120, 200):
            await stage.pilot.resize_terminal(width, 50)
            await stage.until(lambda: ("1047" in stage.text) is (width == 200))  # noqa: B023 - awaited within the turn
        assert stage.app.screen.query_one(StatusPane).view.cursor_id == ticket_key(1042)

    play(tmp_path, scene, (120, 50))


def test_a_click_in_the_queue_opens_the_ticket_unless_something_is_being_written(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("Requester", "1047")
        pane = stage.app.screen.query_one(StatusPane)
        y = 1 + pane.lines_per_row * [row.ticket.id for row in pane.view.visible()].index(ticket_key(1047))
        await stage.pilot.click(pane, (5, y))
        await stage.until(lambda: pane.view.cursor_id == ticket_key(1047) and "#1047" in stage.text.split("\n")[0])
        await stage.pilot.press("K", "r")
        await stage.sees("Public reply")
        await stage.pilot.click(pane, (5, y))
        await stage.types("Hello")
        await stage.sees("Public reply", "Hello")
        assert pane.view.cursor_id == ticket_key(1042)

    play(tmp_path, scene, (200, 50))


def test_the_wheel_scrolls_the_queue_at_once_and_news_do_not_take_it_back(tmp_path: Path) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    for number in range(2000, 2060):
        desk.put(ticket(number, f"Ticket {number}", age=timedelta(minutes=1)))

    async def scene(stage: AppDriver) -> None:
        pane = stage.app.screen.query_one(StatusPane)
        await stage.sees("Requester", "1042", "2010")
        pane.on_mouse_scroll_down(MouseScrollDown(pane, 5, 5, 0, 1, 0, False, False, False))
        await stage.until(lambda: pane._foot.above == WHEEL_ROWS)
        stage.app.post_message(TicketsChanged())
        await stage.pilot.pause()
        assert pane.view.top == WHEEL_ROWS

    play(tmp_path, scene, (200, 50), desk)


LONG_SUBJECT = "Boards stay white for everybody in Boston since the certificate of the proxy was renewed this morning"


@pytest.mark.parametrize(
    ("size", "lines"), [((80, 24), 2), ((100, 30), 2), ((120, 36), 2), ((160, 45), 2), ((320, 80), 1), ((80, 19), 1)]
)
def test_a_long_subject_is_read_whole_in_two_lines_above_the_ticket(
    tmp_path: Path, size: tuple[int, int], lines: int
) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    desk.put(ticket(1042, LONG_SUBJECT, age=HOUR, severity=1))

    async def scene(stage: AppDriver) -> None:
        header = stage.app.screen.query_one("#ticket-header")
        await stage.until(lambda: header.size.height == lines)
        first, second, *_ = stage.text.split("\n")
        assert "3:00:00" in first or "3h 00m" in first
        said = (first, second)[:lines]
        words = [word for word in LONG_SUBJECT.split() if any(word in line for line in said)]
        assert (words == LONG_SUBJECT.split()) is (size != (80, 19))
        assert ("…" in first) is (size == (80, 19))
        await stage.pilot.resize_terminal(320, 80)
        await stage.until(lambda: header.size.height == 1 and LONG_SUBJECT in stage.text.split("\n")[0])

    play(tmp_path, scene, size, desk)


def test_nothing_was_changed_later_than_now(tmp_path: Path) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    desk.put(ticket(1042, "Dated ahead", age=HOUR, updated_at=MONDAY + timedelta(minutes=4)))

    async def scene(stage: AppDriver) -> None:
        await stage.sees("today 14:31, <1m ago")

    play(tmp_path, scene, (160, 60), desk)
