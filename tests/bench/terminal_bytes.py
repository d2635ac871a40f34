"""How many bytes the product sends for what changes on its screen, beside plain escape codes for the same changes.

Measured on a window whose clock is moved by hand: the same build gives the same figures on every machine.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.product import ONE_LINE, home_in
from bench.pty_session import PtySession, Watched
from bench.raw_floor import Canvas, Picture, change_bytes, repaint_bytes, screen_bytes
from bench.seeding import CONFIG, MARKER, Mix, as_ticket, fill_copy, seeded_tickets
from bench.stepped_window import BEGINNING, files_in

SECONDS: Final = {Mix.HOURS: 60, Mix.LAST_HOUR: 15}
"""A whole minute where clocks show minutes, so that each has changed once; where all show seconds, one is as any."""
MOVES: Final = 8
SILENCE_S: Final = 0.03
SURE_S: Final = 0.4
"""After so long a silence nothing more comes."""

Floor = Callable[[Picture, Picture], bytes]
"""Plain escape codes that turn one picture into the next."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What the product sent, and what plain escape codes would."""

    sent: float
    floor: float


class SteppedBoard:
    """A stepped window and the pictures that it has shown."""

    def __init__(self, session: PtySession, pipe: int) -> None:
        self._session = session
        self._pipe = pipe
        self._canvas = Canvas()
        self._fed = 0

    def start(self) -> Pair:
        """The first complete screen."""
        self._session.first_screen_ms(MARKER)
        self._session.quiet(0.4, 10)
        return Pair(len(self._session.log), len(screen_bytes(self.picture())))

    def picture(self) -> Picture:
        """What is on the screen now."""
        self._session.quiet(SILENCE_S)
        self._canvas.feed(bytes(self._session.log[self._fed :]))
        self._fed = len(self._session.log)
        return self._canvas.picture()

    def seconds(self, number: int) -> Pair:
        """Let so many seconds pass; the mean of one."""
        return self._mean(number, lambda: os.write(self._pipe, b"."), change_bytes)

    def keys(self, key: bytes, number: int, floor: Floor) -> Pair:
        """Type a key so many times; the mean of one."""
        return self._mean(number, lambda: self._session.type(key), floor)

    def _mean(self, number: int, act: Callable[[], object], floor: Floor) -> Pair:
        """From a silence to a silence, so that nothing is counted that belongs to something else."""
        self._session.quiet(SURE_S)
        before, mark, plain = self.picture(), len(self._session.log), 0
        for _ in range(number):
            act()
            self._wait()
            after = self.picture()
            plain += len(floor(before, after))
            before = after
        self._session.quiet(SURE_S)
        return Pair((len(self._session.log) - mark) / number, plain / number)

    def type(self, keys: bytes) -> None:
        """Type what is not measured."""
        self._session.type(keys)
        self._wait()
        self.picture()

    def type_one_by_one(self, keys: bytes) -> None:
        """Type what is not measured, each key once the one before is answered."""
        for key in keys:
            self.type(bytes([key]))

    def _wait(self) -> None:
        number = len(self._session.chunks)
        for _ in range(100):
            self._session.pump(0.02)
            if len(self._session.chunks) > number:
                break
        self._session.quiet(SILENCE_S)


@contextmanager
def stepped_board(folder: Path, mix: Mix, count: int, *, has_true_color: bool) -> Iterator[SteppedBoard]:
    """A window of its own on a local copy of its own."""
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG)
    fill_copy(files_in(folder).cache, map(as_ticket, seeded_tickets(count, mix, BEGINNING)))
    reading, writing = os.pipe()
    script = str(Path(__file__).with_name("stepped_window.py"))
    command = (sys.executable, script, str(folder), str(reading))
    watched = Watched(command, home_in(folder / "home"), has_true_color, extra_descriptors=(reading,))
    try:
        with PtySession(watched) as session:
            yield SteppedBoard(session, writing)
    finally:
        os.close(reading)
        os.close(writing)


def measure_bytes(folder: Path) -> dict[str, Pair]:
    """All figures in bytes, by the names that the table uses."""
    figures: dict[str, Pair] = {}
    for mix in (Mix.HOURS, Mix.LAST_HOUR):
        with stepped_board(folder / mix.value, mix, 159, has_true_color=True) as board:
            start = board.start()
            board.type_one_by_one(ONE_LINE)
            figures[f"idle, {mix.value}"] = board.seconds(SECONDS[mix])
        figures.setdefault("first screen", start)
    with stepped_board(folder / "scrolled", Mix.SCALE, 1000, has_true_color=True) as board:
        board.start()
        board.type_one_by_one(ONE_LINE)
        board.type(b"j" * 60)
        figures["scrolled line"] = board.keys(b"j", MOVES, repaint_bytes)
    with stepped_board(folder / "moved", Mix.SCALE, 1000, has_true_color=False) as board:
        board.start()
        board.type_one_by_one(ONE_LINE)
        board.type(b"j" * 5)
        figures["cursor, 16 colours"] = board.keys(b"j", MOVES, change_bytes)
    return figures
