"""A merge in the outbox: no step is done twice, what was done is said, and news on the source stops it."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.board_samples import NOW, sample_ticket
from support.desks.in_memory_help_desk import AGENT, InMemoryHelpDesk
from support.sample_values import DESK, ticket_key
from supporttui.domain.patch import MergePlan
from supporttui.domain.ticket import Lifecycle, Status
from supporttui.helpdesks.base import Conflict, Interrupted, Rejected, SendResult, TicketMerge, TicketUpdate
from supporttui.store.operations import Operation, OperationKind, OperationState, StepState, new_operation_id
from supporttui.store.outbox import Outbox
from supporttui.sync.delivery import Delivery
from supporttui.sync.retrying_writer import RetryingWriter

S = OperationState
SOURCE, TARGET = ticket_key(7), ticket_key(8)
PLAN = MergePlan(into=TARGET, reply="It is slow.", requester_id=2, note="We saw it.")


class KilledNow(BaseException):
    """The process ends here: nothing of what follows runs."""


class MergingDesk(InMemoryHelpDesk):
    """Two tickets; at one of the requests, counted from 1, something can happen."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.put(replace(sample_ticket(7, "Slow", Status.OPEN), version="as decided"))
        self.put(sample_ticket(8, "Slow too", Status.OPEN))
        self.requests = 0
        self.raise_before: tuple[int, BaseException] | None = None
        self.raise_after: tuple[int, BaseException] | None = None

    async def send_update(self, update: TicketUpdate) -> SendResult:
        self._begin()
        return self._end(await super().send_update(update))

    async def send_merge(self, merge: TicketMerge) -> SendResult:
        self._begin()
        return self._end(await super().send_merge(merge))

    def _begin(self) -> None:
        self.requests += 1
        if self.raise_before is not None and self.raise_before[0] == self.requests:
            raise self.raise_before[1]

    def _end(self, result: SendResult) -> SendResult:
        if self.raise_after is not None and self.raise_after[0] == self.requests:
            raise self.raise_after[1]
        return result

    def texts(self, number: int) -> list[str]:
        return [message.body.raw for message in self.messages[ticket_key(number)]]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with contextlib.closing(Outbox(tmp_path / "outbox.db", DESK)) as opened:
        yield opened


def ignore(_problem: object) -> None:
    """The disk of these tests has no problem."""


def add_merge(desk: MergingDesk, outbox: Outbox, plan: MergePlan = PLAN) -> Operation:
    operation = Operation(
        id=new_operation_id(),
        kind=OperationKind.MERGE,
        created_at=NOW,
        ticket_id=SOURCE,
        based_on=desk.tickets[SOURCE].version,
        merge=plan,
    )
    outbox.add(operation)
    return operation


def send(desk: MergingDesk, outbox: Outbox) -> None:
    """What a process does that takes the outbox over: adopt what was in flight, settle it, and send what is queued."""

    async def run() -> None:
        delivery = Delivery(outbox, RetryingWriter(ignore), lambda: NOW)
        delivery.mark_in_flight_unknown()
        account = await desk.fetch_account()
        for each in outbox.load_open():
            if each.state is S.UNKNOWN:
                await delivery.settle(desk, account, each, is_settled=True)
        for each in outbox.load_sendable():
            await delivery.deliver(desk, account, each)

    asyncio.run(run())


def state_of(outbox: Outbox, operation: Operation) -> OperationState:
    found = outbox.load(operation.id)
    assert found is not None
    return found.state


def is_merged_once(desk: MergingDesk) -> bool:
    assert desk.texts(7) == [PLAN.source_note]
    assert desk.texts(8) == ["It is slow.", "We saw it."]
    assert [each.is_public for each in desk.messages[TARGET]] == [True, False]
    return len(desk.merges) == 1 and desk.tickets[SOURCE].lifecycle is Lifecycle.MERGED


def test_the_customers_text_is_told_before_the_merge_in_their_own_name(outbox: Outbox) -> None:
    desk = MergingDesk()
    target, operation = desk.tickets[TARGET], add_merge(desk, outbox)
    send(desk, outbox)
    assert is_merged_once(desk)
    assert state_of(outbox, operation) is S.SENT
    (told,) = desk.updates
    assert (told.ticket_id, told.author_id, told.based_on) == (TARGET, 2, target.version)
    assert [(step.what, step.state) for step in outbox.load_requests(operation.id)] == [
        ("the customer's text", StepState.DONE),
        ("the merge", StepState.DONE),
    ]


def test_a_merge_without_a_public_text_takes_one_request(outbox: Outbox) -> None:
    desk = MergingDesk()
    operation = add_merge(desk, outbox, replace(PLAN, reply=None, requester_id=None))
    send(desk, outbox)
    assert (desk.updates, len(desk.merges), state_of(outbox, operation)) == ([], 1, S.SENT)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("moment", ["raise_before", "raise_after"])
@pytest.mark.parametrize("problem", [KilledNow(), Interrupted("The connection was lost.")])
def test_killed_or_cut_at_any_request_nothing_is_doubled_and_all_is_done_in_the_end(
    outbox: Outbox, moment: str, number: int, problem: BaseException
) -> None:
    desk = MergingDesk()
    operation = add_merge(desk, outbox)
    setattr(desk, moment, (number, problem))
    with pytest.raises(type(problem)):
        send(desk, outbox)
    assert state_of(outbox, operation) in (S.IN_FLIGHT, S.UNKNOWN)

    desk.raise_before = desk.raise_after = None
    send(desk, outbox)
    assert is_merged_once(desk)
    assert state_of(outbox, operation) is S.SENT


def test_news_on_the_source_stops_the_merge_before_anything_is_told(outbox: Outbox) -> None:
    desk = MergingDesk()
    operation = add_merge(desk, outbox)
    desk.write(7, 2, "One more thing.")
    with pytest.raises(Conflict):
        send(desk, outbox)
    assert (state_of(outbox, operation), desk.texts(8), desk.merges) == (S.CONFLICT, [], [])
    outbox.requeue(operation.id, desk.tickets[SOURCE].version)
    send(desk, outbox)
    assert (state_of(outbox, operation), len(desk.merges)) == (S.SENT, 1)


def test_a_refused_merge_says_that_the_text_was_told_and_a_retry_does_not_tell_it_again(outbox: Outbox) -> None:
    desk = MergingDesk()
    operation = add_merge(desk, outbox)
    desk.raise_before = (2, Rejected("The ticket is locked."))
    with pytest.raises(Rejected):
        send(desk, outbox)
    found = outbox.load(operation.id)
    assert found is not None
    assert (found.state, found.error and found.error.raw) == (
        S.REJECTED,
        "Done: the customer's text. Not done: the merge. The ticket is locked.",
    )
    desk.raise_before = None
    outbox.requeue(operation.id, None)
    send(desk, outbox)
    assert is_merged_once(desk)


def test_what_somebody_else_has_merged_is_not_merged_again(outbox: Outbox) -> None:
    desk = MergingDesk()
    operation = add_merge(desk, outbox)
    desk.raise_before = (2, KilledNow())
    with pytest.raises(KilledNow):
        send(desk, outbox)
    desk.raise_before = None
    desk.tickets[SOURCE] = replace(desk.tickets[SOURCE], lifecycle=Lifecycle.MERGED)
    with pytest.raises(Conflict):
        send(desk, outbox)
    assert (state_of(outbox, operation), desk.merges) == (S.CONFLICT, [])
    assert AGENT.id not in [message.author_id for message in desk.messages[SOURCE]]
