"""The figures in time, processor time and memory: the whole product beside its peers and floors, in one run."""

import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench.figures import Figure, gated, plain, times
from bench.peers import DOWN_UP, PYTHON, Peer, PeerFigures, available_peers, measure_peer, peer_answers_ms
from bench.product import ONE_LINE, Desk, desk_with
from bench.pty_session import PtySession, Watched, percentile
from bench.raw_floor import Canvas
from bench.reference_apps import KEY_SIGN, READY
from bench.seeding import MARKER, TARGETS, Mix, change_desk
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.pane_lines import CURSOR_MARK
from supporttui.store.cache import Cache

SMALL, MIDDLE, LARGE = 100, 10_000, 100_000
SLOW_LINE_BYTES_S: Final = 4_000.0
CHANGED: Final = 10_000
CURSOR: Final = CURSOR_MARK.encode()
"""Is sent whenever the cursor moves to another line, and only then."""
NEAREST: Final = "aerc"
"""The peer that answers about as fast: the others need many times as long, whatever the machine does beside."""
UNSEEN: Final = (
    *("tmux-256color", "screen-256color", "rxvt-unicode-256color", "xterm-direct", "alacritty", "kitty", "st-256color"),
    *("konsole-256color", "gnome-256color", "vte-256color"),
)
"""Kinds of terminal (values of TERM) in which the board has not been opened before: one for each start of a run."""
_COUNTDOWN: Final = re.compile(r"(\d+):(\d\d):(\d\d)")
_APPS: Final = str(Path(__file__).with_name("reference_apps.py"))


@dataclass(frozen=True, slots=True)
class Length:
    """How long each measurement goes on."""

    starts: int = 7
    rounds: int = 3
    """Of keys and of idling: what is compared takes turns."""
    keys: int = 40
    keys_in_view: int = 60
    idle_s: float = 10.0
    slow_line_s: float = 300.0


def minimal_app() -> Watched:
    """The Textual app that does next to nothing."""
    return Watched((sys.executable, _APPS, "minimal"))


def table_board() -> Watched:
    """The board of DataTables."""
    return Watched((sys.executable, _APPS, "table", "10000"))


