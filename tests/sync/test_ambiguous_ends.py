"""What may have been applied: looked for, repeated only where both attempts cannot apply, else left to a person."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, fail_first_writes
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import make_reply, ticket_key
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Conversation, Person, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import Capabilities, ConversationBudget, HelpDesk
from supporttui.store.operations import Operation, OperationKind, OperationState
from supporttui.sync.engine import OpenDesk

S = OperationState
NOW = datetime(2026, 11, 23, 14, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def versioned(windows: WindowGroup, ticket_id: TicketId, body: str) -> Operation:
    """A reply decided on the version that the local copy has."""
    known = windows.ticket(ticket_id)
    assert known is not None
    return make_reply(ticket_id, body, based_on=known.version)


def test_a_lost_request_is_repeated_with_its_stamp_once_the_first_cannot_apply_any_more(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    fail_first_writes(server, [lambda request: ScriptedResponse(502, b"bad gateway")])
    windows.live(open_desk).submit(versioned(windows, ticket_id, "once"))
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["once"]
    assert [request.method for request in server.requests].count("PUT") == 2


def test_a_first_attempt_that_applies_after_the_repeat_conflicts_with_it(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    late: list[ReceivedRequest] = []
    passed_on = server.script

    def hold_back(request: ReceivedRequest) -> ScriptedResponse:
        late.append(request)
        return ScriptedResponse(504, b"")

    fail_first_writes(server, [hold_back])
    windows.live(open_desk).submit(versioned(windows, ticket_id, "once"))
    wait_until(lambda: windows.states() == [S.SENT])
    assert passed_on(late[0]).status == 409
    assert desk.bodies(ticket_id)[1:] == ["once"]


def test_a_first_attempt_that_applies_just_before_the_repeat_is_found_behind_its_conflict(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    late: list[ReceivedRequest] = []
    passed_on = server.script

    def hold_back(request: ReceivedRequest) -> ScriptedResponse:
        late.append(request)
        return ScriptedResponse(504, b"")

    def overtaken(request: ReceivedRequest) -> ScriptedResponse:
        assert passed_on(late[0]).status == 200
        return passed_on(request)

    fail_first_writes(server, [hold_back, overtaken])
    windows.live(open_desk).submit(versioned(windows, ticket_id, "once"))
    wait_until(lambda: windows.states() == [S.SENT])
    assert desk.bodies(ticket_id)[1:] == ["once"]


def test_nothing_is_repeated_before_the_first_attempt_can_be_over(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id = desk.create()
    fail_first_writes(server, [lambda request: ScriptedResponse(502, b"")])
    engine = windows.live(open_desk, timings=replace(FAST_TIMINGS, lookup_s=(0.0, 0.1, 0.1), settled_after_s=60.0))
    engine.submit(versioned(windows, ticket_id, "once"))
    wait_until(lambda: len(server.asked(f"/api/v2/tickets/{ticket_id.id}/audits.json")) >= 3)
    assert windows.states() == [S.UNKNOWN]
    assert [request.method for request in server.requests].count("PUT") == 1


def doubtful(*stamps: datetime) -> InMemoryHelpDesk:
    """A desk with a ticket for each stamp; its history names no operation, and its versions are whole seconds."""
    desk = InMemoryHelpDesk(NOW)
    desk.capabilities = Capabilities(
        can_hold=True,
        pushes=True,
        idempotent_writes=False,
        checks_versions=False,
        keeps_operation_id=False,
        version_resolution_s=1.0,
    )
    for number, stamp in enumerate(stamps, 1):
        desk.put(
            Ticket(
                id=ticket_key(number),
                subject=OutsideText("s"),
                status=Status.OPEN,
                desk_status=OutsideText("open"),
                requester_id=2,
                created_at=stamp,
                updated_at=stamp,
                version=stamp.isoformat(),
            )
        )
    return desk


def connecting(desk: HelpDesk) -> OpenDesk:
    async def open_desk() -> HelpDesk:
        return desk

    return open_desk


def texts(desk: InMemoryHelpDesk, number: int = 1) -> list[str]:
    return [message.body.raw for message in desk.messages[ticket_key(number)]]


def test_without_ids_in_the_history_our_own_text_is_the_evidence(windows: WindowGroup) -> None:
    desk = doubtful(NOW)
    desk.lost_responses = 1
    engine = windows.live(connecting(desk), now=lambda: NOW)
    engine.submit(make_reply(1, "line one  \r\nline two\n"))
    wait_until(lambda: windows.states() == [S.SENT])
    assert len(texts(desk)) == 1


def test_the_same_words_sent_before_are_no_evidence_for_the_second_time(windows: WindowGroup) -> None:
    desk = doubtful(NOW)
    engine = windows.live(connecting(desk), now=lambda: NOW)
    engine.submit(make_reply(1, "ok"))
    wait_until(lambda: windows.states() == [S.SENT])
    desk.lost_requests = 1
    engine.submit(make_reply(1, "ok"))
    wait_until(lambda: windows.states() == [S.SENT, S.UNKNOWN])
    assert texts(desk) == ["ok"]


def stamped(created_after: timedelta) -> Iterable[Operation]:
    yield make_reply(1, "mine", based_on=NOW.isoformat(), audit_mark=0, created_at=NOW + created_after)


@pytest.mark.parametrize(("created_after", "ends"), [(SECOND / 2, S.CONFLICT), (10 * SECOND, S.SENT)])
def test_a_change_within_the_second_of_the_version_is_seen_before_sending(
    windows: WindowGroup, created_after: timedelta, ends: OperationState
) -> None:
    desk = doubtful(NOW)
    windows.add(*stamped(created_after))
    desk.write(1, 2, "theirs, in the same second")
    windows.live(connecting(desk), now=lambda: NOW)
    wait_until(lambda: windows.states() == [ends])
    assert texts(desk)[0] == "theirs, in the same second"
    assert ("mine" in texts(desk)) is (ends is S.SENT)


def test_a_history_that_cannot_be_read_is_not_called_a_change(windows: WindowGroup) -> None:
    class WithoutHistory(InMemoryHelpDesk):
        async def fetch_conversation(
            self, ticket_id: TicketId, budget: ConversationBudget | None = None
        ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
            ticket, conversation, people = await super().fetch_conversation(ticket_id, budget)
            return ticket, replace(conversation, last_audit_id=None, is_history_unreadable=True), people

    desk, known = WithoutHistory(NOW), doubtful(NOW)
    desk.capabilities = known.capabilities
    desk.put(known.tickets[ticket_key(1)])
    windows.add(*stamped(SECOND / 2))
    windows.live(connecting(desk), now=lambda: NOW)
    wait_until(lambda: windows.states() == [S.CONFLICT])
    error = windows.operations()[0].error
    assert error is not None
    assert "history cannot be read" in error.raw
    assert "was changed meanwhile" not in error.raw


def test_a_fault_of_our_own_while_sending_leaves_it_unresolved_and_not_under_way(windows: WindowGroup) -> None:
    class Faulty(InMemoryHelpDesk):
        def split(self, patch: TicketPatch) -> tuple[TicketPatch, ...]:
            raise LookupError("a fault")

    desk, known = Faulty(NOW), doubtful(NOW)
    desk.capabilities = known.capabilities
    desk.put(known.tickets[ticket_key(1)])
    engine = windows.live(connecting(desk), now=lambda: NOW)
    engine.submit(make_reply(1, "mine"))
    wait_until(lambda: windows.states() == [S.UNKNOWN])
    assert texts(desk) == []


def test_a_creation_whose_key_has_died_is_found_by_its_subject(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    passed_on = server.script

    def mute(request: ReceivedRequest) -> ScriptedResponse:
        assert passed_on(request).status == 201
        return ScriptedResponse(504, b"")

    fail_first_writes(server, [mute])
    clock = [datetime.now(UTC)]
    engine = windows.live(open_desk, now=lambda: clock[0], timings=replace(FAST_TIMINGS, lookup_s=(1.0, 0.2, 0.2, 0.2)))
    new = make_reply(kind=OperationKind.CREATE, subject="Down", requester_email="ada@x.example")
    engine.submit(replace(new, ticket_id=None))
    wait_until(lambda: windows.states() == [S.UNKNOWN])
    clock[0] += timedelta(hours=3)
    wait_until(lambda: windows.states() == [S.SENT])
    posts = [request for request in server.asked("/api/v2/tickets.json") if request.method == "POST"]
    assert len(posts) == 1


def test_a_difference_in_measuring_the_desks_clock_kills_no_key(windows: WindowGroup) -> None:
    desk = InMemoryHelpDesk(NOW)
    desk.put(doubtful(NOW).tickets[ticket_key(1)])
    windows.add(make_reply(1, "once"))
    windows.force(S.IN_FLIGHT)
    desk.ahead_s = -5.0
    desk.capabilities = replace(desk.capabilities, idempotency_key_ttl_s=60.0)
    windows.live(connecting(desk), now=lambda: NOW)
    wait_until(lambda: windows.states() == [S.SENT])
    assert texts(desk) == ["once"]
