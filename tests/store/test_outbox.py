"""The precious file: what was decided and typed."""

import sqlite3
import stat
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from support.sample_values import DESK, START, at, make_reply, operation_with, ticket_key
from supporttui.domain.patch import UNASSIGNED, CcChange, FieldChange, MergePlan
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import FieldKind, Status, TicketType
from supporttui.store.database import StoreTooNew
from supporttui.store.lease import SenderLease
from supporttui.store.operations import (
    ALLOWED_TRANSITIONS,
    Draft,
    Operation,
    OperationKind,
    OperationState,
    TransitionRefused,
)
from supporttui.store.outbox import Outbox
from supporttui.store.outbox_salvage import damaged_copies

S = OperationState

WAYS = {
    S.HELD: (),
    S.QUEUED: (),
    S.WITHDRAWN: (S.WITHDRAWN,),
    S.IN_FLIGHT: (S.IN_FLIGHT,),
    S.SENT: (S.IN_FLIGHT, S.SENT),
    S.UNKNOWN: (S.IN_FLIGHT, S.UNKNOWN),
    S.CONFLICT: (S.IN_FLIGHT, S.CONFLICT),
    S.REJECTED: (S.IN_FLIGHT, S.REJECTED),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "private" / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    opened = Outbox(path, DESK)
    yield opened
    opened.close()


def put(outbox: Outbox, operation: Operation, *states: OperationState) -> Operation:
    """Add an operation and take it through states."""
    outbox.add(operation)
    for state in states:
        operation = outbox.change(operation.id, state, at=START)
    return operation


def test_an_operation_comes_back_as_it_went_in(outbox: Outbox) -> None:
    operation = operation_with(
        id="o1",
        kind=OperationKind.CREATE,
        created_at=at(0.123),
        body="half a pair \ud83d and \0",
        is_public=False,
        status=Status.ON_HOLD,
        severity=2,
        assignee_id=3,
        tags=("vip", "a \udcff"),
        group_id=UNASSIGNED,
        requester_id=8,
        ticket_type=TicketType.INCIDENT,
        problem_id=ticket_key(4),
        cc_changes=(CcChange("a \udcff@x"), CcChange("", 5, is_removed=True)),
        field_changes=(FieldChange(9, FieldKind.TEXT, "x \0"), FieldChange(10, FieldKind.CHECKBOX, "")),
        development_ticket="",
        follows=ticket_key(3),
        merge=MergePlan(into=ticket_key(2), reply="told \ud83d", requester_id=7, note="the rest"),
        files=("/tmp/a \udcff.log", "b"),
        subject="s",
        requester_email="a@example.com",
        requester_name="Ada",
        based_on="v1",
        audit_mark=12,
        error=OutsideText("no"),
    )
    outbox.add(operation)
    assert outbox.load_open() == [operation]
    assert outbox.load("o1") == operation


def test_the_file_is_synchronised_fully_and_private(outbox: Outbox, path: Path) -> None:
    put(outbox, make_reply())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not Path(f"{path}-wal").exists()
    assert outbox._file.read(lambda database: database.execute("PRAGMA synchronous").fetchone()) == (2,)
    assert outbox._file.read(lambda database: database.execute("PRAGMA journal_mode").fetchone()) == ("delete",)


def test_what_is_added_twice_is_there_once(outbox: Outbox) -> None:
    reply = make_reply()
    outbox.add(reply)
    outbox.add(reply)
    assert outbox.load_all() == [reply]


def test_a_draft_becomes_an_operation_as_one(outbox: Outbox) -> None:
    draft = Draft(id="d", updated_at=START, ticket_id=ticket_key(1), body="hel", fields=(("severity", "2"), ("x", "")))
    outbox.save_draft(draft)
    assert outbox.load_drafts() == [draft]
    outbox.add(make_reply(), draft_id="d")
    assert outbox.load_drafts() == []


@pytest.mark.parametrize("start", list(S))
@pytest.mark.parametrize("to", list(S))
def test_only_the_table_of_transitions_opens_a_way(outbox: Outbox, start: S, to: S) -> None:
    first = S.HELD if start is S.HELD else S.QUEUED
    operation = put(outbox, make_reply(state=first), *WAYS[start])
    if to in ALLOWED_TRANSITIONS[start]:
        assert outbox.change(operation.id, to, at=START).state is to
    else:
        with pytest.raises(TransitionRefused):
            outbox.change(operation.id, to, at=START)
        found = outbox.load(operation.id)
        assert found is not None
        assert found.state is start


@pytest.mark.parametrize("found", [S.IN_FLIGHT, S.UNKNOWN, S.CONFLICT, S.REJECTED])
def test_the_end_of_an_undo_window_queues_nothing_that_has_left_already(outbox: Outbox, found: S) -> None:
    reply = make_reply(state=found)
    outbox.add(reply)
    with pytest.raises(TransitionRefused):
        outbox.change(reply.id, S.QUEUED, only_from=S.HELD)
    assert [each.state for each in outbox.load_all()] == [found]


def test_every_state_but_the_final_ones_can_be_left() -> None:
    assert {state for state, targets in ALLOWED_TRANSITIONS.items() if not targets} == {S.SENT, S.WITHDRAWN}


def test_attempts_are_dated_from_the_first_that_may_have_been_applied(outbox: Outbox) -> None:
    reply = put(outbox, make_reply())
    outbox.change(reply.id, S.IN_FLIGHT, at=at(1))
    outbox.change(reply.id, S.QUEUED, error="no network")
    outbox.change(reply.id, S.IN_FLIGHT, at=at(2))
    outbox.change(reply.id, S.UNKNOWN)
    outbox.change(reply.id, S.QUEUED)
    outbox.change(reply.id, S.IN_FLIGHT, at=at(3))
    outbox.change(reply.id, S.QUEUED, error="no network")
    last = outbox.change(reply.id, S.IN_FLIGHT, at=at(4))
    assert (last.attempts, last.doubts, last.error) == (4, 1, None)
    assert (last.first_attempt_at, last.last_attempt_at) == (at(2), at(4))


def test_a_persons_decision_ends_the_doubts_and_has_refused_files_sent_anew(outbox: Outbox) -> None:
    unknown = put(outbox, make_reply(1), S.IN_FLIGHT, S.UNKNOWN)
    refused = put(outbox, make_reply(2), S.IN_FLIGHT, S.REJECTED)
    for each in (unknown, refused):
        outbox.save_uploads(each.id, ["token"])
        outbox.requeue(each.id, "v2")
    assert [(each.state, each.doubts, each.based_on) for each in outbox.load_open()] == [(S.QUEUED, 0, "v2")] * 2
    assert outbox.load_uploads(unknown.id) == ("token",)
    assert outbox.load_uploads(refused.id) == ()
    with pytest.raises(TransitionRefused):
        outbox.requeue(unknown.id, None)


def test_a_tickets_operations_go_one_after_the_other_and_tickets_side_by_side(outbox: Outbox) -> None:
    first, second, other = make_reply(1), make_reply(1), make_reply(2)
    for each in (first, second, other):
        outbox.add(each)
    assert outbox.load_sendable() == [first, other]
    put_through = [S.IN_FLIGHT, S.SENT]
    for state in put_through:
        outbox.change(first.id, state, at=START)
    assert outbox.load_sendable() == [second, other]


@pytest.mark.parametrize("state", [S.IN_FLIGHT, S.UNKNOWN])
def test_nothing_passes_what_is_undecided(outbox: Outbox, state: S) -> None:
    put(outbox, make_reply(1), *WAYS[state])
    outbox.add(make_reply(1))
    assert outbox.load_sendable() == []


@pytest.mark.parametrize("state", [S.CONFLICT, S.REJECTED])
def test_what_was_decided_before_a_refusal_waits_and_what_came_after_goes(outbox: Outbox, state: S) -> None:
    refused = make_reply(1)
    before = make_reply(1)
    outbox.add(refused)
    outbox.add(before)
    outbox.change(refused.id, S.IN_FLIGHT, at=START)
    outbox.change(refused.id, state)
    assert outbox.load_sendable() == []
    outbox.change(refused.id, S.WITHDRAWN)
    assert outbox.load_sendable() == [before]


def test_a_correction_after_a_refusal_is_not_held_up(outbox: Outbox) -> None:
    put(outbox, make_reply(1), S.IN_FLIGHT, S.REJECTED)
    correction = put(outbox, make_reply(1))
    assert outbox.load_sendable() == [correction]


def test_after_our_own_change_what_waits_follows_its_version(outbox: Outbox) -> None:
    follows = put(outbox, make_reply(1, based_on="v1", audit_mark=4))
    stays = put(outbox, make_reply(1, based_on="v0"))
    outbox.rebase(ticket_key(1), "v1", "v2", 5)
    assert [(each.id, each.based_on, each.audit_mark) for each in outbox.load_open()] == [
        (follows.id, "v2", 5),
        (stays.id, "v0", None),
    ]


def test_uploads_keep_their_order(outbox: Outbox) -> None:
    outbox.save_uploads("o", ["b", "a"])
    assert outbox.load_uploads("o") == ("b", "a")


def test_only_what_is_finished_and_old_is_forgotten(outbox: Outbox) -> None:
    put(outbox, make_reply(), S.IN_FLIGHT, S.SENT)
    unknown = put(outbox, make_reply(2), S.IN_FLIGHT, S.UNKNOWN)
    outbox.delete_finished(START + timedelta(seconds=1))
    assert [each.id for each in outbox.load_all()] == [unknown.id]


def test_another_windows_writes_are_noticed(outbox: Outbox, path: Path) -> None:
    before = outbox.changes()
    other = Outbox(path, DESK)
    assert outbox.changes() == before
    other.add(make_reply())
    assert outbox.changes() != before
    other.close()


def test_a_newer_layout_is_read_and_not_written(outbox: Outbox, path: Path) -> None:
    reply = put(outbox, make_reply())
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    newer = Outbox(path, DESK)
    assert newer.load_open() == [reply]
    with pytest.raises(StoreTooNew, match="newer"):
        newer.add(make_reply())
    newer.close()


def test_what_is_no_database_at_all_is_kept_under_another_name(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 1000)
    opened = Outbox(path, DESK)
    (kept,) = damaged_copies(path)
    assert kept.read_bytes() == b"garbage" * 1000
    assert opened.load_all() == []
    assert kept.name in opened.load_notices()[0]
    opened.close()


def test_one_of_several_holds_the_lease_and_the_next_takes_over(path: Path) -> None:
    path.parent.mkdir()
    leases = [SenderLease(path) for _ in range(3)]
    for here, after in pairwise(leases):
        assert here.acquire()
        assert here.acquire()
        assert not after.acquire()
        here.release()
    assert leases[-1].acquire()
    leases[-1].release()
