"""Two windows write on one ticket: nothing typed in either is lost, and each is told of the other."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

from support.app_driver import DANA, MONDAY, message, running_app
from support.desks.in_memory_help_desk import AGENT
from support.sample_values import DESK, ticket_key
from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket import Conversation
from supporttui.presentation.ticket.drafts import SeenMessages, new_messages_sentence
from supporttui.store.lease import DraftLease
from supporttui.store.operations import Draft, Operation, OperationKind, new_operation_id
from supporttui.store.outbox import Outbox

TOLD = "Another window is writing on this ticket as well"


def outbox_of(folder: Path) -> Outbox:
    return Outbox(str(folder / "outbox.db"), DESK)


def drafts_of(folder: Path) -> dict[str, str]:
    with closing(outbox_of(folder)) as outbox:
        return {draft.id: draft.body for draft in outbox.load_drafts()}


def typed_elsewhere(folder: Path, body: str) -> None:
    draft = Draft(id="theirs", updated_at=MONDAY, ticket_id=ticket_key(1042), body=body)
    with closing(outbox_of(folder)) as outbox:
        outbox.save_draft(draft)


def test_each_window_keeps_its_own_draft_and_the_second_is_told(tmp_path: Path) -> None:
    async def play() -> None:
        theirs = DraftLease(str(tmp_path / "outbox.db"), "theirs")
        async with running_app(tmp_path) as stage:
            typed_elsewhere(tmp_path, "Typed in the first window")
            assert theirs.acquire()
            await stage.opens(1042)
            await stage.pilot.press("r")
            await stage.sees(TOLD)
            await stage.types("Mine")
            await stage.until(lambda: len(drafts_of(tmp_path)) == 2)
            typed_elsewhere(tmp_path, "Typed in the first window, and on")
            await stage.types(" too")
            await stage.until(lambda: "Mine too" in drafts_of(tmp_path).values())
            assert drafts_of(tmp_path)["theirs"] == "Typed in the first window, and on"
        theirs.release()

    asyncio.run(play())


def test_draft_of_a_window_that_is_gone_is_gone_on_with(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path) as stage:
            typed_elsewhere(tmp_path, "Typed before the crash")
            await stage.opens(1042)
            await stage.pilot.press("r")
            await stage.sees("Typed before the crash", "Public reply")
            assert TOLD not in stage.text
            await stage.types(" and after")
            await stage.until(lambda: drafts_of(tmp_path) == {"theirs": "Typed before the crash and after"})
            await stage.pilot.press("escape")
            free = DraftLease(str(tmp_path / "outbox.db"), "theirs")
            await stage.until(free.acquire)
            free.release()

    asyncio.run(play())
    assert not [*tmp_path.glob("outbox.db.draft-*")]


def test_answer_sent_from_the_other_window_is_said_before_this_one_goes_out(tmp_path: Path) -> None:
    sent = Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=MONDAY,
        ticket_id=ticket_key(1042),
        patch=TicketPatch(body="From the first window", is_public=True),
    )

    async def play() -> None:
        async with running_app(tmp_path) as stage:
            await stage.opens(1042)
            await stage.pilot.press("r")
            await stage.types("From the second window")
            with closing(outbox_of(tmp_path)) as outbox:
                outbox.add(sent, draft_id="theirs")
            await stage.sees("elsewhere")
            await stage.pilot.press("ctrl+s")
            await stage.sees("Since you began, you")
            assert "From the second window" in drafts_of(tmp_path).values()
            assert [update for update in stage.desk.updates if update.patch.body == "From the second window"] == []

    asyncio.run(play())


def test_answer_of_ours_that_came_from_elsewhere_is_news_too() -> None:
    mine = message(90, AGENT.id, "From the phone", age=timedelta())
    conversation = Conversation(
        ticket_id=ticket_key(1042), ticket_version="v9", messages=(mine,), history=(), last_audit_id=None
    )
    seen = SeenMessages(frozenset(), frozenset(), DANA.id, AGENT.id)

    assert new_messages_sentence(seen, conversation, (), UTC) == "you wrote at 19:31 elsewhere"
    assert new_messages_sentence(replace(seen, unsent=frozenset({"From the phone"})), conversation, (), UTC) == ""


def test_draft_that_another_window_went_on_with_is_gone_on_with_from_there(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path) as stage:
            typed_elsewhere(tmp_path, "One")
            await stage.opens(1042)
            await stage.pilot.press("r")
            await stage.types(" two")
            await stage.until(lambda: drafts_of(tmp_path) == {"theirs": "One two"})
            await stage.pilot.press("escape")
            await stage.sees("your draft of a public reply")
            typed_elsewhere(tmp_path, "One two three")
            await stage.pilot.press("r")
            await stage.types(" four")
            await stage.until(lambda: drafts_of(tmp_path) == {"theirs": "One two three four"})

    asyncio.run(play())


def test_draft_that_another_window_sent_does_not_come_back(tmp_path: Path) -> None:
    async def play() -> None:
        async with running_app(tmp_path) as stage:
            await stage.opens(1042)
            await stage.pilot.press("r")
            await stage.types("Sent by the other window")
            await stage.until(lambda: "Sent by the other window" in drafts_of(tmp_path).values())
            await stage.pilot.press("escape")
            await stage.sees("your draft of a public reply")
            with closing(outbox_of(tmp_path)) as outbox:
                outbox.delete_draft(*drafts_of(tmp_path))
            await stage.pilot.press("r")
            await stage.types("New")
            await stage.until(lambda: list(drafts_of(tmp_path).values()) == ["New"])

    asyncio.run(play())
