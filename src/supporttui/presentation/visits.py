"""Where the user has been: tickets and places on the board, to go back and forward like in a browser."""

from typing import Final

import msgspec

from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId

MAX_PLACES: Final = 200
MAX_RECENT: Final = 30
"""Tickets that are listed as opened recently."""


class BoardPlace(msgspec.Struct, frozen=True):
    """The pane that has the focus, and the ticket under its cursor."""

    status: Status
    ticket_id: TicketId | None


Place = BoardPlace | TicketId
"""A place on the board, or a ticket that was open."""


class VisitHistory:
    """Places in the order in which they were visited, and which of them is the present one."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    @property
    def current(self) -> Place | None:
        """The present one; None before the first."""
        return self._places[self._at] if self._places else None

    def visit(self, place: Place) -> None:
        """Go on to a place: what was ahead is forgotten. The cursor of the board moves within one place."""
        if place == self.current:
            return
        if isinstance(place, BoardPlace) and isinstance(self.current, BoardPlace):
            self._places[self._at] = place
            return
        self._places = [*self._places[: self._at + 1], place][-MAX_PLACES:]
        self._at = len(self._places) - 1

    def step(self, step: int) -> Place | None:
        """Go back (-1) or forward (1); None, and no move, at the end."""
        if not 0 <= self._at + step < len(self._places):
            return None
        self._at += step
        return self._places[self._at]
