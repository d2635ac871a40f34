"""Administering a desk by its database, whether it is being served or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from supporttui.domain.ticket import Role
from supporttui.server.database import open_database, read, write
from supporttui.server.people import (
    add_user,
    find_or_add_organization,
    issue_token,
    load_tokens,
    revoke_tokens,
)


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token's metadata; the token itself is stored only as a hash."""

    number: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def add_person(
    database: str, *, email: str, name: str, role: Role, at: datetime, organization: str | None = None
) -> None:
    """Add a person to a desk, and their organisation where it is not there. Raises PeopleProblem, DatabaseUnusable."""
    with _opened(database) as engine, write(engine) as connection:
        belongs_to = None if organization is None else find_or_add_organization(connection, organization, at)
        add_user(connection, email=email, name=name, role=role, at=at, organization_id=belongs_to)


def make_token(database: str, *, email: str, at: datetime, life: timedelta | None = None) -> str:
    """Make a token for a person. Raises PeopleProblem, DatabaseUnusable."""
    with _opened(database) as engine, write(engine) as connection:
        return issue_token(connection, email=email, at=at, life=life)


def list_tokens(database: str, *, email: str) -> list[TokenRecord]:
    """A person's tokens, the oldest first. Raises PeopleProblem, DatabaseUnusable."""
    with _opened(database) as engine, read(engine) as connection:
        rows = load_tokens(connection, email=email)
        return [TokenRecord(row["id"], row["created_at"], row["expires_at"], row["revoked_at"]) for row in rows]


def revoke(database: str, *, email: str, at: datetime, number: int | None = None) -> int:
    """Revoke a person's tokens, or one of them; the number revoked. Raises PeopleProblem, DatabaseUnusable."""
    with _opened(database) as engine, write(engine) as connection:
        return revoke_tokens(connection, email=email, at=at, number=number)


@contextmanager
def _opened(database: str) -> Iterator[Engine]:
    engine = open_database(database)
    try:
        yield engine
    finally:
        engine.dispose()
