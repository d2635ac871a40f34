"""A plain agent's first synchronisation on a large account, on an injected clock: requests, seconds, what is kept.

    .venv/bin/python tests/bench/bench_first_sync.py [TICKETS]

The account (500,000 tickets of five years, 2,000 of them unsolved) refuses the incremental export and allows 700
requests a minute; every answer takes 0.1 s of the injected clock. Printed beside it: the same with the list read from
the beginning of the account, as without a mark to stop at.
"""

import asyncio
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.clock.virtual_time import VirtualClock, run_virtually
from support.desks.large_account import LargeAccount
from support.faults.fault_network import FaultNetwork
from support.sample_values import DESK
from supporttui.helpdesks.base import RateLimited
from supporttui.store.cache import Cache
from supporttui.sync.conversation_fetcher import ConversationFetcher
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.puller import Puller
from supporttui.sync.timings import Timings

TICKETS, UNSOLVED, YEARS = 500_000, 2_000, 5.0
FROM_THE_BEGINNING = "list:0:0:"
"""A cursor that has the list read until its end."""


class FirstSync(NamedTuple):
    """What it took."""

    requests: int
    seconds: float
    unsolved_after_s: float
    tickets: int
    """In the local copy."""


async def _synchronise(clock: VirtualClock, folder: Path, tickets: int, *, reads_everything: bool) -> FirstSync:
    account = LargeAccount(clock.now, asyncio.sleep, tickets=tickets, unsolved=UNSOLVED, years=YEARS)
    desk = FaultNetwork(account).connect(email="kim@desk.example", token="x")
    unsolved_after_s, loop = 0.0, asyncio.get_running_loop()
    with Cache(folder / "cache.db", DESK) as cache:
        context = EngineContext(cache, None, Timings(), clock.now, lambda: None)
        puller = Puller(context, ConversationFetcher(context))
        while not unsolved_after_s:
            asked = cache.load_cursor()
            page = await desk.fetch_changes(asked)
            cursor = page.cursor
            if not cursor.startswith("search:"):
                unsolved_after_s = loop.time()
                cursor = FROM_THE_BEGINNING if reads_everything else cursor
            cache.apply(page.tickets, page.people, after=asked, cursor=cursor)
        while True:
            try:
                await puller.pull(desk)
                break
            except RateLimited as error:
                await asyncio.sleep(error.retry_after_s)
        found = cache.count_tickets()
    await desk.close()
    return FirstSync(account.asked.total(), loop.time(), unsolved_after_s, found)


def main() -> int:
    """Print the table."""
    tickets = int(sys.argv[1]) if len(sys.argv) > 1 else TICKETS
    title = f"an account of {tickets:,} tickets"
    print(f"{title:<40} {'requests':>9} {'seconds':>8} {'unsolved':>9} {'kept':>9} {'MB':>7}")
    found = []
    for name, reads_everything in (("eight days back", False), ("from the beginning of the account", True)):
        with tempfile.TemporaryDirectory() as folder:
            work = partial(_synchronise, folder=Path(folder), tickets=tickets, reads_everything=reads_everything)
            each = run_virtually(work)
            size = sum(path.stat().st_size for path in Path(folder).iterdir())
        found.append(each)
        print(
            f"{name:<40} {each.requests:>9,} {each.seconds:>8,.1f} {each.unsolved_after_s:>9,.1f} {each.tickets:>9,} "
            f"{size / 1e6:>7,.1f}"
        )
    few, all_of_it = found
    print(f"{'ratio':<40} {all_of_it.requests / few.requests:>9,.1f} {all_of_it.seconds / few.seconds:>8,.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
