"""The first synchronisation of a large desk: it streams, says how far it is, and goes on where it was left."""

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from support.board_samples import sample_ticket
from support.clock.waiting import wait_until
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.engines import WindowGroup
from supporttui.helpdesks.base import ChangePage, HelpDesk
from supporttui.presentation.board.freshness import freshness
from supporttui.store.cache import Cache
from supporttui.sync.engine import OpenDesk

TICKETS, PAGE = 60, 10
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


class PagedDesk(InMemoryHelpDesk):
    """Hands its tickets out in pages, and after some of them waits until it may go on."""

    def __init__(self, waits_at: int | None) -> None:
        super().__init__(NOW)
        self.asked: list[str | None] = []
        self.may_go_on = threading.Event()
        self._waits_at = waits_at
        for number in range(1, TICKETS + 1):
            self.put(sample_ticket(number, f"Ticket {number}"))

    async def fetch_changes(self, cursor: str | None) -> ChangePage:
        start = int(cursor or 0)
        while start == self._waits_at and not self.may_go_on.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.01)
        self.asked.append(cursor)
        shown = tuple(self.tickets.values())[start : start + PAGE]
        end = start + len(shown)
        return ChangePage(tickets=shown, people=(), cursor=str(end), has_more=end < TICKETS)


@pytest.fixture
def windows(tmp_path: Path) -> WindowGroup:
    return WindowGroup(tmp_path)


def known(windows: WindowGroup) -> int:
    with Cache(windows.files.cache, windows.files.desk) as cache:
        return cache.count_tickets()


def opening(desk: PagedDesk) -> OpenDesk:
    async def open_desk() -> HelpDesk:
        return desk

    return open_desk


def test_tickets_are_there_while_others_still_come_and_the_header_says_how_many(windows: WindowGroup) -> None:
    desk, news = PagedDesk(waits_at=30), threading.Event()
    engine = windows.open(opening(desk), on_change=news.set)
    wait_until(lambda: known(windows) == 30)
    assert news.is_set()
    assert not engine.status.loaded
    said = freshness(engine.status, NOW, poll_s=10.0, zone=ZoneInfo("UTC"), loaded=known(windows))
    assert said.forms[0] == "○ loading tickets… 30"
    desk.may_go_on.set()
    wait_until(lambda: engine.status.loaded)
    assert known(windows) == TICKETS
    windows.close()


def test_it_goes_on_where_it_was_left(windows: WindowGroup) -> None:
    first = PagedDesk(waits_at=30)
    engine = windows.open(opening(first))
    wait_until(lambda: known(windows) == 30)
    engine.stop(grace_s=0.1)

    then = PagedDesk(waits_at=None)
    resumed = windows.open(opening(then))
    wait_until(lambda: resumed.status.loaded)
    assert then.asked[0] == "30"
    assert None not in then.asked
    assert known(windows) == TICKETS
    windows.close()
