"""A client that others wrote works a ticket on our desk, as it would at Zendesk."""

import io
from collections.abc import Iterator

import pytest
from zenpy import Zenpy  # type: ignore[import-untyped] # it has no types, nor has anybody written them
from zenpy.lib.api_objects import Comment, Request, Ticket, User  # type: ignore[import-untyped] # see above
from zenpy.lib.exception import APIException, RecordNotFoundException  # type: ignore[import-untyped] # see above

from support.desks.embedded_desk import DeskWithRoles, new_ticket


@pytest.fixture
def zenpy(desk: DeskWithRoles, monkeypatch: pytest.MonkeyPatch) -> Iterator[Zenpy]:
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")
    monkeypatch.setenv("ZENPY_FORCE_NETLOC", desk.address.removeprefix("http://"))
    agent = desk.people["bo"]
    client = Zenpy(subdomain="acme", email=agent.email, token=agent.token, disable_cache=True)
    yield client
    client.tickets.session.close()


@pytest.fixture
def requester(zenpy: Zenpy, desk: DeskWithRoles) -> Iterator[Zenpy]:
    """The same client as an end user."""
    customer = desk.people["cy"]
    client = Zenpy(subdomain="acme", email=customer.email, token=customer.token, disable_cache=True)
    yield client
    client.requests.session.close()


def test_zenpy_works_a_ticket_from_submission_to_closing(zenpy: Zenpy, desk: DeskWithRoles) -> None:
    audit = zenpy.tickets.create(
        Ticket(
            subject="Board does not load",
            comment=Comment(body="Since ten o'clock."),
            requester=User(name="Cy", email="cy@example.com"),
            priority="urgent",
        )
    )
    ticket = audit.ticket
    assert (ticket.subject, ticket.status, ticket.priority) == ("Board does not load", "new", "urgent")

    read = zenpy.tickets(id=ticket.id)
    assert read.requester.email == "cy@example.com"
    assert read.description == "Since ten o'clock."

    read.comment = Comment(body="We are on it.", public=True)
    read.assignee_id = desk.people["bo"].id
    replied = zenpy.tickets.update(read).ticket
    assert replied.status == "open"
    assert [each.body for each in zenpy.tickets.comments(ticket=ticket.id)] == ["Since ten o'clock.", "We are on it."]
    assert zenpy.tickets.metrics(ticket.id).replies == 1

    for status in ("pending", "hold", "solved"):
        zenpy.tickets.update(Ticket(id=ticket.id, status=status))
    assert zenpy.tickets(id=ticket.id).status == "solved"
    assert [each.author.name for each in zenpy.tickets.audits(ticket=ticket.id)] == ["Bo"] * 5


def test_zenpy_is_refused_on_a_stale_stamp(zenpy: Zenpy, desk: DeskWithRoles) -> None:
    ticket = new_ticket(desk.client("bo"))
    stale = {"safe_update": True, "updated_stamp": ticket["updated_at"]}
    zenpy.tickets.update(Ticket(id=ticket["id"], comment=Comment(body="first"), **stale))
    with pytest.raises(APIException) as refused:
        zenpy.tickets.update(Ticket(id=ticket["id"], comment=Comment(body="second"), **stale))
    assert refused.value.response.status_code == 409
    assert refused.value.response.json()["error"] == "UpdateConflict"
    assert len(list(zenpy.tickets.comments(ticket=ticket["id"]))) == 2


def test_zenpy_is_told_why_a_move_is_refused(zenpy: Zenpy, desk: DeskWithRoles) -> None:
    ticket = new_ticket(desk.client("bo"))
    zenpy.tickets.update(Ticket(id=ticket["id"], status="solved"))
    with pytest.raises(APIException, match="solved cannot become pending; allowed from here: open"):
        zenpy.tickets.update(Ticket(id=ticket["id"], status="pending"))
    with pytest.raises(RecordNotFoundException):
        zenpy.tickets(id=4711)


@pytest.mark.parametrize("paging", [True, 25, False])
def test_zenpy_lists_to_the_end(zenpy: Zenpy, desk: DeskWithRoles, paging: bool | int) -> None:
    ids = [new_ticket(desk.client("bo"), f"T{number}")["id"] for number in range(103)]
    assert [each.id for each in zenpy.tickets(cursor_pagination=paging)] == ids


def test_zenpy_exports_to_the_end(zenpy: Zenpy, desk: DeskWithRoles) -> None:
    ids = [new_ticket(desk.client("bo"), f"T{number}")["id"] for number in range(30)]
    found = zenpy.tickets.incremental(start_time=1, paginate_by_time=False, per_page=7)
    assert [each.id for each in found] == ids


def test_zenpy_attaches_a_file_and_reads_it_back(zenpy: Zenpy, desk: DeskWithRoles) -> None:
    ticket = new_ticket(desk.client("bo"))
    upload = zenpy.attachments.upload(io.BytesIO(b"stack trace"), target_name="trace.txt")
    zenpy.tickets.update(Ticket(id=ticket["id"], comment=Comment(body="see the trace", uploads=[upload.token])))
    *_, comment = zenpy.tickets.comments(ticket=ticket["id"])
    assert [each.file_name for each in comment.attachments] == ["trace.txt"]


def test_zenpy_searches_and_finds_people(zenpy: Zenpy, desk: DeskWithRoles) -> None:
    ticket = new_ticket(desk.client("bo"), "Printer on fire")
    assert [each.id for each in zenpy.search("fire", type="ticket", status="new")] == [ticket["id"]]
    assert [each.name for each in zenpy.users(role=["agent", "admin"])] == ["Ada", "Bo"]
    assert zenpy.users.me().email == "bo@example.com"
    zenpy.tickets.delete(Ticket(id=ticket["id"]))
    assert list(zenpy.tickets()) == []


def test_zenpy_works_as_a_requester_from_submission_to_reopening(
    zenpy: Zenpy, requester: Zenpy, desk: DeskWithRoles
) -> None:
    upload = requester.attachments.upload(io.BytesIO(b"picture"), target_name="screen.png")
    first = Comment(body="Since ten o'clock.", uploads=[upload.token])
    mine = requester.requests.create(Request(subject="Board does not load", priority="urgent", comment=first))
    assert (mine.status, mine.can_be_solved_by_me) == ("new", True)
    new_ticket(desk.client("dee"))

    answer = Comment(body="Which browser?", public=True)
    zenpy.tickets.update(Ticket(id=mine.id, comment=Comment(body="rude one", public=False)))
    zenpy.tickets.update(Ticket(id=mine.id, status="pending", comment=answer))
    assert [(each.id, each.status) for each in requester.requests()] == [(mine.id, "pending")]
    assert [each.body for each in requester.requests.comments(mine.id)] == ["Since ten o'clock.", "Which browser?"]

    for fields, status in (
        ({"comment": Comment(body="Firefox.")}, "open"),
        ({"solved": True}, "solved"),
        ({"comment": Comment(body="It is back.")}, "open"),
    ):
        assert requester.requests.update(Request(id=mine.id, **fields)).status == status
    assert [each.id for each in requester.requests.open()] == [mine.id]
    assert [each.id for each in requester.requests.search("firefox")] == [mine.id]
    with pytest.raises(APIException):
        list(requester.tickets())
