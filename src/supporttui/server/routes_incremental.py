"""`/api/v2/incremental/tickets/cursor`: every change of every ticket, none of them skipped."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from litestar import get
from msgspec import UNSET
from sqlalchemy import Connection, RowMapping, or_, select

from supporttui.helpdesks.zendesk.wire import IncrementalTickets
from supporttui.server.answers import people_on, ticket_answers
from supporttui.server.calls import Answer, ApiRequest, Call, agent_call, answer, threaded
from supporttui.server.events import newest_event
from supporttui.server.metrics import metric_set
from supporttui.server.paging import parse_number
from supporttui.server.refusals import BadRequest
from supporttui.server.schema import tickets

PAGE_MAX: Final = 1000
_NUMBER_MAX: Final = 2**62


@dataclass(frozen=True, slots=True)
class Place:
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
def export_tickets(request: ApiRequest) -> Answer:
    """Changed tickets from a time or a cursor on, oldest change first, the deleted ones too; for agents."""
    call = agent_call(request)
    size = parse_number(call.asked, "per_page", PAGE_MAX, PAGE_MAX)
    with call.desk.read() as connection:
        place = _parse_place(connection, call)
        since = datetime.fromtimestamp(place.since_s, UTC)
        recent = or_(tickets.c.change_id > place.until, tickets.c.updated_at >= since)
        query = select(tickets).where(tickets.c.change_id > place.seen, recent).order_by(tickets.c.change_id)
        rows = connection.execute(query.limit(size + 1)).mappings().all()
        return answer(_page(connection, call, place, rows[:size], is_last=len(rows) <= size))


def _page(
    connection: Connection, call: Call, place: Place, rows: Sequence[RowMapping], *, is_last: bool
) -> IncrementalTickets:
    """One page of the export."""
    shown = ticket_answers(connection, call.actor, rows, call.base)
    if "metric_sets" in call.included:
        now = call.desk.now()
        for ticket, row in zip(shown, rows, strict=True):
            ticket.metric_set = metric_set(row, now, call.base)
    after = Place(rows[-1]["change_id"] if rows else place.seen, place.since_s, place.until).text()
    kept: dict[str, Any] = {name: value for name, value in call.asked.items() if name != "start_time"}
    return IncrementalTickets(
        tickets=shown,
        after_cursor=after,
        after_url=f"{call.address}?{urlencode({**kept, 'cursor': after})}",
        end_of_stream=is_last,
        users=people_on(connection, call.actor, rows, call.base) if "users" in call.included else UNSET,
    )


def _parse_place(connection: Connection, call: Call) -> Place:
    """Where to go on, or a fresh start from a time. Raises BadRequest."""
    if "cursor" in call.asked:
        place = _parse_cursor(call.asked["cursor"])
        if place.seen > newest_event(connection):
            raise BadRequest("cursor is not of this desk's database; begin again with start_time")
        return place
    text = call.asked.get("start_time", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        raise BadRequest("start_time is not valid: it has to be seconds since 1970; or send a cursor")
    return Place(0, int(text), newest_event(connection))


def _parse_cursor(text: str) -> Place:
    """Raises BadRequest."""
    try:
        parts = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split("|")
        seen, since_s, until = (int(part) for part in parts)
        datetime.fromtimestamp(since_s, UTC)
    except (ValueError, binascii.Error, OverflowError, OSError) as problem:
        raise BadRequest("cursor is not valid") from problem
    if not (0 <= seen < _NUMBER_MAX and 0 <= until < _NUMBER_MAX):
        raise BadRequest("cursor is not valid")
    return Place(seen, since_s, until)
