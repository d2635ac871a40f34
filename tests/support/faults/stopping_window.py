"""A window in a process of its own, which stops at a named point so that a test can end it there.

Arguments: the desk's address, the store's folder, the ticket, the point. The token is in the environment.
"""

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

from support.clock.waiting import wait_until
from support.engines import FAST_TIMINGS, WindowGroup
from support.policy_samples import packaged_rules
from support.sample_values import DESK, START, make_held, make_reply, ticket_key
from supporttui.helpdesks.base import HelpDesk, SendResult, TicketUpdate
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.operations import Draft
from supporttui.sync.engine import Engine

AGENT = "kim@desk.example"


async def announce_and_stop() -> NoReturn:
    """Tell the test, and go no further."""
    print("there", flush=True)
    await asyncio.Event().wait()
    raise AssertionError


class StoppingDesk(ZendeskDesk):
    """Stops before or after a change is sent."""

    point = ""

    async def send_update(self, update: TicketUpdate) -> SendResult:
        if self.point == "in flight, nothing sent":
            await announce_and_stop()
        result = await super().send_update(update)
        if self.point == "sent, answer not recorded":
            await announce_and_stop()
        return result


def main() -> None:
    url, folder, ticket_id, point = sys.argv[1:]
    windows = WindowGroup(Path(folder))

    async def open_desk() -> HelpDesk:
        if point == "committed":
            await asyncio.to_thread(wait_until, windows.operations)
            await announce_and_stop()
        desk = StoppingDesk(name=DESK, url=url, email=AGENT, token=os.environ["DRIVEN_TOKEN"])
        desk.point = point
        return desk

    engine = Engine(open_desk, windows.files, rules=packaged_rules(), on_change=lambda: None, timings=FAST_TIMINGS)
    engine.leave_on_signals()
    engine.start()
    if point != "stuck in a write":
        engine.submit(make_reply(int(ticket_id), "exactly once"))
        threading.Event().wait()
    while engine.status.account is None:
        threading.Event().wait(0.01)
    engine.save_draft(Draft(id="d", updated_at=START, ticket_id=ticket_key(1), body="typed"))
    engine.submit(make_held(int(ticket_id), "exactly once"))
    print("there", flush=True)
    _read_end, write_end = os.pipe()
    while True:
        os.write(write_end, b"x" * 65536)  # nobody reads: this blocks for good


if __name__ == "__main__":
    main()
