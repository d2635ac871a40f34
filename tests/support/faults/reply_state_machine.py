"""A hypothesis state machine: random histories of windows sending replies while everything fails."""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from support.clock.virtual_time import VirtualClock, eventually, virtual_loop
from support.clock.virtual_time_window import VirtualTimeWindow
from support.desks.virtual_time_desk import VirtualTimeDesk
from support.faults.delivery_check import check_delivery, count_desk_comments
from support.faults.fault_network import ConnectionCut
from support.sample_values import make_reply
from supporttui.server.ticket_fields import CommentFields
from supporttui.store.operations import FINAL_STATES, Draft, Operation, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.engine import Timings

T = TypeVar("T")
S = OperationState

MAX_WINDOWS: Final = 3
TICKETS: Final = 2
TYPED_WITHIN_S: Final = 0.5
PACE: Final = Timings(poll_s=30.0, watch_s=1.0, lookup_s=(0.0, 5.0, 30.0))
"""The product's own, but that it looks around less often, and not once more after five minutes: hours go by faster."""

SETTLES_S: Final = 120.0
"""By the virtual clock: longer than the engine looks for anything."""

REFUSALS: Final[tuple[tuple[int, dict[str, str]], ...]] = (
    (409, {}),
    (429, {"Retry-After": "7"}),
    (429, {}),
    (500, {}),
    (503, {"Retry-After": "3"}),
)


