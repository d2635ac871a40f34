"""What the parts of one engine share: the cache, the outbox, the timings, the status, and the notification that there
is news.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec
from msgspec.structs import replace

from supporttui.config.fault_points import fault_point
from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.domain.ticket import Ticket, with_known_values
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import Account
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.outbox import Outbox
from supporttui.sync.status import (
    MAX_UNREADABLE,
    NO_SENTENCE,
    LinkEvent,
    SyncRecord,
    encode_account,
    load_status,
    load_sync_record,
    next_link_state,
    save_current_until,
    save_sync_record,
)
from supporttui.sync.timings import Now, Timings

_log = logging.getLogger(__name__)

MIN_CLOCK_SKEW_S = 2.0
"""A desk's clock is read to the second over a network: a difference below this is none."""

MAX_RATE_LIMIT_WAIT_S = 3600.0

KEEP_FRESHNESS_EVERY = timedelta(minutes=1)
"""How often the time until which the copy is current is stored while the desk is heard; a crash loses no more of it."""

_PULLED = (LinkEvent.PULLED_FROM_PUSHING_DESK, LinkEvent.PULLED_FROM_POLLED_DESK)


def stable_clock_skew(current_s: float, measured_s: float) -> float:
    """Smooth the measured clock difference: it follows jumps, not jitter."""
    if abs(measured_s) < MIN_CLOCK_SKEW_S:
        measured_s = 0.0
    return measured_s if abs(measured_s - current_s) > MIN_CLOCK_SKEW_S else current_s


