"""What the last run knew of the desk, for the time before the engine has started."""

from datetime import datetime

import msgspec

from supporttui.store.cache import Cache
from supporttui.sync.account import decode_account
from supporttui.sync.status import EngineStatus


def remembered_status(cache: Cache) -> EngineStatus:
    """The status as the last run left it in the local copy."""
    account = cache.load_state("account")
    ahead = cache.load_state("desk_ahead_s")
    synced = cache.load_state("last_sync_at")
    return EngineStatus(
        account=decode_account(account) if account else None,
        desk_ahead_s=msgspec.msgpack.decode(ahead, type=float) if ahead else 0.0,
        last_sync_at=msgspec.msgpack.decode(synced, type=datetime) if synced else None,
        loaded=synced is not None,
    )
