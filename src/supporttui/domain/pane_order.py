"""The order of one pane as sorted columns of integers."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import compress
from typing import Final, Self

NO_ASSIGNEE: Final = -1
"""Stands for no assignee."""

_GROUP_BITS: Final = 60
_MIDDLE: Final = 1 << (_GROUP_BITS - 1)


def pack_sort_key(group: int, number: int) -> int:
    """A group and a number within it as one number of 64 bits; it sorts as the two do."""
    return (group << _GROUP_BITS) + _MIDDLE + max(1 - _MIDDLE, min(number, _MIDDLE - 1))


def sort_group_of(key: int) -> int:
    """The group of such a number."""
    return key >> _GROUP_BITS


class PaneOrder:
    """Tickets in the order of their keys, those with the same one by their ids; beside each who has to do with it."""

    __slots__ = ("_assignees", "_ids", "_keys", "_requesters")

    def __init__(self) -> None:
        self._keys = array("q")
        self._ids = array("q")
        self._assignees = array("q")
        self._requesters = array("q")

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> "array[int]":
        """The tickets in their order; not to be changed."""
        return self._ids

    @property
    def keys(self) -> "array[int]":
        """Their keys; not to be changed."""
        return self._keys

    def index(self, key: int, ticket_id: int) -> int:
        """Where a ticket with this key stands, or would stand."""
        low = bisect_left(self._keys, key)
        if low == len(self._keys) or self._keys[low] != key or self._ids[low] >= ticket_id:
            return low
        return bisect_left(self._ids, ticket_id, low, bisect_right(self._keys, key, low))

    def holds(self, key: int, ticket_id: int) -> bool:
        """Whether a ticket stands here under this key."""
        at = self.index(key, ticket_id)
        return at < len(self._ids) and self._ids[at] == ticket_id

    def insert(self, key: int, ticket_id: int, assignee_id: int | None, requester_id: int) -> None:
        """Add a ticket at its place."""
        at = self.index(key, ticket_id)
        self._keys.insert(at, key)
        self._ids.insert(at, ticket_id)
        self._assignees.insert(at, NO_ASSIGNEE if assignee_id is None else assignee_id)
        self._requesters.insert(at, requester_id)

    def remove(self, key: int, ticket_id: int) -> None:
        """Take out a ticket that is there."""
        at = self.index(key, ticket_id)
        for column in (self._keys, self._ids, self._assignees, self._requesters):
            del column[at]

    def drop_last(self, count: int) -> None:
        """Take out so many at the end."""
        for column in (self._keys, self._ids, self._assignees, self._requesters):
            del column[len(column) - count :]

    def extend(self, rows: Iterable[tuple[int, int, int | None, int]]) -> None:
        """Add many at once: key, ticket, assignee, requester of each."""
        mine = zip(self._keys, self._ids, self._assignees, self._requesters, strict=True)
        fresh = ((key, ticket, NO_ASSIGNEE if who is None else who, asker) for key, ticket, who, asker in rows)
        columns = tuple(zip(*sorted([*mine, *fresh]), strict=True)) or ((), (), (), ())
        self._keys, self._ids, self._assignees, self._requesters = (array("q", column) for column in columns)

    def of_assignee(self, assignee_id: int) -> Self:
        """Those of one assignee."""
        return self._chosen(self._assignees, assignee_id)

    def of_requester(self, requester_id: int) -> list[int]:
        """The tickets of one requester."""
        return list(self._chosen(self._requesters, requester_id).ids)

    def _chosen(self, column: "array[int]", wanted: int) -> Self:
        chosen = type(self)()
        mask = bytes(map(wanted.__eq__, column))
        mine = (self._keys, self._ids, self._assignees, self._requesters)
        chosen._keys, chosen._ids, chosen._assignees, chosen._requesters = (array("q", compress(c, mask)) for c in mine)
        return chosen

    def to_bytes(self) -> tuple[bytes, ...]:
        """The columns, for `from_bytes` on the same machine."""
        return tuple(column.tobytes() for column in (self._keys, self._ids, self._assignees, self._requesters))

    @classmethod
    def from_bytes(cls, columns: Iterable[bytes]) -> Self:
        """Read what `to_bytes` gave. Raises ValueError where it is something else."""
        places, read = cls(), []
        for raw in columns:
            column = array("q")
            column.frombytes(raw)
            read.append(column)
        if len(read) != 4 or len({len(column) for column in read}) != 1:
            raise ValueError("these columns belong to no pane")
        places._keys, places._ids, places._assignees, places._requesters = read
        return places
