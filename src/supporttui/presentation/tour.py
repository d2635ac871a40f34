"""The steps of `supporttui tour`: what to press next, and how to recognise that it was done."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.key_names import first_key, key_name


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
    """With the ids of bindings in braces, for their keys."""
    is_done: Callable[[TourView, TourView], bool]
    """Whether it was done, given the view when the step began and the present one."""


BOARD, TICKET, COMMANDS, HELP = "BoardScreen", "TicketScreen", "CommandsScreen", "HelpScreen"

STEPS: Final = (
    TourStep(
        "Five panes, the worst clock first, all on a demonstration desk. "
        "Press {board-cursor-down} to go to the next ticket.",
        lambda before, now: now.cursor_id not in (None, before.cursor_id),
    ),
    TourStep(
        "Press {board-pane-right} for the pane to the right; {board-pane-1} to {board-pane-5} go to a pane at once.",
        lambda before, now: now.pane != before.pane and now.pane != "",
    ),
    TourStep(
        "Press {board-open-ticket} to read the ticket under the cursor.", lambda _before, now: TICKET in now.screens
    ),
    TourStep(
        "The customer's words, our replies, notes that only we see. Press {ticket-reply} to write a reply.",
        lambda _before, now: now.front == TICKET and now.is_writing,
    ),
    TourStep(
        "Type a line. It is saved while you type. {composer-send} sends it, here to nobody but the demonstration.",
        lambda before, now: now.replies > before.replies,
    ),
    TourStep(
        "It waits eight seconds before it leaves. Press {app-undo} to take it back, as a draft; "
        "or let it go with {ticket-back}.",
        lambda before, now: now.withdrawn > before.withdrawn or now.front == BOARD,
    ),
    TourStep("Press {ticket-back} until you are back on the board.", lambda _before, now: now.front == BOARD),
    TourStep(
        "Press {board-move}, then {move-to-awaiting-reply}: the ticket moves to Awaiting your reply; "
        "{move-to-open}, {move-to-on-hold} and {move-to-closed} are the other statuses.",
        lambda before, now: now.moves > before.moves,
    ),
    TourStep(
        "Nothing has to be known by heart. Press {app-commands}: every action by its words, with its key.",
        lambda _before, now: now.front == COMMANDS,
    ),
    TourStep(
        "Type a few letters to find one; {commands-leave} closes the list.", lambda _before, now: now.front == BOARD
    ),
    TourStep("Press {app-help} for all keys and marks of the screen in front.", lambda _before, now: now.front == HELP),
    TourStep("{help-close} closes it. Then that was the tour.", lambda _before, now: now.front == BOARD),
)

ENDED: Final = (
    "That was the tour. Look around; {app-quit} leaves. "
    "`supporttui` alone opens your own desk, or `supporttui login` a team's."
)


class _KeyNames(dict[str, str]):
    """The names of keys by the ids of their bindings."""

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._keymap = keymap

    def __missing__(self, id_: str) -> str:
        return key_name(first_key(id_, self._keymap))


class Tour:
    """The progress through the tour."""

    def __init__(self, keymap: Mapping[str, str] | None = None) -> None:
        """keymap: the user's own keys, by the ids of their bindings."""
        self._keys = _KeyNames(keymap or {})
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
            return ENDED.format_map(self._keys)
        return f"Tour {self._number + 1}/{len(STEPS)}  {STEPS[self._number].words.format_map(self._keys)}"
