"""Proof 2: the connection breaks at every byte of request and answer of a reply, a creation and an upload."""

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.clock.waiting import wait_until
from support.desks.embedded_desk import AGENT, serve_embedded_desk
from support.engines import FAST_TIMINGS, WindowGroup
from support.faults.connection_cuts import WRITES, Stripe, StripeOutcome, cut_stripe
from support.faults.delivery_check import check_delivery
from support.faults.fault_network import ConnectionCut
from support.faults.fault_proxy import fault_proxy
from support.sample_values import DESK, make_reply, operation_with
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.operations import FINAL_STATES, Operation, OperationKind, new_operation_id
from supporttui.store.outbox import Outbox

PROCESSES = min(2, os.cpu_count() or 1)
SAMPLES = 200
DESKS = {"own desk": True, "a desk of Zendesk's shape": False}

LEAST_BYTES = {"reply": (450, 1200), "creation": (500, 1200), "upload": (380, 600)}
"""Of the request and the answer: a proof that finds less to cut has not reached the write."""


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Processes that last for the whole module: beginning one takes as long as a hundred cuts."""
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as processes:
        yield processes


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", list(WRITES))
@pytest.mark.parametrize("desk", list(DESKS))
def test_no_byte_at_which_a_connection_breaks_loses_or_doubles_a_write(
    kind: str, desk: str, full: bool, figures: Callable[[str], None], quick_disk: Path, pool: ProcessPoolExecutor
) -> None:
    stripes = [
        Stripe(kind, DESKS[desk], first, PROCESSES, quick_disk / str(first), tries_all=full)
        for first in range(PROCESSES)
    ]
    outcomes = list(pool.map(cut_stripe, stripes))
    request_bytes = sum(each.request_bytes for each in outcomes)
    answer_bytes = sum(each.answer_bytes for each in outcomes)
    lost, duplicated, notes = _summed(outcomes)
    figures(
        f"cut {kind} on {desk}: every one of {request_bytes} bytes of the request and {answer_bytes} of the answer"
        f"{', in 4 ways each' if full else ''}; {_settled(outcomes)}; {lost} lost, {duplicated} duplicated"
    )
    assert not notes
    assert (lost, duplicated) == (0, 0)
    assert all(each.tally.applied == each.tally.decided for each in outcomes)
    least_of_request, least_of_answer = LEAST_BYTES[kind]
    assert request_bytes > least_of_request
    assert answer_bytes > least_of_answer


def _summed(outcomes: list[StripeOutcome]) -> tuple[int, int, list[str]]:
    tallies = [each.tally for each in outcomes]
    notes = [note for each in tallies for note in each.notes]
    return sum(each.lost for each in tallies), sum(each.duplicated for each in tallies), notes


def _settled(outcomes: list[StripeOutcome]) -> str:
    counted: Counter[str] = Counter()
    for each in outcomes:
        counted += each.settled
    return ", ".join(f"{count} {how}" for how, count in sorted(counted.items()))


@pytest.mark.timeout(600)
def test_real_sockets_that_break_lose_and_double_nothing(figures: Callable[[str], None], quick_disk: Path) -> None:
    log = quick_disk / "board.log"
    log.write_text("the board does not load\n" * 4)
    windows = WindowGroup(quick_disk / "window")
    bodies: list[str] = []
    with serve_embedded_desk(quick_disk / "desk", requests_per_minute=10**6) as desk, fault_proxy(desk.socket) as proxy:

        async def open_desk() -> ZendeskDesk:
            return ZendeskDesk(name=DESK, url=proxy.url, email=AGENT, token=desk.token)

        engine = windows.live(open_desk, timings=replace(FAST_TIMINGS, prefetch_s=60.0))
        outbox = Outbox(windows.files.outbox, windows.files.desk)
        unbroken: list[ConnectionCut] = []
        for number in range(SAMPLES):
            kind = ("reply", "creation", "upload")[number % 3]
            method, path = WRITES[kind]
            of_answer = number % 2 == 0
            cut = ConnectionCut(
                method, path, number * 37 % (800 if of_answer else 300), of_answer, is_reset=number % 4 < 2
            )
            proxy.cuts = [cut]
            operation = _operation(kind, f"sample {number}", desk.create() if kind != "creation" else None, log)
            bodies.append(operation.patch.body or "")
            engine.submit(operation)
            wait_until(partial(_is_settled, outbox, operation), within_s=30, every_s=0.01)
            unbroken += [] if cut.has_happened else [cut]
        outbox.close()
        windows.close()
        verdict = check_delivery(bodies, desk.folder / "desk.db", windows.files.outbox)
    figures(f"cut over real sockets: {SAMPLES - len(unbroken)} of {SAMPLES} connections broken; {verdict}")
    assert (verdict.lost, verdict.duplicated) == ((), ())
    assert verdict.applied == SAMPLES
    assert not unbroken


def _operation(kind: str, body: str, ticket_id: TicketId | None, log: Path) -> Operation:
    if ticket_id is None:
        made = make_reply(0, body)
        return operation_with(
            id=new_operation_id(),
            kind=OperationKind.CREATE,
            created_at=made.created_at,
            subject=f"Down with {body}",
            body=body,
            severity=1,
            requester_email="new@customer.example",
        )
    return make_reply(ticket_id, body, files=(str(log),) if kind == "upload" else ())


def _is_settled(outbox: Outbox, operation: Operation) -> bool:
    found = outbox.load(operation.id)
    return found is not None and found.state in FINAL_STATES
