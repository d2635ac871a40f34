"""Odd values of single fields: what can be read is read, and the rest costs nothing else."""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from support.canary import secret
from support.desks.sample_answers import ANSWERS, STAMP, audit, comment, encoded, person, ticket
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, serve_script
from support.sample_values import DESK, ticket_key, ticket_keys
from supporttui.domain.ticket import Conversation, Person, Role, Status, Ticket
from supporttui.helpdesks.base import ChangePage
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

T = TypeVar("T")
STAMPED_AT = datetime(2026, 11, 23, 14, tzinfo=UTC)
Opened = tuple[Ticket, Conversation, tuple[Person, ...]]


def call(answers: dict[str, Any], action: Callable[[ZendeskDesk], Awaitable[T]]) -> T:
    """Do something with a desk that gives the good answers, but for these."""
    given = ANSWERS | answers

    def script(request: ReceivedRequest) -> ScriptedResponse:
        found = given.get(request.path.removesuffix(".json"))
        return ScriptedResponse(404) if found is None else ScriptedResponse(200, encoded(found))

    async def run(url: str) -> T:
        desk = ZendeskDesk(name=DESK, url=url, email="kim@desk.example", token=secret("odd"))
        try:
            return await action(desk)
        finally:
            await desk.close()

    with serve_script(script) as server:
        return asyncio.run(run(server.url))


def opened(**changes: Any) -> Opened:
    """Ticket 1, of which the answer with this name has these values in place of its own."""
    paths = {
        "ticket": "/api/v2/tickets/1",
        "comments": "/api/v2/tickets/1/comments",
        "audits": "/api/v2/tickets/1/audits",
    }
    answers = {paths[name]: {**copy.deepcopy(ANSWERS[paths[name]]), **change} for name, change in changes.items()}
    return call(answers, lambda desk: desk.fetch_conversation(ticket_key(1)))


def listed(*sent: object, **page: Any) -> ChangePage:
    """A page of the export with these tickets."""
    path = "/api/v2/incremental/tickets/cursor"
    return call({path: {**ANSWERS[path], "tickets": sent, **page}}, lambda desk: desk.fetch_changes("export:c"))


def one(**changes: Any) -> Ticket:
    """The ticket of a list that has these values in place of its own."""
    page = listed(ticket(1), {**ticket(2), **changes}, ticket(3))
    assert [each.id for each in page.tickets] == ticket_keys(1, 2, 3)
    return page.tickets[1]


@pytest.mark.parametrize(
    "event",
    [
        None, [], "Change", 7, {}, {"type": None}, {"type": ["Change"]}, {"type": "Change", "field_name": None},
        {"type": "Change", "field_name": "custom_7", "value": {"a": [1]}, "previous_value": [[]]},
        {"type": "Comment", "attachments": {}, "body": None, "id": "12"}, {"type": "VoiceComment", "data": {"to": 1}},
        {"type": "CommentRedactionEvent", "comment_id": 10**30}, {"type": "Cc", "recipients": None},
        {"type": "ChatStartedEvent", "value": {"history": [{"type": "ChatJoin"}]}, "body": {"a": 1}},
        {"type": "KnowledgeLinked", "body": {"locale": "en", "article": {"id": 1}}},
        {"type": "SatisfactionRating", "score": None, "body": [], "assignee_id": "x"},
    ],
)  # fmt: skip
def test_an_odd_event_of_an_audit_costs_no_other_event_and_no_message(event: object) -> None:
    sent = [audit(1), {**audit(2), "events": [event, *audit(2)["events"]]}, audit(3)]
    _ticket, conversation, _people = opened(audits={"audits": sent})
    assert [each.id for each in conversation.messages] == [1, 2, 3]
    renamed = [each.after.raw for each in conversation.history if each.field == "subject" and each.after is not None]
    assert renamed == ["s1", "s2", "s3"]


