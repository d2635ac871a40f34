"""A change that its desk cannot do in one request: no step is done twice, and what was done is said."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.board_samples import NOW, sample_ticket
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.sample_values import DESK, make_reply, ticket_key
from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket import Status
from supporttui.helpdesks.base import Interrupted, Rejected, SendResult, TicketUpdate
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Operation, OperationState, StepState, TransitionRefused
from supporttui.store.outbox import Outbox
from supporttui.sync.delivery import Delivery
from supporttui.sync.retrying_writer import RetryingWriter

S = OperationState


class KilledNow(BaseException):
    """The process ends here: nothing of what follows runs."""


class TwoRequestDesk(InMemoryHelpDesk):
    """Takes a text in one request and the properties in another; the process can be killed around each."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.put(sample_ticket(7, "Slow", Status.OPEN))
        self.asked: list[str] = []
        self.kill_before: int | None = None
        self.kill_after: int | None = None
        self.refuse_request: int | None = None
        self.lose_answer_of: int | None = None

    def split(self, patch: TicketPatch) -> tuple[TicketPatch, ...]:
        text = TicketPatch(body=patch.body, is_public=patch.is_public, files=patch.files)
        rest = replace(patch, body=None, files=())
        return (text, rest) if patch.body is not None and rest != TicketPatch(is_public=patch.is_public) else (patch,)

    async def send_update(self, update: TicketUpdate) -> SendResult:
        number = len(self.asked) + 1
        if self.kill_before == number:
            raise KilledNow
        self.asked.append("text" if update.patch.body is not None else "status")
        if update.based_on is not None:
            assert update.based_on == self.tickets[update.ticket_id].version
        if self.refuse_request == number:
            raise Rejected("The status is not allowed.")
        result = await super().send_update(update)
        if self.kill_after == number:
            raise KilledNow
        if self.lose_answer_of == number:
            raise Interrupted("The connection was lost.")
        return result


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with contextlib.closing(Outbox(tmp_path / "outbox.db", DESK)) as opened:
        yield opened


def raise_problem(problem: StoreProblem | None) -> None:
    if problem is not None:
        raise problem


def add_change(desk: TwoRequestDesk, outbox: Outbox) -> Operation:
    """A reply that closes the ticket, in the outbox."""
    operation = make_reply(7, "Fixed.", status=Status.CLOSED, based_on=desk.tickets[ticket_key(7)].version)
    outbox.add(operation)
    return operation


def send(desk: TwoRequestDesk, outbox: Outbox) -> None:
    """What a process does that takes the outbox over: adopt what was in flight, settle it, and send what is queued."""

    async def run() -> None:
        delivery = Delivery(outbox, RetryingWriter(raise_problem), lambda: NOW)
        delivery.mark_in_flight_unknown()
        account = await desk.fetch_account()
        for each in outbox.load_open():
            if each.state is S.UNKNOWN:
                await delivery.settle(desk, account, each, is_settled=True)
        for each in outbox.load_sendable():
            await delivery.deliver(desk, account, each)

    asyncio.run(run())


def texts(desk: TwoRequestDesk) -> list[str]:
    return [message.body.raw for message in desk.messages[ticket_key(7)]]


def loaded(outbox: Outbox, operation: Operation) -> Operation:
    found = outbox.load(operation.id)
    assert found is not None
    return found


def test_two_requests_are_sent_in_order_each_on_the_version_that_the_other_left(outbox: Outbox) -> None:
    desk = TwoRequestDesk()
    operation = add_change(desk, outbox)
    send(desk, outbox)
    assert (desk.asked, texts(desk)) == (["text", "status"], ["Fixed."])
    assert desk.tickets[ticket_key(7)].status is Status.CLOSED
    assert loaded(outbox, operation).state is S.SENT
    assert [(step.what, step.state) for step in outbox.load_requests(operation.id)] == [
        ("the reply", StepState.DONE),
        ("the status", StepState.DONE),
    ]
    assert [update.operation_id for update in desk.updates] == [operation.id, f"{operation.id}-2"]


@pytest.mark.parametrize(
    ("moment", "number"), [("kill_before", 1), ("kill_after", 1), ("kill_before", 2), ("kill_after", 2)]
)
def test_killed_at_any_request_nothing_is_doubled_and_all_is_done_in_the_end(
    outbox: Outbox, moment: str, number: int
) -> None:
    desk = TwoRequestDesk()
    operation = add_change(desk, outbox)
    setattr(desk, moment, number)
    with pytest.raises(KilledNow):
        send(desk, outbox)
    assert loaded(outbox, operation).state is S.IN_FLIGHT

    desk.kill_before = desk.kill_after = None
    send(desk, outbox)
    assert loaded(outbox, operation).state is S.SENT
    assert texts(desk) == ["Fixed."]
    assert desk.asked == ["text", "status"]
    assert desk.tickets[ticket_key(7)].status is Status.CLOSED


def test_killed_between_the_two_what_was_done_is_said(outbox: Outbox) -> None:
    desk = TwoRequestDesk()
    operation = add_change(desk, outbox)
    desk.kill_before = 2
    with pytest.raises(KilledNow):
        send(desk, outbox)
    Delivery(outbox, RetryingWriter(raise_problem), lambda: NOW).mark_in_flight_unknown()
    error = loaded(outbox, operation).error
    assert error is not None
    assert error.raw.startswith("Done: the reply. Not done: the status. supporttui ended while this was being sent.")


def test_a_refused_second_request_says_what_was_done_and_a_retry_sends_only_the_rest(outbox: Outbox) -> None:
    desk = TwoRequestDesk()
    operation = add_change(desk, outbox)
    desk.refuse_request = 2
    with pytest.raises(Rejected):
        send(desk, outbox)
    refused = loaded(outbox, operation)
    assert (refused.state, refused.error and refused.error.raw) == (
        S.REJECTED,
        "Done: the reply. Not done: the status. The status is not allowed.",
    )

    desk.refuse_request = None
    outbox.requeue(operation.id, desk.tickets[ticket_key(7)].version)
    send(desk, outbox)
    assert desk.asked == ["text", "status", "status"]
    assert (texts(desk), loaded(outbox, operation).state) == (["Fixed."], S.SENT)


def test_what_is_partly_done_cannot_become_a_draft_or_another_operation(outbox: Outbox) -> None:
    desk = TwoRequestDesk()
    operation = add_change(desk, outbox)
    desk.refuse_request = 2
    with pytest.raises(Rejected):
        send(desk, outbox)
    with pytest.raises(TransitionRefused):
        outbox.replace(operation.id, make_reply(7, "Fixed. Really."))
    outbox.requeue(operation.id, None)
    with pytest.raises(TransitionRefused):
        outbox.withdraw(operation.id, None)
    outbox.change(operation.id, S.WITHDRAWN)


def test_a_lost_answer_of_the_second_request_is_looked_for_under_its_own_key(outbox: Outbox) -> None:
    desk = TwoRequestDesk()
    operation = add_change(desk, outbox)
    desk.lose_answer_of = 2
    with pytest.raises(Interrupted):
        send(desk, outbox)
    assert loaded(outbox, operation).state is S.UNKNOWN
    send(desk, outbox)
    assert (desk.asked, texts(desk)) == (["text", "status"], ["Fixed."])
    assert loaded(outbox, operation).state is S.SENT
