"""`/api/v2/users` and `/api/v2/groups`."""

from datetime import datetime
from typing import Any

from litestar import get, post, put
from litestar.params import FromPath, RawBody
from msgspec import UNSET, Struct
from sqlalchemy import Connection, select

from supporttui.domain.ticket import Role
from supporttui.server.api.paging import Sorting, fetch_page
from supporttui.server.api.request_handling import (
    ApiRequest,
    JsonResponse,
    RequestContext,
    agent_request_context,
    json_response,
    parse_body,
    read_request_context,
    run_write,
    threaded,
)
from supporttui.server.api.serializers import serialize_group, serialize_user
from supporttui.server.api.ticket_routes import parse_ids
from supporttui.server.api_errors import BadRequest, NotPermitted, RecordInvalid, RecordNotFound
from supporttui.server.people import (
    NAME_MAX,
    PeopleProblem,
    add_user,
    change_user,
    email_key,
    find_by_email,
    find_by_id,
    is_named,
    load_people,
)
from supporttui.server.schema import groups, users
from supporttui.zendesk_api.request_bodies import UserInput, UserRequest
from supporttui.zendesk_api.responses import GroupsPage, OneGroup, OneUser, UsersPage

USER_SORTING = Sorting(users, {"id": "id", "created_at": "created_at", "updated_at": "updated_at", "name": "name"})
GROUP_SORTING = Sorting(groups, {"id": "id", "created_at": "created_at", "updated_at": "updated_at"})
_ROLES = tuple(role.value for role in Role)


@get("/api/v2/users/me")
@threaded
def show_me(request: ApiRequest) -> JsonResponse:
    """Who the caller is."""
    call = read_request_context(request)
    with call.desk.read() as connection:
        return json_response(_user(connection, call, call.actor.id))


@get("/api/v2/users")
@threaded
def list_users(request: ApiRequest) -> JsonResponse:
    """Everybody, or those with the roles asked for; for agents."""
    call = agent_request_context(request)
    wanted = [*request.query_params.getall("role[]", []), *request.query_params.getall("role", [])]
    if not set(wanted) <= set(_ROLES):
        raise BadRequest(f"role is not valid: use one of {', '.join(_ROLES)}")
    query = select(users).where(users.c.role.in_(wanted)) if wanted else select(users)
    return _users(call, query)


@get("/api/v2/users/search")
@threaded
def search_users(request: ApiRequest) -> JsonResponse:
    """People by a text in their name or address, or by external id; for agents."""
    call = agent_request_context(request)
    if "external_id" in call.asked:
        return _users(call, select(users).where(users.c.external_id == call.asked["external_id"]))
    return _users(call, select(users).where(is_named(call.asked.get("query", "").strip())))


@get("/api/v2/users/show_many")
@threaded
def show_many_users(request: ApiRequest) -> JsonResponse:
    """People by their ids; for agents."""
    call = agent_request_context(request)
    ids = parse_ids(call.asked.get("ids", ""))
    with call.desk.read() as connection:
        shown = [serialize_user(person, call.actor, call.base) for person in load_people(connection, ids)]
        return json_response(UsersPage(users=shown, count=len(shown), next_page=None, previous_page=None))


@get("/api/v2/users/{user_id:int}")
@threaded
def show_user(request: ApiRequest, user_id: FromPath[int]) -> JsonResponse:
    """One person; end users see themselves only."""
    call = read_request_context(request)
    if not call.actor.is_agent and user_id != call.actor.id:
        raise NotPermitted
    with call.desk.read() as connection:
        return json_response(_user(connection, call, user_id))


@post("/api/v2/users")
@threaded
def create_user(request: ApiRequest, body: RawBody) -> JsonResponse:
    """Add a person; agents add end users, admins anybody."""
    call = agent_request_context(request)
    sent = parse_body(body, UserRequest).user
    return run_write(request, body, lambda connection, now: _create(connection, call, sent, now), status=201)


@post("/api/v2/users/create_or_update")
@threaded
def create_or_update_user(request: ApiRequest, body: RawBody) -> JsonResponse:
    """Add a person, or change the one with the same address."""
    call = agent_request_context(request)
    sent = parse_body(body, UserRequest).user

    def act(connection: Connection, now: datetime) -> Struct:
        found = find_by_email(connection, sent.email) if sent.email is not UNSET else None
        if found is None:
            return _create(connection, call, sent, now)
        return _change(connection, call, found["id"], sent, now)

    return run_write(request, body, act)


