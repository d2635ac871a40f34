"""The engine on a desk that does not push, knows no keys, and fails."""

from collections.abc import Callable
from dataclasses import replace

from msgspec import structs

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, fail_first_writes
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import make_reply
from supporttui.domain.ticket import Lifecycle, Status
from supporttui.server.ticket_fields import CommentFields
from supporttui.store.operations import OperationKind, OperationState
from supporttui.sync.engine import LinkState, OpenDesk

S = OperationState
Script = Callable[[ReceivedRequest], ScriptedResponse]


def test_a_desk_that_does_not_push_is_polled(desk: EmbeddedDesk, windows: WindowGroup, open_desk: OpenDesk) -> None:
    first = desk.create()
    engine = windows.live(open_desk)
    assert engine.status.link is LinkState.POLLING
    assert windows.ticket(first)
    second = desk.create()
    wait_until(lambda: windows.ticket(second))


def test_a_lost_answer_is_found_in_the_tickets_history(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    passed_on = server.script
    fail_first_writes(server, [lambda request: replace(passed_on(request), sent_bytes=40)])
    engine = windows.live(open_desk)
    engine.submit(make_reply(ticket_id, "once"))
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["once"]
    assert [request.method for request in server.requests].count("PUT") == 1


def test_a_lost_request_to_a_desk_without_keys_is_left_to_a_person(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    fail_first_writes(server, [lambda request: ScriptedResponse(502, b"bad gateway")])
    engine = windows.live(open_desk)
    reply = make_reply(ticket_id, "once")
    engine.submit(reply)
    looked = f"/api/v2/tickets/{ticket_id.id}/audits.json"
    wait_until(lambda: windows.states() == [S.UNKNOWN] and len(server.asked(looked)) >= 3)
    (kept,) = windows.operations()
    assert kept.error is not None
    assert "retry or drop it" in kept.error.raw
    engine.retry(reply.id)
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["once"]


def test_an_application_that_comes_late_is_found_by_a_later_look(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    late: list[ReceivedRequest] = []
    passed_on = server.script

    def lose(request: ReceivedRequest) -> ScriptedResponse:
        late.append(request)
        return ScriptedResponse(504, b"")

    fail_first_writes(server, [lose])
    engine = windows.live(open_desk, timings=structs.replace(FAST_TIMINGS, lookup_s=(0.0, 0.1, 0.1, 0.1, 0.1)))
    engine.submit(make_reply(ticket_id, "late"))
    wait_until(lambda: windows.states() == [S.UNKNOWN])
    passed_on(late[0])
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["late"]


def test_a_lost_creation_is_repeated_with_its_key(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    fail_first_writes(server, [lambda request: ScriptedResponse(503, b"")])
    engine = windows.live(open_desk)
    new = make_reply(kind=OperationKind.CREATE, subject="Down", requester_email="ada@x.example")
    engine.submit(structs.replace(new, ticket_id=None, created_at=engine.status.last_sync_at or new.created_at))
    wait_until(lambda: windows.states() == [S.SENT])
    keys = [request.headers["idempotency-key"] for request in server.asked("/api/v2/tickets.json") if request.body]
    assert keys == [new.id, new.id]


def test_a_rate_limit_makes_the_sender_wait_and_loses_nothing(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    fail_first_writes(server, [lambda request: ScriptedResponse(429, b"slow down", {"Retry-After": "1"})])
    engine = windows.live(open_desk)
    engine.submit(make_reply(ticket_id, "once"))
    wait_until(lambda: [each for each in windows.operations() if each.error is not None])
    (waiting,) = windows.operations()
    assert waiting.state is S.QUEUED
    assert waiting.error is not None
    assert "asks to wait 1 seconds" in waiting.error.raw
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["once"]


def test_a_ticket_on_which_the_desk_fails_does_not_cost_the_link(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    bad, good = desk.create(), desk.create()
    passed_on = server.script
    failing = f"/api/v2/tickets/{bad.id}/comments.json"
    server.script = lambda request: ScriptedResponse(500, b"") if request.path == failing else passed_on(request)
    engine = windows.live(open_desk)
    engine.want_conversation(bad)
    assert "failed (status 500)" in wait_until(lambda: engine.conversation_problem(bad))
    engine.want_conversation(good)
    wait_until(lambda: windows.conversation(good))
    assert engine.status.link is LinkState.POLLING


def test_a_page_that_is_cut_short_neither_removes_nor_doubles_anything(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ids = [desk.create() for _ in range(4)]
    passed_on = server.script
    cuts = [200, 900]

    def script(request: ReceivedRequest) -> ScriptedResponse:
        reply = passed_on(request)
        is_page = request.path == "/api/v2/tickets.json"
        return replace(reply, sent_bytes=cuts.pop(0)) if is_page and cuts else reply

    server.script = script
    windows.live(open_desk)
    wait_until(lambda: all(windows.ticket(ticket_id) for ticket_id in ids))
    assert not cuts


def test_a_malformed_ticket_leaves_what_is_known_of_it(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id, other = desk.create("before"), desk.create()
    engine = windows.live(open_desk)
    passed_on = server.script

    def spoil(request: ReceivedRequest) -> ScriptedResponse:
        reply = passed_on(request)
        return replace(reply, body=reply.body.replace(b'subject":"after"', b'subject":[1]'))

    server.script = spoil
    desk.update(ticket_id, subject="after")
    desk.update(other, priority="high")
    wait_until(lambda: (found := windows.ticket(other)) is not None and found.severity == 2)
    known = windows.ticket(ticket_id)
    assert known is not None
    assert known.subject.raw == "before"
    assert engine.status.link is LinkState.POLLING


def test_opening_a_ticket_that_cannot_be_read_whole_keeps_what_is_known_of_it(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id, passed_on = desk.create("before"), server.script
    desk.update(ticket_id, status="pending")
    engine = windows.live(open_desk)
    wait_until(lambda: windows.conversation(ticket_id))

    def spoil(request: ReceivedRequest) -> ScriptedResponse:
        reply = passed_on(request)
        return replace(reply, body=reply.body.replace(b'"status":"pending"', b'"status":["pending"]'))

    server.script = spoil
    desk.update(ticket_id, comment=CommentFields(body="a word"))
    engine.want_conversation(ticket_id)
    wait_until(lambda: (found := windows.conversation(ticket_id)) is not None and len(found.messages) == 2)
    known = windows.ticket(ticket_id)
    assert known is not None
    assert known.status is Status.AWAITING_REPLY


def test_a_ticket_that_is_gone_from_the_desk_goes_from_the_board(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    gone, other, passed_on = desk.create(), desk.create(), server.script
    engine = windows.live(open_desk)
    wait_until(lambda: windows.conversation(gone))

    def without_it(request: ReceivedRequest) -> ScriptedResponse:
        if request.path.startswith("/api/v2/tickets/show_many"):
            return ScriptedResponse(200, b'{"tickets": []}')
        return ScriptedResponse(404) if request.path.startswith(f"/api/v2/tickets/{gone.id}") else passed_on(request)

    server.script = without_it
    engine.want_conversation(gone)
    wait_until(lambda: engine.conversation_problem(gone))
    found = windows.ticket(gone)
    assert found is None or found.lifecycle is Lifecycle.DELETED
    known = windows.ticket(other)
    assert known is not None
    assert known.lifecycle is Lifecycle.LIVE