@pytest.mark.parametrize(
    "field", [{"events": {}}, {"events": None}, {"created_at": ""}, {"via": None}, {"author_id": -1}, {"metadata": []}]
)
def test_an_odd_audit_costs_no_other_audit(field: dict[str, Any]) -> None:
    _ticket, conversation, _people = opened(audits={"audits": [audit(1), {**audit(2), **field}, audit(3)]})
    renamed = {each.after.raw for each in conversation.history if each.field == "subject" and each.after is not None}
    assert {"s1", "s3"} <= renamed
    assert conversation.last_audit_id == 3


@pytest.mark.parametrize(
    "users",
    [
        None, {}, "none", [None], [[]], [{}], [{"id": None}], [{**person(7), "name": None, "role": None}],
        [{**person(7), "id": -7}], [{**person(7), "email": False, "verified": "yes", "created_at": 0}],
    ],
)  # fmt: skip
def test_odd_people_beside_a_ticket_cost_no_message(users: object) -> None:
    _ticket, conversation, _people = opened(**{name: {"users": users} for name in ("ticket", "comments", "audits")})
    assert [each.body.raw for each in conversation.messages] == ["b", "b", "b"]


def test_a_person_who_comes_twice_or_with_a_written_number_is_one() -> None:
    users = [{**person(7), "name": "first"}, {**person(7), "id": "7", "role": "end-user"}, person(8)]
    page = listed(ticket(1), users=users)
    assert [each.id for each in page.people] == [7, 7, 8]
    assert page.people[1].role is Role.END_USER


