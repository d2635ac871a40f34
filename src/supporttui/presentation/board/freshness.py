"""How old the shown data is, in words, and what an empty pane says."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from supporttui.domain.clock_text import elapsed_text
from supporttui.domain.ticket import Status
from supporttui.presentation.board.board_model import BoardModel
from supporttui.sync.status import EngineStatus, LinkState

MAX_PUSH_SILENCE = timedelta(seconds=30)
"""A desk that pushes is heard at least every ten seconds; after three times that, something is wrong."""

STALE_AFTER_POLLS = 3


class FreshnessState(Enum):
    """How the data stands; the value is the end of a component class."""

    CURRENT = "current"
    STALE = "stale"
    WAITING = "waiting"
    """Nothing is wrong yet: the first answer is under way."""


class Freshness(msgspec.Struct, frozen=True):
    """The age of what is shown."""

    feed: FreshnessState
    forms: tuple[str, ...]
    """The same said at length and in short."""
    age: str
    """For a pane: how old its data is; empty where none was ever fetched."""

    @property
    def is_stale(self) -> bool:
        """Whether what is shown may no longer be so."""
        return self.feed is FreshnessState.STALE


def model_freshness(model: BoardModel) -> Freshness:
    """How fresh what a model holds is, now."""
    app_context = model.app_context
    return freshness(
        model.status,
        app_context.now(),
        poll_s=app_context.poll_s,
        zone=app_context.calendar.zone,
        loaded=model.ticket_count if model.status.last_sync_at is None else 0,  # counting takes time
    )


def freshness(status: EngineStatus, now: datetime, *, poll_s: float, zone: ZoneInfo, loaded: int) -> Freshness:
    """How fresh the board is at this machine's `now`; `loaded` tickets have been fetched so far.

    How many tickets could not be read whole is said too.
    """
    found = _age_of_data(status, now, poll_s=poll_s, zone=zone, loaded=loaded)
    if not status.unreadable:
        return found
    longest, *shorter = found.forms
    said = f"{longest}, {status.unreadable} unreadable"
    return replace(found, forms=(f"{said} (see the log)", said, *(f"{each} !{status.unreadable}" for each in shorter)))


def _age_of_data(status: EngineStatus, now: datetime, *, poll_s: float, zone: ZoneInfo, loaded: int) -> Freshness:
    if status.last_sync_at is None:
        return _never_fetched(status, loaded)
    age = max(now - status.last_sync_at, timedelta())
    said = data_age_text(age)
    since = f"{status.last_sync_at.astimezone(zone):%H:%M}"
    if age >= timedelta(days=1):
        since = f"{status.last_sync_at.astimezone(zone):%a %d %b %H:%M}"
    if status.link is LinkState.LIVE and age <= MAX_PUSH_SILENCE:
        return Freshness(FreshnessState.CURRENT, (f"● live {said}", f"● {said}"), said)
    if status.link is LinkState.POLLING and age <= STALE_AFTER_POLLS * timedelta(seconds=poll_s):
        return Freshness(FreshnessState.CURRENT, (f"● asked {said} ago", f"● {said}"), said)
    if status.link is LinkState.CONNECTING and age <= MAX_PUSH_SILENCE:
        return Freshness(FreshnessState.WAITING, ("○ connecting", "○ …"), said)
    words = {
        LinkState.CONNECTING: ("○ connecting", "○ old"),
        LinkState.OFFLINE: ("○ offline", "○ off"),
        LinkState.UNAUTHORISED: ("○ refused", "○ refused"),
        LinkState.STOPPED: ("○ stopped", "○ stopped"),
    }.get(status.link, ("○ silent", "○ silent"))
    zone_name = status.last_sync_at.astimezone(zone).tzname() or ""
    return Freshness(
        FreshnessState.STALE, (f"{words[0]} since {since} {zone_name}", f"{words[1]} {since}", f"○ {since}"), said
    )


def _never_fetched(status: EngineStatus, loaded: int) -> Freshness:
    if status.link is LinkState.UNAUTHORISED:
        return Freshness(FreshnessState.STALE, ("○ refused", "○"), "")
    if status.link in (LinkState.OFFLINE, LinkState.STOPPED):
        return Freshness(FreshnessState.STALE, ("○ offline, nothing fetched yet", "○ offline"), "")
    if loaded or status.link in (LinkState.LIVE, LinkState.POLLING):
        return Freshness(FreshnessState.WAITING, (f"○ loading tickets… {loaded:,}", f"○ loading {loaded:,}"), "")
    return Freshness(FreshnessState.WAITING, ("○ connecting", "○ …"), "")


def data_age_text(age: timedelta) -> str:
    """An age, in seconds below a minute: `2s`, `3m`, `1h 04m`, `2d`."""
    return f"{age.seconds}s" if age < timedelta(minutes=1) else elapsed_text(age)


NOT_FETCHED_SENTENCES: Final = {
    LinkState.OFFLINE: "Nothing fetched yet: no answer from the desk.",
    LinkState.UNAUTHORISED: "Nothing fetched yet: the desk refuses the token.",
    LinkState.STOPPED: "Nothing fetched yet.",
}
"""What a pane says where no ticket was ever fetched and none is on its way."""

EMPTY_SENTENCES: Final = {
    Status.NEW: "Nothing waits for a first answer.",
    Status.OPEN: "Nothing is being worked on.",
    Status.AWAITING_REPLY: "Nobody owes us an answer.",
    Status.ON_HOLD: "Nothing is on hold.",
}


def empty_sentences(model: BoardModel) -> dict[Status, str]:
    """What each pane would say, now."""
    if not model.status.loaded:
        return dict.fromkeys(Status, NOT_FETCHED_SENTENCES.get(model.status.link, "Loading…"))
    if model.filter_title:
        return dict.fromkeys(Status, "Nothing matches.")
    if model.shows_mine_only:
        return dict.fromkeys(Status, "None of yours.")
    days = model.app_context.policy.closed_days
    if model.app_context.is_requester:
        from supporttui.presentation.requester_side import REQUESTER_EMPTY_SENTENCES

        return {**REQUESTER_EMPTY_SENTENCES, Status.CLOSED: f"Nothing closed in {days} days."}
    return {**EMPTY_SENTENCES, Status.CLOSED: f"Nothing closed in {days} days."}
