"""What the last run knew of the desk, for the time before the engine has started."""

from datetime import datetime

import msgspec

from supporttui.store.cache import Cache
from supporttui.sync.account import decode_account
from supporttui.sync.status import EngineStatus


class Synced(msgspec.Struct, frozen=True, array_like=True):
    """A time when everything that the desk has had been fetched."""

    at: datetime
    asked_at: float
    """When the desk was asked for the last of it, by the clock of the event loop that did."""
    announced: str | None
    """The newest event of the desk's stream that it had heard of before it asked."""
    by: bytes
    """Which engine did."""


def keep_sync(cache: Cache, synced: Synced) -> None:
    """Keep the last one, for the other windows and for the next start."""
    cache.save_state("synced", msgspec.msgpack.encode(synced))


def last_sync(cache: Cache) -> Synced | None:
    """The last one of any window, or None."""
    raw = cache.load_state("synced")
    return msgspec.msgpack.decode(raw, type=Synced) if raw else None


def remembered_status(cache: Cache) -> EngineStatus:
    """The status as the last run left it in the local copy."""
    account = cache.load_state("account")
    ahead = cache.load_state("desk_ahead_s")
    synced = last_sync(cache)
    return EngineStatus(
        account=decode_account(account) if account else None,
        desk_ahead_s=msgspec.msgpack.decode(ahead, type=float) if ahead else 0.0,
        last_sync_at=synced.at if synced else None,
        loaded=synced is not None,
    )
