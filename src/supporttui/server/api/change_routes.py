"""Changes: the incremental export and the stream of server-sent events; also the desk's health and summary."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from anyio import to_thread
from sqlalchemy import Connection, RowMapping, or_, select
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from supporttui import __version__
from supporttui.server.api.http_middleware import Credentials
from supporttui.server.api.paging import parse_number
from supporttui.server.api.parameters import INCLUDE, NOT_NEGATIVE, NUMBER, query
from supporttui.server.api.request_handling import RequestContext, json_response, read_request_context
from supporttui.server.api.routing import STREAM, asynchronous, read
from supporttui.server.api.serializers import serialize_tickets
from supporttui.server.api.ticket_routes import people_beside
from supporttui.server.api_errors import BadRequest
from supporttui.server.desk import ChangeEvent, Desk, load_events, newest_event
from supporttui.server.people import authenticate
from supporttui.server.schema import tickets
from supporttui.server.ticket_metrics import metric_set
from supporttui.zendesk_api.extensions import DESK_PATH, EVENTS_PATH, HEALTH_PATH, DeskSummary, Health, StreamedChange
from supporttui.zendesk_api.responses import IncrementalTickets

PAGE_MAX: Final = 1000
_NUMBER_MAX: Final = 2**62
_EXPORT_PARAMETERS: Final = (
    query("start_time", {**NOT_NEGATIVE, "maximum": 99_999_999_999}),
    query("cursor"),
    query("per_page", NUMBER),
    INCLUDE,
)


@dataclass(frozen=True, slots=True)
class ExportCursor:
    """The position of an incremental export.

    A ticket's change id grows with each change; a ticket that changes during the export is listed again at its end.
    """

    seen: int
    """The last change id that was returned."""
    since_s: int
    """Tickets last changed before this instant are left out..."""
    until: int
    """... if their change id is not above this one, the newest when the export began."""

    def text(self) -> str:
        """The position as a cursor."""
        plain = f"{self.seen}|{self.since_s}|{self.until}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@read("/api/v2/incremental/tickets/cursor", IncrementalTickets, parameters=_EXPORT_PARAMETERS, agents_only=True)
def export_tickets(context: RequestContext, connection: Connection) -> IncrementalTickets:
    """Changed tickets from a time or a cursor on, oldest change first, the deleted ones too; for agents."""
    size = parse_number(context.query, "per_page", PAGE_MAX, PAGE_MAX)
    position = _parse_export_position(connection, context)
    since = datetime.fromtimestamp(position.since_s, UTC)
    recent = or_(tickets.c.change_id > position.until, tickets.c.updated_at >= since)
    found = select(tickets).where(tickets.c.change_id > position.seen, recent).order_by(tickets.c.change_id)
    rows = connection.execute(found.limit(size + 1)).mappings().all()
    return _page(connection, context, position, rows[:size], is_last=len(rows) <= size)


def _page(
    connection: Connection,
    context: RequestContext,
    position: ExportCursor,
    rows: Sequence[RowMapping],
    *,
    is_last: bool,
) -> IncrementalTickets:
    """One page of the export."""
    shown = serialize_tickets(connection, context.actor, rows, context.base_url)
    if "metric_sets" in context.included:
        for ticket, row in zip(shown, rows, strict=True):
            ticket.metric_set = metric_set(row, context.now, context.base_url)
    after = ExportCursor(rows[-1]["change_id"] if rows else position.seen, position.since_s, position.until).text()
    kept: dict[str, Any] = {name: value for name, value in context.query.items() if name != "start_time"}
    return IncrementalTickets(
        tickets=shown,
        after_cursor=after,
        after_url=f"{context.url}?{urlencode({**kept, 'cursor': after})}",
        end_of_stream=is_last,
        **people_beside(connection, context, rows),
    )


def _parse_export_position(connection: Connection, context: RequestContext) -> ExportCursor:
    """The position by the cursor, or a new one by the start time. Raises BadRequest."""
    if "cursor" in context.query:
        position = _parse_cursor(context.query["cursor"])
        if position.seen > newest_event(connection):
            raise BadRequest("cursor is not of this desk's database; begin again with start_time")
        return position
    text = context.query.get("start_time", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        raise BadRequest("start_time is not valid: it has to be seconds since 1970; or send a cursor")
    return ExportCursor(0, int(text), newest_event(connection))


def _parse_cursor(text: str) -> ExportCursor:
    """Parse a cursor. Raises BadRequest."""
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
_EVENTS_PER_READ: Final = 200


@asynchronous("GET", HEALTH_PATH, Health, needs_token=False)
async def show_health(request: Request, desk: Desk) -> Response:
    """Whether the desk works; the only route without a token."""
    return json_response(Health("ok", __version__, desk.notifier.subscribers))


@asynchronous("GET", DESK_PATH, DeskSummary)
async def show_desk(request: Request, desk: Desk) -> Response:
    """The desk's name, its time, and whether it is a demonstration."""
    read_request_context(request, desk)
    return json_response(DeskSummary(desk.name, desk.is_demo, desk.now()))


@asynchronous("GET", EVENTS_PATH, STREAM, parameters=(query("after", NOT_NEGATIVE),))
async def stream_events(request: Request, desk: Desk) -> Response:
    """Changes as server-sent events, from now on or after an id (`after`, or the header Last-Event-ID)."""
    context = read_request_context(request, desk)
    after = context.query.get("after") or request.headers.get("last-event-id")
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise BadRequest("after is not valid: it has to be an event's id")
    start = await to_thread.run_sync(_start, context, after)
    events = _events(context, request.state.credentials, start)
    return StreamingResponse(events, headers={"X-Accel-Buffering": "no"}, media_type=STREAM)


async def _events(context: RequestContext, credentials: Credentials, after: int) -> AsyncIterator[str]:
    """The stream: new events after each change, and a comment after each interval without one.

    It ends when its token is no longer valid, at the latest with the next heartbeat.
    """
    notifier = context.desk.notifier
    with notifier.listening() as changed:
        yield ": connected\n\n"
        while not notifier.is_closed:
            changed.clear()
            found = await to_thread.run_sync(_load, context, credentials, after)
            if found is None:
                return
            for event in found:
                yield _as_text(event)
                after = event.id
            if not found and not await _wait_for_change(changed):
                yield ": alive\n\n"


async def _wait_for_change(changed: asyncio.Event) -> bool:
    """Wait for a change; return False if the next heartbeat is due first."""
    try:
        await asyncio.wait_for(changed.wait(), HEARTBEAT_S)
    except TimeoutError:
        return False
    return True


def _as_text(event: ChangeEvent) -> str:
    content = msgspec.json.encode(StreamedChange(event.ticket_id, event.at)).decode()
    return f"id: {event.id}\ndata: {content}\n\n"


def _start(context: RequestContext, after: str | None) -> int:
    """Return the id after which the stream begins.

    An id larger than the newest one comes from another database: the last event is sent again, so that the subscriber
    fetches the changes.
    """
    with context.desk.read() as connection:
        newest = newest_event(connection)
    if after is None:
        return newest
    return int(after) if int(after) <= newest else newest - 1


def _load(context: RequestContext, credentials: Credentials, after: int) -> list[ChangeEvent] | None:
    """Return the new events; None if the subscriber's token is no longer valid."""
    with context.desk.read() as connection:
        actor = authenticate(connection, credentials.token, credentials.email, context.desk.now())
        return None if actor is None else load_events(connection, actor, after, _EVENTS_PER_READ)
