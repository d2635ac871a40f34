"""The people of the desk and their API tokens."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, or_, select, update

from supporttui.domain.ticket import Role
from supporttui.server.api_errors import RecordInvalid
from supporttui.server.email_addresses import email_key, former_email_key
from supporttui.server.schema import organizations, tokens, users

NAME_MAX: Final = 255
_AGENTS: Final = (Role.AGENT.value, Role.ADMIN.value)


class PeopleProblem(Exception):
    """A person or token cannot be created. `str()` is one sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who makes a request."""

    id: int
    role: Role

    @property
    def is_agent(self) -> bool:
        """Whether they work on everybody's tickets, as agents and admins do."""
        return self.role is not Role.END_USER


def add_user(
    connection: Connection,
    *,
    email: str,
    name: str,
    role: Role | str,
    at: datetime,
    organization_id: int | None = None,
) -> int:
    """Add a person and return their id. Raises PeopleProblem."""
    address = email_key(email)
    if address is None:
        raise PeopleProblem(
            f"{email!r} is not an e-mail address, or holds characters that are not seen; write it like ann@example.com"
        )
    if find_by_email(connection, address) is not None:
        raise PeopleProblem(f"{address} is on the desk already; choose another address")
    return _insert(connection, address, name, Role(role), at, organization_id)


def issue_token(connection: Connection, *, email: str, at: datetime, life: timedelta | None = None) -> str:
    """Create a token for a person; it is stored only as a hash and cannot be shown again. Raises PeopleProblem.

    It has the rights that its person has when it is used, and does not expire without `life`.
    """
    person = _require_person(connection, email)
    token = secrets.token_urlsafe(32)
    expires_at = None if life is None else at + life
    row = {"user_id": person["id"], "token_hash": _hash(token), "created_at": at, "expires_at": expires_at}
    connection.execute(insert(tokens).values(**row))
    return token


def load_tokens(connection: Connection, *, email: str) -> Sequence[RowMapping]:
    """A person's tokens, the oldest first. Raises PeopleProblem."""
    person = _require_person(connection, email)
    query = select(tokens).where(tokens.c.user_id == person["id"]).order_by(tokens.c.id)
    return connection.execute(query).mappings().all()


def revoke_tokens(connection: Connection, *, email: str, at: datetime, number: int | None = None) -> int:
    """Revoke a person's tokens, or one of them; return the number revoked. Raises PeopleProblem."""
    person = _require_person(connection, email)
    valid = update(tokens).where(tokens.c.user_id == person["id"], tokens.c.revoked_at.is_(None))
    wanted = valid if number is None else valid.where(tokens.c.id == number)
    return int(connection.execute(wanted.values(revoked_at=at)).rowcount)


def authenticate(connection: Connection, token: str, email: str | None, now: datetime) -> Actor | None:
    """Return the token's person; None if it is unknown, revoked, expired, or not of the person named."""
    wanted = _hash(token)
    found = connection.execute(
        select(tokens.c.token_hash, tokens.c.expires_at, tokens.c.revoked_at, users.c.id, users.c.role, users.c.email)
        .join(users, users.c.id == tokens.c.user_id)
        .where(tokens.c.token_hash == wanted)
    ).one_or_none()
    if found is None or not hmac.compare_digest(found.token_hash, wanted) or found.revoked_at is not None:
        return None
    if found.expires_at is not None and found.expires_at <= now:
        return None
    if email is not None and found.email not in (email_key(email), former_email_key(email)):
        return None
    return Actor(found.id, Role(found.role))


def load_actor(connection: Connection, person_id: int) -> Actor:
    """Return a person as an actor. Raises PeopleProblem if there is none."""
    person = find_by_id(connection, person_id)
    if person is None:
        raise PeopleProblem(f"nobody on the desk has the id {person_id}")
    return Actor(person["id"], Role(person["role"]))


def find_by_email(connection: Connection, email: str) -> RowMapping | None:
    """Return the person with an address; exactly this one if two people have kept addresses that look alike."""
    former, key = former_email_key(email), email_key(email)
    wanted = select(users).where(users.c.email.in_({former, key} - {None}))
    found = {row["email"]: row for row in connection.execute(wanted).mappings()}
    return found.get(former) or found.get(key or "")


