"""The preview: it follows the cursor from the local copy, is scrolled without leaving the list, and is remembered."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from support.app_driver import MONDAY, AppDriver, add_sample_tickets, message, running_app, screen_text, settle, ticket
from support.board_samples import NOW, LocalCopy, sample_ticket
from support.desks.in_memory_help_desk import AGENT, InMemoryHelpDesk
from support.open_board import on_board
from support.sample_values import ticket_key
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Conversation, Message, Status, Ticket
from supporttui.store.operations import Draft, Operation, OperationKind
from supporttui.store.outbox import Outbox
from supporttui.ui.app import SupportApp
from supporttui.ui.board.ticket_preview import TicketPreview
from supporttui.ui.panes.status_pane import StatusPane

HOUR = timedelta(hours=1)
SIZES = [(200, 50), (160, 44), (120, 36), (80, 24)]
SUBJECT = "Board won't load for the whole office since the upgrade this morning, and nobody can sign in"
HOSTILE = "\x1b]0;owned\x07[/markup][@click=app.quit]x[/] \u202eevil"


def some_messages(one: Ticket, count: int = 6) -> Conversation:
    """In turn from the customer, a note of ours, and a reply of ours; the newest is the last."""
    return Conversation(
        ticket_id=one.id,
        messages=tuple(
            Message(
                id=10_000 * int(one.id.id) + number,
                author_id=one.requester_id if number % 3 == 0 else 1,
                body=OutsideText(f"message {number} of {one.id.id}"),
                is_public=number % 3 != 1,
                created_at=NOW - HOUR * (count - number),
            )
            for number in range(count)
        ),
        history=(),
        last_audit_id=1,
        ticket_version=one.version,
    )


def local_copy(folder: Path, *, missing: int = 0) -> LocalCopy:
    tickets = [sample_ticket(1042, SUBJECT, severity=1, ago=3 * HOUR)]
    tickets += [sample_ticket(n, f"Subject {n}", severity=3, ago=HOUR) for n in range(1, 8)]
    desk = LocalCopy(folder / "desk", tickets)
    for one in tickets:
        if int(one.id.id) != missing:
            desk.cache.save_conversation(some_messages(one), one)
    return desk


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, screen_text(pilot.app)
        await pilot.pause(0.01)


def preview(app: SupportApp) -> TicketPreview:
    return app.screen.query_one(TicketPreview)


def previewed(app: SupportApp) -> str:
    found = app.screen.query(TicketPreview)
    view = found.first().view if found else None
    return view.ticket_id.id if view is not None else ""


def under_cursor(app: SupportApp) -> str:
    assert isinstance(app.focused, StatusPane)
    row = app.focused.cursor_row
    return row.ticket.id.id if row is not None else ""


@pytest.mark.parametrize("size", SIZES)
def test_it_says_what_the_ticket_is_with_the_newest_message_in_sight(tmp_path: Path, size: tuple[int, int]) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w")
        await until(pilot, lambda: previewed(app) == "1042")
        facts = " ".join(" ".join(preview(app).plain_facts).split())
        assert SUBJECT in facts
        for said in ("Person 2 · Bluebird", "New for 3h 00m", "severity 1", "unassigned", "1h 00m left"):
            assert said in facts
        assert "first response" in facts
        await settle(pilot)
        assert "message 5 of 1042" in screen_text(app)
        assert "#1042" in screen_text(app)

    on_board(local_copy(tmp_path), act, size)


@pytest.mark.parametrize("size", SIZES)
def test_it_follows_the_cursor_and_asks_the_desk_for_nothing(tmp_path: Path, size: tuple[int, int]) -> None:
    desk = local_copy(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w")
        for _ in range(4):
            await pilot.press("j")
            await until(pilot, lambda: previewed(app) == under_cursor(app))
            await settle(pilot)
            assert f"message 5 of {under_cursor(app)}" in screen_text(app)
        assert desk.engine.prefetched == []

    on_board(desk, act, size)


def test_what_is_not_in_the_local_copy_says_so_and_is_asked_for_once_the_cursor_has_rested(tmp_path: Path) -> None:
    desk = local_copy(tmp_path, missing=1)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w", *"jjjjjjj", *"kkkkkkk")
        assert desk.engine.prefetched == []
        while under_cursor(app) != "1":
            await pilot.press("j")
        await until(pilot, lambda: "The messages are not in the local copy" in screen_text(app))
        await until(pilot, lambda: desk.engine.prefetched)
        await until(pilot, lambda: "copy: asking the" in screen_text(app))
        await pilot.press("k")
        await pilot.press("j")
        await until(pilot, lambda: previewed(app) == "1")
        assert desk.engine.prefetched == [ticket_key(1)]

    on_board(desk, act)


def test_replies_and_notes_are_told_apart_in_words_and_by_their_ground(tmp_path: Path) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w")
        await until(pilot, lambda: previewed(app) == "1042")
        lines = preview(app).plain_messages
        assert any(line.startswith("internal note · not visible to the customer · you") for line in lines)
        assert any(line.startswith("you · public reply") for line in lines)
        assert any(line.startswith("Person 2 · customer") for line in lines)

    on_board(local_copy(tmp_path), act, (200, 50))


def test_the_keys_that_scroll_it_leave_the_cursor_where_it_is(tmp_path: Path) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w")
        await until(pilot, lambda: previewed(app) == "1042")
        await settle(pilot)
        newest = preview(app).plain_messages
        assert "message 5 of 1042" in newest
        for up, down in (("shift+up", "shift+down"), ("ctrl+y", "ctrl+e"), ("[", "]")):
            await pilot.press("left_square_bracket" if up == "[" else up)
            assert preview(app).plain_messages != newest
            assert "↓" in screen_text(app)
            await pilot.press("right_square_bracket" if down == "]" else down)
            assert preview(app).plain_messages == newest
        for _ in range(20):
            await pilot.press("left_square_bracket")
        assert preview(app).plain_messages[0] == "Monday 23 November · today"
        assert under_cursor(app) == "1042"

    on_board(local_copy(tmp_path), act, (80, 24))


@pytest.mark.parametrize("size", SIZES)
def test_w_closes_it_and_the_panes_have_its_room_again(tmp_path: Path, size: tuple[int, int]) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        before = screen_text(app)
        await pilot.press("w")
        await until(pilot, lambda: previewed(app))
        await settle(pilot)
        assert screen_text(app) != before
        await pilot.press("w")
        await settle(pilot)
        assert screen_text(app) == before
        assert not app.screen.query(TicketPreview)

    on_board(local_copy(tmp_path), act, size)


def test_where_there_is_no_room_it_says_how_much_it_needs(tmp_path: Path) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w")
        assert "There is no room for a preview here: it needs 19 lines." in screen_text(app)
        await pilot.press("shift+down")
        assert "The preview is closed; w opens it." in screen_text(app)
        await pilot.resize_terminal(60, 19)
        await pilot.press("w")
        await until(pilot, lambda: previewed(app))

    on_board(local_copy(tmp_path), act, (60, 17))


def test_a_small_screen_hides_it_and_a_larger_one_shows_it_again(tmp_path: Path) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w")
        await until(pilot, lambda: previewed(app) == "1042")
        for size in ((40, 10), (5, 2), (200, 50)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
        await until(pilot, lambda: "message 5 of 1042" in screen_text(app))

    on_board(local_copy(tmp_path), act, (80, 24))


def test_what_is_pending_and_a_draft_are_marked_and_no_key_is_named_that_does_nothing_here(tmp_path: Path) -> None:
    desk = local_copy(tmp_path)
    outbox = Outbox(desk.files.outbox, desk.files.desk)
    outbox.add(
        Operation(
            id="a1",
            kind=OperationKind.UPDATE,
            created_at=NOW,
            ticket_id=ticket_key(1042),
            patch=TicketPatch(status=Status.OPEN, body="We are on it.", is_public=True),
        )
    )
    outbox.save_draft(Draft(id="d1", updated_at=NOW, ticket_id=ticket_key(1042), is_public=False, body="Ask ops first"))

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w", "g", *"1042", "enter")
        await until(pilot, lambda: previewed(app) == "1042")
        facts = " ".join(preview(app).plain_facts)
        assert "a change is waiting to be sent" in facts
        assert "your draft of a note is kept" in facts
        lines = "\n".join(preview(app).plain_messages)
        assert "We are on it." in lines
        assert "Ask ops first" in lines
        assert "r go on" not in lines

    on_board(desk, act, (120, 36))


def test_text_from_outside_is_shown_and_nothing_more(tmp_path: Path) -> None:
    one = sample_ticket(1, HOSTILE, severity=1)
    desk = LocalCopy(tmp_path / "desk", [one])
    said = some_messages(one, 1).messages[0]
    hostile = Message(
        id=1, author_id=said.author_id, body=OutsideText(HOSTILE), is_public=True, created_at=said.created_at
    )
    desk.cache.save_conversation(
        Conversation(ticket_id=one.id, messages=(hostile,), history=(), last_audit_id=1, ticket_version=one.version),
        one,
    )

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w")
        await until(pilot, lambda: previewed(app) == "1")
        await settle(pilot)
        text = screen_text(app)
        assert text.count("[/markup][@click=app.quit]x[/]") >= 3
        assert "\x1b" not in text
        assert "\u202e" not in text

    on_board(desk, act, (120, 36))


def test_without_a_ticket_under_the_cursor_it_says_so(tmp_path: Path) -> None:
    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w", "5")
        await until(pilot, lambda: "There is no ticket under the cursor." in screen_text(app))

    on_board(local_copy(tmp_path), act)


@pytest.mark.anyio
async def test_it_is_open_again_at_the_next_start(tmp_path: Path) -> None:
    async with running_app(tmp_path) as driver:
        await driver.pilot.press("w")
        await driver.until(lambda: previewed(driver.app))
    async with running_app(tmp_path) as driver:
        await driver.until(lambda: previewed(driver.app))
        await driver.pilot.press("w")
    async with running_app(tmp_path) as driver:
        assert not driver.app.model.shows_preview


@pytest.mark.anyio
async def test_a_reply_to_what_is_previewed_is_written_as_from_the_row_and_then_shown(tmp_path: Path) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    desk.put(ticket(1, "Only one", age=HOUR, severity=1), message(50, AGENT.id, "We look.", age=HOUR / 2))
    async with running_app(tmp_path, (120, 36), desk) as driver:
        await driver.pilot.press("w", "g", "1", "enter")
        await driver.sees("We look.")
        await driver.pilot.press("r")
        await driver.types("Done")
        await driver.pilot.press("escape", "escape")
        await shown_again(driver)


async def shown_again(driver: AppDriver) -> None:
    """The board is in front, and its preview has the draft."""
    await driver.until(lambda: driver.app.screen.query(TicketPreview))
    await driver.sees("your draft of a reply is kept", "Done")


def test_news_of_the_ticket_are_shown_where_the_reader_is(tmp_path: Path) -> None:
    desk = local_copy(tmp_path)

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("w")
        await until(pilot, lambda: previewed(app) == "1042")
        one = desk.cache.load_ticket(ticket_key(1042))
        assert one is not None
        desk.cache.save_conversation(some_messages(one, 7), one)
        await until(pilot, lambda: "message 6 of 1042" in screen_text(app))

    on_board(desk, act)
