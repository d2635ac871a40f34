"""Every place in which keys act differently, and how each is opened over a board that has ticket #1."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from textual.pilot import Pilot
from textual.screen import Screen

from support.sample_values import ticket_key
from supporttui.domain.links import Link
from supporttui.ui.app import SupportApp
from supporttui.ui.board.goto import GoToScreen
from supporttui.ui.dialogs.outbox import OutboxEntry, OutboxScreen
from supporttui.ui.dialogs.themes import ThemesScreen
from supporttui.ui.form_fields import SeverityChoice
from supporttui.ui.messages import ComposeKind
from supporttui.ui.ticket.attachments import AttachmentsScreen
from supporttui.ui.ticket.links import LinksScreen
from supporttui.ui.ticket.severity import SeverityScreen
from supporttui.ui.ticket.side_panel import SidePanel

TICKET: Final = ticket_key(1)

Opening = Callable[[SupportApp, Pilot[None]], Awaitable[None]]


async def the_board(app: SupportApp, pilot: Pilot[None]) -> None:
    """It is there."""


async def a_ticket(app: SupportApp, pilot: Pilot[None]) -> None:
    app.navigator.open_ticket(TICKET)
    await pilot.pause()


async def the_panel(app: SupportApp, pilot: Pilot[None]) -> None:
    await a_ticket(app, pilot)
    app.screen.query_one(SidePanel).focus()


async def the_composer(app: SupportApp, pilot: Pilot[None]) -> None:
    app.navigator.open_ticket(TICKET, ComposeKind.REPLY)
    await pilot.pause()


async def the_form(app: SupportApp, pilot: Pilot[None]) -> None:
    app.navigator.open_new_ticket()
    await pilot.pause()


async def its_severity(app: SupportApp, pilot: Pilot[None]) -> None:
    await the_form(app, pilot)
    app.screen.query_one(SeverityChoice).focus()


async def its_files(app: SupportApp, pilot: Pilot[None]) -> None:
    await the_form(app, pilot)
    app.screen.query_one("#logs Input").focus()


async def its_description(app: SupportApp, pilot: Pilot[None]) -> None:
    await the_form(app, pilot)
    app.screen.query_one("#description").focus()


def a_dialog(make: Callable[[SupportApp], Screen[Any]]) -> Opening:
    async def opening(app: SupportApp, pilot: Pilot[None]) -> None:
        app.push_screen(make(app))

    return opening


def a_question(ask: Callable[[SupportApp], None]) -> Opening:
    async def opening(app: SupportApp, pilot: Pilot[None]) -> None:
        ask(app)

    return opening


def ask_move(app: SupportApp) -> None:
    ticket = app.model.ticket(TICKET)
    assert ticket is not None
    app.navigator.ask_move(ticket)


def on_the_board(action: str) -> Opening:
    async def opening(app: SupportApp, pilot: Pilot[None]) -> None:
        await app.run_action(action, app.screen)

    return opening


PLACES: Final[dict[str, Opening]] = {
    "board": the_board,
    "ticket": a_ticket,
    "panel": the_panel,
    "composer": the_composer,
    "form": the_form,
    "severity in the form": its_severity,
    "files in the form": its_files,
    "description in the form": its_description,
    "severity": a_dialog(lambda app: SeverityScreen(TICKET, 2, app.app_context.policy)),
    "agenda": a_question(lambda app: app.navigator.ask_agenda()),
    "help": a_question(lambda app: app.navigator.open_help()),
    "move": a_question(ask_move),
    "outbox": a_dialog(lambda _app: OutboxScreen([OutboxEntry(TICKET, "waits")])),
    "attachments": a_dialog(lambda _app: AttachmentsScreen([])),
    "links": a_dialog(lambda _app: LinksScreen([Link("https://a.example")], can_open=True)),
    "palette": a_question(lambda app: app.navigator.open_palette()),
    "filter": on_the_board("filter"),
    "choice": on_the_board("views"),
    "recent": on_the_board("visit('recent')"),
    "themes": a_dialog(lambda _app: ThemesScreen(["dark"], "dark", lambda _name: "")),
    "go to": a_dialog(lambda _app: GoToScreen()),
}
"""Every place in which keys act differently."""


@asynccontextmanager
async def opened_place(app: SupportApp, pilot: Pilot[None], opening: Opening) -> AsyncIterator[None]:
    """The place, until it is closed again."""
    await opening(app, pilot)
    await pilot.pause()
    await pilot.pause()
    yield
    while len(app.screen_stack) > 1:
        await app.pop_screen()
    await pilot.pause()
