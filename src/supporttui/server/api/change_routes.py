"""Changes: the incremental export, the stream of server-sent events, and what is known of the desk itself."""

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from anyio import to_thread
from litestar import Response, get
from litestar.response import Stream
from msgspec import UNSET
from sqlalchemy import Connection, RowMapping, or_, select

from supporttui import __version__
from supporttui.server.api.http_middleware import HEALTH_PATH, Credentials
from supporttui.server.api.openapi import describe_api
from supporttui.server.api.paging import parse_number
from supporttui.server.api.request_handling import (
    JSON_TYPE,
    ApiRequest,
    JsonResponse,
    RequestContext,
    agent_request_context,
    json_response,
    read_request_context,
    threaded,
)
from supporttui.server.api.serializers import serialize_people_of, serialize_tickets
from supporttui.server.api_errors import BadRequest, TooManyStreams
from supporttui.server.desk import ChangeEvent, load_events, newest_event
from supporttui.server.people import authenticate
from supporttui.server.schema import tickets
from supporttui.server.ticket_metrics import metric_set
from supporttui.zendesk_api.extensions import DeskSummary, Health
from supporttui.zendesk_api.responses import IncrementalTickets

PAGE_MAX: Final = 1000
_NUMBER_MAX: Final = 2**62


@dataclass(frozen=True, slots=True)
class ExportCursor:
    """How far an export has come.

    A ticket's change id grows with each of its changes, and one that changes during the export comes again at its end.
    """

    seen: int
    """The last change id that was handed out."""
    since_s: int
    """Tickets that were last changed before this instant are left out..."""
    until: int
    """... if their change id is not above this one, the newest when the export began."""

    def text(self) -> str:
        """The place as a cursor."""
        plain = f"{self.seen}|{self.since_s}|{self.until}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@get("/api/v2/incremental/tickets/cursor")
@threaded
def export_tickets(request: ApiRequest) -> JsonResponse:
    """Changed tickets from a time or a cursor on, oldest change first, the deleted ones too; for agents."""
    call = agent_request_context(request)
    size = parse_number(call.asked, "per_page", PAGE_MAX, PAGE_MAX)
    with call.desk.read() as connection:
        place = _parse_export_position(connection, call)
        since = datetime.fromtimestamp(place.since_s, UTC)
        recent = or_(tickets.c.change_id > place.until, tickets.c.updated_at >= since)
        query = select(tickets).where(tickets.c.change_id > place.seen, recent).order_by(tickets.c.change_id)
        rows = connection.execute(query.limit(size + 1)).mappings().all()
        return json_response(_page(connection, call, place, rows[:size], is_last=len(rows) <= size))


def _page(
    connection: Connection, call: RequestContext, place: ExportCursor, rows: Sequence[RowMapping], *, is_last: bool
) -> IncrementalTickets:
    """One page of the export."""
    shown = serialize_tickets(connection, call.actor, rows, call.base)
    if "metric_sets" in call.included:
        now = call.desk.now()
        for ticket, row in zip(shown, rows, strict=True):
            ticket.metric_set = metric_set(row, now, call.base)
    after = ExportCursor(rows[-1]["change_id"] if rows else place.seen, place.since_s, place.until).text()
    kept: dict[str, Any] = {name: value for name, value in call.asked.items() if name != "start_time"}
    return IncrementalTickets(
        tickets=shown,
        after_cursor=after,
        after_url=f"{call.address}?{urlencode({**kept, 'cursor': after})}",
        end_of_stream=is_last,
        users=serialize_people_of(connection, call.actor, rows, call.base) if "users" in call.included else UNSET,
    )


