"""What an answer tells in part only never replaces what is known, and what is lost is counted and kept."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import make_reply
from supporttui.domain.ticket import Role, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import HelpDesk, OpenDesk, Unreachable
from supporttui.server.ticket_fields import CommentFields
from supporttui.store.cache import Cache
from supporttui.store.operations import OperationState
from supporttui.sync.engine import LinkState

Change = Callable[[dict[str, Any]], None]
LISTS = ("/api/v2/tickets.json", "/api/v2/search/export.json", "/api/v2/incremental/tickets/cursor.json")


def spoil(server: ScriptedServer, is_meant: Callable[[ReceivedRequest], bool], change: Change) -> list[str]:
    """Change the JSON of the answers to some requests; their paths, as they come."""
    passed_on, spoilt = server.script, list[str]()

    def script(request: ReceivedRequest) -> ScriptedResponse:
        answer = passed_on(request)
        if not is_meant(request) or answer.status >= 300:
            return answer
        sent = json.loads(answer.body)
        change(sent)
        spoilt.append(request.path)
        return replace(answer, body=json.dumps(sent).encode())

    server.script = script
    return spoilt


def kept(windows: WindowGroup, ticket_id: TicketId) -> Ticket:
    found = windows.ticket(ticket_id)
    assert found is not None
    return found


def setting(name: str, value: object) -> Change:
    def change(sent: dict[str, Any]) -> None:
        for ticket in [sent.get("ticket"), *sent.get("tickets", ()), *sent.get("results", ())]:
            if isinstance(ticket, dict):
                ticket[name] = value
                if name == "subject":
                    ticket.pop("raw_subject", None)

    return change


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("subject", {"deep": 1}), ("subject", 10**30), ("status", None), ("status", ["open"]), ("priority", 5),
        ("requester_id", "x"), ("requester_id", -1), ("tags", None), ("tags", ["a", None]), ("created_at", "soon"),
        ("updated_at", None), ("assignee_id", 10**30),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["answer to a write", "page of changes"])
def test_a_field_that_cannot_be_read_leaves_the_known_value(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk,
    kind: str, name: str, odd: object,
) -> None:  # fmt: skip
    ticket_id = desk.create("known")
    desk.update(ticket_id, priority="high", tags=["one", "two"], status="open")
    is_write = kind == "answer to a write"
    engine = windows.live(open_desk, timings=with_fields(FAST_TIMINGS, poll_s=60.0 if is_write else 0.1))
    before = wait_until(lambda: windows.ticket(ticket_id))
    spoilt = spoil(server, lambda request: True, setting(name, odd))
    if is_write:
        engine.submit(make_reply(ticket_id, "an answer", status=Status.ON_HOLD))
        wait_until(lambda: windows.states() == [OperationState.SENT])
    else:
        desk.update(ticket_id, comment=CommentFields(body="an answer"), status="hold")
        count = len(spoilt)
        wait_until(lambda: len(spoilt) > count + 3)
    is_untold = name == "updated_at" or (name == "status" and not is_write)
    wait_until(lambda: is_untold or kept(windows, ticket_id).status is Status.ON_HOLD)
    after = kept(windows, ticket_id)
    assert (after.subject, after.severity, after.tags) == (before.subject, before.severity, before.tags)
    assert (after.requester_id, after.created_at) == (before.requester_id, before.created_at)
    is_counted = odd is not None or name == "status"
    wait_until(lambda: engine.status.unreadable == int(is_counted))


def test_a_person_whose_name_or_role_cannot_be_read_stays_as_known(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create("known")
    desk.update(ticket_id, comment=CommentFields(body="We look at it."))
    windows.live(open_desk)
    wait_until(lambda: windows.conversation(ticket_id))

    def change(sent: dict[str, Any]) -> None:
        for user in sent.get("users", ()):
            user["name"], user["role"] = [1], None

    spoilt = spoil(server, lambda request: True, change)
    desk.update(ticket_id, comment=CommentFields(body="It is mended."), status="hold")
    wait_until(lambda: len(spoilt) > 3 and kept(windows, ticket_id).status is Status.ON_HOLD)
    with Cache(windows.files.cache, windows.files.desk) as cache:
        people = cache.people.load_all()
    assert people[desk.customer_id].name.raw == "Ada"
    assert {each.role for each in people.values()} == {Role.END_USER, Role.ADMIN}


def cut_short(sent: dict[str, Any]) -> None:
    if "end_of_stream" in sent:
        sent["end_of_stream"], sent["after_cursor"] = False, "not a cursor \ud800"
    elif "meta" in sent:
        sent["meta"] = {"has_more": True, "after_cursor": "x" * 70_000}


def without_end(sent: dict[str, Any]) -> None:
    sent.pop("end_of_stream", None)
    sent.pop("after_cursor", None)
    sent["meta"] = "none"


@pytest.mark.parametrize("change", [cut_short, without_end])
def test_a_list_of_changes_that_breaks_off_is_said_and_is_no_current_copy(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk, change: Change
) -> None:
    ticket_id, well = desk.create("first"), server.script
    spoil(server, lambda request: request.path in LISTS, change)
    engine = windows.open(open_desk)
    wait_until(lambda: "broke off the list of its changes" in engine.status.sentence)
    assert windows.ticket(ticket_id) is not None
    assert engine.status.last_sync_at is None
    assert not engine.status.loaded
    assert engine.status.link is LinkState.POLLING
    with Cache(windows.files.cache, windows.files.desk) as cache:
        assert cache.load_state("synced") is None
    later = desk.create("second")
    server.script = well
    engine.refresh()
    wait_until(lambda: engine.status.loaded and windows.ticket(later))
    assert engine.status.sentence == ""


def test_how_many_tickets_could_not_be_read_is_known_after_a_restart(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    odd, _other, well = desk.create("odd"), desk.create("other"), server.script
    spoil(server, lambda request: request.path in LISTS, setting("priority", 5))
    engine = windows.live(open_desk)
    wait_until(lambda: engine.status.unreadable == 2)
    engine.stop()
    offline = windows.open(unreachable)
    wait_until(lambda: offline.status.link is LinkState.OFFLINE)
    assert offline.status.unreadable == 2
    offline.stop()
    server.script = well
    desk.update(odd, priority="high")
    again = windows.live(open_desk)
    wait_until(lambda: not again.status.unreadable)
    again.stop()
    offline = windows.open(unreachable)
    wait_until(lambda: offline.status.link is LinkState.OFFLINE)
    assert offline.status.unreadable == 0


async def unreachable() -> HelpDesk:
    raise Unreachable("There is no network.")


COMMENTS = "/comments.json"


def test_a_reply_of_unknown_visibility_meets_no_clock_and_is_a_note(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create("odd")
    desk.update(ticket_id, comment=CommentFields(body="We look into it."))

    def change(sent: dict[str, Any]) -> None:
        for comment in sent.get("comments", ())[1:]:
            del comment["public"]
        for audit in sent.get("audits", ())[1:]:
            for event in audit["events"]:
                event.pop("public", None)

    spoil(server, lambda request: True, change)
    windows.live(open_desk)
    conversation = wait_until(lambda: windows.conversation(ticket_id))
    description, reply = conversation.messages
    assert description.is_public
    assert not description.unreadable
    assert not reply.is_public
    assert reply.unreadable == ("visibility",)
    assert kept(windows, ticket_id).replied_at is None
    assert kept(windows, ticket_id).first_reply_at is None


def test_messages_that_cannot_be_read_are_counted_in_their_place(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create("odd")
    for text in ("one", "two", "three"):
        desk.update(ticket_id, comment=CommentFields(body=text))

    def change(sent: dict[str, Any]) -> None:
        if "comments" in sent:
            sent["comments"][1] = None
            sent["comments"][2]["id"] = sent["comments"][2]["created_at"] = {"deep": [1]}
            sent["meta"] = {"has_more": True}
        if "audits" in sent:
            sent["audits"][1]["events"] = [None]

    spoil(server, lambda request: True, change)
    engine = windows.live(open_desk)
    engine.want_conversation(ticket_id)
    conversation = wait_until(lambda: windows.conversation(ticket_id))
    assert [each.body.raw for each in conversation.messages] == ["It stays empty.", "", "two", "three"]
    assert [each.unreadable for each in conversation.messages] == [(), ("message",), ("time",), ()]
    assert conversation.is_cut_short
    assert conversation.unreadable_changes == 1
    assert not conversation.is_whole
