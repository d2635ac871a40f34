"""How long a cursor key takes with the preview of the ticket under the cursor open, beside the same with it closed.

    .venv/bin/python tests/bench/bench_preview.py [--keys 300] [--check]

The keys come at random moments, 20 to 200 ms apart, so that many of them meet the preview being drawn. `--check` fails
where the p95 with the preview is more than twice the one without.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.product import home_in
from bench.pty_session import PtySession, Watched, percentile
from bench.seeding import AGENT, CONFIG, MARKER, Mix, as_ticket, configured_hours, fill_copy, seeded_tickets
from bench.stepped_window import BEGINNING, files_in
from support.sample_values import DESK
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Conversation, Message, Ticket
from supporttui.store.cache import Cache
from supporttui.store.ticket_order import TicketOrder
from supporttui.ui.looks import fallback_variables

TICKETS: Final = 1_000
MESSAGES: Final = 12
ROUNDS: Final = 4
MOST_TIMES: Final = 2.0
"""A key may take so many times as long with the preview."""


def main() -> int:
    """Print both, and their ratio; exit code 1 where `--check` finds it too large."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--keys", type=int, default=300)
    reader.add_argument("--check", action="store_true")
    asked = reader.parse_args()
    count = asked.keys
    with tempfile.TemporaryDirectory(prefix="stui-bench-") as scratch:
        folder = Path(scratch)
        _fill(folder)
        waits: dict[str, list[float]] = {"closed": [], "open": []}
        for number in range(ROUNDS):
            for is_open in (False, True) if number % 2 else (True, False):
                waits["open" if is_open else "closed"] += _keys_ms(folder, count // ROUNDS, is_open=is_open)
    for name, found in waits.items():
        p50, p95 = percentile(found, 50), percentile(found, 95)
        print(f"cursor key, preview {name:<7} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   of {len(found)}")
    ratio = percentile(waits["open"], 95) / percentile(waits["closed"], 95)
    print(f"p95 open / closed {ratio:.2f}, at most {MOST_TIMES:.0f}")
    return 1 if asked.check and ratio > MOST_TIMES else 0


def _fill(folder: Path) -> None:
    """A local copy in which every ticket has a conversation."""
    (folder / "config.toml").write_text(CONFIG)
    tickets = [as_ticket(one) for one in seeded_tickets(TICKETS, Mix.SCALE, BEGINNING)]
    fill_copy(files_in(folder).cache, tickets)
    with Cache(files_in(folder).cache, DESK, TicketOrder(BoardOrder(*configured_hours()))) as cache:
        for ticket in tickets:
            cache.save_conversation(_conversation(ticket), ticket)


def _conversation(ticket: Ticket) -> Conversation:
    body = "Since this morning nobody in our office can open any board. The page stays white after signing in. " * 4
    messages = tuple(
        Message(
            id=int(ticket.id.id) * 100 + number,
            author_id=ticket.requester_id if number % 2 else AGENT.id,
            body=OutsideText(f"{number}: {body}\n\n1. sign in\n2. open a board"),
            is_public=number % 3 != 1,
            created_at=ticket.created_at + timedelta(minutes=number),
        )
        for number in range(MESSAGES)
    )
    return Conversation(
        ticket_id=ticket.id, messages=messages, history=(), last_audit_id=1, ticket_version=ticket.version
    )


def _keys_ms(folder: Path, count: int, *, is_open: bool) -> list[float]:
    """How long each key takes until the row of the cursor is drawn; its ground has a colour of its own."""
    red, green, blue = bytes.fromhex(fallback_variables()["cursor-ground"].removeprefix("#"))
    sign = f"48;2;{red};{green};{blue}".encode()
    reading, writing = os.pipe()
    script = str(Path(__file__).with_name("stepped_window.py"))
    watched = Watched(
        (sys.executable, script, str(folder), str(reading)), home_in(folder / "home"), extra_descriptors=(reading,)
    )
    try:
        with PtySession(watched) as session:
            session.first_screen_ms(MARKER)
            session.type(b"w" if is_open else b"")
            session.quiet(1.0, 5)
            return [_key_ms(session, b"j" if number // 20 % 2 == 0 else b"k", sign) for number in range(count)]
    finally:
        os.close(reading)
        os.close(writing)


def _key_ms(session: PtySession, key: bytes, sign: bytes) -> float:
    end = time.monotonic() + random.uniform(0.02, 0.2)
    while (left := end - time.monotonic()) > 0:
        session.pump(left)
    answered = session.first_answer_ms(key, sign)
    return answered if answered is not None else 5_000.0


if __name__ == "__main__":
    sys.exit(main())
