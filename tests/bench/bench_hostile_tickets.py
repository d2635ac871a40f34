"""How long a key waits while hostile tickets are opened, read and resized, and what a board grows by unopened ones.

`python tests/bench/bench_hostile_tickets.py`. Keys come as from one that is held down, from the moment in which a
ticket is asked for, each once the one before has been acted on; that time is measured. On a busy machine a part is
other programs' time, so that the work of the loop's own thread meanwhile is told beside it, and the same of an ordinary
ticket and of a Textual app that does nothing. It fails where a key waits for more than 100 ms of work, or where a board
grows by more than 64 MB.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ClassVar, cast

from textual import events
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Static

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.app_driver import DANA, MONDAY, AppDriver, add_sample_tickets, message, running_app, sample_file, ticket
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.desks.scripted_server import serve_script
from support.desks.sized_desk import SizedDesk
from support.policy_samples import packaged_rules
from support.sample_values import DESK, files_in, ticket_key
from supporttui.domain.ticket import Message
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.sync.engine import Engine
from supporttui.ui.app import SupportApp
from supporttui.ui.messages import OpenTicket

GROWTH_S = 20
MAX_WAIT_MS = 100.0
MAX_GROWTH_MB = 64.0
EMOJI, PRIVATE_USE = "\U0001f600", "\ue000"


def texts(bodies: list[str]) -> list[Message]:
    """One message each, a minute apart."""
    count = len(bodies)
    return [message(n + 1, DANA.id, body, age=timedelta(minutes=count - n)) for n, body in enumerate(bodies)]


def with_files(count: int) -> list[Message]:
    files = tuple(sample_file(n, f"{'日本' * 60}-{n}.log", 14_210) for n in range(1, count + 1))
    return [message(1, DANA.id, "See the files.", age=timedelta(minutes=1), attachments=files)]


CONVERSATIONS: dict[str, Callable[[], list[Message]]] = {
    "an ordinary ticket": lambda: texts(["Since this morning nobody can open any board.\n\nSteps follow."] * 8),
    "100 x 65,535 emoji": lambda: texts([EMOJI * 65_535] * 100),
    "20 x 65,535 U+E000": lambda: texts([PRIVATE_USE * 65_535] * 20),
    "20 x 65,535 ASCII": lambda: texts(["lorem ipsum " * 5_461] * 20),
    "one word of 10 MB": lambda: texts(["x" * 10_000_000]),
    "one emoji word of 10 MB": lambda: texts([EMOJI * 2_500_000]),
    "5,000 comments": lambda: texts([f"Comment {n}: still broken, please look." for n in range(5_000)]),
    "10 x 65,535 line breaks": lambda: texts(["\n" * 32_000 + "x" + "\n" * 33_000 + "y"] * 10),
    "20 x combining marks": lambda: texts(["e" + "\u0301" * 65_000] * 20),
    "2,000 files": lambda: with_files(2_000),
}
KEYS = ("home", "pagedown", "end", "pageup", "up", "home", "end", "p", "escape", "r", "x", "escape", "t", "escape")
SIZES = ((80, 24), (200, 50), (320, 80), (120, 36))
KEY_EVERY_S = 0.03
OPENING_KEYS = 12
"""Keys that are typed ahead of a ticket: for the time of opening it, and while it is laid out."""


@dataclass
class LongestWait:
    """The longest wait of a key, and the most work of the loop's thread that one waited for."""

    wait_ms: float = 0.0
    work_ms: float = 0.0

    def note(self, begun_at: float, worked_s: float) -> None:
        """A key that arrived then, when the thread had worked so long, has been acted on."""
        self.wait_ms = max(self.wait_ms, (time.perf_counter() - begun_at) * 1e3)
        self.work_ms = max(self.work_ms, (time.thread_time() - worked_s) * 1e3)


