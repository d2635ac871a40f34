"""The engine's status: one snapshot of it, the sentences that explain a problem, and what of it the cache keeps for the
next start.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from typing import Final

import msgspec
from msgspec.structs import replace

from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.helpdesks.base import Account, DeskError
from supporttui.store.cache import Cache

NO_SENTENCE = safe_line(OutsideText(""))


class LinkState(Enum):
    """The state of the link between engine and help desk."""

    CONNECTING = "connecting"
    LIVE = "live"
    """The desk announces changes itself."""
    POLLING = "polling"
    OFFLINE = "offline"
    UNAUTHORISED = "unauthorised"
    STOPPED = "stopped"


RUNNING_STATES: Final = tuple(state for state in LinkState if state is not LinkState.STOPPED)


class LinkEvent(Enum):
    """An event that changes the state of the link."""

    PULLED_FROM_PUSHING_DESK = "everything was pulled from a desk that announces changes itself"
    PULLED_FROM_POLLED_DESK = "everything was pulled from a desk that has to be polled"
    PUSHING_DESK_REFUSED_PULL = "a desk that announces changes answers, but not with the changes"
    POLLED_DESK_REFUSED_PULL = "a desk that has to be polled answers, but not with the changes"
    CONNECTION_LOST = "a connection that had worked was lost"
    CONNECTION_FAILED = "no connection could be made"
    TOKEN_REFUSED = "the desk does not accept the token"  # noqa: S105 - no token
    STORE_UNUSABLE = "the local files cannot be opened"
    ENGINE_ENDED = "the engine has ended"


LINK_TRANSITIONS: Final[Mapping[LinkEvent, Mapping[LinkState, LinkState]]] = {
    LinkEvent.PULLED_FROM_PUSHING_DESK: dict.fromkeys(RUNNING_STATES, LinkState.LIVE),
    LinkEvent.PULLED_FROM_POLLED_DESK: dict.fromkeys(RUNNING_STATES, LinkState.POLLING),
    # The connection is good: what is written goes on. A sentence says why nothing new is shown, and from when it is.
    LinkEvent.PUSHING_DESK_REFUSED_PULL: dict.fromkeys(RUNNING_STATES, LinkState.LIVE),
    LinkEvent.POLLED_DESK_REFUSED_PULL: dict.fromkeys(RUNNING_STATES, LinkState.POLLING),
    # It may be back in a moment: nothing is said yet.
    LinkEvent.CONNECTION_LOST: dict.fromkeys(RUNNING_STATES, LinkState.CONNECTING),
    LinkEvent.CONNECTION_FAILED: dict.fromkeys(RUNNING_STATES, LinkState.OFFLINE),
    LinkEvent.TOKEN_REFUSED: dict.fromkeys(RUNNING_STATES, LinkState.UNAUTHORISED),
    LinkEvent.STORE_UNUSABLE: dict.fromkeys(RUNNING_STATES, LinkState.OFFLINE),
    LinkEvent.ENGINE_ENDED: dict.fromkeys(LinkState, LinkState.STOPPED),
}
"""The state that follows, by event and present state. After STOPPED nothing follows."""


class LinkTransitionRefused(RuntimeError):
    """The event is not allowed in this state of the link: a bug."""


def next_link_state(state: LinkState, event: LinkEvent) -> LinkState:
    """The state that follows. Raises LinkTransitionRefused where the table has none."""
    try:
        return LINK_TRANSITIONS[event][state]
    except KeyError:
        raise LinkTransitionRefused(f"{event.name} cannot happen to a link that is {state.value}") from None


class EngineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot of the engine."""

    link: LinkState = LinkState.CONNECTING
    sentence: SafeText = NO_SENTENCE
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
    unreadable: int = 0
    """Tickets that the desk sent and of which something could not be read."""
    loaded: bool = False
    """Whether the local copy has been complete at some time."""


def sentence_of(error: DeskError) -> str:
    """An error's sentence with what the desk itself wrote about it. Not yet fit for a screen."""
    if error.desk_message is None or not error.desk_message.raw.strip():
        return str(error)
    return f"{error} The desk says: {error.desk_message.raw.strip()}"


def offline_sentence(error: DeskError, known_at: datetime | None, now: datetime, zone: tzinfo) -> SafeText:
    """Why nothing new arrives, and from when what is shown is, in the zone of the desk."""
    if known_at is None:
        return safe_line(OutsideText(f"{sentence_of(error)} Nothing has been fetched yet."))
    then = known_at.astimezone(zone)
    form = "%H:%M %Z" if then.date() == now.astimezone(zone).date() else "%H:%M %Z on %d %b"
    return safe_line(OutsideText(f"{sentence_of(error)} Showing what was known at {then.strftime(form)}."))


_ACCOUNT_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=lambda text: text.raw.encode("utf-8", "surrogatepass"))
_ACCOUNT_DECODER: Final = msgspec.msgpack.Decoder(
    Account, dec_hook=lambda _type, raw: OutsideText(raw.decode("utf-8", "surrogatepass"))
)


def encode_account(account: Account) -> bytes:
    """The stored form."""
    return _ACCOUNT_ENCODER.encode(account)


def decode_account(blob: bytes) -> Account | None:
    """The account, or None where another version stored it differently."""
    try:
        return _ACCOUNT_DECODER.decode(blob)
    except msgspec.DecodeError:
        return None


MAX_UNREADABLE: Final = 1_000
"""So many tickets that could not be read whole are remembered."""


class SyncRecord(msgspec.Struct, frozen=True, array_like=True):
    """The last time at which everything had been fetched."""

    at: datetime
    """Until when that was known to be all; later than the fetching where the desk said that nothing had changed."""
    asked_at: float
    """When the desk was asked for the last of it, by the clock of the event loop that did."""
    announced: str | None
    """The newest event of the desk's stream that it had heard of before it asked."""
    by: bytes
    """Which engine did."""
    unreadable: tuple[str, ...] = ()
    """The ids of tickets of which something could not be read, at most `MAX_UNREADABLE` of them."""


def save_sync_record(cache: Cache, synced: SyncRecord) -> None:
    """Keep the last one, for the other windows and for the next start."""
    cache.save_state("synced", msgspec.msgpack.encode(synced))


def load_sync_record(cache: Cache) -> SyncRecord | None:
    """The last one of any window, or None."""
    raw = cache.load_state("synced")
    return msgspec.msgpack.decode(raw, type=SyncRecord) if raw else None


_MAX_WINDOWS_APART: Final = timedelta(minutes=2)


def save_current_until(cache: Cache, at: datetime) -> None:
    """Keep until when the copy was known to be current, unless another window has kept a later time.

    A time far in the future is ignored: the clock was set back since. It is part of the last record, so that a start
    reads no more than that.
    """
    known = load_sync_record(cache)
    if known is not None and (at > known.at or known.at - at > _MAX_WINDOWS_APART):
        save_sync_record(cache, replace(known, at=at))


def load_status(cache: Cache) -> EngineStatus:
    """The status as the last run left it in the local copy."""
    account = cache.load_state("account")
    ahead = cache.load_state("desk_ahead_s")
    synced = load_sync_record(cache)
    return EngineStatus(
        account=decode_account(account) if account else None,
        desk_ahead_s=msgspec.msgpack.decode(ahead, type=float) if ahead else 0.0,
        last_sync_at=synced.at if synced else None,
        loaded=synced is not None,
        unreadable=len(synced.unreadable) if synced else 0,
    )
