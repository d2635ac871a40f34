"""Several windows of one store are one to the desk: they poll once, and all wait when one is asked to."""

import time

from msgspec.structs import replace

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import make_reply
from supporttui.store.operations import OperationState
from supporttui.sync.engine import OpenDesk

EXPORT = "/api/v2/incremental/tickets/cursor.json"
POLLS = replace(FAST_TIMINGS, poll_s=0.2)


def asked_during(server: ScriptedServer, seconds: float) -> int:
    before = len(server.asked(EXPORT))
    time.sleep(seconds)  # a rate is a number of requests in a time
    return len(server.asked(EXPORT)) - before


def test_four_windows_and_the_wall_poll_as_often_as_one(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    desk.create()
    engines = [windows.live(open_desk, timings=POLLS) for _ in range(4)]
    engines.append(windows.live(open_desk, timings=POLLS, read_only=True))
    alone = 2.0 / POLLS.poll_s
    assert asked_during(server, 2.0) <= alone + 2
    new = desk.create()
    wait_until(lambda: windows.ticket(new))
    then = engines[0].status.last_sync_at
    assert then is not None
    wait_until(lambda: all((at := each.status.last_sync_at) and at > then for each in engines))


def test_when_the_poller_leaves_the_next_one_polls(
    desk: EmbeddedDesk, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    first = windows.live(open_desk, timings=POLLS)
    windows.live(open_desk, timings=POLLS)
    first.stop()
    new = desk.create()
    wait_until(lambda: windows.ticket(new))


def test_what_one_window_is_asked_to_wait_all_wait(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    first = windows.live(open_desk, timings=POLLS)
    windows.live(open_desk, timings=POLLS)
    passed_on = server.script
    limited: list[float] = []

    def script(request: ReceivedRequest) -> ScriptedResponse:
        if request.method == "PUT" and not limited:
            limited.append(time.monotonic())
            return ScriptedResponse(429, b"slow down", {"Retry-After": "2"})
        return passed_on(request)

    server.script = script
    first.submit(make_reply(ticket_id, "once"))
    wait_until(lambda: limited)
    time.sleep(0.3)  # what was under way may end
    assert asked_during(server, 1.2) == 0
    wait_until(lambda: windows.states() == [OperationState.SENT])
    assert time.monotonic() - limited[0] >= 2.0
    assert desk.bodies(ticket_id)[1:] == ["once"]
