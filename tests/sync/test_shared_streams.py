"""On a desk that pushes, too, one window of a store asks, and the others read what it brings."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from support.clock.waiting import wait_until
from support.desks.embedded_desk import AGENT, EmbeddedDesk
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import DESK
from supporttui.domain.ticket import Conversation, Person, Ticket
from supporttui.helpdesks.base import ChangePage, ConversationBudget, HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server.api import change_routes
from supporttui.sync.engine import Engine

WINDOWS = 4
CHANGES = 12
PATIENT = replace(FAST_TIMINGS, poller_wait_s=60.0)
"""A window that takes over only where nobody asks at all."""


class Counted(ZendeskDesk):
    """A window's own connection: what it asked for, and whether its questions are answered."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asked = 0
        self.conversations = 0
        self.answers = threading.Event()
        self.answers.set()

    async def fetch_changes(self, cursor: str | None) -> ChangePage:
        """The next page, or none for ever."""
        self.asked += 1
        while not self.answers.is_set():  # noqa: ASYNC110 - it is set on another thread
            await asyncio.sleep(0.01)
        return await super().fetch_changes(cursor)

    async def refresh_conversation(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Iterable[Person],
        budget: ConversationBudget | None = None,
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """As the desk answers."""
        self.conversations += 1
        return await super().refresh_conversation(ticket, known, people, budget)


@pytest.fixture
def seats(desk: EmbeddedDesk) -> list[Counted]:
    """The connections of the windows, in the order in which they are opened."""
    return [Counted(name=DESK, url=desk.url, email=AGENT, token=desk.token) for _ in range(WINDOWS)]


def opener(seat: Counted) -> Callable[[], Awaitable[HelpDesk]]:
    async def connect() -> HelpDesk:
        return seat

    return connect


def open_all(windows: WindowGroup, seats: Sequence[Counted], **options: Any) -> list[Engine]:
    return [windows.live(opener(seat), **options) for seat in seats]


def test_four_windows_ask_as_often_as_one(desk: EmbeddedDesk, windows: WindowGroup, seats: list[Counted]) -> None:
    engines = open_all(windows, seats, timings=PATIENT)
    assert [seat.asked for seat in seats] == [1, 1, 1, 1]
    began = datetime.now(UTC)
    new = [desk.submit(f"ticket {number}") for number in range(CHANGES)]
    wait_until(lambda: all(windows.conversation(each) for each in new))
    wait_until(lambda: all((at := each.status.last_sync_at) and at > began for each in engines))
    assert [seat.asked for seat in seats[1:]] == [1, 1, 1]
    assert [seat.conversations for seat in seats[1:]] == [0, 0, 0]
    assert seats[0].conversations <= CHANGES + 1


def test_the_next_window_asks_once_the_first_has_left(
    desk: EmbeddedDesk, windows: WindowGroup, seats: list[Counted]
) -> None:
    first, *_others = open_all(windows, seats[:3], timings=PATIENT)
    first.stop()
    new = desk.submit()
    wait_until(lambda: windows.conversation(new))
    assert sorted(seat.asked > 1 for seat in seats[1:3]) == [False, True]


def test_where_the_one_that_asks_hangs_another_asks(
    desk: EmbeddedDesk, windows: WindowGroup, seats: list[Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_routes, "HEARTBEAT_S", 0.05)
    _, other = open_all(windows, seats[:2], timings=replace(FAST_TIMINGS, poller_wait_s=1.0))
    seats[0].answers.clear()
    new = desk.submit()
    wait_until(lambda: windows.ticket(new))
    assert seats[1].asked == 2
    assert other.status.last_sync_at is not None
    second = desk.submit("another")
    wait_until(lambda: windows.ticket(second), within_s=0.9)  # at once: the first is not waited for again
    seats[0].answers.set()


def test_what_is_announced_and_not_brought_is_not_called_current(
    desk: EmbeddedDesk, windows: WindowGroup, seats: list[Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_routes, "HEARTBEAT_S", 0.05)
    heard = threading.Event()
    _, other = open_all(windows, seats[:2], timings=PATIENT, on_change=heard.set)
    seats[0].answers.clear()
    new = desk.submit()
    wait_until(lambda: seats[0].asked == 2)
    announced = datetime.now(UTC)
    wait_until(lambda: datetime.now(UTC).timestamp() > announced.timestamp() + 0.5)  # ten heartbeats
    assert windows.ticket(new) is None
    assert other.status.last_sync_at is not None
    assert other.status.last_sync_at < announced
    seats[0].answers.set()
    wait_until(lambda: (at := other.status.last_sync_at) and at > announced)
    assert windows.ticket(new)
