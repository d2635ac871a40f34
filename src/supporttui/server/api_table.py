"""What each route takes and gives, for the API's description. A route without an entry here stops the description."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec import Struct

from supporttui.helpdesks.zendesk import wire, wire_inputs
from supporttui.server.own_answers import DeskCard, Health

Json = Mapping[str, Any]
BYTES: Final = "application/octet-stream"
STREAM: Final = "text/event-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One route: what it takes, what it answers, and how it may refuse beside what every route may."""

    gives: type[Struct] | str | None
    """A JSON answer, the type of an answer that is none, or None for an answer without content."""
    status: int = 200
    takes: type[Struct] | str | None = None
    parameters: tuple[Json, ...] = ()
    refuses: tuple[int, ...] = ()


def _query(name: str, schema: Json, *, is_required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": is_required, "schema": schema}


def _one_of(*words: str) -> Json:
    return {"type": "string", "enum": list(words)}


_NUMBER: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
_TEXT: Final[Json] = {"type": "string", "pattern": "^[^\\x00]*$"}
_IDS: Final = _query("ids", {"type": "string", "pattern": "^([0-9]{1,18}(,[0-9]{1,18}){0,99})?$"})
_OFFSET: Final = (_query("page", _NUMBER), _query("per_page", _NUMBER))
_ROLE: Final = _one_of("end-user", "agent", "admin")
_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_INCLUDE: Final = _query("include", _TEXT)


def _listed(*names: str) -> tuple[Json, ...]:
    """The parameters of a listing that can be sorted by these."""
    signed = [f"{sign}{name}" for name in names for sign in ("", "-")]
    cursor = (_query("page[size]", _NUMBER), _query("page[after]", _TEXT), _query("page[before]", _TEXT))
    order = (_query("sort", _one_of(*signed)), _query("sort_by", _one_of(*names)))
    return (*_OFFSET, *cursor, *order, _query("sort_order", _one_of("asc", "desc")))


_TICKETS: Final = _listed("id", "created_at", "updated_at", "status")
_BY_ID: Final = _listed("id", "created_at")
_USERS: Final = _listed("id", "created_at", "updated_at", "name")
_WRITES: Final = (403, 413, 422)

ROUTES_TOLD: Final[Mapping[str, Told]] = {
    "list_tickets": Told(gives=wire.TicketsPage, parameters=(*_TICKETS, _INCLUDE)),
    "show_many_tickets": Told(gives=wire.TicketsPage, parameters=(_IDS, _INCLUDE)),
    "count_tickets": Told(gives=wire.OneCount),
    "show_ticket": Told(gives=wire.OneTicket, parameters=(_INCLUDE,), refuses=(404,)),
    "show_metrics": Told(gives=wire.OneMetricSet, refuses=(403, 404)),
    "create_ticket": Told(
        gives=wire.OneTicket, status=201, takes=wire_inputs.TicketRequest, parameters=(_KEY,), refuses=_WRITES
    ),
    "update_ticket": Told(
        gives=wire.OneTicket, takes=wire_inputs.TicketRequest, parameters=(_KEY,), refuses=(*_WRITES, 404, 409)
    ),
    "delete_ticket": Told(gives=None, status=204, parameters=(_KEY,), refuses=(403, 404)),
    "list_comments": Told(gives=wire.CommentsPage, parameters=(*_BY_ID, _INCLUDE), refuses=(404,)),
    "list_audits": Told(gives=wire.AuditsPage, parameters=(*_BY_ID, _INCLUDE), refuses=(403, 404)),
    "show_audit": Told(gives=wire.OneAudit, refuses=(403, 404)),
    "list_requests": Told(gives=wire.RequestsPage, parameters=_TICKETS),
    "show_request": Told(gives=wire.OneRequest, refuses=(404,)),
    "list_request_comments": Told(gives=wire.CommentsPage, parameters=_BY_ID, refuses=(404,)),
    "show_request_comment": Told(gives=wire.OneComment, refuses=(404,)),
    "create_request": Told(
        gives=wire.OneRequest, status=201, takes=wire_inputs.RequestRequest, parameters=(_KEY,), refuses=_WRITES
    ),
    "update_request": Told(
        gives=wire.OneRequest, takes=wire_inputs.RequestRequest, parameters=(_KEY,), refuses=(*_WRITES, 404, 409)
    ),
    "show_me": Told(gives=wire.OneUser),
    "list_users": Told(
        gives=wire.UsersPage,
        parameters=(*_USERS, _query("role", _ROLE), _query("role[]", {"type": "array", "items": _ROLE})),
        refuses=(403,),
    ),
    "search_users": Told(
        gives=wire.UsersPage, parameters=(*_USERS, _query("query", _TEXT), _query("external_id", _TEXT)), refuses=(403,)
    ),
    "show_many_users": Told(gives=wire.UsersPage, parameters=(_IDS,), refuses=(403,)),
    "show_user": Told(gives=wire.OneUser, refuses=(403, 404)),
    "create_user": Told(
        gives=wire.OneUser, status=201, takes=wire_inputs.UserRequest, parameters=(_KEY,), refuses=_WRITES
    ),
    "create_or_update_user": Told(
        gives=wire.OneUser, takes=wire_inputs.UserRequest, parameters=(_KEY,), refuses=_WRITES
    ),
    "update_user": Told(gives=wire.OneUser, takes=wire_inputs.UserRequest, parameters=(_KEY,), refuses=(*_WRITES, 404)),
    "list_groups": Told(gives=wire.GroupsPage, parameters=_listed("id", "created_at", "updated_at"), refuses=(403,)),
    "show_group": Told(gives=wire.OneGroup, refuses=(403, 404)),
    "create_upload": Told(
        gives=wire.OneUpload,
        status=201,
        takes=BYTES,
        parameters=(_query("filename", {**_TEXT, "minLength": 1}, is_required=True), _query("token", _TEXT), _KEY),
        refuses=(413, 422),
    ),
    "show_attachment": Told(gives=wire.OneAttachment, refuses=(404,)),
    "download": Told(gives=BYTES, refuses=(404,)),
    "export_tickets": Told(
        gives=wire.IncrementalTickets,
        parameters=(
            _query("start_time", {"type": "integer", "minimum": 0, "maximum": 99_999_999_999}),
            _query("cursor", _TEXT),
            _query("per_page", _NUMBER),
            _INCLUDE,
        ),
        refuses=(403,),
    ),
    "search_tickets": Told(
        gives=wire.SearchPage,
        parameters=(
            _query("query", _TEXT),
            *_OFFSET,
            _query("sort_by", _one_of("created_at", "updated_at", "status", "priority", "ticket_type", "relevance")),
            _query("sort_order", _one_of("asc", "desc")),
            _INCLUDE,
        ),
        refuses=(403, 422),
    ),
    "show_health": Told(gives=Health),
    "show_desk": Told(gives=DeskCard),
    "show_description": Told(gives="application/json"),
    "stream_events": Told(
        gives=STREAM, parameters=(_query("after", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}),)
    ),
}
