"""Kills window processes between key press and confirmation, and checks what the next start does."""

import asyncio
import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from support.clock.waiting import wait_until
from support.desks.embedded_desk import AGENT, EmbeddedDesk, serve_embedded_desk
from support.desks.zendesk_shape import ZendeskLikeServer, serve_zendesk_like
from support.engines import WindowGroup
from support.faults.delivery_check import DeliveryVerdict, check_delivery
from support.faults.window_process import WindowProcess
from support.sample_values import make_reply
from support.terminals.board_terminal import SEND, StoredFiles, open_board
from support.terminals.terminal import Terminal
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.operations import Operation, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.engine import Engine, Timings
from supporttui.zendesk_api import request_bodies, responses

S = OperationState
LATE_S: Final = 0.7
PACE: Final[dict[str, Any]] = {
    "poll_s": 0.2,
    "watch_s": 0.05,
    "draft_s": 0.05,
    "first_retry_s": 0.05,
    "slowest_retry_s": 0.3,
    "lookup_s": (0.0, 0.4, 0.4, 1.0),
    "settled_after_s": 1.2,
    "prefetch_s": 0.0,
}
"""Everything as in the product, scaled so that a write may take a second instead of half a minute."""

USER_DECIDES_AFTER_S: Final = 3.5
"""An operation that stays unknown for so long is a person's to decide: the engine has looked as often as it does."""

FIRST_WINDOW_STOPS_AT: Final = "delivery in flight"
"""Where a first window dies whose operation a second one adopts: on disk as in flight, nothing sent."""

SCENARIOS: Final = ("reply", "reply with a file", "leaving", "adoption", "screen")
"""What a window can be about when it dies. In the first the only write is the reply itself."""


@dataclass(frozen=True)
class KilledWindow:
    """One window that was killed, and what became of its reply."""

    point: str
    verdict: DeliveryVerdict
    asked_person: bool
    reached: bool
    story: str
    """How it ended, and what it had done, for the case that it did not die where it should."""


LAST_UI_POINT: Final = "ui confirmed"
"""The point that a board passes last, after the conversation has been fetched: recording waits for it."""


class KillHarness:
    """A desk that is not idempotent, and that may apply writes late, with windows that die on it."""

    def __init__(self, folder: Path, desk: EmbeddedDesk, server: ZendeskLikeServer, name: str) -> None:
        self._folder = folder
        self._desk = desk
        self._server = server
        self._name = name
        self._number = 0
        self._gate = threading.Lock()
        self._log = folder / "board.log"
        self._log.write_text("the board does not load\n" * 40)

    def kill(self, scenario: str, environment: dict[str, str], *, after_s: float | None = None) -> KilledWindow:
        """Let a window write a reply and die; then start another one, and judge."""
        with self._gate:
            self._number += 1
            number = self._number
        folder, body = self._folder / f"{self._name}-{number}", f"reply {number} on {self._name}"
        ticket_id = self._desk.create(f"Ticket {number} {self._name}")
        windows = WindowGroup(folder)
        if scenario == "screen":
            ended, typed = self._screen(folder, windows, body, environment)
            story = f"{scenario}: {ended=}, {typed=}"
        else:
            ended, typed, story = self._driven(folder, ticket_id, body, scenario, environment, after_s)
        asked = self._next_start(windows, ticket_id, body)
        verdict = check_delivery([body] if typed else [], self._desk.folder / "desk.db", windows.files.outbox)
        return KilledWindow(environment.get("SUPPORTTUI_STOP_AT", "any moment"), verdict, asked, ended, story)

    def _options(self, folder: Path, ticket_id: TicketId, **more: Any) -> dict[str, Any]:
        base = {"url": self._server.url, "token": self._desk.token, "folder": str(folder), "timings": PACE}
        version = self._desk.version(ticket_id)
        return base | {"drafted": True, "held_s": 0.1, "based_on": version} | more

    def _driven(
        self,
        folder: Path,
        ticket_id: TicketId,
        body: str,
        scenario: str,
        environment: dict[str, str],
        after_s: float | None,
    ) -> tuple[bool, bool, str]:
        """Whether the window died by itself at its point, whether the text had been on disk before, and its story."""
        replies = [(ticket_id.id, body)]
        leaves = scenario == "leaving"
        if scenario == "adoption":
            first = WindowProcess(
                {"SUPPORTTUI_STOP_AT": FIRST_WINDOW_STOPS_AT}, **self._options(folder, ticket_id, replies=replies)
            )
            wait_until(lambda: first.has_ended, within_s=30)
            first.end()
            replies = []
        files = [str(self._log)] if scenario == "reply with a file" else []
        window = WindowProcess(
            environment, **self._options(folder, ticket_id, replies=replies, leaves=leaves, files=files)
        )
        if after_s is None:
            with contextlib.suppress(AssertionError):
                dies = "SUPPORTTUI_STOP_AT" in environment
                done = WindowGroup(folder)
                wait_until(lambda: window.has_ended or (not dies and not leaves and self._is_done(done)), within_s=12)
        else:
            wait_until(lambda: window.typed or window.has_ended, within_s=20)
            threading.Event().wait(after_s)  # a random moment: the experiment
        code = window.process.poll()
        window.end()
        story = f"{scenario}: exit code {code}, typed {window.typed}, committed {window.committed}, said {window.said}"
        return code == -signal.SIGKILL, bool(window.typed) or scenario == "adoption", story

    def _screen(self, folder: Path, windows: WindowGroup, body: str, environment: dict[str, str]) -> tuple[bool, bool]:
        """The same with the whole program in a terminal, by keys."""
        home = folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        kept = StoredFiles(self._desk, home, url=self._server.url)
        windows.files = kept.files
        where = {"SUPPORTTUI_URL": self._server.url} | environment
        with open_board(self._desk, home, environment=where, rows=40, columns=120) as window:
            if not self._writes(window, kept, body):
                return window.wait_exit() == -signal.SIGKILL, False
            window.type(SEND)
            if "SUPPORTTUI_STOP_AT" not in environment:
                record = Path(environment["SUPPORTTUI_POINTS_TO"])
                wait_until(lambda: self._is_done(windows) and LAST_UI_POINT in record.read_text(), within_s=60)
                return False, True
            with contextlib.suppress(AssertionError):
                return window.wait_exit(within_s=15) == -signal.SIGKILL, True
        return False, True

    def _writes(self, window: Terminal, kept: StoredFiles, body: str) -> bool:
        """Open the ticket and type, until that is on disk; False where the window died before."""
        for keys, then in (("", "Ticket "), ("\r", "It stays empty."), ("r", "Public reply")):
            window.type(keys)
            window.wait_for(lambda shown=then: window.has_ended or shown in window.text(), within_s=30)  # type: ignore[misc] # a bound loop variable
            if window.has_ended:
                return False
        window.type(body)
        wait_until(lambda: window.has_ended or [draft.body for draft in kept.drafts()] == [body], within_s=30)
        return [draft.body for draft in kept.drafts()] == [body]

    def _is_done(self, windows: WindowGroup) -> bool:
        """Whether the reply is sent, and the conversation with it fetched: the last thing that is done."""
        found = windows.operations()
        if not found or any(each.state is not S.SENT for each in found):
            return False
        conversation = None if found[0].ticket_id is None else windows.conversation(found[0].ticket_id)
        return conversation is not None and len(conversation.messages) > 1

    def _next_start(self, windows: WindowGroup, ticket_id: TicketId, body: str) -> bool:
        """Open a window as the person does next, until nothing is open; whether the person was asked."""

        async def open_desk() -> ZendeskDesk:
            return ZendeskDesk(name=windows.files.desk, url=self._server.url, email=AGENT, token=self._desk.token)

        engine = windows.live(open_desk, timings=Timings(**PACE))
        try:
            return _User(engine, windows, lambda text: text in self._desk.bodies(ticket_id)).settles(ticket_id)
        finally:
            windows.close()


