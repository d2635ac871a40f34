"""Back and forward through visited tickets and places, and reopening of recent tickets."""

from collections.abc import Callable
from typing import Any, Final

from textual.app import App
from textual.binding import Binding, BindingType

from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.visits import MAX_RECENT, BoardPlace, Place, VisitHistory
from supporttui.ui.live import LiveScreen

_NO_FURTHER: Final = {-1: "There is nothing to go back to.", 1: "There is nothing to go forward to."}


BACK_KEYS: Final = "alt+left,less_than_sign"
FORWARD_KEYS: Final = "alt+right,greater_than_sign"


def visit_bindings(prefix: str) -> list[BindingType]:
    """Return the bindings for a screen, with this prefix in their ids; they call its `visit` action."""
    return [
        Binding("ctrl+r", "visit('recent')", "tickets opened recently", id=f"{prefix}-recent", priority=True),
        Binding("backspace", "visit('last')", "the previous ticket again", id=f"{prefix}-last-ticket", priority=True),
        Binding(BACK_KEYS, "visit('back')", "back to where you were", id=f"{prefix}-history-back", priority=True),
        Binding(FORWARD_KEYS, "visit('forward')", "forward again", id=f"{prefix}-history-forward", priority=True),
    ]


class TicketVisits:
    """The visits of one window; recently opened tickets are also known from the local copy."""

    def __init__(
        self,
        app: App[Any],
        model: BoardModel,
        open_ticket: Callable[[TicketId], None],
        ask_which: Callable[[list[TicketId]], None],
    ) -> None:
        """`ask_which` lists tickets and opens the chosen one."""
        self._app = app
        self._model = model
        self._open_ticket = open_ticket
        self._ask_which = ask_which
        self._history = VisitHistory()
        self._is_stepping = False
        """Whether the ticket being opened is in the history already."""
        self._open_id: TicketId | None = None
        """The open ticket, or the one opened last."""

    def note(self, ticket_id: TicketId) -> None:
        """Record that a ticket is shown."""
        self._open_id = ticket_id
        self._history.visit(ticket_id)

    def leave_board(self) -> None:
        """Record the board's cursor before another screen is opened from it."""
        board = None if self._is_stepping else self._board()
        if board is not None and board.place is not None and self._front() in (board, None):
            self._history.visit(board.place)

    def act(self, where: str) -> None:
        """Go where a key asks for."""
        match where:
            case "back":
                self._step(-1)
            case "forward":
                self._step(1)
            case "last":
                self._reopen_last()
            case _:
                self._ask_which(self._recent())

    def _step(self, step: int) -> None:
        front = self._front()
        if front is None:
            return
        if front.place is not None:
            self._history.visit(front.place)  # the user has returned to the board, or moved its cursor
        place = self._history.step(step)
        while isinstance(place, TicketId) and self._model.ticket(place) is None:  # the ticket is gone
            place = self._history.step(step)
        if place is None:
            front.say(_NO_FURTHER[step])
        else:
            self._go_to(place, front)

    def _go_to(self, place: Place, front: LiveScreen[None]) -> None:
        if not isinstance(place, BoardPlace):
            self._is_stepping = True
            self._open_ticket(place)
            self._is_stepping = False
            return
        board = self._board()
        if board is not None:
            if front is not board:
                front.dismiss(None)
            board.return_to_place(place)

    def _reopen_last(self) -> None:
        front, recent = self._front(), self._recent()
        if front is not None and recent:
            self._open_ticket(recent[0])
        elif front is not None:
            front.say("No other ticket was opened yet.")

    def _recent(self) -> list[TicketId]:
        """The recently opened tickets, the latest first, without the open one."""
        front = self._front()
        left_out = self._open_id if front is not None and front.place is None else None
        limit = MAX_RECENT + 1
        recent: list[TicketId] = self._model.readings.tried(lambda: self._model.rows.recently_opened(limit), [])
        if self._open_id is not None:  # the desk's clock may stand still
            recent = [self._open_id, *(each for each in recent if each != self._open_id)]
        here = [each for each in recent if each != left_out and self._model.row(each) is not None]
        return here[:MAX_RECENT]

    def _front(self) -> LiveScreen[None] | None:
        screen = self._app.screen
        return screen if isinstance(screen, LiveScreen) else None

    def _board(self) -> LiveScreen[None] | None:
        live = (each for each in self._app.screen_stack if isinstance(each, LiveScreen))
        return next((each for each in live if each.place is not None), None)
