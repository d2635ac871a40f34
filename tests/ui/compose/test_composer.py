"""Writing replies and notes on a ticket: what is sent, what is kept, what is said."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from support.app_driver import DANA, HOUR, MONDAY, AppDriver, add_sample_tickets, message, running_app, ticket
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.sample_values import DESK, ticket_key
from supporttui.domain.ticket import Status
from supporttui.helpdesks.base import Conflict, Rejected
from supporttui.store.outbox import Outbox
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.compose.composer import Composer
from supporttui.ui.compose.external_editor import EditorError, edit_text, editor_command
from supporttui.ui.typing_area import PlainTextArea, plain_text

Scene = Callable[[AppDriver], Awaitable[None]]


def play(folder: Path, scene: Scene, size: tuple[int, int] = (120, 36), desk: InMemoryHelpDesk | None = None) -> None:
    async def run() -> None:
        async with running_app(folder, size, desk) as stage:
            await stage.opens(1042)
            await scene(stage)

    asyncio.run(run())


def test_a_reply_is_sent_with_the_status_it_names_and_the_next_ticket_is_shown(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r")
        await stage.sees("Public reply to Dana Reyes", "sends as Open", "first response met, 42m to spare")
        await stage.pastes("We are on it.")
        await stage.pilot.press("ctrl+s")
        await stage.sees("#1047", "Your reply on #1042 is on its way, as Open")
        await stage.until(lambda: stage.desk.updates)
        update = stage.desk.updates[0]
        assert (update.patch.body, update.patch.is_public, update.patch.status) == ("We are on it.", True, Status.OPEN)
        assert update.based_on == "v0-1042"
        assert not stage.app.model.outbox_view.drafts()
        await stage.opens(1042)
        await stage.sees("you · public reply", "We are on it.", "answered in 3h 18m")

    play(tmp_path, scene)


def test_a_note_is_sent_to_nobody_outside_and_changes_no_status(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("i")
        await stage.sees("Internal note — not visible to the customer", "stays New", "a note does not stop the clock")
        await stage.types("ops know")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: stage.desk.updates)
        assert (stage.desk.updates[0].patch.is_public, stage.desk.updates[0].patch.status) == (False, None)

    play(tmp_path, scene)


def test_an_empty_reply_is_refused_with_one_sentence(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r", "space", "enter", "ctrl+s")
        await stage.sees("The reply is empty, nothing was sent")
        await stage.pilot.press("x")
        await stage.until(lambda: "is empty" not in stage.text)
        assert not stage.desk.updates

    play(tmp_path, scene)


def test_only_allowed_statuses_are_offered_and_the_choice_is_sent(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r", "x")
        for title in ("Awaiting your reply", "On-Hold", "Closed", "Open"):
            await stage.pilot.press("ctrl+t")
            await stage.sees(f"sends as {title}")
        await stage.pilot.press("ctrl+t", "ctrl+s")
        await stage.until(lambda: stage.desk.updates)
        assert stage.desk.updates[0].patch.status is Status.AWAITING_REPLY

    play(tmp_path, scene)


def test_leaving_keeps_the_draft_and_the_next_start_finds_it(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("503")
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)

    async def writing(stage: AppDriver) -> None:
        await stage.pilot.press("i")
        await stage.pastes("half a thought")
        await stage.pilot.press("ctrl+t", "ctrl+t", "ctrl+g")
        await stage.pastes(str(log))
        await stage.pilot.press("enter")
        await stage.sees("▤ a.log  3 B")
        await stage.pilot.press("escape")
        await stage.sees("your draft of an internal note · kept, not sent", "half a thought")

    async def coming_back(stage: AppDriver) -> None:
        await stage.sees("your draft of an internal note", "half a thought")
        await stage.pilot.press("r")
        await stage.sees("Internal note — not visible", "half a thought", "▤ a.log", "sends as Awaiting your reply")
        await stage.sees("This draft is an internal note; ctrl+o changes it.")

    play(tmp_path, writing, desk=desk)
    play(tmp_path, coming_back, desk=desk)


def test_every_change_is_in_the_outbox_soon(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r")
        await stage.types("typed")
        outbox = Outbox(tmp_path / "outbox.db", DESK)
        await stage.until(lambda: [draft.body for draft in outbox.load_drafts()] == ["typed"])
        outbox.close()

    play(tmp_path, scene)


def test_a_file_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r", "ctrl+g")
        await stage.pastes("~/nowhere.log")
        await stage.pilot.press("enter")
        await stage.sees("~/nowhere.log does not exist; check the path.")
        await stage.pilot.press("escape")
        await stage.until(lambda: not stage.app.screen.query_one("#composer-path", Input).display)
        assert stage.app.screen.query_one(PlainTextArea).has_focus

    play(tmp_path, scene)


def test_news_from_the_customer_is_said_and_must_be_seen_before_sending(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r")
        await stage.pastes("Try again please")
        stage.desk.now += timedelta(minutes=1)
        stage.desk.write(1042, DANA.id, "It works now!")
        await stage.sees("Public reply to Dana Reyes · the customer wrote at 14:32", "It works now!")
        await stage.pilot.press("ctrl+s")
        await stage.sees("Since you began, the customer wrote at 14:32")
        assert not stage.desk.updates
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: stage.desk.updates)
        assert stage.desk.updates[0].based_on == "v1"

    play(tmp_path, scene)


def test_a_refused_reply_stays_on_the_ticket_and_can_be_edited_and_sent(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        stage.desk.refusal = Rejected("The desk refuses this reply: it is too friendly. Change it.")
        await stage.pilot.press("r")
        await stage.types("Cheers!")
        await stage.pilot.press("ctrl+s")
        await stage.sees("#1047")
        await stage.opens(1042)
        await stage.sees(
            "your public reply, as Open · ✗ not sent: refused", "Cheers!", "too friendly", "R retry   E edit"
        )
        stage.desk.refusal = None
        await stage.pilot.press("E")
        await stage.sees("Public reply to Dana Reyes", "Cheers!")
        await stage.types(" Kim")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: stage.desk.updates)
        assert [update.patch.body for update in stage.desk.updates] == ["Cheers! Kim"]
        await stage.until(lambda: not stage.app.model.outbox_view.operations(ticket_key(1042)))

    play(tmp_path, scene)


def test_a_conflict_shows_the_sentence_and_keeps_the_text(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        stage.desk.refusal = Conflict("#1042 has changed: nothing was sent. Read it, then send again.")
        await stage.pilot.press("r")
        await stage.types("Hello")
        await stage.pilot.press("ctrl+s")
        await stage.sees("#1047")
        await stage.opens(1042)
        await stage.sees("✗ not sent: the ticket has changed", "Hello", "Read it, then")
        stage.desk.refusal = None
        await stage.pilot.press("R")
        await stage.until(lambda: stage.desk.updates)

    play(tmp_path, scene)


def test_a_conflict_shows_theirs_and_mine(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        stage.desk.refusal = Conflict("#1042 has changed: nothing was sent. Read it, then send again.")
        await stage.pilot.press("r")
        await stage.types("Mine")
        await stage.pilot.press("ctrl+s")
        await stage.sees("#1047")
        stage.desk.now += timedelta(minutes=1)
        stage.desk.write(1042, DANA.id, "No, wait")
        await stage.opens(1042)
        await stage.sees(
            "theirs, since you looked:", "Dana Reyes, 14:32", "mine:", "✗ not sent: the ticket has changed"
        )
        theirs, _, mine = stage.text.partition("theirs, since you looked:")[2].partition("mine:")
        assert "No, wait" in theirs
        assert "Mine" in mine

    play(tmp_path, scene)


def test_the_last_ticket_of_a_pane_leads_back_to_the_board(tmp_path: Path) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    desk.people |= {DANA.id: DANA}
    desk.put(ticket(1042, "Alone", age=HOUR), message(1, DANA.id, "Hi", age=HOUR))

    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r", "x", "ctrl+s")
        await stage.until(lambda: isinstance(stage.app.screen, BoardScreen))
        await stage.until(lambda: stage.desk.updates)

    play(tmp_path, scene, desk=desk)


def test_pasted_control_characters_neither_reach_the_screen_nor_the_desk(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r")
        area = stage.app.screen.query_one(PlainTextArea)
        area.post_message(events.Paste("a\x1b[31mb\r\nc\u202ed\te"))
        await stage.until(lambda: area.text == "a[31mb\ncd    e")

    play(tmp_path, scene)


def test_the_composer_fits_into_80_by_24_with_the_last_message_above(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r")
        await stage.pastes("\n" * 30 + "end")
        await stage.sees(
            "Is there a workaround?", "Public reply to Dana Reyes", "end", "sends as Open", "If you send now"
        )

    play(tmp_path, scene, (80, 24))


def test_colours_of_reply_and_note_differ(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.press("r")
        await stage.pilot.pause()
        composer = stage.app.screen.query_one(Composer)
        reply = (composer.styles.border_top[1], composer.styles.background)
        await stage.pilot.press("ctrl+o")
        await stage.pilot.pause()
        note = (composer.styles.border_top[1], composer.styles.background)
        assert reply[0] != note[0]
        assert reply[1] != note[1]

    play(tmp_path, scene)


def test_the_external_editor_gives_its_text_back() -> None:
    script = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.write_text(p.read_text() + ' edited\\n')"
    assert edit_text("before", [sys.executable, "-c", script]) == "before edited"


def test_a_failing_or_missing_editor_is_one_sentence() -> None:
    with pytest.raises(EditorError, match="ended with code 3"):
        edit_text("x", [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(EditorError, match="could not be started"):
        edit_text("x", ["/nonexistent/editor"])
    with pytest.raises(EditorError, match="export EDITOR"):
        editor_command({})


def test_plain_typing_is_left_as_it_is() -> None:
    assert plain_text("Grüße, 日本 👍\nzwei") == "Grüße, 日本 👍\nzwei"
