"""The board of a customer: their own tickets, what waits for them first, and no key for what is the team's."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from support.app_driver import DANA, HOUR, MONDAY, AppDriver, message, running_app, ticket
from support.desks.in_memory_help_desk import AGENT, InMemoryHelpDesk
from support.sample_values import ticket_key
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status
from supporttui.helpdesks.base import requester_capabilities
from supporttui.presentation.ticket.ticket_form import NewTicketForm
from supporttui.ui.compose.new_ticket import NewTicketScreen
from supporttui.ui.messages import OpenTicket
from supporttui.ui.ticket.screen import TicketScreen

WIDE = (200, 50)


def customers_desk() -> InMemoryHelpDesk:
    """A desk on which Dana is signed in, with a ticket that waits for her and one that waits for support."""
    desk = InMemoryHelpDesk(MONDAY)
    desk.me, desk.capabilities = DANA, requester_capabilities(desk.capabilities)
    desk.people |= {DANA.id: DANA}
    desk.put(
        ticket(
            1042,
            "Board stays white",
            age=3 * HOUR,
            status=Status.AWAITING_REPLY,
            desk_status=OutsideText("pending"),
            first_reply_at=MONDAY - HOUR,
            replied_at=MONDAY - HOUR,
        ),
        message(1, DANA.id, "It stays white.", age=3 * HOUR),
        message(2, AGENT.id, "Which browser is it?", age=HOUR),
    )
    desk.put(ticket(1051, "How do I export?", age=30 * HOUR, severity=3), message(3, DANA.id, "How?", age=30 * HOUR))
    return desk


def play(
    folder: Path,
    scene: Callable[[AppDriver], Awaitable[None]],
    size: tuple[int, int] = WIDE,
    desk: InMemoryHelpDesk | None = None,
    undo_s: float = 0.0,
) -> None:
    async def run() -> None:
        async with running_app(folder, size, desk or customers_desk(), undo_s, is_requester=True) as stage:
            await scene(stage)

    asyncio.run(run())


def test_what_waits_for_the_customer_is_the_first_pane_and_has_the_cursor(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("1 Waiting for you 1", "3 Submitted 1", "your tickets")
        titles = stage.text.split("\n")[1]
        order = ("Waiting for you", "With support", "Submitted", "On hold", "Closed")
        assert [titles.index(title) for title in order] == sorted(titles.index(title) for title in order)
        assert "support wrote last" in stage.text
        assert "you wrote last" in stage.text
        await stage.pilot.press("enter")
        await stage.sees("Which browser is it?")

    play(tmp_path, scene)


def test_preview_says_neither_who_asks_nor_who_has_it(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("Board stays white")
        await stage.pilot.press("w")
        await stage.sees("Which browser is it?", "Waiting for you for")
        assert "unassigned" not in stage.text
        await stage.pilot.press("3")
        await stage.sees("you wait 1d")

    play(tmp_path, scene)


def test_answer_that_nobody_has_read_is_marked(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("● Board stays white")
        await stage.opens(1042)
        await stage.pilot.press("escape")
        await stage.until(lambda: "● Board stays white" not in stage.text and "Waiting for you" in stage.text)

    play(tmp_path, scene)


def test_keys_for_what_is_the_teams_are_neither_there_nor_listed(tmp_path: Path) -> None:
    theirs = ("internal note", "Assign to me", "assign to me", "everybody's", "what to do first", "the customer")

    async def scene(stage: AppDriver) -> None:
        await stage.sees("Board stays white", "r reply")
        await stage.pilot.press("question_mark")
        await stage.sees("Keys", "write to support", "close the ticket", "support wrote and you have not looked yet")
        assert [word for word in theirs if word in stage.text] == []
        await stage.pilot.press("escape", "i", "a", "t")
        await stage.opens(1042)
        await stage.pilot.press("i", "S", "a")
        assert isinstance(stage.app.screen, TicketScreen)
        assert "^s send" not in stage.text
        await stage.pilot.press("question_mark")
        await stage.sees("Keys", "On the ticket")
        assert [word for word in theirs if word in stage.text] == []
        assert "no other open tickets" not in stage.text
        assert "tags" not in stage.text

    play(tmp_path, scene)


def test_message_on_a_ticket_that_waited_gives_it_back_to_support(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        stage.app.post_message(OpenTicket(ticket_key(1042)))
        await stage.sees("Which browser is it?")
        await stage.pilot.press("r")
        await stage.sees("Your message to support", "the ticket is then With support")
        await stage.pilot.press("ctrl+o")
        await stage.types("Firefox.")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: stage.desk.updates)
        (update,) = stage.desk.updates
        assert (update.patch.body, update.patch.is_public, update.patch.status) == ("Firefox.", True, None)

    play(tmp_path, scene)


def test_message_that_is_pending_is_shown_as_waiting_and_answers_nothing(tmp_path: Path) -> None:
    desk = customers_desk()
    waiting = desk.tickets[ticket_key(1042)]
    desk.tickets[waiting.id] = replace(waiting, first_reply_at=None, replied_at=None)

    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.pilot.press("r")
        await stage.types("Any news?")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: stage.app.model.outbox_view.operations(ticket_key(1042)))
        row = stage.app.model.row(ticket_key(1042))
        assert row is not None
        assert (row.ticket.status, row.ticket.first_reply_at) == (Status.OPEN, None)

    play(tmp_path, scene, desk=desk, undo_s=60.0)


def test_only_move_is_closing_and_writing_reopens(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("Board stays white")
        await stage.pilot.press("m")
        await stage.sees("Move #1042", "Write on it later to reopen it.")
        box = stage.text.partition("Move #1042")[2]
        assert [title for title in ("With support  ", "On hold  ", "Waiting for you  ") if title in box] == []
        await stage.pilot.press("h", "c")
        await stage.until(lambda: stage.desk.updates)
        assert [update.patch.status for update in stage.desk.updates] == [Status.CLOSED]
        await stage.sees("5 Closed 1")
        await stage.opens(1042)
        await stage.pilot.press("m")
        await stage.sees("#1042 is Closed already")
        await stage.pilot.press("escape", "r")
        await stage.sees("the ticket is reopened, as With support")

    play(tmp_path, scene)


def test_new_ticket_is_in_the_customers_own_name(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("Board stays white")
        await stage.pilot.press("N")
        await stage.until(lambda: isinstance(stage.app.screen, NewTicketScreen))
        await stage.sees("Subject", "Steps to reproduce", "Logs", "Screenshot or video")
        assert "Requester" not in stage.text
        await stage.pastes("Export is empty")
        await stage.pilot.press("enter", "2", "enter")
        await stage.pastes("The file has no rows.")
        await stage.sees("a log (urged for severity 2)")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: stage.desk.created)
        (new,) = stage.desk.created
        assert (new.requester_email, new.severity, new.subject) == ("dana@acme.example", 2, "Export is empty")

    play(tmp_path, scene)


def test_form_that_nobody_wrote_into_leaves_no_draft(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("Board stays white")
        await stage.pilot.press("N")
        await stage.until(lambda: isinstance(stage.app.screen, NewTicketScreen))
        assert isinstance(stage.app.screen, NewTicketScreen)
        assert stage.app.screen.form == NewTicketForm()
        await stage.pilot.press("escape")
        await stage.sees("Board stays white")
        assert list(stage.app.model.outbox_view.drafts()) == []

    play(tmp_path, scene)


def test_board_of_a_customer_fits_the_smallest_terminal(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.sees("1 Waiting for you 1", "2 With support 0", "5 Closed 0")
        lines = stage.text.split("\n")
        assert lines[1].startswith("╭ 1 Waiting for you 1")
        assert max(map(len, lines)) <= 80

    play(tmp_path, scene, size=(80, 24))


def test_age_of_a_request_is_said_from_the_customers_side(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.opens(1042)
        await stage.sees("support, for 1h 00m")
        await stage.pilot.press("escape")
        await stage.opens(1051)
        await stage.sees("you, for 1d")
        assert stage.desk.now - timedelta(hours=30) == stage.desk.tickets[ticket_key(1051)].created_at

    play(tmp_path, scene)
