"""The ticket screen, driven by keys over a real engine and store."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from rich.cells import cell_len
from textual import events

from support.app_driver import DANA, MONDAY, AppDriver, add_sample_tickets, message, running_app
from support.desks.in_memory_help_desk import AGENT, InMemoryHelpDesk
from support.sample_values import ticket_key
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Lifecycle, Status
from supporttui.helpdesks.base import Rejected
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.ticket.conversation import ConversationView
from supporttui.ui.ticket.screen import TicketScreen

Scene = Callable[[AppDriver], Awaitable[None]]


def play(folder: Path, scene: Scene, size: tuple[int, int] = (120, 36), desk: InMemoryHelpDesk | None = None) -> None:
    async def run() -> None:
        async with running_app(folder, size, desk) as stage:
            await scene(stage)

    asyncio.run(run())


def test_header_names_ticket_status_countdown_and_due_time(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        header = stage.text.split("\n")[0]
        for word in (" 1 ", "#1042", "Board won't load", "New", "first response 0:42:00", "due today 15:13 EST"):
            assert word in header

    play(tmp_path, scene)


def test_conversation_tells_customer_note_and_automatic_reply_apart(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.sees("Dana Reyes · customer · by web", "internal note · not visible to the customer · you")
        await stage.sees("automatic reply · sent by a rule", "console.log  14 kB", "Monday 23 November · today")

    play(tmp_path, scene)


def test_side_panel_says_why_who_and_what(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.sees("4 hours · severity 1", "Mon 23 Nov  11:13–14:31", "3h 18m", "ahead", "unassigned")
        await stage.sees("boston, login", "dana@acme.example", "Acme Robotics", "1 other open ticket", "#1051 How do I")

    play(tmp_path, scene, (160, 50))


def test_narrow_terminal_shows_why_and_properties_on_request(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        assert "What counted" not in stage.text
        await stage.pilot.press("t")
        await stage.sees("What counted", "11:13–14:31")
        await stage.pilot.press("p")
        await stage.sees("Requester", "boston, login")
        await stage.pilot.press("escape")
        await stage.sees("workaround?")
        assert isinstance(stage.app.screen, TicketScreen)

    play(tmp_path, scene, (80, 24))


def test_hostile_subject_and_name_are_shown_and_not_parsed(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1047)
        await stage.sees("[/markup]", "[@click=app.quit]", "‹202E›", "Alex [bold]Oyelaran[/bold] · customer")
        await stage.pilot.press("r")
        await stage.sees("Public reply to Alex [bold]Oyelaran[/bold]")
        assert "\x1b" not in stage.text
        assert "\u202e" not in stage.text

    play(tmp_path, scene)


def test_countdown_ticks_and_says_why_it_stands_still(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        stage.desk.now += timedelta(minutes=1, seconds=5)
        await stage.sees("first response 0:40:55")
        stage.desk.now = MONDAY + timedelta(hours=3)
        await stage.sees("1h 47m over", "outside support hours", "tomorrow 08:00 EST")

    play(tmp_path, scene)


def test_j_and_k_go_through_the_pane_and_stop_at_its_ends(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.pilot.press("K")
        await stage.sees("first ticket of the pane")
        await stage.pilot.press("J")
        await stage.sees("#1047")
        await stage.pilot.press("J", "J")
        await stage.sees("#1051", "last ticket of the pane")

    play(tmp_path, scene)


def test_opening_marks_it_read_and_the_next_time_what_is_new_is_marked(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.until(lambda: stage.app.model.rows.read_at(ticket_key(1042)) == MONDAY)
        await stage.pilot.press("escape")
        stage.desk.now += timedelta(minutes=2)
        stage.desk.write(1042, DANA.id, "Hello? Anybody?")
        await stage.until(lambda: (row := stage.app.model.row(ticket_key(1042))) and row.is_unread)
        await stage.opens(1042)
        await stage.sees("new since you looked", "Hello? Anybody?")

    play(tmp_path, scene)


def test_a_new_message_appears_by_itself(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        stage.desk.write(1042, DANA.id, "It is back!")
        await stage.sees("It is back!")

    play(tmp_path, scene)


def test_a_vanished_ticket_is_said_in_one_sentence(tmp_path: Path) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    desk.unknown_ids.add(ticket_key(1042))

    async def scene(stage: AppDriver) -> None:
        stage.app.model.engine.want_conversation(ticket_key(1042))
        await stage.until(lambda: stage.app.model.ticket(ticket_key(1042)))
        stage.app.navigator.open_ticket(ticket_key(1042))
        await stage.sees("#1042 is not on the help desk any more, or not for you; nothing can be sent on it.")

    play(tmp_path, scene, desk=desk)


def test_move_assign_and_severity_show_at_once_and_reach_the_desk(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.pilot.press("m", "w")
        await stage.until(lambda: stage.desk.tickets[ticket_key(1042)].status is Status.AWAITING_REPLY)
        await stage.pilot.press("a")
        await stage.until(lambda: stage.desk.tickets[ticket_key(1042)].assignee_id == AGENT.id)
        await stage.pilot.press("S", "2")
        await stage.until(lambda: stage.desk.tickets[ticket_key(1042)].severity == 2)
        await stage.sees("Awaiting your reply", "1 business day · severity 2", "assignee    you")

    play(tmp_path, scene)


def test_a_refused_change_is_shown_with_its_remedy_and_can_be_discarded(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        stage.desk.refusal = Rejected("The desk refuses it: Tags are required to close. Add them first.")
        await stage.pilot.press("m", "c")
        await stage.sees("your move to Closed", "✗ not sent", "Tags are required to close", "R retry   X discard")
        stage.desk.refusal = None
        await stage.pilot.press("X")
        await stage.sees("X once more discards the unsent change")
        await stage.pilot.press("X")
        await stage.until(lambda: not stage.app.model.outbox_view.operations(ticket_key(1042)))
        assert not stage.desk.updates

    play(tmp_path, scene)


def test_attachments_are_saved_and_the_place_is_said(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.pilot.press("o")
        await stage.sees("Save a file", "white-page.png   220 kB   image/png")
        await stage.pilot.press("down", "enter")
        await stage.sees("Saved as")
        assert [path.name for path in (tmp_path / "downloads").rglob("*.png")]

    play(tmp_path, scene, (200, 50))


def test_a_long_conversation_with_a_huge_message_scrolls_and_fits(tmp_path: Path) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    desk.messages[ticket_key(1042)] = [
        message(100 + n, DANA.id if n % 2 else AGENT.id, f"message {n} 日本語のフォント", age=timedelta(hours=400 - n))
        for n in range(300)
    ]
    desk.messages[ticket_key(1042)].insert(
        0, message(99, DANA.id, "log line of words\n" * 6000, age=timedelta(hours=500))
    )

    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.sees("message 299")
        await stage.pilot.press("home")
        await stage.sees("log line of words")
        await stage.pilot.press("end", "k", "k")
        view = stage.app.screen.query_one(ConversationView)
        assert not view.is_at_end
        assert all(cell_len(line) <= 80 for line in view.plain_lines)

    play(tmp_path, scene, (80, 24), desk)


def test_escape_goes_back_to_the_board(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.pilot.press("escape")
        await stage.until(lambda: isinstance(stage.app.screen, BoardScreen))

    play(tmp_path, scene)


def test_a_deleted_ticket_says_so(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        stage.desk._stamp(
            replace(stage.desk.tickets[ticket_key(1042)], lifecycle=Lifecycle.DELETED, subject=OutsideText("gone"))
        )
        await stage.sees("#1042 is not on the help desk any more", "gone", "Deleted")
        await stage.pilot.press("r")
        await stage.pilot.pause()
        assert "Public reply" not in stage.text

    play(tmp_path, scene)


def test_smallest_sizes_do_not_break_it(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        for size in ((20, 5), (109, 8), (110, 24), (300, 80), (40, 12)):
            await stage.pilot.resize_terminal(*size)
            await stage.pilot.pause()
            await stage.pilot.press("r", "x", "escape", "t", "t")

    play(tmp_path, scene)


def test_keys_typed_ahead_of_the_composer_are_text(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        for key in "iaSmqo":
            stage.app.post_message(events.Key(key, key))
        await stage.sees("Internal note", "│ aSmqo")
        assert not stage.app.model.outbox_view.operations(ticket_key(1042))

    play(tmp_path, scene)
