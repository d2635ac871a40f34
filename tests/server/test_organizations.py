"""Organisations: for whom people work, by id and by name, beside tickets and people, and in the search."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.command_line import run_command
from support.desks.embedded_desk import DeskWithRoles, new_ticket, serve_desk_with_roles
from supporttui.server.database import open_database, read
from supporttui.server.people import find_by_email, find_organization


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskWithRoles]:
    with serve_desk_with_roles(tmp_path) as found:
        yield found


def employ(desk: DeskWithRoles, name: str, **fields: Any) -> httpx.Response:
    return desk.client("bo").put(f"/api/v2/users/{desk.people[name].id}", json={"user": fields})


def test_a_person_belongs_to_an_organisation_by_its_name_or_its_id(desk: DeskWithRoles) -> None:
    agent = desk.client("bo")
    by_name = employ(desk, "cy", organization={"name": "Acme  Robotics"}).json()["user"]["organization_id"]
    assert employ(desk, "dee", organization={"name": "acme robotics"}).json()["user"]["organization_id"] == by_name
    assert agent.get(f"/api/v2/organizations/{by_name}").json()["organization"]["name"] == "Acme Robotics"
    made = agent.post("/api/v2/organizations", json={"organization": {"name": "Hooli"}}).json()["organization"]["id"]
    assert employ(desk, "dee", organization_id=str(made)).json()["user"]["organization_id"] == made
    new = {"name": "N", "email": "n@example.com", "organization_id": made}
    assert agent.post("/api/v2/users", json={"user": new}).json()["user"]["organization_id"] == made
    listed = agent.get("/api/v2/organizations").json()["organizations"]
    assert [(each["id"], each["name"]) for each in listed] == [(by_name, "Acme Robotics"), (made, "Hooli")]
    assert employ(desk, "dee", organization_id=None).json()["user"]["organization_id"] is None


def test_what_is_no_organisation_is_refused(desk: DeskWithRoles) -> None:
    agent = desk.client("bo")
    for fields in ({"organization_id": 77}, {"organization": {"name": " "}}):
        assert employ(desk, "cy", **fields).status_code == 422
    agent.post("/api/v2/organizations", json={"organization": {"name": "Hooli"}})
    for taken in ({"name": "hooli"}, {"name": "New", "domain_names": ["a.example"]}):
        assert agent.post("/api/v2/organizations", json={"organization": taken}).status_code == 422
    assert agent.get("/api/v2/organizations/show_many?ids=1,77").json()["count"] == 1


def test_organisations_stand_beside_tickets_and_people_where_they_are_asked_for(desk: DeskWithRoles) -> None:
    number = employ(desk, "cy", organization={"name": "Acme"}).json()["user"]["organization_id"]
    agent, cy = desk.client("bo"), desk.people["cy"].id
    ticket = new_ticket(desk.client("cy"))["id"]
    for path in (
        f"tickets/{ticket}?include=organizations",
        "tickets?include=users,organizations",
        f"tickets/show_many?ids={ticket}&include=organizations",
        "incremental/tickets/cursor?start_time=0&include=users,organizations",
        "search?query=printer&include=organizations",
        "views/3/tickets?include=organizations",
        f"users/show_many?ids={cy}&include=organizations",
        "users?include=organizations",
        "users/search?query=cy&include=organizations",
    ):
        sent = agent.get(f"/api/v2/{path}").json()
        assert [(each["id"], each["name"]) for each in sent["organizations"]] == [(number, "Acme")], path
    assert "organizations" not in agent.get("/api/v2/tickets?include=users").json()


def test_customers_see_their_own_organisation_only(desk: DeskWithRoles) -> None:
    number = employ(desk, "cy", organization={"name": "Acme"}).json()["user"]["organization_id"]
    assert desk.client("cy").get("/api/v2/users/me").json()["user"]["organization_id"] == number
    assert desk.client("dee").get("/api/v2/users/me").json()["user"]["organization_id"] is None


def test_tickets_are_searched_by_organisation(desk: DeskWithRoles) -> None:
    number = employ(desk, "cy", organization={"name": "Acme"}).json()["user"]["organization_id"]
    of_cy, of_dee = new_ticket(desk.client("cy"))["id"], new_ticket(desk.client("dee"))["id"]
    for query, found in (
        ("organization:acm", {of_cy}),
        (f"organization:{number}", {of_cy}),
        ("-organization:acme", {of_dee}),
        ("organization:none", {of_dee}),
        ("organization:hooli", set()),
    ):
        sent = desk.client("bo").get("/api/v2/search", params={"query": query})
        assert {each["id"] for each in sent.json()["results"]} == found, query


def test_a_person_is_added_with_an_organisation_on_the_command_line(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    who = ("--email", "ann@acme.example", "--name", "Ann", "--role", "end-user", "--organization", "Acme")
    assert run_command("desk", "add-user", *who, "--database", database).code == 0
    engine = open_database(database)
    with read(engine) as connection:
        ann = find_by_email(connection, "ann@acme.example")
        assert ann is not None
        assert ann["organization_id"] == find_organization(connection, "acme")
    engine.dispose()
