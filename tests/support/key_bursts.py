"""One app that begins anew for each burst of keys, and what a user would find after the burst."""

import asyncio
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from textual import events

from support.app_driver import sample_file, screen_text
from support.board_samples import ME, NOW, LocalCopy, sample_ticket
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Conversation, Message, Status, Ticket
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.navigation import ScreenNavigator
from supporttui.ui.startup.first_picture import LoadedBoard
from supporttui.ui.startup.key_buffer import KeyBuffer
from supporttui.ui.undo_action import UndoHistory

PASTE: Final = "<paste>"
PASTED: Final = " a text\nof two lines "
CHARACTERS: Final = {
    "space": " ",
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "question_mark": "?",
    "at": "@",
    "backspace": "\x7f",
}

SETTLED: Final = -1
"""A pause in which everything that was asked for is done."""

_WRITING: Final = (
    *("x", "é", "space", "q", "c", "m", "u", "question_mark", "enter", "tab", "shift+tab", "backspace", "left", "home"),
    *("ctrl+s", "ctrl+o", "ctrl+t", "ctrl+g", "ctrl+r", "pageup", "end", "escape", PASTE),
)
_FORM: Final = (
    *("x", "@", "2", "j", "q", "O", "space", "enter", "tab", "tab", "tab", "shift+tab", "ctrl+r", "ctrl+s", "ctrl+n"),
    *("down", "escape", PASTE),
)
_LIST: Final = ("j", "k", "down", "up", "enter", "escape", "q", "x", PASTE)
_TICKET: Final = (
    *("home", "end", "pageup", "escape", "enter", "space", "ctrl+p", PASTE),
    *"rimaSoLyHtpREXJKGju?Oq",
)
_BOARD: Final = (
    *"rimaNgtfdRjkhlG12345uO?q",
    "tab",
    "shift+tab",
    "enter",
    "ctrl+p",
    "pagedown",
    "home",
    "escape",
    PASTE,
)

SITUATIONS: Final[Mapping[str, tuple[Sequence[str], Sequence[str]]]] = {
    "board": ((), _BOARD),
    "ticket": (("enter",), _TICKET),
    "reply": (("r",), _WRITING),
    "note": (("enter", "i"), _WRITING),
    "path of a file": (("r", "x", "ctrl+g"), _WRITING),
    "new ticket": (("N",), _FORM),
    "severity of a new ticket": (("N", "x", "tab", "x", "tab"), _FORM),
    "severity": (("enter", "S"), (*"1234jkSqx", "enter", "escape", PASTE)),
    "move": (("m",), (*"owhcmqxj", "escape", "enter", PASTE)),
    "go to": (("g",), (*"1234567890gqx", "enter", "backspace", "escape", PASTE)),
    "commands": (("ctrl+p",), (*"movenqj ", "down", "up", "enter", "backspace", "escape", "ctrl+p", PASTE)),
    "keys": (("?",), (*"jkq?x", "escape", "enter", PASTE)),
    "outbox": (("a", "O"), (*_LIST, "O")),
    "what first": (("t",), (*_LIST, "t")),
    "links": (("enter", "L"), (*_LIST, "L", "y")),
    "files": (("enter", "o"), (*_LIST, "o")),
    "why": (("enter", "t"), (*_TICKET, "t", "p")),
    "properties": (("enter", "p"), (*_TICKET, "t", "p")),
}
"""The keys that lead to each place in which one can press a key, and keys that mean something there."""

ALL_SCREENS: Final = frozenset(
    {
        *("TicketScreen", "NewTicketScreen", "SeverityScreen", "MoveScreen", "GoToScreen", "CommandsScreen"),
        *("HelpScreen", "OutboxScreen", "AgendaScreen", "LinksScreen", "AttachmentsScreen"),
    }
)


@dataclass(frozen=True, slots=True)
class Burst:
    """Keys, and how they are typed."""

    situation: str
    keys: tuple[str, ...]
    pauses: tuple[int, ...]
    """After each key, for how many turns of the event loop nothing is typed; or `SETTLED`."""


class Outcome(NamedTuple):
    """Everything that a user would see, or find on the desk, after a burst."""

    sent: list[tuple[object, ...]]
    drafts: list[tuple[str, str, bool, dict[str, Any]]]
    screens: list[str]
    focus: str
    has_left: bool
    screen: str

    def differences(self, other: "Outcome") -> str:
        """What is another, part by part."""
        pairs = zip(self._fields, self, other, strict=True)
        return "\n".join(f"{name}:\n{mine}\n-- and --\n{theirs}" for name, mine, theirs in pairs if mine != theirs)


def random_burst(chance: random.Random, number: int) -> Burst:
    """A sequence that begins in the situation of this number: as quick as a paste, halting, or split in two."""
    situation = list(SITUATIONS)[number % len(SITUATIONS)]
    way, keys_there = SITUATIONS[situation]
    keys = [*way, *chance.choices(keys_there, k=chance.randint(2, 5))]
    if chance.random() < 0.4:
        _, others = chance.choice(list(SITUATIONS.values()))
        keys += chance.choices([*others, *_BOARD], k=chance.randint(1, 3))
    speed = chance.choice(((0,), (0, 0, 1, 2), (0, 1, 3, 10, 40), (0, SETTLED)))
    return Burst(situation, tuple(keys), tuple(chance.choice(speed) for _ in keys))


