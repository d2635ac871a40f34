"""What can be counted instead of timed: modules loaded before the first picture, and SQL statements."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from bench.product import PROGRAM, home_in
from bench.pty_session import PtySession, Watched
from bench.seeding import CONFIG, Mix, as_ticket, configured_hours, fill_copy, seeded_tickets
from bench.stepped_window import BEGINNING, files_in
from support.board_samples import StubEngine
from supporttui.cli.profile_start import REPORT_TO
from supporttui.config import load_settings
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.support_calendar import policy_calendar
from supporttui.domain.ticket import Status, Ticket
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.board.board_model import BoardModel
from supporttui.store.cache import Cache
from supporttui.store.ticket_order import TicketOrder
from supporttui.ui.startup.stopwatch import PROFILE_OPTION

TICKETS: Final = 10_000
ROWS_IN_VIEW: Final = 30
PAGE: Final = 500
"""Tickets on a page of the desk's answers."""


class CountedStatements:
    """How many statements SQLite was given, transactions' begins and ends included.

    Those that SQLite gives itself, in triggers and in the full-text index, are not counted.
    """

    def __init__(self) -> None:
        self.number = 0
        self._last = ""
        """A statement whose triggers run is reported again for each of them."""

    def note(self, statement: str) -> None:
        """One more."""
        if statement != self._last and not statement.startswith("--") and "ticket_text_" not in statement:
            self.number += 1
            self._last = statement


@contextlib.contextmanager
def counted_statements() -> Iterator[CountedStatements]:
    """Count on every connection that is opened meanwhile."""
    counted, connect = CountedStatements(), sqlite3.connect

    def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(counted.note)
        return connection

    sqlite3.connect = watched  # type: ignore[assignment]  # it has overloads
    try:
        yield counted
    finally:
        sqlite3.connect = connect


def loaded_modules(folder: Path) -> list[str]:
    """The modules, Python's own aside, that are loaded when a later start's first picture is on the screen."""
    home, report = home_in(folder / "home"), folder / "start.json"
    desk = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": "none"}
    watched = Watched((*PROGRAM, PROFILE_OPTION), home | desk | {REPORT_TO: str(report)})
    for _ in range(2):  # the first start of all compiles the calendar
        report.unlink(missing_ok=True)
        with PtySession(watched) as session:
            while session.is_alive:
                session.pump(0.2)
    modules: list[str] = json.loads(report.read_text())["modules"]
    installed = {"supporttui", *packages_distributions()}
    return [name for name in modules if name.partition(".")[0] in installed]


def measure_statements(folder: Path) -> dict[str, float]:
    """The statements of a start on a full local copy, and of 10,000 changed tickets from the page to the board."""
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG)
    tickets = [as_ticket(one) for one in seeded_tickets(TICKETS, Mix.SCALE, BEGINNING)]
    fill_copy(files_in(folder).cache, tickets)
    app_context = _app_context(folder)
    _loaded(app_context).close()  # the first start after a first synchronisation arranges the board, later ones find it
    with counted_statements() as counted:
        model = _loaded(app_context)
        at_start = counted.number
        cache = Cache(app_context.files.cache, app_context.files.desk, TicketOrder(BoardOrder(*configured_hours())))
        counted.number = 0
        for start in range(0, TICKETS, PAGE):
            cache.apply(map(_changed, tickets[start : start + PAGE]), (), after="export:here", cursor="export:here")
            model.reload()
            read_first_pages(model)
    cache.close()
    model.close()
    return {"SQL statements, start": at_start, "SQL statements, 10,000 changed": counted.number}


def _loaded(app_context: AppContext) -> BoardModel:
    model = BoardModel(app_context, app_context.connect(lambda: None))
    model.load()
    read_first_pages(model)
    return model


def read_first_pages(model: BoardModel) -> None:
    """Read what a picture of the board needs: counts, and the rows at the top of each pane."""
    for status in Status:
        rows = model.board.pane(status)
        model.prepare(rows.ids(0, ROWS_IN_VIEW))
        assert len(rows[:ROWS_IN_VIEW]) == min(len(rows), ROWS_IN_VIEW)


def _app_context(folder: Path) -> AppContext:
    files = files_in(folder)
    policy = load_settings(folder / "config.toml", {}).policy
    calendar = policy_calendar(policy.hours, 2025, 2028)
    return AppContext(
        files=files,
        connect=lambda _on_change: StubEngine(files),
        policy=policy,
        calendar=calendar,
        desk_label="desk.example",
        now=lambda: BEGINNING,
    )


def _changed(ticket: Ticket) -> Ticket:
    return replace(ticket, subject=OutsideText(f"changed {ticket.subject.raw}"), version="2")
