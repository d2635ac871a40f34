"""Connections cut at byte after byte of a write, each time followed until the operation is settled.

The product's outbox sender sends over its own transport. The desk lives through a whole stripe of bytes, a
window through a hundred; each byte has an operation of its own, and every few a ticket.
"""

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from support.clock.virtual_time import VirtualClock, eventually, run_virtually
from support.clock.virtual_time_window import VirtualTimeSender, virtual_time_sender
from support.desks.virtual_time_desk import VirtualTimeDesk
from support.desks.zendesk_model import ZendeskModel
from support.faults.delivery_check import DeliveryTally, check_delivery_counts
from support.faults.fault_network import ConnectionCut, FaultNetwork
from support.sample_values import make_reply, make_ticket, operation_with, ticket_key
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.operations import Operation, OperationKind, OperationState, new_operation_id
from supporttui.sync.timings import Timings

PACE: Final = Timings(lookup_s=(0.0, 5.0, 30.0))
"""The product's own, but that it looks for a lost write no more once it has been settled for long."""

SETTLES_WITHIN_S: Final = 60.0
"""By the virtual clock: longer than all the looking and waiting of the sender together."""

OPERATIONS_PER_TICKET: Final = 5
BYTES_PER_WINDOW: Final = 100
LONGEST_BYTES: Final = 100_000
CUT_MARK: Final = " cut at "
CREATIONS_PER_SUBJECT: Final = 2
"""So many creations have the same subject: one of them must not be taken for another."""

WRITES: Final = {
    "reply": ("PUT", "/api/v2/tickets/"),
    "creation": ("POST", "/api/v2/tickets.json"),
    "upload": ("POST", "/api/v2/uploads.json"),
}