def key_event(key: str) -> events.Event:
    """The event of a key by its name or its character, or of a paste."""
    if key == PASTE:
        return events.Paste(PASTED)
    names = {" ": "space", "?": "question_mark", "@": "at"}
    name = names.get(key, key)
    return events.Key(name, CHARACTERS.get(name, name if len(name) == 1 else None))


class BurstApp(SupportApp):
    """The app, which can begin anew as after a start without reading its stylesheets again; quitting only notes it."""

    def __init__(self, desk: LocalCopy) -> None:
        super().__init__(desk.app_context())
        self.desk = desk
        self.has_left = False
        self.opened: set[str] = set()
        """The names of the screens that were opened."""

    def exit(self, *_args: Any, **_options: Any) -> None:
        """Note that the user left: what is typed after it reaches nobody."""
        self.has_left = True

    def push_screen(self, screen: Any, *args: Any, **options: Any) -> Any:
        """Note its name."""
        self.opened.add(type(screen).__name__)
        return super().push_screen(screen, *args, **options)

    async def _act_on_input(self, event: events.Key | events.Paste) -> None:
        if not self.has_left:
            await super()._act_on_input(event)

    async def begin_anew(self) -> None:
        """Be as after a start: nothing decided or typed, the board alone on the screen."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        former = self.model
        self.desk.engine.submitted.clear()
        shutil.rmtree(self.desk.files.downloads, ignore_errors=True)
        former.choices._file.wait()
        self.desk.files.board_state.unlink(missing_ok=True)  # how the board was left
        opened = LoadedBoard(self.app_context)
        opened.on_news = self._announce
        self.engine, self.model = opened.engine, opened.model
        self._undo_history = UndoHistory(self.model)
        self.navigator = ScreenNavigator(self, self.model)
        self._quit_warning, self._sentence_holds, self.has_left = "", None, False
        self._key_buffer = KeyBuffer(self, self._act_on_input)
        board = BoardScreen(self.model)
        await self.push_screen(board)
        await self._replace_screen(self._screen_stack.pop(0))
        await self.settle()
        former.close()

    def draw(self, *, is_wanted: bool) -> None:
        """Draw the board and the tickets, or leave that out as while the first picture stands in for them."""
        self._is_drawing_paused = not is_wanted

    async def settle(self) -> None:
        """Return when no key waits, nothing is left to be run by the event loop, and all is drawn."""
        ready = getattr(asyncio.get_running_loop(), "_ready")  # noqa: B009 - asyncio's own queue of what runs next
        buffer, quiet_turns = self._key_buffer, 0
        while quiet_turns < 4 and self.failure is None:
            await asyncio.sleep(0)
            is_searching = getattr(self.screen, "_is_asking", False)
            if buffer._waiting or buffer._handling or buffer._opening or is_searching:
                await asyncio.sleep(0.001)
                quiet_turns = 0
            elif ready:
                quiet_turns = 0
            else:
                quiet_turns += 1
                self.screen._on_timer_update()

    async def type_keys(self, keys: Sequence[str], pauses: Sequence[int]) -> Outcome:
        """Begin anew, type these, and tell what comes of it."""
        await self.begin_anew()
        for key, pause in zip(keys, pauses, strict=True):
            self.post_message(key_event(key))
            if pause == SETTLED:
                await self.settle()
            for _ in range(pause):
                await asyncio.sleep(0)
        await self.settle()
        return self.outcome()

    def outcome(self) -> Outcome:
        """Everything that a user would see, or find on the desk."""
        drafts = self.model.outbox_view.drafts()
        return Outcome(
            sent=[(each.kind, each.ticket_id, each.patch, each.subject) for each in self.desk.engine.submitted],
            drafts=sorted((str(each.ticket_id), each.body, each.is_public, dict(each.fields)) for each in drafts),
            screens=[type(screen).__name__ for screen in self.screen_stack],
            focus=f"{type(self.focused).__name__} {getattr(self.focused, 'id', '')}",
            has_left=self.has_left,
            screen=screen_text(self),
        )


@contextmanager
def burst_desk(folder: Path) -> Iterator[LocalCopy]:
    """Eight tickets in three statuses, with messages, links and files."""
    tickets = [sample_ticket(n, f"Ticket {n}", list(Status)[n % 3], ago=timedelta(hours=n)) for n in range(1, 9)]
    desk = LocalCopy(folder, tickets)
    for each in tickets:
        desk.cache.save_conversation(_conversation(each), each)
    try:
        yield desk
    finally:
        desk.cache.close()


def _conversation(ticket: Ticket) -> Conversation:
    number = int(ticket.id.id)
    files = tuple(sample_file(n, f"log-{n}.txt", 1_200) for n in range(1, 4))
    said = ("It fails since noon, see https://a.example/1 and https://b.example/2.", "We look into it.", "Thanks!")
    messages = [
        Message(
            id=number * 10 + n,
            author_id=(ticket.requester_id, ME.id)[n % 2],
            body=OutsideText(body),
            is_public=True,
            created_at=NOW - timedelta(hours=number, minutes=-n),
            attachments=files if n == 0 else (),
        )
        for n, body in enumerate(said)
    ]
    return Conversation(
        ticket_id=ticket.id, messages=tuple(messages), history=(), last_audit_id=None, ticket_version=ticket.version
    )
