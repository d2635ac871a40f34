"""Drives the whole app through Textual's pilot on an in-memory help desk, and reads its screen."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App
from textual.pilot import Pilot

from support.desks.in_memory_help_desk import AGENT, InMemoryHelpDesk
from support.policy_samples import packaged_calendar, packaged_policy, packaged_rules
from support.sample_values import DESK, ticket_key
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, Message, Person, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.requester_side import requester_policy
from supporttui.store.operations import StoreFiles
from supporttui.sync.engine import Engine
from supporttui.sync.timings import Timings
from supporttui.ui.app import SupportApp
from supporttui.ui.messages import OpenTicket


def screen_lines(app: App[Any]) -> list[str]:
    """The lines on the screen, dialogues included."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def screen_text(app: App[Any]) -> str:
    """The whole screen."""
    return "\n".join(screen_lines(app))


MOST_PAUSES = 100
"""A widget that was removed meanwhile never tells that its key is done."""


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until every key has been acted on, and everything that was asked for is read and drawn.

    By facts: Textual's own pause ends when its process is idle, and one that gets no time on a busy machine seems so.
    """
    await pilot.pause()
    app = pilot.app
    for _ in range(MOST_PAUSES):
        if not isinstance(app, SupportApp) or (app._key_buffer.is_idle and not app.model.is_selecting):
            break
        await pilot.pause(0.01)
    await pilot.pause()


MONDAY = datetime(2026, 11, 23, 19, 31, 0, tzinfo=UTC)
"""Mon 23 Nov 2026, 14:31 in New York."""

DANA = Person(
    id=2,
    name=OutsideText("Dana Reyes"),
    email=OutsideText("dana@acme.example"),
    organization=OutsideText("Acme Robotics"),
)
ALEX = Person(id=3, name=OutsideText("Alex [bold]Oyelaran[/bold]"), email=OutsideText("alex@initech.example"))

HOSTILE = "\x1b]0;owned\x07[/markup][@click=app.quit]x[/] \u202eevil"

HOUR = timedelta(hours=1)


def ticket(number: int, subject: str, *, age: timedelta, severity: int | None = 1, **more: object) -> Ticket:
    created_at = MONDAY - age
    values: dict[str, object] = {
        "id": ticket_key(number),
        "subject": OutsideText(subject),
        "status": Status.NEW,
        "desk_status": OutsideText("new"),
        "requester_id": DANA.id,
        "created_at": created_at,
        "updated_at": created_at,
        "version": f"v0-{number}",
        "severity": severity,
        "customer_wrote_at": created_at,
    }
    return Ticket(**{**values, **more})  # type: ignore[arg-type]  # a test's shorthand


def message(number: int, author_id: int, body: str, *, age: timedelta, **more: object) -> Message:
    values: dict[str, object] = {
        "id": number,
        "author_id": author_id,
        "body": OutsideText(body),
        "is_public": True,
        "created_at": MONDAY - age,
    }
    return Message(**{**values, **more})  # type: ignore[arg-type]  # a test's shorthand


def sample_file(number: int, name: str, size: int, kind: str = "text/plain") -> Attachment:
    return Attachment(
        id=number,
        file_name=OutsideText(name),
        content_type=OutsideText(kind),
        size_bytes=size,
        url=OutsideText(f"https://desk.example/{number}"),
    )


def add_sample_tickets(desk: InMemoryHelpDesk) -> None:
    """The sketch's ticket with its conversation, and two more in New."""
    desk.people |= {DANA.id: DANA, ALEX.id: ALEX}
    files = (sample_file(1, "console.log", 14_210), sample_file(2, "white-page.png", 220_400, "image/png"))
    desk.put(
        ticket(
            1042,
            "Board won't load for the whole office",
            age=3 * HOUR + timedelta(minutes=18),
            group=OutsideText("Tier 1"),
            tags=(OutsideText("boston"), OutsideText("login")),
        ),
        message(
            1,
            DANA.id,
            "Since this morning nobody in our Boston office can open any board. The page stays white after signing in. "
            "Chrome 131 and Edge, both wired and Wi-Fi. Other sites work.\n\nSteps to reproduce:\n1. sign in\n"
            "2. open any board\n3. the page stays white, the console shows 503",
            age=3 * HOUR + timedelta(minutes=18),
            channel=OutsideText("web"),
            attachments=files,
        ),
        message(
            2,
            AGENT.id,
            "We have received your request and will answer within 4 support hours.",
            age=3 * HOUR + timedelta(minutes=17),
            is_automatic=True,
        ),
        message(
            3,
            AGENT.id,
            "Edge node bos-2 is out of memory, ops are on it. Do not promise a time before they have looked.",
            age=2 * HOUR + timedelta(minutes=51),
            is_public=False,
        ),
        message(4, DANA.id, "Now New York has it as well. Is there a workaround?", age=timedelta(minutes=24)),
    )
    desk.put(
        ticket(1047, HOSTILE, age=5 * HOUR, severity=2, requester_id=ALEX.id),
        message(5, ALEX.id, HOSTILE, age=5 * HOUR),
    )
    desk.put(
        ticket(1051, "How do I export a board?", age=30 * HOUR, severity=3), message(6, DANA.id, "How?", age=30 * HOUR)
    )