class ReplyStateMachine(RuleBasedStateMachine):
    """One user's windows on one store and one desk."""

    figures: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self._resources = contextlib.ExitStack()
        memory = Path("/dev/shm")
        folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self._folder = Path(self._resources.enter_context(folder))
        self._clock = VirtualClock()
        self._loop = self._resources.enter_context(virtual_loop(self._clock))
        self._skew = timedelta()
        self._windows: list[VirtualTimeWindow] = []
        self._outbox: Outbox | None = None
        self._decided: list[str] = []
        self._typed: dict[str, tuple[VirtualTimeWindow, Draft, float]] = {}
        self._refusals: list[tuple[int, dict[str, str]]] = []
        self._keys = 0
        self._steps = -1
        """Invariants are looked at once before the first step."""

    # -- what there is ------------------------------------------------------------------------------------------

    @initialize(is_zendesk_like=some.booleans())
    def begin(self, is_zendesk_like: bool) -> None:
        async def start() -> None:
            self._desk = VirtualTimeDesk(self._folder / "desk", self._clock, is_zendesk_like=is_zendesk_like)
            self._tickets = [self._desk.create(f"Ticket {number}") for number in range(TICKETS)]
            self._desk.shape.refuses = self._refuse
            self._open()
            await asyncio.sleep(5)

        self._run(start())
        self._outbox = Outbox(self._windows[0].files.outbox, self._windows[0].files.desk)

    def _open(self) -> None:
        window = VirtualTimeWindow(
            self._desk.open_desk, self._folder / "user", self._clock, now=self._now, timings=PACE
        )
        self._windows.append(window)

    def _now(self) -> datetime:
        """The machine's time, which somebody may have set."""
        return self._clock.now() + self._skew

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def _refuse(self, method: str, path: str) -> tuple[int, dict[str, str]] | None:
        return self._refusals.pop(0) if method == "PUT" and self._refusals else None

    def _window(self, number: int) -> VirtualTimeWindow:
        return self._windows[number % len(self._windows)]

    # -- what the person does -----------------------------------------------------------------------------------

    @rule(number=some.integers(0, 2), ticket=some.integers(0, TICKETS - 1))
    def type_text(self, number: int, ticket: int) -> None:
        window = self._window(number)
        self._keys += 1
        key, body = f"draft of {id(window)} on {ticket}", "so far " + "x" * self._keys
        draft = Draft(id=key, updated_at=self._now(), ticket_id=self._tickets[ticket], body=body)
        window.tell(window.engine.save_draft, draft)
        self._typed[draft.id] = (window, draft, self._clock.elapsed_s)

    @rule(
        number=some.integers(0, 2),
        ticket=some.integers(0, TICKETS - 1),
        is_held=some.booleans(),
        is_based=some.booleans(),
    )
    def send(self, number: int, ticket: int, is_held: bool, is_based: bool) -> None:
        self._decide_reply(number, ticket, is_held=is_held, is_based=is_based)

    def _decide_reply(self, number: int, ticket: int, *, is_held: bool, is_based: bool) -> None:
        body = f"reply {len(self._decided)}"
        self._decided.append(body)
        ticket_id = self._tickets[ticket]
        operation = make_reply(
            ticket_id,
            body,
            created_at=self._now(),
            based_on=self._desk.version(ticket_id) if is_based else None,
        )
        if is_held:
            until = self._now() + timedelta(seconds=8)
            operation = replace(operation, state=S.HELD, held_until=until)
        self._run(self._committed(self._window(number), operation))

    async def _committed(self, window: VirtualTimeWindow, operation: Operation) -> None:
        """Hand it over, and wait until the outbox has it: before that nobody was told that it is decided."""
        window.tell(window.engine.submit, operation)
        for _turn in range(200):
            if window.operation(operation.id) is not None:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("not committed within two seconds")

    @rule(number=some.integers(0, 2))
    def undo(self, number: int) -> None:
        held = [each for each in self._box().load_open() if each.state in (S.HELD, S.QUEUED)]
        if held:
            window = self._window(number)
            window.tell(window.engine.withdraw, held[-1].id)
            self._run(asyncio.sleep(0.05))

    @rule(seconds=some.sampled_from([0.02, 0.3, 2.0, 9.0, 40.0]))
    def wait(self, seconds: float) -> None:
        self._run(asyncio.sleep(seconds))

    # -- what goes wrong ----------------------------------------------------------------------------------------

    @rule()
    def drop_the_link(self) -> None:
        self._desk.network.drop()

    @rule(is_down=some.booleans())
    def lose_the_network(self, is_down: bool) -> None:
        self._desk.network.is_down = is_down
        if is_down:
            self._desk.network.drop()

    # The faults of a single write are followed by one, so that most histories have something to lose.

    @rule(at_byte=some.integers(0, 1800), of_answer=some.booleans(), is_reset=some.booleans(), is_based=some.booleans())
    def cut_the_next_write(self, at_byte: int, of_answer: bool, is_reset: bool, is_based: bool) -> None:
        self._desk.network.cut = ConnectionCut("PUT", "/api/v2/tickets/", at_byte, of_answer, is_reset)
        self._decide_reply(0, 0, is_held=False, is_based=is_based)

    @rule(refusal=some.sampled_from(REFUSALS), is_based=some.booleans())
    def refuse_the_next_write(self, refusal: tuple[int, dict[str, str]], is_based: bool) -> None:
        self._refusals.append(refusal)
        self._decide_reply(1, 1, is_held=False, is_based=is_based)

    @rule(ticket=some.integers(0, TICKETS - 1))
    def somebody_else_writes(self, ticket: int) -> None:
        self._desk.update(self._tickets[ticket], self._desk.customer_id, comment=CommentFields(body="Any news?"))

    @rule(late_s=some.sampled_from([0.0, 0.0, 3.0, 12.0]), is_based=some.booleans())
    def apply_late(self, late_s: float, is_based: bool) -> None:
        self._desk.shape.late_s = late_s
        self._decide_reply(2, 0, is_held=False, is_based=is_based)

    @rule(end=some.sampled_from(["the link", "the window", "both"]), is_based=some.booleans())
    def lose_what_the_desk_still_works_on(self, end: str, is_based: bool) -> None:
        """The write has arrived whole, and is applied long after nobody waits for it any more."""
        self._desk.shape.late_s = 12.0
        self._decide_reply(0, 1, is_held=False, is_based=is_based)
        self._run(asyncio.sleep(1.0))
        if end != "the window":
            self._desk.network.drop()
        if end != "the link":
            self.kill(0)

    @rule(number=some.integers(0, 2))
    def kill(self, number: int) -> None:
        window = self._window(number)
        self._forget_typing(window)
        self._run(window.kill())
        self._windows.remove(window)
        if not self._windows:
            self._run(self._opened())

    @precondition(lambda self: len(self._windows) < MAX_WINDOWS)
    @rule()
    def open_another(self) -> None:
        self._run(self._opened())

    async def _opened(self) -> None:
        self._open()
        await asyncio.sleep(0.2)

    @precondition(lambda self: len(self._windows) > 1)
    @rule(number=some.integers(0, 2))
    def quit(self, number: int) -> None:
        window = self._window(number)
        self._windows.remove(window)
        self._run(window.quit())

    @rule(seconds=some.sampled_from([1.0, 25.0, 400.0]))
    def stop_and_continue(self, seconds: float) -> None:
        # Everything stands while the time goes on; then every timer that has run out meanwhile is due at once.
        self._clock.elapsed_s += seconds
        self._typed = {key: (window, draft, at + seconds) for key, (window, draft, at) in self._typed.items()}

    @rule(hours=some.sampled_from([-30, -1, 1, 30]))
    def set_the_clock(self, hours: int) -> None:
        self._skew += timedelta(hours=hours)

    # -- what has to be so --------------------------------------------------------------------------------------

    def _box(self) -> Outbox:
        assert self._outbox is not None
        return self._outbox

    def _forget_typing(self, window: VirtualTimeWindow) -> None:
        """What a killed window had taken less than half a second ago may be missing."""
        now_s = self._clock.elapsed_s
        self._typed = {
            key: each for key, each in self._typed.items() if each[0] is not window or now_s - each[2] > TYPED_WITHIN_S
        }

    @invariant()
    def counted(self) -> None:
        self._steps += 1

    @invariant()
    def nothing_is_lost_and_nothing_doubled(self) -> None:
        if self._outbox is None:
            return
        verdict = check_delivery(self._decided, self._desk.database, self._box().path)
        assert not verdict.lost, verdict
        assert not verdict.duplicated, verdict
        assert not verdict.misplaced, verdict

    @invariant()
    def typing_is_on_disk_in_time(self) -> None:
        kept = {draft.id: draft.body for draft in self._box().load_drafts()} if self._outbox is not None else {}
        for key, (_window, draft, at_s) in self._typed.items():
            if self._clock.elapsed_s - at_s > TYPED_WITHIN_S:
                assert kept.get(key) == draft.body

    def teardown(self) -> None:
        """Everything works again, and a person decides what is theirs: then every reply stands there once."""
        try:
            if self._outbox is not None:
                self._run(self._ended())
                self._judge_the_end()
        finally:
            if self._outbox is not None:
                self._outbox.close()
                self._desk.close()
            self._resources.close()

    async def _ended(self) -> None:
        self._desk.network.is_down, self._desk.network.cut, self._desk.shape.late_s = False, None, 0.0
        self._refusals.clear()
        await self._settled(lambda: not self._box().load_open())
        for _round in range(6):
            if not await self._decide():
                break
        for window in self._windows:
            await window.quit()

    async def _decide(self) -> bool:
        """A person looks at what is left: drops what the desk has, and sends the rest on the ticket as it is."""
        left = self._box().load_open()
        there = count_desk_comments(self._desk.database)
        engine = self._windows[0].engine
        for each in left:
            ReplyStateMachine.figures["decided by a person"] += 1
            (engine.drop if there[each.patch.body or ""] else engine.retry)(each.id)
            await self._settled(lambda decided=each.id: self._is_final(decided))  # type: ignore[misc] # a bound loop variable
        return bool(left)

    async def _settled(self, condition: Callable[[], bool]) -> None:
        """Until this is so, or until the engine will not change it any more."""
        with contextlib.suppress(AssertionError):
            await eventually(condition, SETTLES_S, every_s=1.0)

    def _is_final(self, operation_id: str) -> bool:
        found = self._box().load(operation_id)
        return found is not None and found.state in FINAL_STATES

    def _judge_the_end(self) -> None:
        verdict = check_delivery(self._decided, self._desk.database, self._box().path)
        left = [(each.patch.body, each.state, each.error) for each in self._box().load_open()]
        assert not left, left
        there = count_desk_comments(self._desk.database)
        withdrawn = {each.patch.body for each in self._box().load_all() if each.state is S.WITHDRAWN}
        for body in self._decided:
            assert there[body] == 1 or (body in withdrawn and there[body] == 0), (body, verdict)
        ReplyStateMachine.figures["histories"] += 1
        ReplyStateMachine.figures["steps"] += self._steps
        ReplyStateMachine.figures["replies"] += len(self._decided)
        ReplyStateMachine.figures["applied"] += verdict.applied
        ReplyStateMachine.figures["withdrawn"] += len(withdrawn)
        ReplyStateMachine.figures["hours"] += int(self._clock.elapsed_s / 3600)
