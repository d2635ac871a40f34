"""A window's engine in a process of its own, without a screen, which writes replies as it is told.

Its argument is JSON: `url` of the desk, whose token is in the environment, the store's `folder`, and what to do:
`replies` (each a ticket and a text), `every_s` between two of them, `files` that each takes with it, `held_s` for an
undo window, `drafted` where each is typed first, `based_on` for the version they were decided on, `leaves` where it is
to end by itself.
It prints a line for each text that is on disk, as a draft and as an operation, and every sentence of its header.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desk_values import make_reply
from running_engine import Windows
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.outbox import Outbox
from supporttui.store.records import Draft, Operation, OperationState
from supporttui.sync.engine import Engine, Pace

AGENT = "kim@desk.example"
_LOOK_EVERY_S = 0.005


class Driven:
    """One engine that follows its instructions."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self._windows = Windows(Path(told["folder"]))
        self._said: set[str] = set()
        pace: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in told.get("pace", {}).items()
        }
        self.engine = Engine(self._open_desk, self._windows.files, on_change=self._listen, pace=Pace(**pace))
        self._outbox = Outbox(self._windows.files.outbox)

    async def _open_desk(self) -> HelpDesk:
        return ZendeskDesk(url=self._told["url"], email=AGENT, token=os.environ["DRIVEN_TOKEN"])

    def _listen(self) -> None:
        sentence = str(self.engine.status.sentence)
        if sentence and sentence not in self._said:
            self._said.add(sentence)
            _tell("said", sentence)

    def run(self) -> None:
        """Commit every reply, then stay until the process is ended, or leave."""
        self.engine.leave_on_signals()
        self.engine.start()
        pause = threading.Event()
        for ticket_id, body in self._told["replies"]:
            draft_id = self._type(ticket_id, body) if self._told.get("drafted") else None
            operation = self._decided(ticket_id, body)
            self.engine.submit(operation, draft_id)
            _wait(lambda operation=operation: self._outbox.load(operation.id))  # type: ignore[misc] # a bound loop variable
            _tell("committed", body)
            pause.wait(self._told.get("every_s", 0.0))
        if self._told.get("leaves"):
            self.engine.stop()
        else:
            pause.wait()

    def _type(self, ticket_id: int, body: str) -> str:
        """Type it, and wait until that is on disk."""
        draft = Draft(id=f"draft of {body}", updated_at=datetime.now(UTC), ticket_id=ticket_id, body=body)
        self.engine.save_draft(draft)
        _wait(lambda: draft.id in {each.id for each in self._outbox.load_drafts()})
        _tell("typed", body)
        return draft.id

    def _decided(self, ticket_id: int, body: str) -> Operation:
        now = datetime.now(UTC)
        files = tuple(self._told.get("files", ()))
        operation = make_reply(ticket_id, body, created_at=now, files=files, based_on=self._told.get("based_on"))
        if "held_s" not in self._told:
            return operation
        until = now + timedelta(seconds=self._told["held_s"])
        return replace(operation, state=OperationState.HELD, held_until=until)


def _tell(what: str, text: str) -> None:
    print(json.dumps({what: text}), flush=True)


def _wait(condition: Callable[[], object]) -> None:
    pause = threading.Event()
    while not condition():
        pause.wait(_LOOK_EVERY_S)


def main() -> None:
    """Do what the argument says."""
    Driven(json.loads(sys.argv[1])).run()


if __name__ == "__main__":
    main()