class TimedApp(SupportApp):
    """Times each key from its arrival until it has been acted on; tuned as a window's own process is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._key_priority.own_process()
        self.longest = LongestWait()
        self.arrived: dict[int, tuple[float, float]] = {}
        self.acted = asyncio.Event()

    async def type_key(self, key: str, pause_s: float = KEY_EVERY_S) -> None:
        """A key arrives now; go on a while after it has been acted on."""
        event = events.Key(key, key if len(key) == 1 else None)
        self.arrived[id(event)] = time.perf_counter(), time.thread_time()
        self.acted.clear()
        self.post_message(event)
        await self.acted.wait()
        await asyncio.sleep(pause_s)

    async def _act_on_input(self, event: events.Key | events.Paste) -> None:
        await super()._act_on_input(event)
        if id(event) in self.arrived:
            self.longest.note(*self.arrived.pop(id(event)))
            self.acted.set()


class MinimalApp(App[None]):
    """Does nothing with keys but open a screen of one line: what Textual itself takes."""

    BINDINGS: ClassVar = [("enter", "open", "")]

    def compose(self) -> ComposeResult:
        yield Static("nothing")

    def action_open(self) -> None:
        """Show another screen."""
        self.push_screen(Screen())


async def measure_minimal() -> LongestWait:
    longest, app = LongestWait(), MinimalApp()
    async with app.run_test(size=(120, 36)) as pilot:
        for key in ("enter", "x", "enter", "x"):
            begun = time.perf_counter(), time.thread_time()
            await pilot.press(key)
            longest.note(*begun)
    return longest


async def read_through(stage: AppDriver, app: TimedApp, number: int) -> None:
    """Open it with keys typed ahead, scroll, look at the panels, write, and resize."""
    app.post_message(OpenTicket(ticket_key(number)))
    for _ in range(OPENING_KEYS):
        await app.type_key("up")
    await stage.until(lambda: app.model.conversation(ticket_key(number)))
    for key in KEYS:
        await app.type_key(key, 0.05)
    for size in SIZES:
        await stage.pilot.resize_terminal(*size)
        for _ in range(5):
            await app.type_key("down")


async def measure_waiting(name: str, folder: Path) -> LongestWait:
    desk = InMemoryHelpDesk(MONDAY)
    add_sample_tickets(desk)
    desk.put(ticket(7, "A hostile ticket", age=timedelta(hours=80)), *CONVERSATIONS[name]())
    async with running_app(folder, (120, 36), desk, kind=TimedApp) as stage:
        app = cast(TimedApp, stage.app)
        await stage.until(lambda: app.model.ticket(ticket_key(7)))
        await read_through(stage, app, 1042)  # what is imported and computed once is not counted
        app.simulate_key("escape")
        await stage.pilot.pause(0.3)
        app.longest = LongestWait()
        await read_through(stage, app, 7)
    return app.longest


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def disk_mb(folder: Path) -> float:
    return sum(each.stat().st_size for each in folder.glob("cache.db*")) / 1e6


def serve_desk(tickets: int, comments: int, address: Connection) -> None:
    """A desk in a process of its own, whose tickets have so many comments of 65,535 emoji."""
    with serve_script(SizedDesk(comments, EMOJI * 65_535, tickets)) as server:
        address.send(server.url)
        with contextlib.suppress(EOFError):
            address.recv()


def measure_growth(tickets: int, comments: int, folder: Path) -> tuple[float, float]:
    """How much memory and local copy grow in half a minute in which nobody opens any of these tickets, in MB."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve_desk, args=(tickets, comments, theirs))
    process.start()
    url = ours.recv()

    async def connect() -> HelpDesk:
        return ZendeskDesk(name=DESK, url=url, email="a@x.example", token="bench")

    files = files_in(folder)
    engine, first, most = Engine(connect, files, rules=packaged_rules(), on_change=lambda: None), resident_mb(), 0.0
    engine.start()
    for _ in range(GROWTH_S * 20):
        time.sleep(0.05)
        most = max(most, resident_mb() - first)
    engine.stop(1)
    ours.close()
    process.join(10)
    return most, disk_mb(folder)


def measure_growth_apart(tickets: int, comments: int) -> tuple[float, float]:
    """The same in a fresh process, whose memory nothing else has used."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, __file__, str(tickets), str(comments), folder], check=True, capture_output=True, text=True
        )
    memory, disk = run.stdout.split()
    return float(memory), float(disk)


def print_waits(name: str, longest: LongestWait) -> None:
    print(f"{name:>26} {longest.wait_ms:21,.0f} ms {longest.work_ms:17,.0f} ms", flush=True)


def main() -> int:
    logging.disable(logging.CRITICAL)
    if len(sys.argv) > 1:
        print(*measure_growth(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
        return 0
    is_fine = True
    print(f"{'opened and read':>26} {'longest wait of a key':>24} {'of it work of ours':>20}")
    print_waits("a Textual app alone", asyncio.run(measure_minimal()))
    for name in CONVERSATIONS:
        with tempfile.TemporaryDirectory() as folder:
            longest = asyncio.run(measure_waiting(name, Path(folder)))
        print_waits(name, longest)
        is_fine &= longest.work_ms <= MAX_WAIT_MS
    print(f"\n{'opened by nobody':>26} {'memory grew by':>24} {'local copy':>20}")
    for tickets, comments in ((1, 20), (1, 500), (1, 1_500), (200, 3), (400, 40)):
        memory, disk = measure_growth_apart(tickets, comments)
        is_fine &= memory <= MAX_GROWTH_MB and disk <= MAX_GROWTH_MB
        name = f"{tickets} x {comments:,} x 65,535 emoji"
        print(f"{name:>26} {memory:21,.0f} MB {disk:17,.0f} MB", flush=True)
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