@put("/api/v2/users/{user_id:int}")
@threaded
def update_user(request: ApiRequest, user_id: FromPath[int], body: RawBody) -> JsonResponse:
    """Change a person; agents change end users, admins anybody."""
    call = agent_request_context(request)
    sent = parse_body(body, UserRequest).user
    return run_write(request, body, lambda connection, now: _change(connection, call, user_id, sent, now))


@get("/api/v2/groups")
@threaded
def list_groups(request: ApiRequest) -> JsonResponse:
    """The groups, for agents."""
    call = agent_request_context(request)
    with call.desk.read() as connection:
        page = fetch_page(connection, select(groups), GROUP_SORTING, call.asked, call.address)
        return json_response(GroupsPage(groups=[serialize_group(row, call.base) for row in page.rows], **page.fields))


@get("/api/v2/groups/{group_id:int}")
@threaded
def show_group(request: ApiRequest, group_id: FromPath[int]) -> JsonResponse:
    """One group, for agents."""
    call = agent_request_context(request)
    with call.desk.read() as connection:
        query = select(groups).where(groups.c.id == group_id)
        row = connection.execute(query).mappings().one_or_none() if 0 < group_id < 2**63 else None
        if row is None:
            raise RecordNotFound
        return json_response(OneGroup(group=serialize_group(row, call.base)))


def _users(call: RequestContext, query: Any) -> JsonResponse:  # noqa: ANN401 - a select over users
    with call.desk.read() as connection:
        page = fetch_page(connection, query, USER_SORTING, call.asked, call.address)
        return json_response(
            UsersPage(users=[serialize_user(row, call.actor, call.base) for row in page.rows], **page.fields)
        )


def _user(connection: Connection, call: RequestContext, user_id: int) -> OneUser:
    """One person's answer. Raises RecordNotFound."""
    row = find_by_id(connection, user_id) if 0 < user_id < 2**63 else None
    if row is None:
        raise RecordNotFound
    return OneUser(user=serialize_user(row, call.actor, call.base))


def _create(connection: Connection, call: RequestContext, sent: UserInput, now: datetime) -> Struct:
    if sent.email is UNSET or sent.name is UNSET or not sent.name.strip():
        raise RecordInvalid("base", "Name and email: cannot be blank")
    role = _checked_role(call, sent, Role.END_USER.value)
    try:
        user_id = add_user(connection, email=sent.email, name=sent.name, role=role, at=now)
    except PeopleProblem as problem:
        raise RecordInvalid("email", f"Email: {problem}") from problem
    if sent.external_id is not UNSET:
        change_user(connection, user_id, {"external_id": sent.external_id}, now)
    return _user(connection, call, user_id)


def _change(connection: Connection, call: RequestContext, user_id: int, sent: UserInput, now: datetime) -> Struct:
    current = _user(connection, call, user_id).user
    if current.role != Role.END_USER.value and call.actor.role is not Role.ADMIN:
        raise NotPermitted("Only admins change agents and admins.")
    if sent.email is not UNSET and email_key(sent.email) != current.email:
        raise RecordInvalid("email", "Email: cannot be changed; add another person instead")
    values: dict[str, object] = {"role": _checked_role(call, sent, current.role)}
    if sent.name is not UNSET:
        if not sent.name.strip():
            raise RecordInvalid("name", "Name: cannot be blank")
        values["name"] = sent.name[:NAME_MAX]
    if sent.external_id is not UNSET:
        values["external_id"] = sent.external_id
    change_user(connection, user_id, values, now)
    return _user(connection, call, user_id)


def _checked_role(call: RequestContext, sent: UserInput, default: str) -> str:
    """The role that the person gets; only admins give others than the one they have. Raises a Refusal."""
    role = default if sent.role is UNSET else sent.role
    if role not in _ROLES:
        raise RecordInvalid("role", f"Role: {role} is not one of {', '.join(_ROLES)}")
    if role != default and call.actor.role is not Role.ADMIN:
        raise NotPermitted("Only admins give people a role.")
    return role
