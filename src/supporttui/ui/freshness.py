"""How old what is shown is, in words: nothing is shown as current when it is not."""

from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import msgspec

from supporttui.domain.clock_text import elapsed_text
from supporttui.sync.status import EngineStatus, LinkState
from supporttui.ui.board_model import BoardModel

PUSH_SILENCE = timedelta(seconds=30)
"""A desk that pushes is heard at least every ten seconds; after three times that, something is wrong."""

POLLS_MISSED = 3


class Feed(Enum):
    """How the data stands; the value is the end of a component class."""

    CURRENT = "current"
    STALE = "stale"
    WAITING = "waiting"
    """Nothing is wrong yet: the first answer is under way."""


class Freshness(msgspec.Struct, frozen=True):
    """The age of what is shown."""

    feed: Feed
    forms: tuple[str, ...]
    """The same said at length and in short."""
    age: str
    """For a pane: how old its data is; empty where none was ever fetched."""

    @property
    def is_stale(self) -> bool:
        """Whether what is shown may no longer be so."""
        return self.feed is Feed.STALE


def freshness_of(model: BoardModel) -> Freshness:
    """How fresh what a model holds is, now."""
    sources = model.sources
    return freshness(
        model.status,
        sources.now(),
        poll_s=sources.poll_s,
        zone=sources.calendar.zone,
        loaded=model.ticket_count if model.status.last_sync_at is None else 0,  # counting takes time
    )


def freshness(status: EngineStatus, now: datetime, *, poll_s: float, zone: ZoneInfo, loaded: int) -> Freshness:
    """How fresh the board is at this machine's `now`; `loaded` tickets have been fetched so far."""
    if status.last_sync_at is None:
        return _never_fetched(status, loaded)
    age = max(now - status.last_sync_at, timedelta())
    said = age_text(age)
    since = f"{status.last_sync_at.astimezone(zone):%H:%M}"
    if age >= timedelta(days=1):
        since = f"{status.last_sync_at.astimezone(zone):%a %d %b %H:%M}"
    if status.link is LinkState.LIVE and age <= PUSH_SILENCE:
        return Freshness(Feed.CURRENT, (f"● live {said}", f"● {said}"), said)
    if status.link is LinkState.POLLING and age <= POLLS_MISSED * timedelta(seconds=poll_s):
        return Freshness(Feed.CURRENT, (f"● asked {said} ago", f"● {said}"), said)
    if status.link is LinkState.CONNECTING and age <= PUSH_SILENCE:
        return Freshness(Feed.WAITING, ("○ connecting", "○ …"), said)
    words = {
        LinkState.CONNECTING: ("○ connecting", "○ old"),
        LinkState.OFFLINE: ("○ offline", "○ off"),
        LinkState.UNAUTHORISED: ("○ refused", "○ refused"),
        LinkState.STOPPED: ("○ stopped", "○ stopped"),
    }.get(status.link, ("○ silent", "○ silent"))
    return Freshness(Feed.STALE, (f"{words[0]} since {since}", f"{words[1]} {since}", f"○ {since}"), said)


def _never_fetched(status: EngineStatus, loaded: int) -> Freshness:
    if status.link is LinkState.UNAUTHORISED:
        return Freshness(Feed.STALE, ("○ refused", "○"), "")
    if status.link in (LinkState.OFFLINE, LinkState.STOPPED):
        return Freshness(Feed.STALE, ("○ offline, nothing fetched yet", "○ offline"), "")
    if loaded or status.link in (LinkState.LIVE, LinkState.POLLING):
        return Freshness(Feed.WAITING, (f"○ loading tickets… {loaded:,}", f"○ loading {loaded:,}"), "")
    return Freshness(Feed.WAITING, ("○ connecting", "○ …"), "")


def age_text(age: timedelta) -> str:
    """An age, in seconds below a minute: `2s`, `3m`, `1h 04m`, `2d`."""
    return f"{age.seconds}s" if age < timedelta(minutes=1) else elapsed_text(age)
