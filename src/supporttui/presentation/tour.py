"""The steps of `supporttui tour`: what to press next, and how to recognise that it was done."""

from collections.abc import Callable
from typing import Final, NamedTuple

from supporttui.domain.ticket_id import TicketId


class TourView(NamedTuple):
    """The observable state of the app at one moment."""

    screens: tuple[str, ...]
    """The names of the open screens, the topmost last."""
    pane: str = ""
    """The pane with the focus."""
    cursor_id: TicketId | None = None
    """The ticket under the cursor."""
    is_writing: bool = False
    """Whether a text field has the focus."""
    replies: int = 0
    """The number of replies and notes decided and not withdrawn."""
    withdrawn: int = 0
    """The number of changes undone."""
    moves: int = 0
    """The number of moves decided and not withdrawn."""

    @property
    def front(self) -> str:
        """The topmost screen."""
        return self.screens[-1] if self.screens else ""


class TourStep(NamedTuple):
    """One thing to try."""

    words: str
    is_done: Callable[[TourView, TourView], bool]
    """Whether it was done, given the view when the step began and the present one."""


BOARD, TICKET, COMMANDS, HELP = "BoardScreen", "TicketScreen", "CommandsScreen", "HelpScreen"

STEPS: Final = (
    TourStep(
        "Five panes, the worst clock first, all on a demonstration desk. Press j or ↓ to go to the next ticket.",
        lambda before, now: now.cursor_id not in (None, before.cursor_id),
    ),
    TourStep(
        "Press l or → for the pane to the right; 1 to 5 go to a pane at once.",
        lambda before, now: now.pane != before.pane and now.pane != "",
    ),
    TourStep("Press enter to read the ticket under the cursor.", lambda _before, now: TICKET in now.screens),
    TourStep(
        "The customer's words, our replies, notes that only we see. Press r to write a reply.",
        lambda _before, now: now.front == TICKET and now.is_writing,
    ),
    TourStep(
        "Type a line. It is saved while you type. ctrl+s sends it, here to nobody but the demonstration.",
        lambda before, now: now.replies > before.replies,
    ),
    TourStep(
        "It waits eight seconds before it leaves. Press u to take it back, as a draft; or let it go with esc.",
        lambda before, now: now.withdrawn > before.withdrawn or now.front == BOARD,
    ),
    TourStep("Press esc until you are back on the board.", lambda _before, now: now.front == BOARD),
    TourStep(
        "Press m, then w: the ticket moves to Awaiting your reply; o, h and c are the other statuses.",
        lambda before, now: now.moves > before.moves,
    ),
    TourStep(
        "Nothing has to be known by heart. Press ctrl+p: every action by its words, with its key.",
        lambda _before, now: now.front == COMMANDS,
    ),
    TourStep("Type a few letters to find one; esc closes the list.", lambda _before, now: now.front == BOARD),
    TourStep("Press ? for all keys and marks of the screen in front.", lambda _before, now: now.front == HELP),
    TourStep("esc closes it. Then that was the tour.", lambda _before, now: now.front == BOARD),
)

ENDED: Final = (
    "That was the tour. Look around; q leaves. `supporttui` alone opens your own desk, or `supporttui login` a team's."
)


class Tour:
    """The progress through the tour."""

    def __init__(self) -> None:
        self._number = 0
        self._began: TourView | None = None

    @property
    def is_over(self) -> bool:
        """Whether every step is done."""
        return self._number >= len(STEPS)

    def words(self, now: TourView) -> str:
        """Check what was done since and return what to press next."""
        if self._began is None and now.cursor_id is None:  # the tickets are still being loaded
            return self._step_words()
        self._began = self._began or now
        while not self.is_over and STEPS[self._number].is_done(self._began, now):
            self._number += 1
            self._began = now
        return self._step_words()

    def _step_words(self) -> str:
        if self.is_over:
            return ENDED
        return f"Tour {self._number + 1}/{len(STEPS)}  {STEPS[self._number].words}"