def app_sources(desk: InMemoryHelpDesk, folder: Path, undo_s: float = 0.0, *, is_requester: bool = False) -> AppContext:
    """Sources over a store in this folder; `is_requester` for the board of the customer that the desk signs in."""
    files = StoreFiles(
        DESK, str(folder / "cache.db"), str(folder / "outbox.db"), str(folder / "downloads"), str(folder / "sla.db")
    )
    (folder / "downloads").mkdir(exist_ok=True)

    async def open_desk() -> InMemoryHelpDesk:
        return desk

    def connect(on_change: Callable[[], None]) -> Engine:
        pace = Timings(draft_s=0.02, announce_s=0.01, watch_s=0.05)
        return Engine(open_desk, files, rules=packaged_rules(), on_change=on_change, now=lambda: desk.now, timings=pace)

    return AppContext(
        files=files,
        connect=connect,
        policy=requester_policy(packaged_policy()) if is_requester else packaged_policy(),
        calendar=packaged_calendar(),
        desk_label="Acme Support",
        now=lambda: desk.now,
        undo_s=undo_s,
        is_requester=is_requester,
    )


class AppDriver:
    """The whole app on a desk on paper, driven by keys."""

    def __init__(self, app: SupportApp, pilot: Pilot[None], desk: InMemoryHelpDesk) -> None:
        self.app = app
        self.pilot = pilot
        self.desk = desk

    @property
    def text(self) -> str:
        """What stands on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    async def until(self, condition: Callable[[], object], within_s: float = 10.0) -> None:
        """Go on when this has become true."""
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"did not happen within {within_s} s; the screen says:\n{self.text}")
            await self.pilot.pause(0.02)

    async def sees(self, *words: str) -> None:
        """Go on when the screen says all of these."""
        await self.until(lambda: all(word in self.text for word in words))

    async def types(self, text: str) -> None:
        """Type it key by key."""
        for character in text:
            await self.pilot.press(_KEY_NAMES.get(character, character))

    async def pastes(self, text: str) -> None:
        """Paste it where the focus is; quicker than typing."""
        assert self.app.focused is not None
        self.app.focused.post_message(events.Paste(text))
        await self.pilot.pause()

    async def opens(self, number: TicketId | int) -> None:
        """Open a ticket, and wait for its conversation."""
        ticket_id = ticket_key(number)
        await self.until(lambda: self.app.model.ticket(ticket_id))
        self.app.post_message(OpenTicket(ticket_id))
        await self.until(lambda: ticket_id.label in self.text)
        await self.until(lambda: self.app.model.conversation(ticket_id))
        await self.pilot.pause()


_KEY_NAMES = {" ": "space", "\n": "enter", "@": "at", ".": "full_stop", "/": "slash", ",": "comma", "~": "tilde"}


@asynccontextmanager
async def running_app(
    folder: Path,
    size: tuple[int, int] = (120, 36),
    desk: InMemoryHelpDesk | None = None,
    undo_s: float = 0.0,
    kind: type[SupportApp] = SupportApp,
    *,
    is_requester: bool = False,
) -> AsyncIterator[AppDriver]:
    """The app over a store in this folder; another one in the same folder is the next start."""
    if desk is None:
        desk = InMemoryHelpDesk(MONDAY)
        add_sample_tickets(desk)
    app = kind(app_sources(desk, folder, undo_s, is_requester=is_requester))
    async with app.run_test(size=size) as pilot:
        driver = AppDriver(app, pilot, desk)
        try:
            await driver.until(lambda: app.model.ticket(ticket_key(1042)) and app.model.my_id)
            yield driver
        finally:  # no news may come while Textual's harness takes the screens away
            await pilot.pause()  # what was typed last is on its way to the engine
            app.engine.stop(1)
            await pilot.pause()
