"""`/api/v2/users`."""

from typing import Any, Final

from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, Select, select

from supporttui.domain.ticket import Role
from supporttui.server.api.other_fields import CHANGED_PERSON, NEW_PERSON
from supporttui.server.api.paging import Sorting, fetch_page
from supporttui.server.api.parameters import IDS, INCLUDE, listing, one_of, query
from supporttui.server.api.request_handling import RequestContext
from supporttui.server.api.routing import read, write
from supporttui.server.api.serializers import serialize_organizations_of, serialize_user
from supporttui.server.api.ticket_routes import parse_ids
from supporttui.server.api_errors import BadRequest, NotPermitted, RecordInvalid, RecordNotFound
from supporttui.server.email_addresses import email_key, former_email_key
from supporttui.server.people import (
    NAME_MAX,
    PeopleProblem,
    add_user,
    change_user,
    find_by_email,
    find_by_id,
    find_or_add_organization,
    is_last_admin,
    is_named,
    load_organizations,
    load_people,
)
from supporttui.server.schema import users
from supporttui.zendesk_api.request_bodies import UserInput, UserRequest
from supporttui.zendesk_api.responses import OneUser, Organization, User, UsersPage

USER_SORTING = Sorting(users, {"id": "id", "created_at": "created_at", "updated_at": "updated_at", "name": "name"})
_ROLES: Final = tuple(role.value for role in Role)
_ROLE: Final = one_of(*_ROLES)
_USER_LISTING: Final = listing(USER_SORTING.columns)


@read("/api/v2/users/me", OneUser)
def show_me(context: RequestContext, connection: Connection) -> OneUser:
    """The caller's own user."""
    return _user(connection, context, context.actor.id)


@read(
    "/api/v2/users",
    UsersPage,
    parameters=(*_USER_LISTING, query("role", _ROLE), query("role[]", {"type": "array", "items": _ROLE}), INCLUDE),
    agents_only=True,
)
def list_users(context: RequestContext, connection: Connection) -> UsersPage:
    """Everybody, or those with the roles asked for; for agents."""
    wanted = [*context.query.getlist("role[]"), *context.query.getlist("role")]
    if not set(wanted) <= set(_ROLES):
        raise BadRequest(f"role is not valid: use one of {', '.join(_ROLES)}")
    found = select(users).where(users.c.role.in_(wanted)) if wanted else select(users)
    return _users(connection, context, found)


@read(
    "/api/v2/users/search",
    UsersPage,
    parameters=(*_USER_LISTING, query("query"), query("external_id"), INCLUDE),
    agents_only=True,
)
def search_users(context: RequestContext, connection: Connection) -> UsersPage:
    """People by a text in their name or address, by external id, or by both; for agents."""
    found = select(users)
    if "external_id" in context.query:
        found = found.where(users.c.external_id == context.query["external_id"])
    if "query" in context.query or "external_id" not in context.query:
        found = found.where(is_named(context.query.get("query", "").strip()))
    return _users(connection, context, found)


@read("/api/v2/users/show_many", UsersPage, parameters=(IDS, INCLUDE), agents_only=True)
def show_many_users(context: RequestContext, connection: Connection) -> UsersPage:
    """People by their ids; for agents."""
    ids = parse_ids(context.query.get("ids", ""))
    shown = [serialize_user(person, context.actor, context.base_url) for person in load_people(connection, ids)]
    more = _organizations(connection, context, shown)
    return UsersPage(users=shown, count=len(shown), next_page=None, previous_page=None, organizations=more)


@read("/api/v2/users/{user_id}", OneUser, errors=(403, 404))
def show_user(context: RequestContext, connection: Connection, user_id: int) -> OneUser:
    """One person; end users see themselves only."""
    if not context.actor.is_agent and user_id != context.actor.id:
        raise NotPermitted
    return _user(connection, context, user_id)


@write("POST", "/api/v2/users", OneUser, body=UserRequest, others=NEW_PERSON, status=201, agents_only=True)
def create_user(context: RequestContext, connection: Connection, body: UserRequest) -> OneUser:
    """Add a person; agents add end users, admins anybody."""
    return _create(connection, context, body.user)


@write("POST", "/api/v2/users/create_or_update", OneUser, body=UserRequest, others=CHANGED_PERSON, agents_only=True)
def create_or_update_user(context: RequestContext, connection: Connection, body: UserRequest) -> OneUser:
    """Add a person, or change the one with the same address."""
    found = find_by_email(connection, body.user.email) if body.user.email is not UNSET else None
    if found is None:
        return _create(connection, context, body.user)
    return _change(connection, context, found["id"], body.user)


