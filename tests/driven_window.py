"""A window's engine in a process of its own, without a screen, which writes replies as it is told.

Arguments, as JSON: `url` and `token` of the desk, the store's `folder`, and what to do: `replies` (each a ticket and a
text, committed one after the other), `every_s` between two of them, `stays` (whether to wait to be ended afterwards).
It prints a line for each reply when that is on disk, and every sentence that its header shows.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from desk_values import make_reply
from running_engine import Windows
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.records import Operation
from supporttui.sync.engine import Engine, Pace

AGENT = "kim@desk.example"


class Driven:
    """One engine that follows its instructions."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self._windows = Windows(Path(told["folder"]))
        self._said: set[str] = set()
        pace = Pace(**told.get("pace", {}))
        self.engine = Engine(self._open_desk, self._windows.files, on_change=self._listen, pace=pace)

    async def _open_desk(self) -> HelpDesk:
        return ZendeskDesk(url=self._told["url"], email=AGENT, token=self._told["token"])

    def _listen(self) -> None:
        sentence = str(self.engine.status.sentence)
        if sentence and sentence not in self._said:
            self._said.add(sentence)
            print(json.dumps({"said": sentence}), flush=True)

    def run(self) -> None:
        """Commit every reply, then stay until the process is ended, or leave."""
        self.engine.leave_on_signals()
        self.engine.start()
        pause = threading.Event()
        for ticket_id, body in self._told["replies"]:
            operation = make_reply(ticket_id, body)
            self.engine.submit(operation)
            self._wait_committed(operation)
            print(json.dumps({"committed": body}), flush=True)
            pause.wait(self._told.get("every_s", 0.0))
        if self._told.get("stays", True):
            pause.wait()
        self.engine.stop()

    def _wait_committed(self, operation: Operation) -> None:
        pause = threading.Event()
        while operation.id not in {each.id for each in self._windows.operations()}:
            pause.wait(0.005)


def main() -> None:
    """Do what the argument says."""
    Driven(json.loads(sys.argv[1])).run()


if __name__ == "__main__":
    main()
