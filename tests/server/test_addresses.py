"""One address is one account, whatever it looks like when it is written, and somebody stays admin."""

import importlib.resources
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, select, update

from support.desks.embedded_desk import DeskWithRoles, serve_desk_with_roles
from supporttui.server.database import open_database, read, write
from supporttui.server.email_addresses import email_key
from supporttui.server.people import PeopleProblem, add_user, authenticate, find_by_email, issue_token
from supporttui.server.schema import users

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        (" ada@example.com\n", "ada@example.com"),
        ("\uff41\uff44\uff41\uff20example\uff0ecom", "ada@example.com"),
        ("ada@example\u3002com", "ada@example.com"),
        ("ada@example\uff61com", "ada@example.com"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("stra\xdfe@example.com", "strasse@example.com"),
        ("ma\u0308x@example.com", "m\xe4x@example.com"),
        ("\u0406@example.com", "\u0456@example.com"),
        ("a\u0345@example.com", "a\u03b9@example.com"),
        *((f"ad{hidden}a@example.com", None) for hidden in "\x1b\x00\x7f\x9b\u200b\u200d\u2060\ufeff\xad\u202e\u2028"),
        *((f"ad{hidden}a@example.com", None) for hidden in "\u034f\u115f\u3164\ufe0f\u2800\U000e0001\ue000\u180e"),
        ("ada", None),
        ("a b@example.com", None),
        ("x" * 255 + "@example.com", None),
        ("\ufdfa" * 200 + "@example.com", None),
    ],
)
def test_an_address_has_one_form(written: str, key: str | None) -> None:
    assert email_key(written) == key
    assert key is None or email_key(key) == key


@pytest.mark.parametrize("lookalike", ["ADA@example.com", "\uff41da@example.com", "ada@\uff45xample.com"])
def test_a_lookalike_is_the_same_person(desk: DeskWithRoles, admin: httpx.Client, lookalike: str) -> None:
    ada = desk.people["ada"].id
    for sent in (
        admin.post("/api/v2/users", json={"user": {"name": "Eve", "email": lookalike}}),
        admin.post("/api/v2/users/create_or_update", json={"user": {"name": "Ada", "email": lookalike}}),
        admin.get("/api/v2/users/search", params={"query": f"email:{lookalike}"}),
    ):
        assert sent.status_code in (200, 422)
    ticket = {"subject": "s", "comment": {"body": "b"}, "requester": {"email": lookalike}}
    assert admin.post("/api/v2/tickets", json={"ticket": ticket}).json()["ticket"]["requester_id"] == ada
    assert admin.get("/api/v2/users").json()["count"] == 4
    basic = httpx.BasicAuth(f"{lookalike}/token".encode(), desk.people["ada"].token)
    assert desk.client("nobody").get("/api/v2/users/me", auth=basic).json()["user"]["id"] == ada


@pytest.mark.parametrize("address", ["a\x1bda@example.com", "ada\u200b@example.com"])
def test_an_address_with_what_is_not_seen_is_refused(desk: DeskWithRoles, admin: httpx.Client, address: str) -> None:
    assert admin.post("/api/v2/users", json={"user": {"name": "Eve", "email": address}}).status_code == 422
    ticket = {"subject": "s", "comment": {"body": "b"}, "requester": {"email": address}}
    assert admin.post("/api/v2/tickets", json={"ticket": ticket}).status_code == 422
    assert admin.get("/api/v2/users").json()["count"] == 4


def downgrade(connection: Connection, version: str) -> None:
    """Make the database what an earlier version has left."""
    config = Config()
    config.set_main_option("script_location", str(importlib.resources.files("supporttui.server") / "migrations"))
    config.attributes["connection"] = connection
    command.downgrade(config, version)


def test_accounts_of_an_earlier_version_keep_working(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    engine = open_database(url)
    stored = ["ada@example.com", "\uff41da@example.com", "stra\xdfe@example.com", "a\u200bb@example.com"]
    with write(engine) as connection:
        for address in stored:
            row = {"name": "N", "email": address, "role": "end-user", "created_at": AT, "updated_at": AT}
            connection.execute(insert(users).values(**row))
        tokens = [issue_token(connection, email=address, at=AT) for address in stored]
        downgrade(connection, "0001")
    engine.dispose()
    engine = open_database(url)
    with write(engine) as connection:
        now = [connection.execute(select(users.c.email).order_by(users.c.id)).scalars().all()]
        assert now == [["ada@example.com", "\uff41da@example.com", "strasse@example.com", "a\u200bb@example.com"]]
        for number, address in enumerate(stored, start=1):
            actor = authenticate(connection, tokens[number - 1], address, AT)
            assert actor is not None
            person = find_by_email(connection, address)
            assert person is not None
            assert (actor.id, person["id"]) == (number, number)
        for address in ("\uff21DA@example.com", "STRASSE@example.com"):
            with pytest.raises(PeopleProblem):
                add_user(connection, email=address, name="Eve", role="end-user", at=AT)
    engine.dispose()


def test_the_last_admin_stays_one(desk: DeskWithRoles, admin: httpx.Client) -> None:
    ada, bo = desk.people["ada"], desk.people["bo"]
    for sent in (
        admin.put(f"/api/v2/users/{ada.id}", json={"user": {"role": "agent"}}),
        admin.post("/api/v2/users/create_or_update", json={"user": {"email": ada.email, "role": "end-user"}}),
        admin.put(f"/api/v2/users/{ada.id}", json={"user": {"suspended": True}}),
    ):
        assert sent.status_code == 422
    assert admin.put(f"/api/v2/users/{bo.id}", json={"user": {"role": "admin"}}).status_code == 200
    assert admin.put(f"/api/v2/users/{ada.id}", json={"user": {"role": "agent"}}).status_code == 200
    assert desk.client("bo").put(f"/api/v2/users/{bo.id}", json={"user": {"role": "agent"}}).status_code == 422


def test_one_who_was_an_admin_when_they_asked_does_not_take_the_last_one_away(tmp_path: Path) -> None:
    with serve_desk_with_roles(tmp_path) as desk:
        with write(desk.engine) as connection:
            connection.execute(update(users).values(role="admin"))
        for name in ("ada", "bo", "cy", "dee"):
            person = desk.people[name].id
            desk.client(name).put(f"/api/v2/users/{person}", json={"user": {"role": "end-user"}})
        with read(desk.engine) as connection:
            admins = connection.execute(select(users.c.id).where(users.c.role == "admin")).scalars().all()
        assert admins == [desk.people["dee"].id]
