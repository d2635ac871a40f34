"""`/supporttui/v1`: the stream of changes, and what is known of the desk itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

import msgspec
from anyio import to_thread
from litestar import get
from litestar.response import Stream

from supporttui import __version__
from supporttui.server.calls import Answer, ApiRequest, Call, answer, read_call
from supporttui.server.edge import HEALTH_PATH
from supporttui.server.events import Event, load_events, newest_event
from supporttui.server.refusals import BadRequest

HEARTBEAT_S: Final = 10.0
_AT_ONCE: Final = 200


class Health(msgspec.Struct):
    """Whether the desk works."""

    status: str
    version: str
    subscribers: int


class DeskCard(msgspec.Struct):
    """What the desk says of itself."""

    name: str
    demo: bool
    now: datetime


@get(HEALTH_PATH)
async def show_health(request: ApiRequest) -> Answer:
    """The only route without a token."""
    return answer(Health("ok", __version__, request.app.state.desk.notifier.subscribers))


@get("/supporttui/v1/desk")
async def show_desk(request: ApiRequest) -> Answer:
    """The desk's name, its time, and whether it is a demonstration."""
    desk = read_call(request).desk
    return answer(DeskCard(desk.name, desk.is_demo, desk.now()))


@get("/supporttui/v1/events")
async def stream_events(request: ApiRequest) -> Stream:
    """Changes as server-sent events, from now on or after an id (`after`, or the header Last-Event-ID)."""
    call = read_call(request)
    after = call.asked.get("after") or request.headers.get("last-event-id")
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise BadRequest("after is not valid: it has to be an event's id")
    start = await to_thread.run_sync(_start, call, after)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(_events(call, start), media_type="text/event-stream", headers=headers)


async def _events(call: Call, after: int) -> AsyncIterator[str]:
    """The stream: all that is new whenever the bell rings, a comment when nothing happened for a while."""
    notifier = call.desk.notifier
    with notifier.listening() as bell:
        yield ": connected\n\n"
        while not notifier.is_closed:
            bell.clear()
            found = await to_thread.run_sync(_load, call, after)
            for event in found:
                yield _as_text(event)
                after = event.id
            if not found and not await _rings(bell):
                yield ": alive\n\n"


async def _rings(bell: asyncio.Event) -> bool:
    """Whether something happens before the next heartbeat is due."""
    try:
        await asyncio.wait_for(bell.wait(), HEARTBEAT_S)
    except TimeoutError:
        return False
    return True


def _as_text(event: Event) -> str:
    content = json.dumps({"ticket_id": event.ticket_id, "at": event.at.strftime("%Y-%m-%dT%H:%M:%SZ")})
    return f"id: {event.id}\ndata: {content}\n\n"


def _start(call: Call, after: str | None) -> int:
    """The id after which the stream begins.

    An id that this database never gave comes from another one: the last event is told again, so that the subscriber
    looks what has become of its tickets.
    """
    with call.desk.read() as connection:
        newest = newest_event(connection)
    if after is None:
        return newest
    return int(after) if int(after) <= newest else newest - 1


def _load(call: Call, after: int) -> list[Event]:
    with call.desk.read() as connection:
        return load_events(connection, call.actor, after, _AT_ONCE)