def _parse_export_position(connection: Connection, call: RequestContext) -> ExportCursor:
    """Where to go on, or a fresh start from a time. Raises BadRequest."""
    if "cursor" in call.asked:
        place = _parse_cursor(call.asked["cursor"])
        if place.seen > newest_event(connection):
            raise BadRequest("cursor is not of this desk's database; begin again with start_time")
        return place
    text = call.asked.get("start_time", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        raise BadRequest("start_time is not valid: it has to be seconds since 1970; or send a cursor")
    return ExportCursor(0, int(text), newest_event(connection))


def _parse_cursor(text: str) -> ExportCursor:
    """Raises BadRequest."""
    try:
        parts = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split("|")
        seen, since_s, until = (int(part) for part in parts)
        datetime.fromtimestamp(since_s, UTC)
    except (ValueError, binascii.Error, OverflowError, OSError) as problem:
        raise BadRequest("cursor is not valid") from problem
    if not (0 <= seen < _NUMBER_MAX and 0 <= until < _NUMBER_MAX):
        raise BadRequest("cursor is not valid")
    return ExportCursor(seen, since_s, until)


HEARTBEAT_S: Final = 10.0
STREAMS_MAX: Final = 50
"""How many of them one person may have open."""

_EVENTS_PER_READ: Final = 200


@get(HEALTH_PATH)
async def show_health(request: ApiRequest) -> JsonResponse:
    """The only route without a token."""
    return json_response(Health("ok", __version__, request.app.state.desk.notifier.subscribers))


@get("/supporttui/v1/desk")
async def show_desk(request: ApiRequest) -> JsonResponse:
    """The desk's name, its time, and whether it is a demonstration."""
    desk = read_request_context(request).desk
    return json_response(DeskSummary(desk.name, desk.is_demo, desk.now()))


@get("/supporttui/v1/openapi")
async def show_description(request: ApiRequest) -> JsonResponse:
    """The description of this API, in OpenAPI's form."""
    content = msgspec.json.encode(await to_thread.run_sync(describe_api, request.app))
    return Response(content, media_type=JSON_TYPE)


@get("/supporttui/v1/events")
async def stream_events(request: ApiRequest) -> Stream:
    """Changes as server-sent events, from now on or after an id (`after`, or the header Last-Event-ID)."""
    call = read_request_context(request)
    after = call.asked.get("after") or request.headers.get("last-event-id")
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise BadRequest("after is not valid: it has to be an event's id")
    if call.desk.notifier.streams_of(call.actor.id) >= STREAMS_MAX:
        raise TooManyStreams(STREAMS_MAX)
    start = await to_thread.run_sync(_start, call, after)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    credentials: Credentials = request.scope["state"]["credentials"]
    return Stream(_events(call, credentials, start), media_type="text/event-stream", headers=headers)


async def _events(call: RequestContext, credentials: Credentials, after: int) -> AsyncIterator[str]:
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
            if not found and not await _wait_for_change(bell):
                yield ": alive\n\n"


async def _wait_for_change(bell: asyncio.Event) -> bool:
    """Whether something happens before the next heartbeat is due."""
    try:
        await asyncio.wait_for(bell.wait(), HEARTBEAT_S)
    except TimeoutError:
        return False
    return True


def _as_text(event: ChangeEvent) -> str:
    content = json.dumps({"ticket_id": event.ticket_id, "at": event.at.strftime("%Y-%m-%dT%H:%M:%SZ")})
    return f"id: {event.id}\ndata: {content}\n\n"


def _start(call: RequestContext, after: str | None) -> int:
    """The id after which the stream begins.

    An id that this database never gave comes from another one: the last event is told again, so that the subscriber
    looks what has become of its tickets.
    """
    with call.desk.read() as connection:
        newest = newest_event(connection)
    if after is None:
        return newest
    return int(after) if int(after) <= newest else newest - 1


def _load(call: RequestContext, credentials: Credentials, after: int) -> list[ChangeEvent] | None:
    """What is new; None where the subscriber's token is accepted no more."""
    with call.desk.read() as connection:
        actor = authenticate(connection, credentials.token, credentials.email, call.desk.now())
        return None if actor is None else load_events(connection, actor, after, _EVENTS_PER_READ)
