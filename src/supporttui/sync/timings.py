"""The engine's intervals and timeouts, and the back-off after a failure."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's waiting times, in seconds."""

    poll_s: float = 10.0
    """Between two questions to a desk that does not push."""
    watch_s: float = 0.25
    """Between two looks at what other windows wrote."""
    draft_s: float = 0.2
    """From a keystroke until the draft is on disk, at most."""
    announce_s: float = 0.1
    """Between two announcements of news during a burst."""
    store_retry_s: float = 1.0
    """Between two attempts to open or write local files that the disk refuses."""
    first_retry_s: float = 0.2
    slowest_retry_s: float = 15.0
    unauthorised_retry_s: float = 60.0
    """A refused token is not tried often: accounts are locked for that."""
    silence_s: float = 35.0
    """A stream without even a heartbeat for so long is dead."""
    resync_s: float = 300.0
    """Between two questions to a desk that pushes, in case an announcement was lost."""
    reconcile_s: float = 60.0
    """Between two questions whether tickets on the board are still there, to a desk that does not push."""
    search_pause_s: float = 0.4
    """From the last key in a filter until the desk's own search is asked."""
    lookup_s: tuple[float, ...] = (0.0, 5.0, 30.0, 300.0)
    """After an ambiguous end, the waits before the desk is asked whether it applied the change."""
    settled_after_s: float = 30.0
    """What the desk has not applied so long after an ambiguous end, it will not apply any more: longer than a
    request may take."""
    poller_wait_s: float = 3.0
    """What the desk has announced, the window that asks for all has brought by then; else another one asks."""
    quick_pages: int = 20
    """Pages of changes that bring next to nothing and are asked for one after the other."""
    thin_page_s: float = 0.5
    """Before each further one."""
    most_empty_pages: int = 100
    """So many pages in a row that bring nothing at all are a fault of the desk: then one is asked for at a time."""
    prefetch_s: float = 0.05
    """Between two conversations that nobody asked for yet, on a desk that pushes; a polled one is asked rarer."""
    prefetched_conversations: int = 200
    prefetched_read_bytes: int = 2 * 1024 * 1024
    """Bytes that are read for a conversation that nobody has opened; a larger one is fetched when it is opened."""
    prefetch_hour_bytes: int = 32 * 1024 * 1024
    """Bytes that are read in an hour for conversations that nobody has opened."""
    prefetch_hour_s: float = 3600.0
    """That hour."""
    unopened_bytes: int = 12 * 1024 * 1024
    """What the local copy keeps of conversations that nobody has opened; it takes about four times as much on disk."""
    parallel_tickets: int = 4
    """Tickets to which something is sent at the same time."""
    drain_s: float = 2.0
    """How long a request that is under way may go on when its connection is given up."""
    leave_s: float = 5.0
    """How long a signal to end waits for what is committed to be sent."""


class Backoff:
    """Growing waits with jitter: the first are quick, none exceeds the slowest, no two clients stay in step."""

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._failures = 0

    def reset(self) -> None:
        """After a success the next wait is a short one again."""
        self._failures = 0

    def next_s(self) -> float:
        """How long to wait now, having failed once more."""
        longest = min(self._timings.slowest_retry_s, self._timings.first_retry_s * 1.7**self._failures)
        self._failures = min(self._failures + 1, 50)
        return longest * random.uniform(0.6, 1.0)  # noqa: S311 - jitter, not a secret
