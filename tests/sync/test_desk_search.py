"""What is not on the board is found by the desk's own search: in the same list, and nowhere else."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.board_samples import NOW, sample_ticket
from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.desks.in_memory_help_desk import InMemoryHelpDesk
from support.engines import FAST_TIMINGS, WindowGroup
from support.policy_samples import packaged_calendar, packaged_policy
from support.query_samples import sample_context
from support.sample_values import DESK, ticket_key, ticket_keys
from supporttui.domain.query.parser import parse_query
from supporttui.domain.query.selection import BoardSelection, SortBy
from supporttui.domain.ticket import Status, Ticket
from supporttui.helpdesks.base import HelpDesk, RateLimited, Rejected
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.freshness import empty_sentences, is_count_known, shown_count_text
from supporttui.store.cache import Cache
from supporttui.sync.desk_search import DeskSearchStatus, SearchState
from supporttui.sync.engine import Engine

CONTEXT = sample_context()
TIMINGS = replace(FAST_TIMINGS, search_pause_s=0.15)
OLD = timedelta(days=60)


def archived(number: int, subject: str) -> Ticket:
    return sample_ticket(number, subject, Status.CLOSED, ago=2 * OLD, in_status=OLD)


@pytest.fixture
def memory() -> InMemoryHelpDesk:
    desk = InMemoryHelpDesk(NOW)
    for number, subject in ((1, "sync stops"), (2, "printer"), (3, "sync again")):
        desk.put(sample_ticket(number, subject))
    old = [archived(number, f"sync of old {number}") for number in range(101, 104)]
    desk.archived = {each.id: each for each in old}
    return desk


@contextlib.contextmanager
def opened(windows: WindowGroup, desk: InMemoryHelpDesk) -> Iterator[tuple[Engine, BoardModel]]:
    async def connect() -> HelpDesk:
        return desk

    engine = windows.live(connect, timings=TIMINGS, now=lambda: NOW)
    context = AppContext(
        files=windows.files,
        connect=lambda _on_change: engine,
        policy=packaged_policy(),
        calendar=packaged_calendar(),
        desk_label=DESK,
        now=lambda: NOW,
    )
    model = BoardModel(context, engine)
    model.load()
    yield engine, model
    model.close()


def status_of(engine: Engine) -> DeskSearchStatus:
    wait_until(lambda: engine.finder.status is not None)
    status = engine.finder.status
    assert status is not None
    return status


def search(engine: Engine, text: str, state: SearchState = SearchState.DONE) -> DeskSearchStatus:
    engine.finder.search(parse_query(text), CONTEXT)
    wait_until(lambda: (status_of(engine).key, status_of(engine).state) == (text, state))
    return status_of(engine)


def test_what_only_the_desk_finds_stands_in_the_same_list_and_is_marked(
    windows: WindowGroup, memory: InMemoryHelpDesk
) -> None:
    with opened(windows, memory) as (engine, model):
        plain = {status: model.board.pane(status).ids() for status in Status}
        selection = BoardSelection(query=parse_query("sync"), finds_on_desk=True)
        assert (search(engine, "sync").found, status_of(engine).total) == (3, 3)
        model.reload()
        model.show_now(selection)
        assert set(model.board.pane(Status.NEW).ids()) == {*ticket_keys(1, 3)}
        assert set(model.board.pane(Status.CLOSED).ids()) == {*ticket_keys(101, 102, 103)}
        assert model.board.found_ids() == {*ticket_keys(101, 102, 103)}
        model.show_now(replace(selection, finds_on_desk=False))
        assert model.board.pane(Status.CLOSED).ids() == []
        model.show_now(None)
        assert {status: model.board.pane(status).ids() for status in Status} == plain
        assert len(model.board.pane(Status.CLOSED)) == 0


def test_a_filter_with_words_asks_the_desk_by_itself(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    memory.capabilities = replace(memory.capabilities, searches=True)
    with opened(windows, memory) as (_engine, model):
        model.show_now(BoardSelection(query=parse_query("sync")))
        assert model.desk_search_text in ("desk: waits", "desk: searches…")
        wait_until(lambda: model.desk_search_text == "desk: 0 more")
        model.reload()
        model.show_now(BoardSelection(query=parse_query("sync"), sort_by={Status.CLOSED: SortBy.ID}))
        assert model.desk_search_text == "desk: 3 more"
        assert [row.is_found for row in model.board.pane(Status.CLOSED)] == [True, True, True]
        assert {row.is_found for row in model.board.pane(Status.NEW)} == {False}
        assert memory.searched == ["sync"]
        model.show_now(BoardSelection(query=parse_query("sev:1")))
        assert (model.desk_search_text, model.board.found_ids()) == ("", frozenset())
        row = model.row(ticket_key(101))
        assert row is not None
        assert not row.is_found


def test_a_desk_without_a_search_is_not_asked(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    with opened(windows, memory) as (engine, model):
        model.show_now(BoardSelection(query=parse_query("sync")))
        assert (model.desk_search_text, engine.finder.status, memory.searched) == ("", None, [])


def test_what_the_desk_cannot_answer_is_checked_here(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    with opened(windows, memory) as (engine, model):
        memory.archived[ticket_key(102)] = replace(memory.archived[ticket_key(102)], severity=1)
        search(engine, "sync sev:1")
        model.reload()
        model.show_now(BoardSelection(query=parse_query("sync sev:1"), finds_on_desk=True))
        assert model.board.found_ids() == {ticket_key(102)}


def test_words_that_only_the_desk_has_read_are_believed(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    with opened(windows, memory) as (engine, model):
        search(engine, "old")
        with Cache(windows.files.cache, windows.files.desk) as cache:
            cache.apply([replace(archived(101, "the word is in a message"), version="v2")], [])
        model.reload()
        model.show_now(BoardSelection(query=parse_query("old"), finds_on_desk=True))
        assert model.board.found_ids() == {*ticket_keys(101, 102, 103)}


def test_only_the_last_of_what_is_typed_is_asked_for(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    with opened(windows, memory) as (engine, _model):
        for end in range(1, 5):
            engine.finder.search(parse_query("sync"[:end]), CONTEXT)
        wait_until(lambda: status_of(engine).state is SearchState.DONE)
        assert memory.searched == ["sync"]


def test_a_search_that_nobody_waits_for_is_cancelled(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    with opened(windows, memory) as (engine, _model):
        memory.held_searches = {"sync"}
        search(engine, "sync", SearchState.RUNNING)
        assert search(engine, "old").found == 3
        assert memory.searched == ["sync", "old"]
        search(engine, "sync", SearchState.RUNNING)
        engine.finder.cancel()
        wait_until(lambda: engine.finder.status is None)


def test_a_desk_that_asks_to_wait_is_asked_again_after_that(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    with opened(windows, memory) as (engine, _model):
        memory.refusal = RateLimited("Too many requests.", retry_after_s=0.0)
        engine.finder.search(parse_query("sync"), CONTEXT)
        wait_until(lambda: "Too many requests" in status_of(engine).sentence)
        assert status_of(engine).state is SearchState.WAITING
        memory.refusal = None
        wait_until(lambda: status_of(engine).state is SearchState.DONE)


def test_a_refused_search_says_why_and_costs_no_link(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    with opened(windows, memory) as (engine, _model):
        memory.refusal = Rejected("The search knows no such condition.")
        link = engine.status.link
        assert "no such condition" in search(engine, "sync", SearchState.FAILED).sentence
        assert engine.status.link is link


def test_a_view_of_the_desk_shows_its_tickets_and_no_others(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    with opened(windows, memory) as (engine, model):
        engine.finder.want_views()
        wait_until(lambda: engine.finder.views is not None)
        (view,) = engine.finder.views or ()
        memory.tickets = {key: each for key, each in memory.tickets.items() if key != ticket_key(2)}
        selection = BoardSelection(desk_view=view.id)
        engine.finder.fetch_view(view.id)
        wait_until(lambda: status_of(engine).state is SearchState.DONE)
        assert status_of(engine).key == selection.desk_key
        model.reload()
        model.show_now(selection)
        assert set(model.board.pane(Status.NEW).ids()) == {*ticket_keys(1, 3)}


def test_views_that_the_desk_refuses_for_its_rate_are_asked_for_again(
    windows: WindowGroup, memory: InMemoryHelpDesk
) -> None:
    with opened(windows, memory) as (engine, _model):
        memory.refusal = RateLimited("Too many requests.", retry_after_s=0.0)
        engine.finder.want_views()
        wait_until(lambda: "Too many requests" in engine.finder.views_problem)
        assert engine.finder.views is None
        memory.refusal = None
        wait_until(lambda: engine.finder.views == memory.views)
        assert engine.finder.views_problem == ""


def test_views_that_cannot_be_had_say_why(windows: WindowGroup, memory: InMemoryHelpDesk) -> None:
    with opened(windows, memory) as (engine, _model):
        memory.refusal = Rejected("There are no views here.")
        engine.finder.want_views()
        wait_until(lambda: "no views here" in engine.finder.views_problem)


def counted(model: BoardModel) -> str:
    """What is said of the count once all news are taken."""
    model.reload()
    model.take_selected()
    return shown_count_text(model)


def test_a_view_that_is_still_to_come_has_no_count_and_then_is_asked_for_again_each_minute(
    windows: WindowGroup, memory: InMemoryHelpDesk
) -> None:
    memory.held_views = {"1"}
    memory.view_tickets["1"] = {*ticket_keys(1, 101)}
    with opened(windows, memory) as (_engine, model):
        model.show_now(BoardSelection(desk_view="1"))
        assert shown_count_text(model) == "loading…"
        assert empty_sentences(model)[Status.NEW] == "Loading the view…"
        assert not is_count_known(model)
        memory.held_views = set()
        wait_until(lambda: counted(model) == "2 of 3")
        memory.view_tickets["1"] = {*ticket_keys(1, 2, 3)}
        wait_until(lambda: model.desk_search_text == "")
        model.expire()
        wait_until(lambda: counted(model) == "3 of 3")


def test_the_embedded_desk_finds_what_the_local_copy_has_not_read(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    number = desk.create("Nothing to see")
    engine = windows.live(desk.open_desk, timings=TIMINGS)
    assert search(engine, "nothing").found == 1
    with Cache(windows.files.cache, windows.files.desk) as cache:
        assert cache.load_ticket(number) is not None


def test_found_tickets_are_dropped_once_nobody_asks_for_them(tmp_path: Path) -> None:
    day = timedelta(days=1)
    with Cache(tmp_path / "cache.db", DESK) as cache:
        cache.apply([sample_ticket(1, "on the board"), archived(2, "known before")], [])
        cache.take_found(
            "one", [archived(2, "known before"), archived(3, "sync"), archived(4, "sync")], [], NOW - 2 * day
        )
        cache.take_found("two", [archived(4, "sync"), archived(5, "read"), sample_ticket(6, "open")], [], NOW - 2 * day)
        cache.take_found("three", [archived(4, "sync")], [], NOW)
        cache.mark_read(ticket_key(5), NOW)
        assert cache.forget_found(NOW - day, 20) == 1
        assert {each.id for each in cache.load_tickets()} == {*ticket_keys(1, 2, 4, 5, 6)}
        assert cache.board.search(["sync"], 10) == ticket_keys(4)
        assert cache.forget_found(NOW - day, 0) == 1
        assert {each.id for each in cache.load_tickets()} == {*ticket_keys(1, 2, 5, 6)}
