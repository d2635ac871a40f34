"""Tells `supporttui context` what is under the cursor: a private socket, on which the board answers when it is asked.

Nothing is done while nobody asks: a key costs no more than without it.
"""

import asyncio
import contextlib
import json
import logging
from pathlib import Path

from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.ticket_facts import Facts, ticket_facts
from supporttui.ui.app import SupportApp
from supporttui.ui.live import LiveScreen

_log = logging.getLogger(__name__)


class CursorSocket:
    """The socket of one board, on the event loop of its screens."""

    def __init__(self, app: SupportApp, path: Path) -> None:
        self._app = app
        self._path = path
        self._opening: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Listen from now on. Without a runtime folder the board works as well, and cannot be asked."""
        self._opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        try:
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()
            await asyncio.start_unix_server(self._answer, self._path)
        except OSError as problem:
            _log.warning("the board cannot be asked for its cursor: %s", problem.strerror)

    def close(self) -> None:
        """Remove the socket."""
        with contextlib.suppress(OSError):
            self._path.unlink()

    async def _answer(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(json.dumps(self._document()).encode())
            await writer.drain()
        writer.close()

    def _document(self) -> Facts:
        """What the board says of itself; instants of keys are CLOCK_MONOTONIC, which all processes share."""
        screens = [each for each in reversed(self._app.screen_stack) if isinstance(each, LiveScreen)]
        screen = next((each for each in screens if each.ticket_at_hand is not None), None)
        is_board = screen is None or screen.place is not None
        model = self._app.model
        return {
            "last_key_at": self._app.last_key_at,
            "desk": model.app_context.files.desk,
            "screen": "board" if is_board else "ticket",
            "filter": model.filter_title or None,
            "ticket": None if screen is None else self._ticket(screen.ticket_at_hand),
        }

    def _ticket(self, ticket_id: TicketId | None) -> Facts | None:
        """The facts of a ticket with what is decided and not sent yet."""
        model = self._app.model
        row = None if ticket_id is None else model.row(ticket_id)
        if row is None:
            return None
        ids = [each for each in (row.ticket.requester_id, row.ticket.assignee_id) if each is not None]
        people = {each: person for each in ids if (person := model.people.find(each)) is not None}
        return ticket_facts(row.ticket, row.clocks or (row.clock,), people, model.now())
