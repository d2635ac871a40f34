"""What the engine says about itself: one snapshot, and one sentence where something is wrong."""

from datetime import datetime
from enum import Enum

import msgspec

from supporttui.domain.safetext import OutsideText, SafeText, safe_line
from supporttui.helpdesks.base import Account, DeskError

NOTHING = safe_line(OutsideText(""))


class Link(Enum):
    """How the engine and the help desk stand."""

    CONNECTING = "connecting"
    LIVE = "live"
    """The desk announces changes itself."""
    POLLING = "polling"
    OFFLINE = "offline"
    UNAUTHORISED = "unauthorised"
    STOPPED = "stopped"


class EngineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of the engine."""

    link: Link = Link.CONNECTING
    sentence: SafeText = NOTHING
    """What is wrong and what to do about it; empty where nothing is."""
    last_sync_at: datetime | None = None
    """This machine's time at which the local copy was last known to be current; None before the first time."""
    desk_ahead_s: float = 0.0
    account: Account | None = None
    """Who we are, from the last time that the desk told; None before the first."""
    unsent: int = 0
    """Operations that are neither the desk's yet nor withdrawn."""
    unsaved: int = 0
    """Writes that the disk refuses: what they hold is in memory only."""
    loaded: bool = False
    """Whether the local copy has been complete at some time."""


def sentence_of(error: DeskError) -> str:
    """An error's sentence with what the desk itself wrote about it. Not yet fit for a screen."""
    if error.desk_says is None or not error.desk_says.raw.strip():
        return str(error)
    return f"{error} The desk says: {error.desk_says.raw.strip()}"


def offline_sentence(error: DeskError, known_at: datetime | None, now: datetime) -> SafeText:
    """Why nothing new arrives, and from when what is shown is."""
    if known_at is None:
        return safe_line(OutsideText(f"{sentence_of(error)} Nothing has been fetched yet."))
    then = known_at.astimezone()
    form = "%H:%M" if then.date() == now.astimezone().date() else "%H:%M on %d %b"
    return safe_line(OutsideText(f"{sentence_of(error)} Showing what was known at {then.strftime(form)}."))
