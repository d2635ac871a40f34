"""How fast a filter is typed on 100,000 tickets: a keystroke in `/` beside a cursor key, in one run.

    .venv/bin/python tests/bench/bench_filter.py [--count 100000] [--check]

Prints the p95 until the first byte of the answer, which is the echo, and until the list has come to rest; the bytes
that a keystroke sends; and how long the selection itself takes. `--check` fails where the echo of a keystroke takes
more than twice as long as a cursor key, or the list more than a second.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import Figure, gated, plain, print_table, times
from bench.product import home_in
from bench.pty_session import PtySession, Watched, percentile
from bench.seeding import CONFIG, MARKER, Mix, as_ticket, configured_hours, fill_copy, seeded_tickets
from bench.stepped_window import BEGINNING, files_in
from support.sample_values import DESK
from supporttui.domain.query.parser import parse_query
from supporttui.domain.query.query import QueryContext, QueryProblem
from supporttui.domain.query.selection import BoardSelection
from supporttui.store.cache import Cache
from supporttui.store.selected_tickets import Question

TYPED: Final = (
    *("sync stops", "sev:1 due<2h", "status:open,hold -export", "assignee:me login", "requester:person invoice"),
)
"""Filters that are typed key by key, one after the other."""
CURSOR_KEYS: Final = 60
ESCAPE: Final = b"\x1b"
WINDOW: Final = str(Path(__file__).with_name("stepped_window.py"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came after one key."""

    first_ms: float
    rest_ms: float
    sent: int


def main() -> int:
    """Measure; exit code 1 where `--check` finds something too slow."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--count", type=int, default=100_000)
    reader.add_argument("--check", action="store_true")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="stui-filter-") as scratch:
        folder = Path(scratch)
        (folder / "config.toml").write_text(CONFIG)
        fill_copy(files_in(folder).cache, map(as_ticket, seeded_tickets(asked.count, Mix.SCALE, BEGINNING)))
        figures = [*_keys(folder), *_selections(folder)]
    print_table(figures)
    return 1 if asked.check and any(each.is_gated and not each.is_fine for each in figures) else 0


def _keys(folder: Path) -> list[Figure]:
    """Cursor keys before and after what is typed, so that other load on the machine affects both alike."""
    reading, writing = os.pipe()
    command = (sys.executable, WINDOW, str(folder), str(reading))
    window = Watched(command, home_in(folder / "home"), extra_descriptors=(reading,))
    cursor: list[Answer] = []
    typed: list[Answer] = []
    with PtySession(window) as session:
        session.first_screen_ms(MARKER)
        _rest(session, 120.0)
        for text in TYPED:
            cursor += [_answer(session, key) for key in (b"j", b"k") * (CURSOR_KEYS // 2 // len(TYPED))]
            _answer(session, b"/")
            typed += [_answer(session, character.encode()) for character in text]
            _answer(session, ESCAPE)
    os.close(writing)
    print(f"{len(cursor)} cursor keys, {len(typed)} keystrokes in a filter")
    echo, floor = _p95([each.first_ms for each in typed]), _p95([each.first_ms for each in cursor])
    return [
        gated(times("keystroke in a filter, echo, p95", echo, "ms", 2.0, floor, "a cursor key's p95")),
        gated(plain("keystroke in a filter, list at rest, p95", _p95([each.rest_ms for each in typed]), "ms", 1_000.0)),
        plain("cursor key, screen at rest, p95", _p95([each.rest_ms for each in cursor]), "ms", 1_000.0),
        plain("bytes of a keystroke, median", statistics.median(each.sent for each in typed), "B", 40_000.0),
        plain("bytes of a keystroke, p95", _p95([float(each.sent) for each in typed]), "B", 60_000.0),
        plain("bytes of a cursor key, median", statistics.median(each.sent for each in cursor), "B", 1_000.0),
    ]


def _selections(folder: Path) -> list[Figure]:
    """The selection alone, for every beginning of what is typed that is a filter."""
    _, calendars = configured_hours()
    context = QueryContext(
        now=BEGINNING,
        zone=calendars.desk.zone,
        my_id=1,
        open_us=calendars.desk.moment(BEGINNING).open_us,
        business_day=timedelta(hours=24),
    )
    took_ms: list[float] = []
    with Cache(files_in(folder).cache, DESK) as cache:
        for text in TYPED:
            for end in range(1, len(text) + 1):
                try:
                    query = parse_query(text[:end])
                except QueryProblem:
                    continue
                began = time.perf_counter()
                cache.selection.select(Question(selection=BoardSelection(query=query), context=context))
                took_ms.append((time.perf_counter() - began) * 1e3)
    return [
        plain("selection by itself, median", statistics.median(took_ms), "ms", 200.0),
        plain("selection by itself, p95", _p95(took_ms), "ms", 500.0),
    ]


def _answer(session: PtySession, key: bytes) -> Answer:
    """Type a key once nothing comes any more, and read all of its answer."""
    session.quiet(0.1, 3.0)
    mark, number, began = len(session.log), len(session.chunks), time.monotonic()
    session.type(key)
    while len(session.chunks) == number and time.monotonic() - began < 5.0:
        session.pump(0.005)
    session.quiet(0.3, 5.0)
    came = [at for at, _ in session.chunks[number:]] or [began + 5.0]
    return Answer((came[0] - began) * 1e3, (came[-1] - began) * 1e3, len(session.log) - mark)


def _rest(session: PtySession, at_most_s: float) -> None:
    """Wait until what a start brings with it is over."""
    end = time.monotonic() + at_most_s
    while time.monotonic() < end and session.idle(2.0)[1] > 4.0:
        pass


def _p95(values: Sequence[float]) -> float:
    return percentile(values, 95)


if __name__ == "__main__":
    sys.exit(main())
