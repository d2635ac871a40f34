"""A draft that is closed in one window can be gone on with in another one, with all that was typed."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from msgspec.structs import replace

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import START
from supporttui.presentation.board.pending_changes import PendingChanges
from supporttui.store.lease import DraftLease
from supporttui.store.operations import Draft
from supporttui.store.outbox import Outbox

DRAFT = Draft(id="d", updated_at=START, ticket_id=None, body="the last word")


@pytest.fixture
def pending(desk: EmbeddedDesk, windows: WindowGroup) -> Iterator[PendingChanges]:
    """A window that writes drafts once a minute, unless it is told to."""
    engine = windows.live(desk.open_desk, timings=replace(FAST_TIMINGS, draft_s=60.0))
    with closing(Outbox(windows.files.outbox, windows.files.desk)) as outbox:
        yield PendingChanges(outbox, engine)


def drafts(windows: WindowGroup) -> list[str]:
    with closing(Outbox(windows.files.outbox, windows.files.desk)) as outbox:
        return [each.body for each in outbox.load_drafts()]


def test_whoever_gets_a_draft_finds_its_last_text_on_disk(windows: WindowGroup, pending: PendingChanges) -> None:
    other = DraftLease(windows.files.outbox, "d")
    assert pending.claim_draft("d")
    pending.save_draft(DRAFT)
    assert not other.acquire()
    pending.release_draft("d")
    wait_until(other.acquire)
    assert drafts(windows) == ["the last word"]
    assert not pending.claim_draft("d")
    other.release()


def test_a_draft_that_is_opened_again_at_once_stays_with_its_window(
    windows: WindowGroup, pending: PendingChanges
) -> None:
    other = DraftLease(windows.files.outbox, "d")
    for _ in range(50):
        assert pending.claim_draft("d")
        pending.save_draft(DRAFT)
        pending.release_draft("d")
    assert pending.claim_draft("d")
    wait_until(lambda: drafts(windows))
    assert not other.acquire()
    pending.release_draft("d")
    wait_until(other.acquire)
    other.release()
