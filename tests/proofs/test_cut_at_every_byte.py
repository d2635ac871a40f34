"""Proof 2: the connection breaks at every byte of request and answer of a reply, a creation and an upload."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from cutting import WRITES, Outcome, Stripe, cut_stripe
from desk_values import make_reply
from fault_pipe import Cut
from fault_proxy import fault_proxy
from history import judged
from running_engine import Windows
from served_desk import AGENT, served
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.records import FINAL_STATES, Operation, OperationKind, new_operation_id
from waiting import until

PROCESSES = 2
SAMPLES = 200


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", list(WRITES))
@pytest.mark.parametrize("desk", ["own desk", "Zendesk's shape"])
def test_no_byte_at_which_a_connection_breaks_loses_or_doubles_a_write(
    kind: str, desk: str, full: bool, figures: Callable[[str], None], quick_disk: Path
) -> None:
    is_plain = desk != "own desk"
    # Every byte on the desk that is tried in each run; on the other one every byte in the full size only.
    step = PROCESSES if full or not is_plain else PROCESSES * 25
    stripes = [
        Stripe(kind, is_plain, first * step // PROCESSES, step, quick_disk / str(first)) for first in range(PROCESSES)
    ]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        outcomes = list(pool.map(cut_stripe, stripes))
    lost, duplicated, notes = _summed(outcomes)
    settled = {state: sum(each.settled.get(state, 0) for each in outcomes) for state in sorted(_states(outcomes))}
    figures(
        f"cut {kind} on {desk}: {sum(each.request_bytes for each in outcomes)} bytes of the request, "
        f"{sum(each.answer_bytes for each in outcomes)} of the answer; {settled}; {lost} lost, {duplicated} duplicated"
    )
    assert not notes
    assert (lost, duplicated) == (0, 0)


def _summed(outcomes: list[Outcome]) -> tuple[int, int, list[str]]:
    tallies = [each.tally for each in outcomes]
    notes = [note for each in tallies for note in each.notes]
    return sum(each.lost for each in tallies), sum(each.duplicated for each in tallies), notes


def _states(outcomes: list[Outcome]) -> set[str]:
    return {state for each in outcomes for state in each.settled}


def test_real_sockets_that_break_lose_and_double_nothing(figures: Callable[[str], None], quick_disk: Path) -> None:
    log = quick_disk / "board.log"
    log.write_text("the board does not load\n" * 4)
    windows = Windows(quick_disk / "window")
    bodies: list[str] = []
    with served(quick_disk / "desk") as desk, fault_proxy(desk.socket) as proxy:

        async def open_desk() -> ZendeskDesk:
            return ZendeskDesk(url=proxy.url, email=AGENT, token=desk.token)

        engine = windows.live(open_desk)
        happened = 0
        for number in range(SAMPLES):
            kind = ("reply", "creation", "upload")[number % 3]
            method, path = WRITES[kind]
            of_answer = number % 2 == 0
            cut = Cut(method, path, number * 37 % (800 if of_answer else 300), of_answer, is_reset=number % 4 < 2)
            proxy.cuts = [cut]
            operation = _operation(kind, f"sample {number}", desk.create() if kind != "creation" else None, log)
            bodies.append(operation.body or "")
            engine.submit(operation)
            until(lambda operation=operation: _is_settled(windows, operation), within_s=30, every_s=0.01)  # type: ignore[misc] # a bound loop variable
            happened += cut.has_happened
        windows.close()
        verdict = judged(bodies, desk.folder / "desk.db", windows.files.outbox)
    figures(f"cut over real sockets: {happened} of {SAMPLES} connections broken; {verdict}")
    assert (verdict.lost, verdict.duplicated) == ((), ())
    assert verdict.applied == SAMPLES
    assert happened > SAMPLES * 0.9


def _operation(kind: str, body: str, ticket_id: int | None, log: Path) -> Operation:
    if ticket_id is None:
        made = make_reply(0, body)
        return Operation(
            id=new_operation_id(),
            kind=OperationKind.CREATE,
            created_at=made.created_at,
            subject="Down",
            body=body,
            severity=1,
            requester_email="new@customer.example",
        )
    return make_reply(ticket_id, body, files=(str(log),) if kind == "upload" else ())


def _is_settled(windows: Windows, operation: Operation) -> bool:
    return any(each.id == operation.id and each.state in FINAL_STATES for each in windows.operations())