@write(
    "PUT", "/api/v2/users/{user_id}", OneUser, body=UserRequest, others=CHANGED_PERSON, errors=(404,), agents_only=True
)
def update_user(context: RequestContext, connection: Connection, body: UserRequest, user_id: int) -> OneUser:
    """Change a person; agents change end users, admins anybody."""
    return _change(connection, context, user_id, body.user)


def _users(connection: Connection, context: RequestContext, found: Select[Any]) -> UsersPage:
    page = fetch_page(connection, found, USER_SORTING, context.query, context.url)
    shown = [serialize_user(row, context.actor, context.base_url) for row in page.rows]
    return UsersPage(users=shown, organizations=_organizations(connection, context, shown), **page.fields)


def _organizations(
    connection: Connection, context: RequestContext, people: list[User]
) -> list[Organization] | UnsetType:
    """Return the organisations of people, if `include` asks for them."""
    if "organizations" not in context.included:
        return UNSET
    return serialize_organizations_of(connection, people, context.base_url)


def _user(connection: Connection, context: RequestContext, user_id: int) -> OneUser:
    """Return one person as a response. Raises RecordNotFound."""
    row = find_by_id(connection, user_id)
    if row is None:
        raise RecordNotFound
    return OneUser(user=serialize_user(row, context.actor, context.base_url))


def _create(connection: Connection, context: RequestContext, sent: UserInput) -> OneUser:
    if sent.email is UNSET or sent.name is UNSET or not sent.name.strip():
        raise RecordInvalid("base", "Name and email: cannot be blank")
    role = _checked_role(context, sent, Role.END_USER.value)
    try:
        user_id = add_user(connection, email=sent.email, name=sent.name, role=role, at=context.now)
    except PeopleProblem as problem:
        raise RecordInvalid("email", f"Email: {problem}") from problem
    values = _belonging(connection, context, sent)
    if sent.external_id is not UNSET:
        values["external_id"] = sent.external_id
    if values:
        change_user(connection, user_id, values, context.now)
    return _user(connection, context, user_id)


def _change(connection: Connection, context: RequestContext, user_id: int, sent: UserInput) -> OneUser:
    current = _user(connection, context, user_id).user
    if current.role != Role.END_USER.value and context.actor.role is not Role.ADMIN:
        raise NotPermitted("Only admins change agents and admins.")
    if sent.email is not UNSET and current.email not in (email_key(sent.email), former_email_key(sent.email)):
        raise RecordInvalid("email", "Email: cannot be changed; add another person instead")
    values = {"role": _checked_role(context, sent, current.role), **_belonging(connection, context, sent)}
    if values["role"] != Role.ADMIN.value and is_last_admin(connection, user_id):
        raise RecordInvalid("role", "Role: nobody else is an admin of this desk; make another person one first")
    if sent.name is not UNSET:
        if not sent.name.strip():
            raise RecordInvalid("name", "Name: cannot be blank")
        values["name"] = sent.name[:NAME_MAX]
    if sent.external_id is not UNSET:
        values["external_id"] = sent.external_id
    change_user(connection, user_id, values, context.now)
    return _user(connection, context, user_id)


def _belonging(connection: Connection, context: RequestContext, sent: UserInput) -> dict[str, object]:
    """Return the change of a person's organisation, sent by id or name. Raises RecordInvalid."""
    if sent.organization is not UNSET:
        try:
            return {"organization_id": find_or_add_organization(connection, sent.organization.name, context.now)}
        except PeopleProblem as problem:
            raise RecordInvalid("organization", f"Organization: {problem}") from problem
    if sent.organization_id is UNSET:
        return {}
    if sent.organization_id is not None and not load_organizations(connection, (sent.organization_id,)):
        raise RecordInvalid("organization_id", f"Organization: {sent.organization_id} is none of this desk")
    return {"organization_id": sent.organization_id}


def _checked_role(context: RequestContext, sent: UserInput, default: str) -> str:
    """Return the role that the person gets; only admins may change it. Raises RecordInvalid, NotPermitted."""
    role = default if sent.role is UNSET else sent.role
    if role not in _ROLES:
        raise RecordInvalid("role", f"Role: {role} is not one of {', '.join(_ROLES)}")
    if role != default and context.actor.role is not Role.ADMIN:
        raise NotPermitted("Only admins give people a role.")
    return role
