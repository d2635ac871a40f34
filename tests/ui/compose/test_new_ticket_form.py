"""The form for a new ticket: what it asks for, keeps, refuses and sends."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from support.app_driver import MONDAY, AppDriver, add_sample_tickets, running_app
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.sample_values import ticket_key
from supporttui.helpdesks.base import Rejected
from supporttui.presentation.ticket.ticket_form import (
    NewTicketForm,
    form_problems,
    full_description,
    is_address,
    missing_recommended,
    requester_of,
)
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.compose.new_ticket import NewTicketScreen
from supporttui.ui.messages import WriteNewTicket

Scene = Callable[[AppDriver], Awaitable[None]]

WHOLE = NewTicketForm(
    requester="dana@acme.example", subject="It fails", severity=3, description="It does.", steps="1. go"
)


def play(folder: Path, scene: Scene, size: tuple[int, int] = (120, 50), desk: InMemoryHelpDesk | None = None) -> None:
    async def run() -> None:
        async with running_app(folder, size, desk) as stage:
            await opens_form(stage)
            await scene(stage)

    asyncio.run(run())


async def opens_form(stage: AppDriver) -> None:
    stage.app.post_message(WriteNewTicket())
    await stage.until(lambda: isinstance(stage.app.screen, NewTicketScreen))
    await stage.sees("Requester")


async def fills(stage: AppDriver) -> None:
    await stage.types("dan\n")
    await stage.pastes("Boards stay white")
    await stage.pilot.press("enter")
    await stage.pilot.press("1", "enter")
    await stage.pastes("Nobody can work.")
    await stage.pilot.press("tab")
    await stage.pastes("1. open")


def test_a_ticket_with_a_log_is_created_as_the_guide_asks(tmp_path: Path) -> None:
    log = tmp_path / "console.log"
    log.write_text("503")

    async def scene(stage: AppDriver) -> None:
        await fills(stage)
        await stage.pilot.press("tab")
        await stage.pastes(str(log))
        await stage.pilot.press("enter")
        await stage.sees("▤ console.log  3 B")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: stage.desk.created)
        new = stage.desk.created[0]
        assert (new.requester_email, new.requester_name) == ("dana@acme.example", "Dana Reyes")
        assert (new.subject, new.severity) == ("Boards stay white", 1)
        assert new.description == "Nobody can work.\n\nSteps to reproduce:\n1. open"
        assert new.uploads == ("token-console.log",)
        await stage.until(lambda: isinstance(stage.app.screen, BoardScreen))
        await stage.sees("Boards stay white")
        assert not stage.app.model.outbox_view.drafts()

    play(tmp_path, scene)


def test_each_missing_field_has_its_own_sentence_and_the_first_gets_the_focus(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.types("nobody")
        await stage.pilot.press("ctrl+s")
        await stage.sees(
            "This is not an e-mail address", "Type a subject", "Choose a severity", "Describe what happens"
        )
        assert stage.app.focused is not None
        assert stage.app.focused.id == "requester"
        assert not stage.desk.created

    play(tmp_path, scene)


def test_what_is_urged_is_said_gently_and_by_severity(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pastes("dana@acme.example")
        await stage.pilot.press("enter", "S", "enter")
        await stage.pilot.press("1")
        await stage.sees("a log (urged for severity 1)", "It can be sent without.")
        await stage.pilot.press("4")
        await stage.until(lambda: "urged for severity" not in stage.text)

    play(tmp_path, scene)


def test_the_form_is_kept_and_found_at_the_next_start(tmp_path: Path) -> None:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)

    async def writing(stage: AppDriver) -> None:
        await fills(stage)
        await stage.pilot.press("escape")
        await stage.until(lambda: isinstance(stage.app.screen, BoardScreen))

    async def coming_back(stage: AppDriver) -> None:
        await stage.sees("dana@acme.example", "Boards stay white", "Nobody can work.", "1. open", "●  1")

    play(tmp_path, writing, desk=desk)
    play(tmp_path, coming_back, desk=desk)


def test_a_refused_creation_comes_back_with_its_text_and_the_reason(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        stage.desk.refusal = Rejected("The desk refuses the ticket: no such requester. Ask an admin to add them.")
        await fills(stage)
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: any(one.error for one in stage.app.model.outbox_view.creating()))
        stage.desk.refusal = None
        await opens_form(stage)
        await stage.sees("no such requester", "Boards stay white", "Nobody can work.", "1. open")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: len(stage.desk.created) == 1)
        await stage.until(lambda: not stage.app.model.outbox_view.creating())

    play(tmp_path, scene)


def test_a_path_that_cannot_be_attached_is_said_at_its_field(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        stage.app.screen.query_one("#screenshots Input").focus()
        await stage.pilot.pause()
        await stage.pastes("/nowhere.png")
        await stage.pilot.press("enter")
        await stage.sees("/nowhere.png does not exist; check the path.")

    play(tmp_path, scene)


def test_it_works_at_80_by_24(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await fills(stage)
        await stage.sees("Steps to reproduce", "1. open")
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: stage.desk.created)

    play(tmp_path, scene, (80, 24))


def test_nothing_is_wrong_with_a_whole_form_and_each_gap_is_named() -> None:
    assert form_problems(WHOLE) == {}
    assert list(form_problems(NewTicketForm())) == ["requester", "subject", "severity", "description"]
    assert "150" in form_problems(replace(WHOLE, subject="x" * 151))["subject"]
    assert missing_recommended(WHOLE) == ["a screenshot or video"]
    assert full_description(replace(WHOLE, steps="")) == "It does."


def test_addresses_may_come_with_a_name() -> None:
    assert requester_of("Dana Reyes <dana@acme.example>") == ("Dana Reyes", "dana@acme.example")
    assert is_address("dana@acme.example")
    for wrong in ("dana", "@acme", "dana@", "dana@acme@example", "da na@acme.example"):
        assert not is_address(requester_of(wrong)[1] if " " not in wrong else wrong)


def test_a_path_that_still_stands_in_its_field_is_sent_too(tmp_path: Path) -> None:
    log = tmp_path / "late.log"
    log.write_text("503")

    async def scene(stage: AppDriver) -> None:
        await fills(stage)
        await stage.pilot.press("tab")
        await stage.pastes(str(log))
        await stage.pilot.press("ctrl+s")
        await stage.until(lambda: stage.desk.created)
        assert stage.desk.created[0].uploads == ("token-late.log",)

    play(tmp_path, scene)


def test_it_opens_at_its_top_at_80_by_24(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await stage.pilot.pause()
        assert [line.strip() for line in stage.text.split("\n")[:5]] == [
            "New ticket",
            "",
            "Requester",
            "who asks: dana@example.com",
            "",
        ]

    play(tmp_path, scene, (80, 24))


def test_the_number_of_a_created_ticket_is_told_and_gone_to_with_two_keys(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await fills(stage)
        await stage.pilot.press("ctrl+s")
        await stage.sees("Your new ticket is #9001: on the board g, then enter, goes there.")
        await stage.pilot.press("j", "g")
        await stage.sees("enter to #9001, your new ticket")
        await stage.pilot.press("enter")
        assert isinstance(stage.app.screen, BoardScreen)
        assert stage.app.screen.ticket_at_hand == ticket_key(9001)
        await stage.pilot.press("g")
        await stage.sees("enter go · esc stay")

    play(tmp_path, scene)


def test_the_number_of_a_created_ticket_is_told_once(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await fills(stage)
        await stage.pilot.press("ctrl+s")
        await stage.sees("Your new ticket is #9001")
        await stage.pilot.press("j")
        assert "Your new ticket" not in stage.text
        assert stage.app.model.outbox_view.take_created() == []

    play(tmp_path, scene)


def test_one_key_empties_the_form_and_brings_it_back_and_drawing_again_takes_nothing(tmp_path: Path) -> None:
    async def scene(stage: AppDriver) -> None:
        await fills(stage)
        await stage.pilot.press("ctrl+l")
        await stage.sees("dana@acme.example", "Boards stay white", "Nobody can work.", "1. open")
        await stage.pilot.press("ctrl+n")
        await stage.until(lambda: "Boards stay white" not in stage.text)
        await stage.sees("the same key brings back what stood there")
        await stage.pilot.press("ctrl+n")
        await stage.sees("dana@acme.example", "Boards stay white", "Nobody can work.", "1. open")

    play(tmp_path, scene)