def find_by_id(connection: Connection, person_id: int) -> RowMapping | None:
    """The person with an id."""
    return connection.execute(select(users).where(users.c.id == person_id)).mappings().one_or_none()


def load_people(connection: Connection, ids: Iterable[int | None]) -> Sequence[RowMapping]:
    """Return the people with these ids, in the order of their ids."""
    wanted = sorted({each for each in ids if each is not None})
    return connection.execute(select(users).where(users.c.id.in_(wanted)).order_by(users.c.id)).mappings().all()


def find_organization(connection: Connection, name: str) -> int | None:
    """Return the id of the organisation with a name, regardless of case and spaces; None if there is none."""
    query = select(organizations.c.id).where(organizations.c.name_key == _one_line(name).casefold())
    found: int | None = connection.execute(query).scalar_one_or_none()
    return found


def find_or_add_organization(connection: Connection, name: str, at: datetime) -> int:
    """Return the id of the organisation with a name, adding it if there is none.

    Raises PeopleProblem for a blank name.
    """
    found = find_organization(connection, name)
    if found is not None:
        return found
    shown = _one_line(name)
    if not shown:
        raise PeopleProblem("the name of the organisation is blank; give one")
    row = {"name": shown, "name_key": shown.casefold(), "created_at": at, "updated_at": at}
    made = connection.execute(insert(organizations).values(**row)).inserted_primary_key
    assert made is not None
    return int(made[0])


def load_organizations(connection: Connection, ids: Iterable[int | None]) -> Sequence[RowMapping]:
    """Return the organisations with these ids, in the order of their ids."""
    wanted = sorted({each for each in ids if each is not None})
    query = select(organizations).where(organizations.c.id.in_(wanted)).order_by(organizations.c.id)
    return connection.execute(query).mappings().all() if wanted else ()


def is_named(text: str) -> ColumnElement[bool]:
    """Return the condition for people whose name or address contains a text; `email:` matches exactly that address."""
    if text.startswith("email:"):
        address = text.removeprefix("email:").strip('" ')
        return users.c.email.in_([each for each in (email_key(address), former_email_key(address)) if each])
    return or_(users.c.name.icontains(text, autoescape=True), users.c.email.icontains(text, autoescape=True))


def find_or_add_requester(connection: Connection, email: str, name: str | None, at: datetime) -> int:
    """Return the id of the person with an address, adding an unknown one as an end user. Raises RecordInvalid."""
    found = find_by_email(connection, email)
    if found is not None:
        return int(found["id"])
    address = email_key(email)
    if address is None:
        raise RecordInvalid("requester", f"Requester: Email: {email} is not properly formatted")
    return _insert(connection, address, name or address.partition("@")[0], Role.END_USER, at)


def require_agent(connection: Connection, person_id: int, field: str) -> int:
    """Return the id if it is an agent's. Raises RecordInvalid."""
    person = find_by_id(connection, person_id)
    if person is None or person["role"] not in _AGENTS:
        raise RecordInvalid(
            field, f"{field.removesuffix('_id').capitalize()}: {person_id} is not an agent of this desk"
        )
    return person_id


def is_last_admin(connection: Connection, person_id: int) -> bool:
    """Whether nobody else is an admin; call it within the transaction that changes the person."""
    query = select(users.c.id).where(users.c.role == Role.ADMIN.value).limit(2)
    return [row.id for row in connection.execute(query)] == [person_id]


def change_user(connection: Connection, person_id: int, values: dict[str, object], at: datetime) -> None:
    """Change some of a person's fields."""
    connection.execute(update(users).where(users.c.id == person_id).values(updated_at=at, **values))


def _require_person(connection: Connection, email: str) -> RowMapping:
    person = find_by_email(connection, email)
    if person is None:
        raise PeopleProblem(f"nobody on the desk has the address {email}; add them first: supporttui desk add-user")
    return person


def _insert(
    connection: Connection, address: str, name: str, role: Role, at: datetime, organization_id: int | None = None
) -> int:
    row = {
        "email": address,
        "name": name[:NAME_MAX],
        "role": role.value,
        "created_at": at,
        "updated_at": at,
        "organization_id": organization_id,
    }
    key = connection.execute(insert(users).values(**row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _one_line(name: str) -> str:
    return " ".join(name.split())[:NAME_MAX]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
