"""`/supporttui/v1`: the stream of changes, and what is known of the desk itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from anyio import to_thread
from litestar import Response, get
from litestar.response import Stream

from supporttui import __version__
from supporttui.server.api_description import describe
from supporttui.server.calls import JSON_TYPE, Answer, ApiRequest, Call, answer, read_call
from supporttui.server.credentials import Credentials
from supporttui.server.edge import HEALTH_PATH
from supporttui.server.events import Event, load_events, newest_event
from supporttui.server.own_answers import DeskCard, Health
from supporttui.server.people import authenticate
from supporttui.server.refusals import BadRequest, TooManyStreams

HEARTBEAT_S: Final = 10.0
STREAMS_MAX: Final = 50
"""How many of them one person may have open."""

_AT_ONCE: Final = 200


@get(HEALTH_PATH)
async def show_health(request: ApiRequest) -> Answer:
    """The only route without a token."""
    return answer(Health("ok", __version__, request.app.state.desk.notifier.subscribers))


@get("/supporttui/v1/desk")
async def show_desk(request: ApiRequest) -> Answer:
    """The desk's name, its time, and whether it is a demonstration."""
    desk = read_call(request).desk
    return answer(DeskCard(desk.name, desk.is_demo, desk.now()))


@get("/supporttui/v1/openapi")
async def show_description(request: ApiRequest) -> Answer:
    """The description of this API, in OpenAPI's form."""
    content = msgspec.json.encode(await to_thread.run_sync(describe, request.app))
    return Response(content, media_type=JSON_TYPE)


@get("/supporttui/v1/events")
async def stream_events(request: ApiRequest) -> Stream:
    """Changes as server-sent events, from now on or after an id (`after`, or the header Last-Event-ID)."""
    call = read_call(request)
    after = call.asked.get("after") or request.headers.get("last-event-id")
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise BadRequest("after is not valid: it has to be an event's id")
    if call.desk.notifier.streams_of(call.actor.id) >= STREAMS_MAX:
        raise TooManyStreams(STREAMS_MAX)
    start = await to_thread.run_sync(_start, call, after)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    credentials: Credentials = request.scope["state"]["credentials"]
    return Stream(_events(call, credentials, start), media_type="text/event-stream", headers=headers)


async def _events(call: Call, credentials: Credentials, after: int) -> AsyncIterator[str]:
    """The stream: all that is new whenever the bell rings, a comment when nothing happened for a while.

    It ends where its token is accepted no more, at the latest with the next heartbeat.
    """
    notifier = call.desk.notifier
    with notifier.listening(call.actor.id) as bell:
        yield ": connected\n\n"
        while not notifier.is_closed:
            bell.clear()
            found = await to_thread.run_sync(_load, call, credentials, after)
            if found is None:
                return
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


def _load(call: Call, credentials: Credentials, after: int) -> list[Event] | None:
    """What is new; None where the subscriber's token is accepted no more."""
    with call.desk.read() as connection:
        actor = authenticate(connection, credentials.token, credentials.email, call.desk.now())
        return None if actor is None else load_events(connection, actor, after, _AT_ONCE)
