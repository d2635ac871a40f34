"""Connections cut at byte after byte of a write, each time followed until the operation is settled."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from desk_values import make_reply
from fault_pipe import Cut
from history import Tally, judged
from supporttui.store.outbox import Outbox
from supporttui.store.records import Operation, OperationKind, OperationState, new_operation_id
from virtual_desk import VirtualDesk
from virtual_time import VirtualClock, happens, run_virtually
from virtual_window import VirtualWindow

SETTLES_WITHIN_S: Final = 300.0
"""By the virtual clock: longer than all the looking and waiting of the engine together."""

WRITES: Final = {
    "reply": ("PUT", "/api/v2/tickets/"),
    "creation": ("POST", "/api/v2/tickets.json"),
    "upload": ("POST", "/api/v2/uploads.json"),
}


@dataclass(frozen=True)
class Stripe:
    """The bytes that one process tries: every `step`th from `first`, of one write on one desk."""

    kind: str
    is_plain: bool
    first: int
    step: int
    folder: Path


@dataclass
class Outcome:
    """What came of a stripe."""

    request_bytes: int = 0
    answer_bytes: int = 0
    settled: dict[str, int] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)


def cut_stripe(stripe: Stripe) -> Outcome:
    """Try one stripe, in a world of its own."""
    return run_virtually(lambda clock: _Cutting(stripe, clock).run())


class _Cutting:
    def __init__(self, stripe: Stripe, clock: VirtualClock) -> None:
        self._stripe = stripe
        self._clock = clock
        self._outcome = Outcome()
        self._desk = VirtualDesk(stripe.folder / "desk", clock, is_plain=stripe.is_plain)
        self._window = VirtualWindow(self._desk.open_desk, stripe.folder / "window", clock)
        self._log = stripe.folder / "board.log"
        self._log.write_text("the board does not load\n" * 4)
        self._bodies: list[str] = []

    async def run(self) -> Outcome:
        await self._window.live()
        self._outcome.request_bytes = await self._all_bytes(of_answer=False)
        self._outcome.answer_bytes = await self._all_bytes(of_answer=True)
        await self._window.quit()
        verdict = judged(self._bodies, self._desk.database, self._window.files.outbox)
        self._outcome.tally.take(verdict, str(self._stripe))
        self._desk.close()
        return self._outcome

    async def _all_bytes(self, *, of_answer: bool) -> int:
        """Cut at every byte of the stripe until one lies behind the end; how many were cut."""
        for number, at_byte in enumerate(range(self._stripe.first, 1_000_000, self._stripe.step)):
            if not await self._cut_at(at_byte, of_answer=of_answer):
                return number
        raise AssertionError("a write without an end")

    async def _cut_at(self, at_byte: int, *, of_answer: bool) -> bool:
        method, path = WRITES[self._stripe.kind]
        # A reset and an orderly end look different to the client; every other byte gets the one or the other.
        is_reset = (at_byte // self._stripe.step) % 2 == 0
        cut = self._desk.network.cut = Cut(method, path, at_byte, of_answer, is_reset)
        operation = self._operation(f"{'answer' if of_answer else 'request'} cut at {at_byte}")
        self._bodies.append(operation.body or "")
        self._window.engine.submit(operation)
        with contextlib.closing(Outbox(self._window.files.outbox)) as outbox:
            state = await self._settled(outbox, operation.id)
        self._outcome.settled[state.value] = self._outcome.settled.get(state.value, 0) + 1
        return cut.has_happened

    async def _settled(self, outbox: Outbox, operation_id: str) -> OperationState:
        """The state in which the engine leaves it."""

        def state() -> OperationState | None:
            found = outbox.load(operation_id)
            return found.state if found is not None else None

        with contextlib.suppress(AssertionError):
            await happens(lambda: state() is OperationState.SENT, SETTLES_WITHIN_S, every_s=0.2)
        await asyncio.sleep(0)
        return state() or OperationState.WITHDRAWN

    def _operation(self, body: str) -> Operation:
        if self._stripe.kind == "creation":
            return Operation(
                id=new_operation_id(),
                kind=OperationKind.CREATE,
                created_at=self._clock.now(),
                subject="Down",
                body=body,
                severity=1,
                requester_email="new@c.example",
            )
        ticket_id = self._desk.create()
        files = (str(self._log),) if self._stripe.kind == "upload" else ()
        return make_reply(
            ticket_id, body, created_at=self._clock.now(), files=files, based_on=self._desk.version(ticket_id)
        )