@pytest.mark.parametrize(
    "via", [None, {}, [], "web", {"channel": None}, {"channel": 4}, {"channel": "web", "source": None}]
)
def test_an_odd_channel_costs_neither_the_ticket_nor_its_message(via: object) -> None:
    found, conversation, _people = opened(
        ticket={"ticket": {**ticket(1), "via": via}}, comments={"comments": [{**comment(1), "via": via}]}
    )
    assert (found.subject.raw, conversation.messages[0].body.raw) == ("s", "b")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"requester_id": "7"}, {"requester_id": 7}),
        ({"assignee_id": "8", "group_id": "5"}, {"assignee_id": 8}),
        ({"assignee_id": ""}, {"assignee_id": None}),
        ({"requester_id": 7.0}, {"requester_id": 7}),
        ({"is_public": "false", "metric_set": None}, {"is_logged_by_agent": True}),
        ({"is_public": "true"}, {"is_logged_by_agent": False}),
        ({"id": "2"}, {"subject": "s"}),
        ({"metric_set": {"replies": "1", "reply_time_in_minutes": {"calendar": "3"}}}, {"severity": 2}),
    ],
)
def test_numbers_and_truth_values_that_come_as_text_are_read(written: dict[str, Any], read: dict[str, Any]) -> None:
    found = one(**written)
    assert {name: getattr(getattr(found, name), "raw", getattr(found, name)) for name in read} == read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-11-23T09:00:00-05:00", STAMPED_AT),
        ("2026-11-23T14:00:00", STAMPED_AT),
        ("2026-11-23 14:00:00Z", STAMPED_AT),
        ("2026-11-23T14:00:00.000000000Z", STAMPED_AT),
        ("", datetime(2026, 11, 20, tzinfo=UTC)),
        ("0000-00-00T00:00:00Z", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-02-30T14:00:00Z", datetime(2026, 11, 20, tzinfo=UTC)),
        ("9999-12-31T23:59:59-14:00", datetime(2026, 11, 20, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", datetime(2026, 11, 20, tzinfo=UTC)),
        (1763906400, datetime(2026, 11, 20, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 20, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_a_time_is_read_in_utc_wherever_this_machine_stands(
    sent: object, read: datetime, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    assert one(created_at=sent, updated_at="2026-11-20T00:00:00Z").created_at == read


@pytest.mark.parametrize("year", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z"])
def test_a_time_at_the_end_of_the_calendar_costs_nothing(year: str) -> None:
    found = one(created_at=year, updated_at=year)
    assert (found.subject.raw, f"{found.created_at:%m-%d}") == ("s", year[5:10])
    _ticket, conversation, _people = opened(comments={"comments": [{**comment(1), "created_at": year}]})
    assert conversation.messages[0].body.raw == "b"


def test_a_history_without_offsets_is_compared_and_continued() -> None:
    naive = [{**each, "created_at": each["created_at"].removesuffix("Z")} for each in (audit(1), audit(2), audit(3))]
    page = listed({**ticket(1), "created_at": STAMP, "updated_at": STAMP})
    answers = {"/api/v2/tickets/1/audits": {"audits": naive, "meta": {"has_more": False}}}
    found = call(answers, lambda desk: desk.refresh_conversation(page.tickets[0], None, ()))
    assert len(found[1].messages) == 3


@pytest.mark.parametrize(
    "slas",
    [
        {"policy_metrics": [{"metric": "first_reply_time", "stage": "active", "breach_at": "9999-12-31T23:59:59-14"}]},
        {"policy_metrics": {}}, {"policy_metrics": [None, [], {"metric": None}]}, [], "gold", {"policy_metrics": "x"},
    ],
)  # fmt: skip
def test_odd_clocks_of_the_desk_cost_no_ticket(slas: object) -> None:
    assert one(slas=slas).status is Status.OPEN


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        (["a", None, 5, "b"], ["a", "b"]), ("a b", []), ({}, []), ([["a"]], []), (["a", "a"], ["a", "a"]), ([""], [""]),
    ],
)  # fmt: skip
def test_of_odd_tags_those_are_kept_that_are_text(tags: object, kept: list[str]) -> None:
    assert [each.raw for each in one(tags=tags).tags] == kept


def test_a_ticket_that_comes_twice_or_with_an_odd_number_costs_no_other() -> None:
    sent = [ticket(1), {**ticket(1), "subject": "again", "raw_subject": "again"}, {**ticket(4), "id": 2**63 - 1}]
    numbers: list[object] = [None, "x", True, [], -5, 0, 2**63, 10**40]
    page = listed(*sent, *({**ticket(5), "id": odd} for odd in numbers), None, 7, [])
    assert [each.id.id for each in page.tickets] == ["1", "1", str(2**63 - 1)]
    assert set(ticket_keys(0, -5)) <= set(page.unreadable_ids), "what has no number is counted too"


@pytest.mark.parametrize(
    ("public", "is_public", "unreadable"),
    [("true", True, ()), ("false", False, ()), (None, False, ("visibility",)), (0, False, ("visibility",))],
)
def test_who_sees_a_message_is_never_guessed(public: object, is_public: bool, unreadable: tuple[str, ...]) -> None:
    _ticket, conversation, _people = opened(comments={"comments": [{**comment(1), "public": public}]})
    message = conversation.messages[0]
    assert (message.is_public, message.unreadable) == (is_public, unreadable)


@pytest.mark.parametrize(
    "file",
    [
        {"id": "1"}, {"size": "12"}, {"size": -1}, {"size": 10**30}, {"file_name": None}, {"content_url": None},
        {"inline": "true"}, {"thumbnails": {}}, {"width": "x"}, {"content_type": None}, {"deleted": None},
    ],
)  # fmt: skip
def test_an_odd_file_costs_neither_its_message_nor_the_other_file(file: dict[str, Any]) -> None:
    good = comment(1)["attachments"][0]
    files = [{**good, **file}, {**good, "id": 2}]
    _ticket, conversation, _people = opened(comments={"comments": [{**comment(1), "attachments": files}]})
    assert [each.id for each in conversation.messages[0].attachments] == [1, 2]


@pytest.mark.parametrize("number", ["2", -2, 0, 10**30, None, "x", 1])
def test_an_odd_number_of_a_message_costs_no_message(number: object) -> None:
    sent = [comment(1), {**comment(2), "id": number}, comment(3)]
    _ticket, conversation, _people = opened(comments={"comments": sent})
    assert len(conversation.messages) == 3


def test_an_account_whose_role_is_not_told_has_the_agents_side() -> None:
    account = call({"/api/v2/users/me": {"user": {**person(8), "role": None}}}, lambda desk: desk.fetch_account())
    assert account.me.role is Role.AGENT
