"""The order of the board as it was when a window last left, kept in the local copy: a start finds it and sorts nothing.

It holds for one local copy, policy and calendar. What has changed since is put in its place afterwards.
"""

import hashlib
from array import array
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from supporttui.domain.pane_order import PaneOrder
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.sla_record import policy_key
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Status
from supporttui.store.cache import RevisionPosition

ORDER_STATE: Final = "board_order"

_StoredOrder = tuple[bytes, tuple[int, int], dict[str, tuple[bytes, ...]], bytes]


class SavedOrder(msgspec.Struct, frozen=True):
    """The places of all tickets, and how far the local copy had been read."""

    standing: RevisionPosition
    panes: dict[Status, PaneOrder]
    time_dependent_ids: frozenset[int]
    """Tickets whose place depends on more than the local copy: they are to be put in their places again."""


def order_digest(identity: bytes, policy: ServicePolicy, calendars: Calendars) -> bytes:
    """What a kept order depends on: another value, and it is of no use."""
    digest = hashlib.sha256(identity + policy_key(policy).encode() + policy.closed_days.to_bytes(4, "big"))
    for calendar in calendars:
        digest.update(calendar.to_bytes())
    return digest.digest()


def encode_order(
    key: bytes, standing: RevisionPosition, panes: Mapping[Status, PaneOrder], time_dependent_ids: Iterable[int]
) -> bytes:
    """The stored form."""
    columns = {status.value: places.to_bytes() for status, places in panes.items()}
    stored: _StoredOrder = (
        key,
        (standing.revision, standing.ticket_id),
        columns,
        array("q", time_dependent_ids).tobytes(),
    )
    return msgspec.msgpack.encode(stored)


def decode_order(stored: bytes | None, key: bytes) -> SavedOrder | None:
    """The order, or None where there is none that holds."""
    try:
        if stored is None:
            return None
        made_for, standing, columns, unsteady = msgspec.msgpack.decode(stored, type=_StoredOrder)
        if made_for != key or {*columns} != {status.value for status in Status}:
            return None
        panes = {Status(name): PaneOrder.from_bytes(raw) for name, raw in columns.items()}
    except (msgspec.MsgspecError, ValueError):
        return None
    ids = array("q")
    ids.frombytes(unsteady)
    return SavedOrder(RevisionPosition(*standing), panes, frozenset(ids))
