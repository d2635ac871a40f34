"""A window's engine in a process of its own that writes replies as instructed, and the handle that a test has on it.

Its argument is JSON: `url` of the desk, whose token is in the environment, the store's `folder`, and what to do:
`replies` (each a ticket and a text), `every_s` between two of them, `files` that each takes with it, `held_s` for an
undo window, `drafted` where each is typed first, `based_on` for the version they were decided on, `leaves` where it is
to end by itself.
It prints a line for each text that is on disk, as a draft and as an operation, and every sentence of its header.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from support.engines import WindowGroup
from support.policy_samples import packaged_rules
from support.sample_values import DESK, make_reply, ticket_key
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.operations import Draft, Operation, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.engine import Engine, Timings

TESTS = Path(__file__).parents[2]


class WindowProcess:
    """One process; its lines are read as they come."""

    def __init__(self, environment: dict[str, str] | None = None, **options: Any) -> None:
        token = {"DRIVEN_TOKEN": options.pop("token")}  # everybody on the machine can read arguments
        path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(options)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path, **token, **(environment or {})},
        )
        self.typed: list[str] = []
        self.committed: list[str] = []
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with contextlib.suppress(json.JSONDecodeError):  # the last line of one that was killed
                event = json.loads(line)
                self.typed += [event["typed"]] if "typed" in event else []
                self.committed += [event["committed"]] if "committed" in event else []
                self.said += [event["said"]] if "said" in event else []

    @property
    def has_ended(self) -> bool:
        """Whether the process is no more."""
        return self.process.poll() is not None

    def end(self, number: int = signal.SIGKILL, within_s: float = 15.0) -> int:
        """End it by a signal; its exit code."""
        if not self.has_ended:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        code = self.process.wait(within_s)
        self._reader.join(within_s)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


AGENT = "kim@desk.example"
_CHECK_EVERY_S = 0.005


class InstructedWindow:
    """One engine that follows its instructions."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._windows = WindowGroup(Path(options["folder"]))
        self._said: set[str] = set()
        timings: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in options.get("timings", {}).items()
        }
        self.engine = Engine(
            self._open_desk,
            self._windows.files,
            rules=packaged_rules(),
            on_change=self._listen,
            timings=Timings(**timings),
        )
        self._outbox = Outbox(self._windows.files.outbox, self._windows.files.desk)

    async def _open_desk(self) -> HelpDesk:
        return ZendeskDesk(name=DESK, url=self._options["url"], email=AGENT, token=os.environ["DRIVEN_TOKEN"])

    def _listen(self) -> None:
        sentence = str(self.engine.status.sentence)
        if sentence and sentence not in self._said:
            self._said.add(sentence)
            _print_event("said", sentence)

    def run(self) -> None:
        """Commit every reply, then stay until the process is ended, or leave."""
        self.engine.leave_on_signals()
        self.engine.start()
        pause = threading.Event()
        for number, body in self._options["replies"]:
            ticket_id = ticket_key(number)
            draft_id = self._type(ticket_id, body) if self._options.get("drafted") else None
            operation = self._decided(ticket_id, body)
            self.engine.submit(operation, draft_id)
            _wait_for(lambda operation=operation: self._outbox.load(operation.id))  # type: ignore[misc] # a bound loop variable
            _print_event("committed", body)
            pause.wait(self._options.get("every_s", 0.0))
        if self._options.get("leaves"):
            self.engine.stop()
        else:
            pause.wait()

    def _type(self, ticket_id: TicketId, body: str) -> str:
        """Type it, and wait until that is on disk."""
        draft = Draft(id=f"draft of {body}", updated_at=datetime.now(UTC), ticket_id=ticket_id, body=body)
        self.engine.save_draft(draft)
        _wait_for(lambda: draft.id in {each.id for each in self._outbox.load_drafts()})
        _print_event("typed", body)
        return draft.id

    def _decided(self, ticket_id: TicketId, body: str) -> Operation:
        now = datetime.now(UTC)
        files = tuple(self._options.get("files", ()))
        operation = make_reply(ticket_id, body, created_at=now, files=files, based_on=self._options.get("based_on"))
        if "held_s" not in self._options:
            return operation
        until = now + timedelta(seconds=self._options["held_s"])
        return replace(operation, state=OperationState.HELD, held_until=until)


def _print_event(what: str, text: str) -> None:
    print(json.dumps({what: text}), flush=True)


def _wait_for(condition: Callable[[], object]) -> None:
    pause = threading.Event()
    while not condition():
        pause.wait(_CHECK_EVERY_S)


def main() -> None:
    """Do what the argument says."""
    InstructedWindow(json.loads(sys.argv[1])).run()


if __name__ == "__main__":
    main()
