"""An agent whose token the export refuses has what the board shows after the search and eight days of the list."""

import asyncio
from pathlib import Path

from support.canary import secret
from support.clock.virtual_time import VirtualClock, run_virtually
from support.desks.large_account import LargeAccount
from support.faults.fault_network import FaultNetwork
from support.sample_values import DESK
from supporttui.store.cache import Cache
from supporttui.sync.conversation_fetcher import ConversationFetcher
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.puller import Puller
from supporttui.sync.timings import Timings

TICKETS, UNSOLVED, YEARS, PAGE = 20_000, 300, 5.0, 100
CHANGED_IN_EIGHT_DAYS = round(TICKETS * 8 / (365 * YEARS))


def test_the_list_is_read_eight_days_back_and_no_further(tmp_path: Path) -> None:
    async def work(clock: VirtualClock) -> LargeAccount:
        account = LargeAccount(clock.now, asyncio.sleep, tickets=TICKETS, unsolved=UNSOLVED, years=YEARS)
        desk = FaultNetwork(account).connect(email="kim@desk.example", token=secret("agent"))
        with Cache(tmp_path / "cache.db", DESK) as cache:
            context = EngineContext(cache, None, Timings(), clock.now, lambda: None)
            await Puller(context, ConversationFetcher(context)).pull(desk)
            assert cache.count_tickets() >= UNSOLVED
        await desk.close()
        return account

    account = run_virtually(work)
    assert account.asked["/api/v2/search/export.json"] == UNSOLVED // PAGE
    assert account.asked["/api/v2/tickets.json"] <= CHANGED_IN_EIGHT_DAYS // PAGE + 2
    assert account.asked["/api/v2/incremental/tickets/cursor.json"] == 1
