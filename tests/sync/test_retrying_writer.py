"""Small parts of the engine: writes that the disk refuses, waits, file names."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.sample_values import DESK, START, make_reply
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Draft, OperationState, TransitionRefused
from supporttui.store.outbox import Outbox
from supporttui.sync.puller import attachment_file_name
from supporttui.sync.retrying_writer import DraftSaver, RetryingWriter
from supporttui.sync.timings import Backoff, Timings


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with closing(Outbox(tmp_path / "outbox.db", DESK)) as opened:
        yield opened


def test_what_a_full_disk_refuses_is_said_and_written_in_order_when_there_is_room(outbox: Outbox) -> None:
    said: list[str | None] = []
    retrying_writer = RetryingWriter(lambda problem: said.append(None if problem is None else str(problem)))
    (pages,) = outbox._file._connection.execute("PRAGMA page_count").fetchone()
    outbox._file._connection.execute(f"PRAGMA max_page_count = {pages}")
    replies = [make_reply(body="x" * 10_000), make_reply(body="y" * 10_000)]
    for reply in replies:
        retrying_writer.write(lambda each=reply: outbox.add(each))  # type: ignore[misc] # a bound loop variable
    assert outbox.load_all() == []
    assert retrying_writer.unsaved
    assert said
    assert said[0] is not None
    assert "full" in said[0]
    outbox._file._connection.execute("PRAGMA max_page_count = 1000000")
    retrying_writer.retry_waiting()
    assert outbox.load_all() == replies
    assert said[-1] is None


def test_a_draft_is_let_go_only_when_its_last_text_is_on_disk(outbox: Outbox) -> None:
    async def play() -> None:
        writer = RetryingWriter(lambda problem: None)
        drafts = DraftSaver(outbox, writer, within_s=60.0)
        kept: list[list[str]] = []

        def note() -> None:
            kept.append([each.body for each in outbox.load_drafts()])

        draft = Draft(id="d", updated_at=START, ticket_id=None, body="the last word")
        drafts.save(draft)
        drafts.when_saved(note)
        assert kept == [["the last word"]]
        (pages,) = outbox._file._connection.execute("PRAGMA page_count").fetchone()
        outbox._file._connection.execute(f"PRAGMA max_page_count = {pages}")
        longer = "and on " * 5_000
        drafts.save(replace(draft, body=longer))
        drafts.when_saved(note)
        assert len(kept) == 1
        outbox._file._connection.execute("PRAGMA max_page_count = 1000000")
        writer.retry_waiting()
        drafts.run_when_saved()
        assert kept[1:] == [[longer]]

    asyncio.run(play())


def test_a_write_that_can_never_succeed_is_told_once_and_does_not_block_what_follows(outbox: Outbox) -> None:
    writer, sent = RetryingWriter(lambda problem: None), make_reply(state=OperationState.SENT)
    outbox.add(sent)

    def queue_again() -> None:
        outbox.change(sent.id, OperationState.QUEUED)

    with pytest.raises(TransitionRefused):
        writer.write(queue_again)
    assert writer.unsaved == 0
    writer.write(lambda: outbox.add(make_reply()))
    assert len(outbox.load_all()) == 2


def test_a_write_that_failed_half_way_leaves_nothing(outbox: Outbox) -> None:
    (pages,) = outbox._file._connection.execute("PRAGMA page_count").fetchone()
    outbox._file._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StoreProblem, match="full"):
        outbox.add(make_reply(body="x" * 100_000))
    assert outbox.load_all() == []
    outbox._file._connection.execute("PRAGMA max_page_count = 1000000")
    outbox.add(make_reply())
    assert len(outbox.load_all()) == 1


def test_the_first_retries_are_quick_and_none_exceeds_fifteen_seconds() -> None:
    backoff = Backoff(Timings())
    waits = [backoff.next_s() for _ in range(100)]
    assert sum(waits[:4]) < 2.0
    assert max(waits) <= 15.0
    assert min(waits[20:]) > 5.0
    backoff.reset()
    assert backoff.next_s() <= 0.2


@pytest.mark.parametrize(
    ("sent", "ours"),
    [
        ("board.log", "7-board.log"),
        ("../../.bashrc", "7-file.bashrc"),
        ("a/b\0\x1b[31m.sh", "7-a_b___31m.sh"),
        ("", "7-file"),
        ("späť 2.log", "7-späť_2.log"),
        ("x" * 300 + "." + "y" * 300, f"7-{'x' * 50}.{'y' * 10}"),
        ("-rf", "7-rf"),
    ],
)
def test_a_downloaded_file_has_a_name_of_our_own_making(sent: str, ours: str) -> None:
    attachment = Attachment(
        id=7, file_name=OutsideText(sent), content_type=OutsideText(""), size_bytes=1, url=OutsideText("")
    )
    assert attachment_file_name(attachment) == ours
