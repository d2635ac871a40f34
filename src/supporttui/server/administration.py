"""Administering a desk by its database, whether it is being served or not."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from supporttui.domain.ticket import Role
from supporttui.server.database import DatabaseUnusable, open_database, write
from supporttui.server.people import add_user, issue_token


def add_person(database: str, *, email: str, name: str, role: Role, at: datetime) -> None:
    """Add a person to a desk. Raises PeopleProblem, DatabaseUnusable."""
    engine = open_database(database)
    try:
        with write(engine) as connection:
            add_user(connection, email=email, name=name, role=role, at=at)
    finally:
        engine.dispose()


def make_token(database: str, *, email: str, at: datetime) -> str:
    """Make a token for a person. Raises PeopleProblem, DatabaseUnusable."""
    engine = open_database(database)
    try:
        with write(engine) as connection:
            return issue_token(connection, email=email, at=at)
    finally:
        engine.dispose()


def folder_of(database: str) -> Path:
    """The folder in which a database's file lies. Raises DatabaseUnusable where the URL names none."""
    try:
        file = make_url(database).database
    except ArgumentError as problem:
        raise DatabaseUnusable(
            f"{database!r} is not a database URL; write it like sqlite:////path/to/desk.db"
        ) from problem
    if not file:
        raise DatabaseUnusable("a desk needs a database file; write its URL like sqlite:////path/to/desk.db")
    return Path(file).absolute().parent
