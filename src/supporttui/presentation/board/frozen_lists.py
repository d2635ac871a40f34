"""Counts the changes held back while the lists of the board are frozen: tickets that would arrive, leave or move."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Final

from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.loaded_board import Board

MAX_LOCATED: Final = 200
"""If more tickets than this change at once, each is counted without looking up its new position."""


class FrozenLists:
    """The listed tickets of every pane at the time of freezing, compared with the current board."""

    def __init__(self, board: Board, listed: Mapping[Status, Sequence[TicketId]]) -> None:
        self._board = board
        self._listed = listed
        self._waiting: set[TicketId] = set()
        self._changed: set[TicketId] = set()
        self._own: set[TicketId] = set()

    @property
    def count(self) -> int:
        """The number of tickets that others have moved."""
        return len(self._waiting - self._own)

    def note_own(self, ticket_id: TicketId) -> None:
        """Note a ticket that this window has changed: its row shows that, so it is not counted."""
        self._own.add(ticket_id)

    def note_changed(self, ticket_ids: Collection[TicketId]) -> None:
        """Note tickets that have changed, by whomever."""
        self._changed |= set(ticket_ids)
        if len(ticket_ids) > MAX_LOCATED:
            self._waiting |= set(ticket_ids)
            return
        for ticket_id in ticket_ids:
            if self._has_moved(ticket_id):
                self._waiting.add(ticket_id)
            else:
                self._waiting.discard(ticket_id)

    @cached_property
    def _former(self) -> dict[TicketId, tuple[Status, int]]:
        return {each: (status, index) for status, ids in self._listed.items() for index, each in enumerate(ids)}

    def _has_moved(self, ticket_id: TicketId) -> bool:
        """Whether a ticket is in another pane, or has passed a neighbour that is unchanged."""
        now, former = self._board.position(ticket_id), self._former.get(ticket_id)
        if now is None or former is None:
            return now is not former
        status, index = former
        if now[0] is not status:
            return True
        before, after = self._still(status, index, -1), self._still(status, index, 1)
        return (before is not None and before > now[1]) or (after is not None and after < now[1])

    def _still(self, status: Status, index: int, step: int) -> int | None:
        """Return the present index of the nearest unchanged ticket in a direction."""
        ids = self._listed[status]
        while 0 <= (index := index + step) < len(ids):
            if ids[index] not in self._changed:
                found = self._board.position(ids[index])
                return None if found is None else found[1]
        return None
