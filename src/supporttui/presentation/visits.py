"""The history of visited tickets and places on the board, with back and forward as in a browser."""

from typing import Final

import msgspec

from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId

MAX_PLACES: Final = 200
MAX_RECENT: Final = 30
"""The number of tickets listed as recently opened."""


class BoardPlace(msgspec.Struct, frozen=True):
    """The focused pane and the ticket under its cursor."""

    status: Status
    ticket_id: TicketId | None


Place = BoardPlace | TicketId
"""A place on the board, or a ticket that was open."""


class VisitHistory:
    """Visited places in order, and the index of the current one."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    @property
    def current(self) -> Place | None:
        """The current place; None before the first visit."""
        return self._places[self._at] if self._places else None

    def visit(self, place: Place) -> None:
        """Go to a place and discard what was ahead. A move of the board's cursor updates the current place."""
        if place == self.current:
            return
        if isinstance(place, BoardPlace) and isinstance(self.current, BoardPlace):
            self._places[self._at] = place
            return
        self._places = [*self._places[: self._at + 1], place][-MAX_PLACES:]
        self._at = len(self._places) - 1

    def step(self, step: int) -> Place | None:
        """Go back (-1) or forward (1); return None and stay at the end."""
        if not 0 <= self._at + step < len(self._places):
            return None
        self._at += step
        return self._places[self._at]