class Times:
    """One run of all of them."""

    def __init__(self, folder: Path, length: Length, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._length = length
        self._say = say
        self._stack = ExitStack()
        self.extra: dict[str, float] = {}
        """What the table does not ask for."""
        self.peers: dict[str, dict[str, float | None]] = {}

    def measure(self) -> Iterator[Figure]:
        """Every figure, the quick ones first."""
        with self._stack:
            mixes = {SMALL: Mix.PILE, MIDDLE: Mix.SCALE, LARGE: Mix.SCALE}
            desks = {number: self._desk(f"desk-{number}", number, mix) for number, mix in mixes.items()}
            yield from self._starts(desks)
            yield from self._keys(desks)
            yield from self._ticking()
            yield from self._applying(desks[MIDDLE])
            yield from self._slow_line()

    def _desk(self, name: str, count: int, mix: Mix) -> Desk:
        desk = self._stack.enter_context(desk_with(self._folder / name, count, mix))
        self.extra[f"first synchronisation, {count:,} tickets, s ({name})"] = desk.first_sync_s
        with PtySession(desk.window()) as session:  # the very first start compiles the calendar and arranges the board
            session.first_screen_ms("On-Hold")  # the marked ticket stands first only once the board is arranged
            _rest(session, 300)
        return desk

    def _starts(self, desks: dict[int, Desk]) -> Iterator[Figure]:
        """Alternate the programs, so that other load on the machine affects all of them alike."""
        programs = {"minimal": (minimal_app(), READY), "table": (table_board(), READY)}
        programs |= {str(count): (desk.window(), MARKER) for count, desk in desks.items()}
        screen_ms: dict[str, list[float]] = {name: [] for name in programs}
        key_ms: dict[int, list[float]] = {count: [] for count in desks}
        unseen_ms: dict[int, list[float]] = {count: [] for count in desks}
        for number in range(self._length.starts):
            for name, (watched, marker) in programs.items():
                screen_ms[name].append(_first_screen_ms(watched, marker))
            for count, desk in desks.items():
                key_ms[count].append(_first_key_ms(desk))
                in_new_terminal = desk.window().with_variables({"TERM": UNSEEN[number % len(UNSEEN)]})
                unseen_ms[count].append(_first_screen_ms(in_new_terminal, MARKER))
        middle = {name: statistics.median(values) for name, values in screen_ms.items()}
        self.extra |= {f"first complete screen, {name}, ms": value for name, value in middle.items()}
        floor, against = middle["minimal"], "minimal Textual app's first screen"
        for count, most in ((MIDDLE, 1.3), (LARGE, 1.6)):
            yield times(f"first complete screen, {count:,} tickets", middle[str(count)], "ms", most, floor, against)
        for name, found in (("first key answered", key_ms), ("first screen in a terminal never seen", unseen_ms)):
            self.extra |= {f"{name}, {count}, ms": statistics.median(each) for count, each in found.items()}
            for count in (MIDDLE, LARGE):
                measured = statistics.median(found[count])
                yield gated(times(f"{name}, {count:,} tickets", measured, "ms", 1.3, floor, against))

    def _keys(self, desks: dict[int, Desk]) -> Iterator[Figure]:
        """In turns like the starts, with the nearest of the peers among them."""
        peers = list(available_peers(self._folder / "peers", self._say))
        nearest = next((peer for peer in peers if peer.name == NEAREST), None)
        in_view: dict[int, list[float]] = {count: [] for count in desks}
        scrolling: dict[int, list[float]] = {count: [] for count in desks}
        theirs: list[float] = []
        for _ in range(self._length.rounds):
            for count, desk in desks.items():
                with self._settled(desk) as session:
                    in_view[count] += _answers_ms(session, b"jk", self._length.keys_in_view)
                    scrolling[count] += self._scrolling_ms(session)
                    self.extra[f"resident, {count:,} tickets, MiB"] = session.resident_mib()
            theirs += self._typed_into(nearest)
        for where, found in (("in view", in_view), ("scrolling", scrolling)):
            small, large = (percentile(found[count], 95) for count in (SMALL, LARGE))
            yield times(f"key p95, {where}, {LARGE:,}", large, "ms", 1.2, small, f"with {SMALL}")
        for count, most in ((MIDDLE, 90.0), (LARGE, 200.0)):
            yield plain(
                f"resident memory, {count:,} tickets", self.extra[f"resident, {count:,} tickets, MiB"], "MiB", most
            )
        ours = percentile(in_view[MIDDLE], 95)
        if theirs:
            yield times(f"key p95 beside {NEAREST}", ours, "ms", 1.0, percentile(theirs, 95), NEAREST)
        yield from self._beside_peers([*peers, Peer("DataTable", table_board(), READY, DOWN_UP)], ours)

    def _beside_peers(self, peers: Sequence[Peer], ours_ms: float) -> Iterator[Figure]:
        for peer in peers:
            try:
                measured: PeerFigures = measure_peer(peer, self._length.idle_s / 2, self._length.keys)
            except TimeoutError as problem:
                self._say_left_out(peer, problem)
                continue
            self.peers[peer.name] = asdict(measured)
            if peer.name in PYTHON and measured.key_p95_ms is not None:
                yield times(f"key p95 beside {peer.name}", ours_ms, "ms", 0.5, measured.key_p95_ms, peer.name)

    def _typed_into(self, peer: Peer | None) -> list[float]:
        """How long a peer takes over each key; nothing where it is not here or does not answer, which is said."""
        if peer is None:
            return []
        try:
            return peer_answers_ms(peer, self._length.keys_in_view)
        except TimeoutError as problem:
            self._say_left_out(peer, problem)
            return []

    def _say_left_out(self, peer: Peer, problem: TimeoutError) -> None:
        self._say(f"{peer.name}: left out, it did not come up as expected ({str(problem)[:160]})")

    def _ticking(self) -> Iterator[Figure]:
        mixes = (Mix.STILL, Mix.HOURS, Mix.LAST_HOUR)
        desks = {mix: self._desk(f"desk-{mix.value}", 159, mix) for mix in mixes}
        keys: dict[Mix, list[float]] = {mix: [] for mix in mixes}
        idled: dict[Mix, list[tuple[float, float]]] = {mix: [] for mix in mixes}
        nothing: list[float] = []
        for _ in range(self._length.rounds):
            for mix, desk in desks.items():
                with self._settled(desk) as session:
                    idled[mix].append(session.idle(self._length.idle_s))
                    keys[mix] += _answers_ms(session, b"jk", self._length.keys_in_view)
            with PtySession(minimal_app()) as session:
                session.first_screen_ms(READY)
                session.quiet(1.0)
                nothing.append(session.idle(self._length.idle_s)[1])
        for mix, found in idled.items():
            sent, cpu = (statistics.mean(each) for each in zip(*found, strict=True))
            self.extra |= {f"idle bytes/s, {mix.value}": sent, f"idle CPU %, {mix.value}": cpu}
        cpu, idle_cpu = self.extra[f"idle CPU %, {Mix.HOURS.value}"], statistics.mean(nothing)
        against = f"1.5 points over the minimal Textual app ({idle_cpu:.2f} %)"
        yield gated(plain("idle CPU", cpu, "%", idle_cpu + 1.5, against))
        ticking, still = (percentile(keys[mix], 95) for mix in (Mix.LAST_HOUR, Mix.STILL))
        yield times("key p95 while everything ticks", ticking, "ms", 1.5, still, "while nothing ticks")

    def _applying(self, desk: Desk) -> Iterator[Figure]:
        """Type all the time while 10,000 changed tickets come in; the minimal app's keys just before and after."""
        minimal_ms = self._minimal_answers_ms()
        with self._settled(desk) as session:
            change_desk(desk.folder, desk.tickets[:CHANGED], datetime.now(UTC).replace(microsecond=0))
            waits: list[float] = []
            session.type(b"R")
            began = time.monotonic()
            applied_at = end = began + 60
            while time.monotonic() < min(end, applied_at + 2):
                answered = session.first_answer_ms(b"j" if len(waits) // 30 % 2 == 0 else b"k", CURSOR)
                waits.append(answered if answered is not None else 5_000.0)
                session.quiet(0.02, 0.2)
                if applied_at == end and _is_applied(desk):
                    applied_at = time.monotonic()
        if applied_at == end:
            raise TimeoutError(f"{CHANGED:,} changed tickets are not in the local copy")
        self.extra |= {"applying, keys typed": len(waits), "applying, s": applied_at - began}
        self.extra["applying, p95 of a key, ms"] = percentile(waits, 95)
        floor = percentile(minimal_ms + self._minimal_answers_ms(), 95)
        name, against = f"applying {CHANGED:,} changed tickets, longest key", "minimal Textual app's key p95"
        yield gated(times(name, max(waits), "ms", 8.0, floor, against))

    def _minimal_answers_ms(self) -> list[float]:
        """How long the minimal app takes over each key, measured as while changes come in."""
        with PtySession(minimal_app()) as session:
            session.first_screen_ms(READY)
            session.quiet(0.5)
            waits: list[float] = []
            for _ in range(self._length.keys_in_view):
                answered = session.first_answer_ms(b"j", KEY_SIGN)
                waits.append(answered if answered is not None else 5_000.0)
                session.quiet(0.02, 0.2)
        return waits

    def _slow_line(self) -> Iterator[Figure]:
        desk = self._desk("desk-slow", 159, Mix.HOURS)
        first = desk.tickets[0]
        due_at = first.created_at + TARGETS[first.severity]
        canvas, behind_s = Canvas(), 0.0
        with PtySession(desk.window(drained_bytes_s=SLOW_LINE_BYTES_S)) as session:
            end, fed = time.monotonic() + self._length.slow_line_s, 0
            session.first_screen_ms(MARKER, 120)
            session.type(ONE_LINE)
            while time.monotonic() < end:
                session.pump(0.05)
                canvas.feed(bytes(session.log[fed:]))
                fed = len(session.log)
                if end - time.monotonic() < 10:
                    behind_s = max(behind_s, _behind_s(canvas.text(), due_at))
        yield plain(f"behind after {self._length.slow_line_s:.0f} s at 4,000 bytes/s", behind_s, "s", 1.0)

    def _settled(self, desk: Desk) -> PtySession:
        """A window with one line a ticket after all that a start brings with it."""
        session = PtySession(desk.window())
        session.first_screen_ms(MARKER)
        session.quiet(0.5, 5)
        session.type(ONE_LINE)
        session.quiet(0.3, 5)
        _rest(session, 60)
        return session

    def _scrolling_ms(self, session: PtySession) -> list[float]:
        """From the last row in view downwards; a hundred tickets have so many rows below it."""
        for _ in range(46):
            session.type(b"j")
            session.quiet(0.01, 0.1)
        return _answers_ms(session, b"j", self._length.keys, sign=b"")  # the cursor stays in the last line


def _answers_ms(session: PtySession, keys: bytes, count: int, sign: bytes = CURSOR) -> list[float]:
    """How long it takes over each key, these in turns. Raises TimeoutError where one is not answered."""
    found = [session.moving_key(bytes([keys[n % len(keys)]]), sign) for n in range(count)]
    answered = [key.settled_ms for key in found if key is not None]
    if len(answered) < len(found):
        raise TimeoutError(f"{len(found) - len(answered)} of {len(found)} keys were not answered")
    return answered


def _first_screen_ms(watched: Watched, marker: str) -> float:
    """From the start of the program until its first screen is complete."""
    with PtySession(watched) as session:
        session.first_screen_ms(marker)
        session.quiet(0.4, 10)
        return complete_ms(session)


def _first_key_ms(desk: Desk) -> float:
    """From the start until the cursor has left the first row, by a key typed as soon as the picture was there."""
    with PtySession(desk.window()) as session:
        session.first_screen_ms(MARKER)
        session.type(b"j")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            session.quiet(0.4, 10)  # between the picture and the answer nothing is sent
            left = next((at for at, text in shown_at(session) if _cursor_has_left(text)), None)
            if left is not None:
                return (left - session.started_at) * 1e3
    raise TimeoutError("the first key was not answered within 10 s")


def shown_at(session: PtySession) -> Iterator[tuple[float, str]]:
    """What stood on the screen after each chunk, and when that was."""
    canvas, fed = Canvas(), 0
    for at, count in session.chunks:
        canvas.feed(bytes(session.log[fed : fed + count]))
        fed += count
        yield at, canvas.text()


def _cursor_has_left(text: str) -> bool:
    """Whether the marked row, the first one, is there without the cursor."""
    line = next((line for line in text.splitlines() if MARKER in line), CURSOR_MARK + MARKER)
    return CURSOR_MARK not in line[: line.find(MARKER)]


def complete_ms(session: PtySession) -> float:
    """From the start until the screen shows what it shows in the end, but for what changes by itself.

    That are countdowns and how old the data is: at most 3 % of what is written there.
    """
    shown = [*shown_at(session)]
    end = shown[-1][1]
    written = [place for place, character in enumerate(end) if not character.isspace()]
    for at, text in shown:
        if sum(text[place] != end[place] for place in written) <= 0.03 * len(written):
            return (at - session.started_at) * 1e3
    raise AssertionError("the last picture is the last picture")


def _rest(session: PtySession, at_most_s: float) -> None:
    """Wait until what a start brings with it is over: conversations fetched ahead of need, a large board arranged."""
    end = time.monotonic() + at_most_s
    while time.monotonic() < end and session.idle(2.0)[1] > 4.0:
        pass


def _is_applied(desk: Desk) -> bool:
    """Whether the last of the changed tickets has come."""
    with Cache(desk.files.cache, desk.files.desk) as cache:
        ticket = cache.load_ticket(TicketId(desk.files.desk, str(desk.tickets[CHANGED - 1].id)))
    return ticket is not None and ticket.subject.raw.startswith("changed")


def _behind_s(shown: str, due_at: datetime) -> float:
    """For how long the countdown that stands in the marked row has not been true any more."""
    line = next((line for line in shown.splitlines() if MARKER in line), "")
    found = _COUNTDOWN.search(line[line.find(MARKER) :])
    if found is None:
        return float("inf")
    hours, minutes, seconds = map(int, found.groups())
    shown_at = due_at - timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return max(0.0, (datetime.now(UTC) - shown_at).total_seconds())
