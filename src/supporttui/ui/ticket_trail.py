"""The way from ticket to ticket: the order of the pane in which the first one was opened."""

from supporttui.domain.board import Board


class Trail:
    """Keeps to the order that the pane had, so that a ticket that moves away does not lead astray."""

    def __init__(self, board: Board, ticket_id: int) -> None:
        self._board = board
        position = board.position(ticket_id)
        self._status = position[0] if position else None
        self._ids = list(board.pane(self._status).ids) if self._status else [ticket_id]
        self._done: set[int] = set()

    def neighbour(self, ticket_id: int, step: int) -> int | None:
        """The next ticket that is still in the pane, or the one before; None at the end."""
        self._append_arrivals()
        at = self._ids.index(ticket_id) if ticket_id in self._ids else -1
        ahead = self._ids[at + 1 :] if step > 0 else self._ids[: max(at, 0)][::-1]
        return next((other for other in ahead if self._is_here(other)), None)

    def after_answering(self, ticket_id: int) -> int | None:
        """Where to go on: the next ticket below, else the worst of the pane; none that was answered on this way."""
        self._done.add(ticket_id)
        self._append_arrivals()
        at = self._ids.index(ticket_id) if ticket_id in self._ids else -1
        for other in (*self._ids[at + 1 :], *self._worst_first()):
            if other not in self._done and self._is_here(other):
                return other
        return None

    def _is_here(self, ticket_id: int) -> bool:
        position = self._board.position(ticket_id)
        return position is not None and position[0] is self._status

    def _worst_first(self) -> list[int]:
        return list(self._board.pane(self._status).ids) if self._status else []

    def _append_arrivals(self) -> None:
        known = set(self._ids)
        self._ids += [ticket_id for ticket_id in self._worst_first() if ticket_id not in known]
