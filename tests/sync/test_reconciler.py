"""What a polled desk does not have any more leaves the board, though no list of changes names it."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_fields

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import DESK, make_ticket, ticket_key
from supporttui.domain.ticket import Conversation, Lifecycle, Person, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    ConversationBudget,
    DeskError,
    Forbidden,
    HelpDesk,
    OpenDesk,
    RateLimited,
    Rejected,
)
from supporttui.store.cache import Cache
from supporttui.sync.conversation_fetcher import ConversationFetcher
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.reconciler import Reconciler
from supporttui.sync.timings import Timings, utc_now

TIMINGS = with_fields(FAST_TIMINGS, reconcile_s=0.05)
SHOW_MANY = "/api/v2/tickets/show_many"


def lifecycle_of(windows: WindowGroup, ticket_id: TicketId) -> Lifecycle | None:
    ticket = windows.ticket(ticket_id)
    return ticket.lifecycle if ticket is not None else None


def test_a_deleted_ticket_leaves_the_board_unasked(
    desk: EmbeddedDesk, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    gone, kept = desk.create(), desk.create()
    windows.live(open_desk, timings=TIMINGS)
    wait_until(lambda: windows.conversation(gone))
    desk.delete(gone)
    wait_until(lambda: lifecycle_of(windows, gone) is Lifecycle.DELETED)
    assert lifecycle_of(windows, kept) is Lifecycle.LIVE


def test_a_ticket_that_an_answer_leaves_out_is_asked_for_by_itself(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ids, passed_on, asked = [desk.create(), desk.create()], server.script, list[str]()

    def empty_list(request: ReceivedRequest) -> ScriptedResponse:
        asked.append(request.path)
        answer = passed_on(request)
        return replace(answer, body=b'{"tickets":[],"meta":{}}') if request.path.startswith(SHOW_MANY) else answer

    server.script = empty_list
    engine = windows.live(open_desk, timings=TIMINGS)
    wait_until(lambda: sum(path.startswith(SHOW_MANY) for path in asked) >= 3, within_s=20)
    assert [lifecycle_of(windows, each) for each in ids] == [Lifecycle.LIVE] * 2
    assert engine.failure is None


def test_a_desk_that_cannot_answer_loses_nothing(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id, passed_on, refused = desk.create(), server.script, list[str]()

    def refuse(request: ReceivedRequest) -> ScriptedResponse:
        if not request.path.startswith(SHOW_MANY):
            return passed_on(request)
        refused.append(request.path)
        return ScriptedResponse((404, 403, 500, 200)[len(refused) % 4], b"<html>")

    server.script = refuse
    engine = windows.live(open_desk, timings=TIMINGS)
    wait_until(lambda: len(refused) >= 8, within_s=20)
    assert lifecycle_of(windows, ticket_id) is Lifecycle.LIVE
    assert engine.failure is None


def test_an_outage_that_answers_404_to_everything_takes_nothing_off_the_board(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id, passed_on = desk.create(), server.script
    engine = windows.live(open_desk)
    wait_until(lambda: windows.conversation(ticket_id))
    server.script = lambda request: (
        ScriptedResponse(404, b"<html>") if request.path.startswith("/api/v2/tickets/") else passed_on(request)
    )
    engine.want_conversation(ticket_id)
    wait_until(lambda: engine.conversation_problem(ticket_id))
    assert lifecycle_of(windows, ticket_id) is Lifecycle.LIVE


def test_a_ticket_whose_messages_are_not_found_stays_on_the_board(
    desk: EmbeddedDesk, server: ScriptedServer, windows: WindowGroup, open_desk: OpenDesk
) -> None:
    ticket_id, passed_on = desk.create(), server.script
    parts = tuple(f"/api/v2/tickets/{ticket_id.id}/{part}" for part in ("comments", "audits"))
    server.script = lambda request: (
        ScriptedResponse(404, b"{}") if request.path.startswith(parts) else passed_on(request)
    )
    engine = windows.live(open_desk)
    engine.want_conversation(ticket_id)
    wait_until(lambda: engine.conversation_problem(ticket_id))
    assert lifecycle_of(windows, ticket_id) is Lifecycle.LIVE


class RefusingDesk(InMemoryHelpDesk):
    """A polled desk that names neither of two tickets, and fails on the first in one way."""

    def __init__(self, failure: DeskError, *, names: bool = False) -> None:
        super().__init__(make_ticket().created_at)
        self.capabilities = with_fields(self.capabilities, pushes=False)
        self.failure = failure
        self.names = names
        """Whether it names them after all."""

    async def find_missing(self, ticket_ids: Sequence[TicketId]) -> tuple[TicketId, ...]:
        return () if self.names else tuple(ticket_ids)

    async def fetch_conversation(
        self, ticket_id: TicketId, budget: ConversationBudget | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        if ticket_id == ticket_key(1):
            raise self.failure
        return await super().fetch_conversation(ticket_id, budget)


def on_board(windows: WindowGroup, desk: RefusingDesk) -> None:
    """A window with both tickets, the second of which is deleted on the desk after that."""
    for number in (1, 2):
        desk.put(make_ticket(number))

    async def connect() -> HelpDesk:
        return desk

    windows.live(connect, timings=TIMINGS)
    wait_until(lambda: windows.conversation(ticket_key(2)))
    desk.unknown_ids.add(ticket_key(2))


def test_a_ticket_on_which_the_desk_fails_keeps_no_other_one_on_the_board(windows: WindowGroup) -> None:
    on_board(windows, RefusingDesk(Rejected("Ticket 1 cannot be read.")))
    wait_until(lambda: lifecycle_of(windows, ticket_key(2)) is Lifecycle.DELETED)
    assert lifecycle_of(windows, ticket_key(1)) is Lifecycle.LIVE


def test_a_ticket_that_is_not_for_us_any_more_leaves_the_board(
    windows: WindowGroup, caplog: pytest.LogCaptureFixture
) -> None:
    on_board(windows, RefusingDesk(Forbidden("Ticket 1 is not for you.")))
    wait_until(lambda: lifecycle_of(windows, ticket_key(1)) is Lifecycle.DELETED)
    assert f"ticket {ticket_key(1).label} has left the board" in caplog.text


def test_a_refused_ticket_that_the_desk_still_names_stays_on_the_board(windows: WindowGroup) -> None:
    desk = RefusingDesk(Forbidden("Ticket 1 is not for you."), names=True)
    for number in (1, 2):
        desk.put(make_ticket(number))

    async def connect() -> HelpDesk:
        return desk

    engine = windows.live(connect, timings=TIMINGS)
    engine.want_conversation(ticket_key(1))
    wait_until(lambda: engine.conversation_problem(ticket_key(1)))
    assert lifecycle_of(windows, ticket_key(1)) is Lifecycle.LIVE


class LimitedDesk(InMemoryHelpDesk):
    """A polled desk with five tickets that names none, and after two of them asks once to wait."""

    def __init__(self) -> None:
        super().__init__(make_ticket().created_at)
        self.asked = list[str]()

    async def find_missing(self, ticket_ids: Sequence[TicketId]) -> tuple[TicketId, ...]:
        self.asked.append("list")
        return tuple(ticket_ids)

    async def fetch_conversation(
        self, ticket_id: TicketId, budget: ConversationBudget | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        self.asked.append(ticket_id.id)
        if len(self.asked) == 4:
            raise RateLimited("Wait.", retry_after_s=1.0)
        return await super().fetch_conversation(ticket_id, budget)


def test_after_a_rate_limit_the_rest_of_those_that_may_be_gone_comes_first(tmp_path: Path) -> None:
    async def check() -> list[str]:
        desk = LimitedDesk()
        with closing(Cache(tmp_path / "cache.db", DESK)) as cache:
            cache.apply([make_ticket(number) for number in range(1, 6)], ())
            for number in range(1, 6):
                desk.put(make_ticket(number))
            context = EngineContext(cache, None, Timings(), utc_now, lambda: None)
            reconciler = Reconciler(context, ConversationFetcher(context))
            await reconciler.check_some(desk)
            await reconciler.check_some(desk)
        return desk.asked

    assert asyncio.run(check()) == ["list", "1", "2", "3", "3", "4", "5"]