class EngineContext:
    """The state of one engine. Made and used on its thread; only `status` is read from others."""

    def __init__(
        self, cache: Cache, outbox: Outbox | None, timings: Timings, now: Now, on_change: Callable[[], None]
    ) -> None:
        self.cache = cache
        self.outbox = outbox
        """None for an engine that never writes to the desk."""
        self.timings = timings
        self.now = now
        self.zone: tzinfo = UTC
        """The desk's own, in which instants are named."""
        self.tickets_came_in = asyncio.Event()
        """Set whenever tickets were written to the cache."""
        self._on_change = on_change
        self._name = os.urandom(8)
        """Tells this engine from the others of its store."""
        self._quiet: asyncio.TimerHandle | None = None
        self._has_more_news = False
        self._store_problem = NO_SENTENCE
        self._link_sentence = NO_SENTENCE
        self._notice = NO_SENTENCE
        self._unreadable: set[TicketId] = set()
        self.must_count_unsent = False
        """Whether the outbox could not be read when it was last counted."""
        self.status = load_status(cache)
        self._load_unreadable()
        self._kept_until = self.status.last_sync_at or datetime.min.replace(tzinfo=UTC)
        """What is stored of the time until which the copy was current."""
        if outbox is not None:
            self.status = replace(self.status, unsent=len(outbox.load_open()))

    @property
    def has_link_sentence(self) -> bool:
        """Whether the status has a sentence about the link that may be outdated."""
        return bool(self._link_sentence)

    def take_link_event(self, event: LinkEvent, sentence: SafeText = NO_SENTENCE) -> None:
        """Apply an event to the link's state, with a sentence about what is wrong."""
        if event not in _PULLED:
            self.keep_freshness()
        link, self._link_sentence = next_link_state(self.status.link, event), sentence
        self.status = replace(self.status, link=link, sentence=self._store_problem or sentence or self._notice)
        self.announce()

    def report_store_problem(self, problem: StoreProblem | None) -> None:
        """Report that the local files cannot be written, or None once they can."""
        sentence = NO_SENTENCE if problem is None else safe_line(OutsideText(str(problem)))
        if sentence != self._store_problem:
            self._store_problem = sentence
            self.status = replace(self.status, sentence=sentence or self._link_sentence or self._notice)
            self.announce()

    def note_account(self, account: Account) -> None:
        """Store the account that the desk reported, so that the next start has it at once."""
        if account != self.status.account:
            self.status = replace(self.status, account=account)
            self.cache.save_state("account", encode_account(account))
            self.announce()

    def note_answer(self, desk_ahead_s: float | None, *, is_current: bool) -> None:
        """Note that the desk answered, and whether the local copy is current with that."""
        ahead_s = self.status.desk_ahead_s
        if desk_ahead_s is not None:
            ahead_s = stable_clock_skew(ahead_s, desk_ahead_s)
        if ahead_s != self.status.desk_ahead_s:
            self.cache.save_state("desk_ahead_s", msgspec.msgpack.encode(ahead_s))
            self.announce()
        synced_at = self.now() if is_current else self.status.last_sync_at
        self.status = replace(self.status, desk_ahead_s=ahead_s, last_sync_at=synced_at)
        if synced_at is not None and not timedelta() <= synced_at - self._kept_until < KEEP_FRESHNESS_EVERY:
            self.keep_freshness()

    def keep_freshness(self) -> None:
        """Store until when the copy was current: what the next start says of it is not earlier than what was shown."""
        if self.status.last_sync_at is not None and self.status.last_sync_at != self._kept_until:
            self._kept_until = self.status.last_sync_at
            with contextlib.suppress(StoreProblem):
                save_current_until(self.cache, self._kept_until)

    def note_rate_limit(self, wait_s: float) -> None:
        """Store that the desk asks this account to wait, for every window of the store."""
        asked_s = min(wait_s, MAX_RATE_LIMIT_WAIT_S)
        quiet = (self.now() + timedelta(seconds=asked_s), asked_s)
        with contextlib.suppress(StoreProblem):
            self.cache.save_state("quiet", msgspec.msgpack.encode(quiet))

    def rate_limited_s(self) -> float:
        """Seconds until the desk may be asked again, whichever window was rate limited.

        If that is more than the desk asked for, the clock was set back since, and it counts as 0.
        """
        raw = self.cache.load_state("quiet")
        if raw is None:
            return 0.0
        until, asked_s = msgspec.msgpack.decode(raw, type=tuple[datetime, float])
        left_s = (until - self.now()).total_seconds()
        return left_s if 0.0 < left_s <= asked_s else 0.0

    def adopt_newer_sync(self) -> None:
        """Adopt the freshness of a newer sync by another window."""
        synced_at = load_status(self.cache).last_sync_at
        known = self.status.last_sync_at
        if synced_at is not None and (known is None or synced_at > known):
            self.status = replace(self.status, last_sync_at=synced_at, loaded=True)
            self._load_unreadable()
            self.announce()

    def is_fetched_by_another(self, since: float, event_id: str | None) -> bool:
        """Whether another window has fetched everything after this time of the loop's clock, or knowing of this event.

        `loop.time()` is CLOCK_MONOTONIC: shared by all processes of the host, never set back. A value from before a
        reboot does no harm: every window polls once itself before it relies on another.
        """
        synced = load_sync_record(self.cache)
        if synced is None or synced.by == self._name:
            return False
        knew = event_id is not None and synced.announced == event_id
        return knew or since <= synced.asked_at <= asyncio.get_running_loop().time()

    def completed(self, asked_at: float, event_id: str | None) -> None:
        """Record that everything was fetched, with the time, for the next start.

        `asked_at`, by the loop's clock, is when the desk was asked for the last of it, and `event_id` what had been
        heard of its stream before.
        """
        at = self.now()
        is_first = not self.status.loaded
        self.status = replace(self.status, loaded=True, last_sync_at=at)
        found = SyncRecord(
            at=at, asked_at=asked_at, announced=event_id, by=self._name, unreadable=self._kept_unreadable()
        )
        save_sync_record(self.cache, found)
        if is_first:
            self.announce()

    def count_unsent(self) -> None:
        """Update the number of unsent operations after a change of the outbox."""
        self.must_count_unsent = False
        try:
            if self.outbox is not None:
                self.status = replace(self.status, unsent=len(self.outbox.load_open()))
        except StoreProblem as problem:
            self.must_count_unsent = True
            self.report_store_problem(problem)
        self.announce()

    def report_notice(self, sentence: str) -> None:
        """Add a notice about the files, such as a recovery; it is shown until this window closes."""
        self._notice = safe_line(OutsideText(sentence))
        self.status = replace(self.status, sentence=self.status.sentence or self._notice)
        self.announce()

    def with_known_values(
        self, tickets: Sequence[Ticket], untold: Mapping[TicketId, frozenset[str]]
    ) -> tuple[Ticket, ...]:
        """Return the tickets of an answer, with the stored values of the fields that it lacks."""
        if not untold:
            return tuple(tickets)
        stored = {each.id: each for each in self.cache.load_tickets_by_id(untold)}
        return tuple(
            with_known_values(each, stored.get(each.id), untold[each.id]) if each.id in untold else each
            for each in tickets
        )

    def note_unreadable(self, unreadable: Iterable[TicketId], sent: Iterable[TicketId]) -> None:
        """These tickets could not be read whole, and of all that were sent the others could."""
        before, unreadable = set(self._unreadable), set(unreadable)
        self._unreadable = (self._unreadable - set(sent)) | unreadable
        if self._unreadable == before:
            return
        for ticket_id in sorted(self._unreadable - before):
            _log.warning("ticket %s could not be read whole", ticket_id.label)
        self.status = replace(self.status, unreadable=len(self._unreadable))
        synced = load_sync_record(self.cache)
        if synced is not None:
            save_sync_record(self.cache, replace(synced, unreadable=self._kept_unreadable()))
        self.announce()

    def _kept_unreadable(self) -> tuple[str, ...]:
        return tuple(each.id for each in sorted(self._unreadable)[:MAX_UNREADABLE])

    def _load_unreadable(self) -> None:
        """Take over which tickets could not be read whole, as this or another window has kept it."""
        synced = load_sync_record(self.cache)
        kept = synced.unreadable if synced is not None else ()
        self._unreadable = {TicketId(self.cache.desk, number) for number in kept}
        self.status = replace(self.status, unreadable=len(self._unreadable))

    def report_unsaved(self, number: int) -> None:
        """Report how many writes are in memory only."""
        if number != self.status.unsaved:
            self.status = replace(self.status, unsaved=number)
            self.announce()

    def announce(self) -> None:
        """Say that there is news: the first at once, a burst of them a few times a second."""
        if self._quiet is not None:
            self._has_more_news = True
            return
        self._on_change()
        fault_point("news announced")
        self._quiet = asyncio.get_running_loop().call_later(self.timings.announce_s, self._end_quiet)

    def _end_quiet(self) -> None:
        self._quiet = None
        if self._has_more_news:
            self._has_more_news = False
            self.announce()


async def wait_for_event(event: asyncio.Event, wait_s: float | None) -> None:
    """Wait for the event, but not longer than so many seconds, where a number is given."""
    try:
        async with asyncio.timeout(wait_s):
            await event.wait()
    except TimeoutError:
        return