class _User:
    """Who sends what is still a draft, and decides what the engine cannot find out."""

    def __init__(self, engine: Engine, windows: WindowGroup, sees: Callable[[str], bool]) -> None:
        self._engine = engine
        self._windows = windows
        self._sees = sees
        self._was_asked = False
        self._since: dict[str, float] = {}

    def settles(self, ticket_id: TicketId) -> bool:
        with contextlib.closing(Outbox(self._windows.files.outbox, self._windows.files.desk)) as outbox:
            for draft in outbox.load_drafts():
                self._engine.submit(make_reply(draft.ticket_id or ticket_id, draft.body), draft.id)
            wait_until(lambda: not outbox.load_drafts())
            wait_until(lambda: not self._open(outbox.load_open()), within_s=30, every_s=0.05)
        return self._was_asked

    def _open(self, operations: list[Operation]) -> list[Operation]:
        """What is still to be settled; what has been unknown for long is looked at and decided."""
        for each in operations:
            if each.state is not S.UNKNOWN:
                self._since.pop(each.id, None)
            elif time.monotonic() - self._since.setdefault(each.id, time.monotonic()) > USER_DECIDES_AFTER_S:
                self._was_asked = True
                self._since.pop(each.id)
                (self._engine.drop if self._sees(each.patch.body or "") else self._engine.retry)(each.id)
        return operations


def _build_decoders(desk: EmbeddedDesk) -> None:
    """Use every type of the API once before several threads do.

    msgspec builds the decoder of a type when it is first used, and crashes where two threads do so at the same time
    (segmentation fault in `get_class_annotations`, observed with msgspec 0.22.0).
    """

    async def fetch() -> None:
        client = desk.connect()
        await client.fetch_account()
        await client.close()

    asyncio.run(fetch())
    for each in (*vars(responses).values(), *vars(request_bodies).values()):
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            with contextlib.suppress(msgspec.ValidationError, TypeError):
                msgspec.convert({}, each)


@contextlib.contextmanager
def kill_harness(folder: Path, late_s: float, name: str) -> Iterator[KillHarness]:
    """A desk of either kind."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        serve_embedded_desk(folder / "d", requests_per_minute=10**6) as desk,
        serve_zendesk_like(desk) as server,
    ):
        _build_decoders(desk)
        server.shape.late_s = late_s
        server.shape.closes_connections = True  # so that opening one is among the points that a window can die at
        yield KillHarness(folder, desk, server, name)


def passed_fault_points(harness: KillHarness, scenario: str, record: Path) -> list[str]:
    """The points that a window passes in this scenario when nobody kills it, each once, in order."""
    harness.kill(scenario, {"SUPPORTTUI_POINTS_TO": str(record)})
    return list(dict.fromkeys(record.read_text().splitlines()))


def random_kill_delays(count: int, seed: int) -> list[float]:
    """Seconds after the text was typed at which a window is killed."""
    source = random.Random(seed)
    return [source.uniform(0.0, 0.6) for _ in range(count)]


WORKERS: Final = 2 * (os.cpu_count() or 1)
"""Most of the time of each is spent waiting for what the desk may still apply."""