class FaultNetworkDesk(Protocol):
    """A desk behind a network that breaks."""

    network: FaultNetwork

    async def open_desk(self) -> ZendeskDesk: ...

    def create(self) -> TicketId: ...

    def newest(self) -> TicketId: ...

    def version(self, ticket_id: TicketId) -> str: ...

    def applied(self) -> Counter[str]: ...

    def forget_uploads(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class CutVariant:
    """What else a write may be like, whichever byte it is cut at."""

    is_reset: bool
    """The client sees a reset; otherwise the end of the stream."""
    is_bare: bool
    """A reply that names no version, or a creation of which the board hears before it is looked for."""


@dataclass(frozen=True)
class Stripe:
    """The bytes that one process tries: every `step`th from `first`, of one write on one desk."""

    kind: str
    is_own: bool
    """Our own desk; otherwise one of Zendesk's shape."""
    first: int
    step: int
    folder: Path
    tries_all: bool
    """Every variant at every byte; otherwise the next variant at the next byte."""


@dataclass
class StripeOutcome:
    """What came of a stripe."""

    request_bytes: int = 0
    answer_bytes: int = 0
    settled: Counter[str] = field(default_factory=Counter)
    tally: DeliveryTally = field(default_factory=DeliveryTally)


CUT_VARIANTS: Final = tuple(CutVariant(is_reset, is_bare) for is_bare in (False, True) for is_reset in (True, False))


def cut_stripe(stripe: Stripe) -> StripeOutcome:
    """Try one stripe, in a world of its own."""
    return run_virtually(lambda clock: _cut(stripe, clock))


async def _cut(stripe: Stripe, clock: VirtualClock) -> StripeOutcome:
    stripe.folder.mkdir(parents=True, exist_ok=True)
    log = stripe.folder / "board.log"
    log.write_text("the board does not load\n" * 4)
    desk: FaultNetworkDesk = VirtualTimeDesk(stripe.folder / "desk", clock) if stripe.is_own else ZendeskModel(clock)
    outcome = StripeOutcome()
    outcome.request_bytes = await _all_bytes(stripe, clock, desk, log, outcome, of_answer=False)
    outcome.answer_bytes = await _all_bytes(stripe, clock, desk, log, outcome, of_answer=True)
    # Each window was judged at its end; nothing may have come of what it left behind.
    assert max(count for body, count in desk.applied().items() if CUT_MARK in body) == 1
    desk.close()
    return outcome


async def _all_bytes(
    stripe: Stripe, clock: VirtualClock, desk: FaultNetworkDesk, log: Path, outcome: StripeOutcome, *, of_answer: bool
) -> int:
    """Cut at every byte of the stripe until all variants of the write end before it; how many were cut."""
    in_all = 0
    for first in range(stripe.first, LONGEST_BYTES, stripe.step * BYTES_PER_WINDOW):
        folder = stripe.folder / f"window {of_answer} {first}"
        async with virtual_time_sender(await desk.open_desk(), folder, clock, PACE) as sender:
            cutting = _CutRun(stripe, clock, desk, sender, log, outcome.settled)
            cut = await cutting.run(range(first, first + stripe.step * BYTES_PER_WINDOW, stripe.step), of_answer)
        desk.forget_uploads()
        outcome.tally.take(check_delivery_counts(desk.applied(), cutting.bodies, sender.files.outbox), str(stripe))
        in_all += cut
        if cut < BYTES_PER_WINDOW:
            return in_all
    raise AssertionError("a write without an end")


class _CutRun:
    """The life of one window."""

    def __init__(
        self,
        stripe: Stripe,
        clock: VirtualClock,
        desk: FaultNetworkDesk,
        sender: VirtualTimeSender,
        log: Path,
        settled: Counter[str],
    ) -> None:
        self.bodies: list[str] = []
        self._stripe = stripe
        self._clock = clock
        self._desk = desk
        self._sender = sender
        self._ticket_id = ticket_key(0)
        self._log = log
        self._settled_as = settled

    async def run(self, at_bytes: range, of_answer: bool) -> int:
        """Cut at each of these bytes until the write ends before one; how many were cut."""
        for number, at_byte in enumerate(at_bytes):
            if not await self._cut_in_turn(at_byte, number % len(CUT_VARIANTS), of_answer=of_answer):
                return number
        return len(at_bytes)

    async def _cut_in_turn(self, at_byte: int, turn: int, *, of_answer: bool) -> bool:
        """Cut at one byte, in the variant whose turn it is or the next one that is long enough; whether one was."""
        was_cut = False
        for variant in (*CUT_VARIANTS[turn:], *CUT_VARIANTS[:turn]):
            was_cut |= await self._cut_at(at_byte, variant, of_answer=of_answer)
            if was_cut and not self._stripe.tries_all:
                break
        return was_cut

    async def _cut_at(self, at_byte: int, variant: CutVariant, *, of_answer: bool) -> bool:
        method, path = WRITES[self._stripe.kind]
        cut = self._desk.network.cut = ConnectionCut(method, path, at_byte, of_answer, variant.is_reset)
        body = f"{'answer' if of_answer else 'request'}{CUT_MARK}{at_byte:04} {CUT_VARIANTS.index(variant)}"
        operation = self._operation(body, is_bare=variant.is_bare)
        self.bodies.append(body)
        self._sender.push.submit(operation, None)
        if variant.is_bare and operation.subject is not None:
            await self._hear_of_it(cut, operation.subject)
        state = await self._settled(operation.id)
        self._settled_as[state] += 1
        return cut.has_happened

    async def _hear_of_it(self, cut: ConnectionCut, subject: str) -> None:
        """The board hears of what is new before the sender looks for what it has sent."""
        with contextlib.suppress(AssertionError):
            await eventually(lambda: cut.has_happened, 0.1, every_s=0.002)
            announced = make_ticket(self._desk.newest(), subject=OutsideText(subject), created_at=self._clock.now())
            self._sender.engine_context.cache.apply([announced], ())

    async def _settled(self, operation_id: str) -> str:
        """How it ends. What stays unknown is decided by a person, who looks at the desk."""
        with contextlib.suppress(AssertionError):
            await eventually(self._is_all_sent, SETTLES_WITHIN_S, every_s=1.0)
            return OperationState.SENT.value
        left = self._sender.outbox.load(operation_id)
        assert left is not None
        assert left.state is OperationState.UNKNOWN, left
        assert left.patch.body is not None
        is_there = bool(self._desk.applied()[left.patch.body])
        (self._sender.push.drop if is_there else self._sender.push.retry)(operation_id)
        await eventually(self._is_all_sent, SETTLES_WITHIN_S, every_s=1.0)
        return f"{'dropped' if is_there else 'repeated'} by a person"

    def _is_all_sent(self) -> bool:
        return self._sender.engine_context.status.unsent == 0

    def _operation(self, body: str, *, is_bare: bool) -> Operation:
        number = len(self.bodies)
        if self._stripe.kind == "creation":
            return operation_with(
                id=new_operation_id(),
                kind=OperationKind.CREATE,
                created_at=self._clock.now(),
                subject=f"Down {number // CREATIONS_PER_SUBJECT:04}",
                body=body,
                severity=1,
                requester_email="new@c.example",
            )
        if number % OPERATIONS_PER_TICKET == 0:
            self._ticket_id = self._desk.create()
        return make_reply(
            self._ticket_id,
            body,
            created_at=self._clock.now(),
            files=(str(self._log),) if self._stripe.kind == "upload" else (),
            based_on=None if is_bare else self._desk.version(self._ticket_id),
        )
