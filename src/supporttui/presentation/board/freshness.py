"""The age of the data as text, and the text of empty panes."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from supporttui.domain.clock_text import elapsed_text
from supporttui.domain.ticket import Status
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.pane_lines import LOADING
from supporttui.sync.status import EngineStatus, LinkState

MAX_PUSH_SILENCE = timedelta(seconds=30)
"""A desk that pushes sends a heartbeat every ten seconds; after three missed ones something is wrong."""

STALE_AFTER_POLLS = 3


class FreshnessState(Enum):
    """The state of the data; the value is the suffix of a component class."""

    CURRENT = "current"
    STALE = "stale"
    WAITING = "waiting"
    """The first answer is pending and nothing has failed yet."""


class Freshness(msgspec.Struct, frozen=True):
    """The age of the data on show, as text."""

    feed: FreshnessState
    forms: tuple[str, ...]
    """The text, from the longest form to the shortest."""
    age: str
    """The age of the data, for a pane; empty if it was never fetched."""

    @property
    def is_stale(self) -> bool:
        """Whether the data on show may be out of date."""
        return self.feed is FreshnessState.STALE


def model_freshness(model: BoardModel) -> Freshness:
    """Return the freshness of a model's data at this moment."""
    app_context = model.app_context
    return freshness(
        model.status,
        app_context.now(),
        poll_s=app_context.poll_s,
        zone=app_context.calendar.zone,
        loaded=model.ticket_count if model.status.last_sync_at is None else 0,  # counting takes time
    )


def freshness(status: EngineStatus, now: datetime, *, poll_s: float, zone: ZoneInfo, loaded: int) -> Freshness:
    """Return the freshness of the board at this machine's `now`; `loaded` is the number of tickets fetched so far.

    The text includes the number of tickets that could only be read in part.
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


def shown_count_text(model: BoardModel) -> str:
    """Return how many of all tickets are shown, as `12 of 341`; or that they are being counted or loaded."""
    if model.pending_count:
        return model.pending_count
    shown = sum(model.board.count(status) for status in Status)
    total = sum(model.board.total_count(status) for status in Status)
    return f"{shown:,} of {max(shown, total):,}"


def is_count_known(model: BoardModel) -> bool:
    """Whether an empty pane is known to be empty."""
    return model.status.loaded and model.pending_count != LOADING


def data_age_text(age: timedelta) -> str:
    """An age, in seconds below a minute: `2s`, `3m`, `1h 04m`, `2d`."""
    return f"{age.seconds}s" if age < timedelta(minutes=1) else elapsed_text(age)


NOT_FETCHED_SENTENCES: Final = {
    LinkState.OFFLINE: "Nothing fetched yet: no answer from the desk.",
    LinkState.UNAUTHORISED: "Nothing fetched yet: the desk refuses the token.",
    LinkState.STOPPED: "Nothing fetched yet.",
}
"""The text of a pane when no ticket was ever fetched and none is on its way."""

EMPTY_SENTENCES: Final = {
    Status.NEW: "Nothing waits for a first answer.",
    Status.OPEN: "Nothing is being worked on.",
    Status.AWAITING_REPLY: "Nobody owes us an answer.",
    Status.ON_HOLD: "Nothing is on hold.",
}


def empty_sentences(model: BoardModel) -> dict[Status, str]:
    """Return the text of each pane when it is empty."""
    if not model.status.loaded:
        return dict.fromkeys(Status, NOT_FETCHED_SENTENCES.get(model.status.link, "Loading…"))
    if model.pending_count == LOADING:
        return dict.fromkeys(Status, "Loading the view…")
    if model.filter_title:
        return dict.fromkeys(Status, "Nothing matches.")
    if model.shows_mine_only:
        return dict.fromkeys(Status, "None of yours.")
    days = model.app_context.policy.closed_days
    if model.app_context.is_requester:
        from supporttui.presentation.requester_side import REQUESTER_EMPTY_SENTENCES

        return {**REQUESTER_EMPTY_SENTENCES, Status.CLOSED: f"Nothing closed in {days} days."}
    return {**EMPTY_SENTENCES, Status.CLOSED: f"Nothing closed in {days} days."}
