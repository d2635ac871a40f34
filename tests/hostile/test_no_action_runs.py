"""Tickets that name every action of the program: none of them becomes one, on any cell of any screen."""

import asyncio
import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

import supporttui.ui
from support.app_driver import MONDAY, AppDriver, message, running_app, sample_file, ticket
from support.desks.in_memory_help_desk import AGENT, InMemoryHelpDesk
from support.sample_values import ticket_key
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Person, Status
from supporttui.helpdesks.base import Rejected
from supporttui.ui.app import SupportApp

FIRST = 1042
SIZE = (160, 60)
CLICKED_ROWS = 1
"""Rows of a screen in which each cell is clicked; no cell of any other row holds an action either."""

SCROLLBAR = ("grab", "release", "scroll_up", "scroll_down")
"""What Textual's own scrollbars do with a mouse."""


class Recorded(SupportApp):
    """The program, and every action that it runs."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.ran: list[str] = []
        self.opened: list[str] = []

    async def run_action(
        self,
        action: Any,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        self.ran.append(action if isinstance(action, str) else ".".join(action[:2]))
        return await super().run_action(action, default_namespace, namespaces)

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        self.opened.append(url)


def kinds_of(kind: type[Any]) -> set[type[Any]]:
    """A class and all that are made from it."""
    return {kind}.union(*map(kinds_of, kind.__subclasses__()))


def actions_of(*owners: type[Any]) -> list[str]:
    """The names of all actions that these have."""
    return sorted(
        {name.removeprefix("action_") for owner in owners for name in dir(owner) if name.startswith("action_")}
    )


def payloads() -> list[str]:
    """Markup that names every action there is, where it is looked for, and what else markup can do on a click."""
    for module in pkgutil.walk_packages(supporttui.ui.__path__, "supporttui.ui."):
        importlib.import_module(module.name)
    named = {
        "app.": actions_of(SupportApp),
        "screen.": actions_of(*kinds_of(Screen)),
        "focused.": actions_of(*kinds_of(DOMNode)),
        "": actions_of(*kinds_of(DOMNode)),
    }
    clicks = [f"[@click={space}{name}]x[/]" for space, names in named.items() for name in names]
    more = [f"[@{event}=app.quit]x[/]" for event in ("mouse.down", "mouse.up", "enter", "key")]
    links = [f"[link={url}]x[/link]" for url in ("https://evil.example", "file:///etc/passwd", "'javascript:x'")]
    return [*clicks, *more, *links, "[@click=app.notify('x')]x[/]", "[@click=('app.quit', ())]x[/]"]


PAYLOADS = payloads()


def hostile_desk() -> InMemoryHelpDesk:
    """Every text that a ticket has names an action; the first has them all in its conversation."""
    desk = InMemoryHelpDesk(MONDAY)
    statuses = [status for status in Status if status is not Status.CLOSED]
    for number, payload in enumerate(PAYLOADS, FIRST):
        text = OutsideText(payload)
        person = Person(id=1000 + number, name=text, email=OutsideText(f"{payload}@x.example"), organization=text)
        desk.people[person.id] = person
        each = ticket(
            number, payload, age=timedelta(minutes=number), severity=number % 4 + 1, status=statuses[number % 4],
            desk_status=text, requester_id=person.id, assignee_id=AGENT.id, group=text, tags=(text, text),
        )  # fmt: skip
        desk.put(each, message(number, person.id, payload, age=timedelta(minutes=number), channel=text))
    everything = "\n".join([*PAYLOADS, "https://evil.example/[@click=app.quit]x[/]"])
    files = tuple(sample_file(number, payload, 10, kind=payload) for number, payload in enumerate(PAYLOADS[:40]))
    desk.put(
        desk.tickets[ticket_key(FIRST)], message(100_000, 1000 + FIRST, everything, age=timedelta(0), attachments=files)
    )
    desk.refusal = Rejected("Refused.", desk_message=OutsideText(" ".join(PAYLOADS[:20])))
    return desk


def click(app: App[None], x: int, y: int) -> None:
    """Press and release the button, as the terminal tells it."""
    for kind in (events.MouseDown, events.MouseUp):
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))


class Watched:
    """The program on that desk, looked at cell by cell."""

    def __init__(self, stage: AppDriver) -> None:
        assert isinstance(stage.app, Recorded)
        self.app, self.stage, self.pilot = stage.app, stage, stage.pilot
        self.cells = 0
        self.clicks = 0

    async def looks(self, *words: str) -> None:
        """No cell of the screen in front is an action or a link."""
        await self.stage.sees(*words)
        for segment in (each for strip in self.app.screen._compositor.render_strips() for each in strip):
            found = {**segment.style.meta, "link": segment.style.link} if segment.style else {}
            actions = {name: action for name, action in found.items() if name.startswith("@") and action}
            assert found.get("link") is None
            assert set(actions.values()) <= set(SCROLLBAR), actions
            self.cells += segment.cell_length

    async def clicks_on(self, word: str) -> None:
        """Every cell of the first rows in which this stands; a click by itself runs nothing."""
        rows = [y for y, line in enumerate(self.stage.text.split("\n")) if word in line][:CLICKED_ROWS]
        assert rows
        before = len(self.app.ran)
        for x, y in ((x, y) for y in rows for x in range(self.app.size.width)):
            click(self.app, x, y)
            self.clicks += 1
        await self.pilot.pause()
        assert self.app.ran[before:] == []

    async def presses(self, *keys: str) -> None:
        """Press keys; the actions that run are those which the program itself has bound to them."""
        for key in keys:
            bound = {active.binding.action for active in self.app.screen.active_bindings.values()}
            before = len(self.app.ran)
            await self.pilot.press(key)
            assert set(self.app.ran[before:]) <= bound, key
        assert self.app.opened == []


async def on_the_board(watched: Watched) -> None:
    await watched.looks("[@click=app.")
    await watched.clicks_on("[@click=")
    await watched.presses("1")
    for keys, words in (("d", "[@click="), ("t", "What to do first"), ("question_mark", "Keys"), ("N", "New ticket")):
        await watched.presses(keys)
        await watched.looks(words)
        await watched.presses("tab", *(["escape"] if keys != "d" else []))


async def on_a_ticket(watched: Watched) -> None:
    await watched.stage.opens(FIRST)
    await watched.presses("home")
    for _ in range(4):
        await watched.looks("[@click=")
        await watched.presses("pagedown", "tab")
    await watched.clicks_on("[@click=")
    for key in ("p", "p"):
        await watched.presses(key)
        await watched.looks(f"#{FIRST}")
    for key, words in (("m", f"Move #{FIRST}"), ("S", f"Severity of #{FIRST}"), ("o", "Save a file"), ("L", "a link")):
        await watched.presses(key)
        await watched.looks(words)
        await watched.presses("tab", "escape")


async def on_what_was_refused(watched: Watched) -> None:
    await watched.stage.opens(FIRST)
    await watched.presses("r")
    await watched.stage.sees("Public reply")
    await watched.stage.pastes("[@click=app.quit]x[/]")
    await watched.presses("ctrl+s")
    await watched.presses("O")
    await watched.looks("Unsent, and drafts", "efused")
    await watched.presses("tab", "enter")
    await watched.looks("The desk says", "[@click=")


async def on_notices(watched: Watched) -> None:
    for payload in PAYLOADS[::40]:
        watched.app.say(str(OutsideText(payload).raw))
        await watched.looks(payload[:30])
    await watched.presses("ctrl+p")
    await watched.looks("type to find")
    await watched.presses("tab", "escape")


PLACES = (on_the_board, on_a_ticket, on_what_was_refused, on_notices)


@pytest.mark.parametrize("place", PLACES)
def test_no_action_that_a_ticket_names_is_run(
    place: Callable[[Watched], Awaitable[None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_TTY", "/dev/pts/9")  # a link is copied there, and opened by nobody

    async def run() -> None:
        async with running_app(tmp_path, SIZE, hostile_desk(), kind=Recorded) as stage:
            watched = Watched(stage)
            await place(watched)
            assert watched.app.is_running
            print(f"{place.__name__}: {watched.cells} cells, {watched.clicks} clicks, actions run: {watched.app.ran}")

    asyncio.run(run())


class Parsing(App[None]):
    """What a program does that lets markup be parsed."""

    rung = 0

    def compose(self) -> ComposeResult:
        yield Static("[@click=app.bell]x[/] [link='https://evil.example']y[/link]", markup=True)

    def action_bell(self) -> None:  # type: ignore[override] # Textual's own has to be awaited
        self.rung += 1


def test_where_markup_is_parsed_the_same_looks_and_clicks_find_it() -> None:
    async def run() -> set[object]:
        app = Parsing()
        async with app.run_test() as pilot:
            await pilot.pause()
            click(app, 0, 0)
            await pilot.pause()
            return {*app.screen.get_style_at(0, 0).meta, app.screen.get_style_at(2, 0).link, app.rung}

    assert {"@click", "https://evil.example", 1} <= asyncio.run(run())
