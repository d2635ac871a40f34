"""A board that is filtered, sorted otherwise or grouped shows what Python would, with what has changed since."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from support.board_samples import AGENTS, CUSTOMERS, ME, NOW, LocalCopy
from support.naive_finder import ORDER, Desk, NaiveFinder
from support.query_samples import sample_context, sample_tickets
from support.sample_values import make_conversation, operation_with, ticket_key, ticket_keys
from supporttui.domain.board_order import OPEN_CLOCK_GROUP, waiting_since
from supporttui.domain.instants import to_us
from supporttui.domain.patch import TicketPatch, apply_patch
from supporttui.domain.query.parser import parse_query
from supporttui.domain.query.query import Query
from supporttui.domain.query.selection import BoardSelection, GroupBy, SortBy
from supporttui.domain.safe_text import OutsideText, folded
from supporttui.domain.ticket import Lifecycle, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.loaded_board import GroupHeader, PaneItem
from supporttui.presentation.board.selected_board import MANY_CHANGES
from supporttui.store.operations import Operation, OperationKind, OperationState

PEOPLE = {each.id: each for each in (*AGENTS, *CUSTOMERS)}
WEEK = timedelta(days=7)


def generated(seed: int, count: int = 60) -> list[Ticket]:
    return sample_tickets(Random(seed), count, [*PEOPLE.values()])


@contextmanager
def started(desk: LocalCopy) -> Iterator[BoardModel]:
    model = BoardModel(desk.app_context(), desk.engine)
    model.load()
    yield model
    model.close()


def pending(ticket_id: TicketId, number: int, **values: object) -> Operation:
    return operation_with(
        kind=OperationKind.UPDATE, created_at=NOW, ticket_id=ticket_id, id=f"change {number}", **values
    )


def lines_of(model: BoardModel) -> dict[Status, list[PaneItem]]:
    return {status: model.board.pane(status).items() for status in Status}


def sort_key(ticket: Ticket, sort_by: SortBy) -> tuple[object, ...]:
    position = ORDER.position(ticket, NOW)
    since = waiting_since(ticket)
    clock = (position.group, position.key)
    key: tuple[object, ...] = {
        SortBy.CLOCK: clock,
        SortBy.UPDATED: (-to_us(ticket.updated_at),),
        SortBy.CREATED: (-to_us(ticket.created_at),),
        SortBy.SEVERITY: (ticket.severity or 99, *clock),
        SortBy.WAITING: (since is None, 0 if since is None else to_us(since), *clock),
        SortBy.ID: (),
    }[sort_by]
    return (*key, ticket.id)


def group_of(ticket: Ticket, group_by: GroupBy | None) -> int | str | None:
    organization = PEOPLE[ticket.requester_id].organization
    values: dict[GroupBy | None, int | str | None] = {
        None: None,
        GroupBy.ASSIGNEE: ticket.assignee_id,
        GroupBy.REQUESTER: ticket.requester_id,
        GroupBy.ORGANIZATION: None if organization is None else organization.raw,
        GroupBy.SEVERITY: ticket.severity,
    }
    return values[group_by]


def group_key(group: int | str | None, group_by: GroupBy) -> tuple[object, ...]:
    if group is None:
        return (1,)
    if group_by is GroupBy.SEVERITY:
        return 0, group
    return 0, folded(group) if isinstance(group, str) else folded(PEOPLE[group].name.raw), group


def sorted_lines(
    tickets: Sequence[Ticket], selection: BoardSelection, found: frozenset[TicketId]
) -> dict[Status, list[PaneItem]]:
    """The lines of the panes as Python makes them."""
    panes: dict[Status, list[PaneItem]] = {}
    for status in Status:
        shown = [each for each in tickets if each.id in found and each.status is status and is_recent(each)]
        shown.sort(key=lambda each: sort_key(each, selection.sorting(status)))
        panes[status] = [each.id for each in shown]
        if selection.group_by is not None:
            panes[status] = grouped(shown, status, selection, selection.group_by)
    return panes


def is_recent(ticket: Ticket) -> bool:
    return ticket.status is not Status.CLOSED or (ticket.closed_at is not None and ticket.closed_at >= NOW - WEEK)


def grouped(shown: Sequence[Ticket], status: Status, selection: BoardSelection, group_by: GroupBy) -> list[PaneItem]:
    lines: list[PaneItem] = []
    for key in sorted({group_of(each, group_by) for each in shown}, key=lambda each: group_key(each, group_by)):
        inside = [each for each in shown if group_of(each, group_by) == key]
        name = None
        if isinstance(key, str):
            name = OutsideText(key)
        elif key is not None and group_by is not GroupBy.SEVERITY:
            name = PEOPLE[key].name
        clocks = [ORDER.position(each, NOW) for each in inside]
        is_folded = (status, key) in selection.folded
        lines.append(
            GroupHeader(
                status=status,
                key=key,
                name=name,
                count=len(inside),
                worst_key=min((each.key for each in clocks if each.group == OPEN_CLOCK_GROUP), default=None),
                is_folded=is_folded,
            )
        )
        lines += [] if is_folded else [each.id for each in inside]
    return lines


def naive_ids(tickets: Sequence[Ticket], query: Query) -> frozenset[TicketId]:
    desk = Desk(
        tickets=tickets,
        people=[*PEOPLE.values()],
        conversations={},
        read_at={},
        context=sample_context(draft_ids=frozenset(), unsent_ids=frozenset()),
    )
    return NaiveFinder(desk).find(query)


QUERIES = st.sampled_from(["", "sev<3", "status:open,new", "mine", "-mine", "tag:vip,bug", "sync", "waiting", "due<2h"])
SELECTIONS = st.builds(
    lambda text, sorts, group, folded_groups: BoardSelection(
        query=parse_query(text), sort_by=sorts, group_by=group, folded=frozenset(folded_groups)
    ),
    QUERIES,
    st.dictionaries(st.sampled_from(Status), st.sampled_from(SortBy)),
    st.sampled_from([None, *GroupBy]),
    st.lists(st.tuples(st.sampled_from(Status), st.sampled_from([None, 1, 2, 3, 101, "Northwind"])), max_size=6),
)
DECIDED = st.lists(
    st.tuples(
        st.integers(1, 60),
        st.sampled_from([None, *Status]),
        st.sampled_from([None, 1, 2]),
        st.sampled_from([None, 1, 2, 3, 4]),
        st.booleans(),
    ),
    max_size=10,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(seed=st.integers(0, 99), selection=SELECTIONS, decided=DECIDED)
def test_lines_are_those_of_sorted_lists_whatever_has_changed_since(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    selection: BoardSelection,
    decided: list[tuple[int, Status | None, int | None, int | None, bool]],
) -> None:
    known = {each.id: each for each in generated(seed)}
    desk = LocalCopy(tmp_path_factory.mktemp("desk"), known.values())
    with started(desk) as model:
        model.show_now(selection)
        for number, (ticket, status, assignee_id, severity, is_reported) in enumerate(decided):
            key = ticket_key(ticket)
            values = {"status": status, "assignee_id": assignee_id, "severity": severity}
            patch = TicketPatch(status=status, assignee_id=assignee_id, severity=severity)
            if is_reported and not model.outbox_view.decided(key):
                known[key] = apply_patch(replace(known[key], version=f"v{number}"), patch, NOW)
                desk.cache.apply([known[key]], ())
                model.reload()
            else:
                changes = {name: each for name, each in values.items() if each is not None}
                model.submit(pending(key, number, **changes))
                known[key] = apply_patch(known[key], patch, NOW)
        live = [each for each in known.values() if each.lifecycle is Lifecycle.LIVE]
        wanted = sorted_lines(live, selection, naive_ids(live, selection.query))
        assert lines_of(model) == wanted
        for status, lines in wanted.items():
            pane = model.board.pane(status)
            assert len(pane) == len(lines)
            tickets = [each for each in lines if isinstance(each, TicketId)]
            assert [pane.find(each) for each in tickets] == [lines.index(each) for each in tickets]
            assert pane.items(3, 7) == lines[3:7]


def test_counts_and_loads_are_of_the_tickets_that_are_selected(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path, generated(7))
    selection = BoardSelection(query=parse_query("sev<3"), sort_by={Status.NEW: SortBy.ID}, group_by=GroupBy.ASSIGNEE)
    with started(desk) as model:
        model.show_now(selection)
        pane = model.board.pane(Status.NEW)
        rows = list(pane)
        assert pane.ticket_count == len(rows) > 3
        left = [ORDER.position(row.ticket, NOW) for row in rows]
        open_us = sample_context().open_us
        assert open_us is not None
        keys = sorted(each.key for each in left if each.group == OPEN_CLOCK_GROUP)
        load = pane.load(open_us)
        assert (load.count, load.worst_key, load.over) == (len(rows), keys[0], sum(each < open_us for each in keys))
        assert pane.worst is not None
        assert ORDER.position(pane.worst.ticket, NOW).key == keys[0]


def test_a_pending_reply_is_found_by_its_words(tmp_path: Path) -> None:
    known = generated(3)
    desk = LocalCopy(tmp_path, known)
    live = next(each for each in known if each.lifecycle is Lifecycle.LIVE and each.status is Status.OPEN)
    desk.cache.save_conversation(make_conversation(live, "an exporter"), live)
    with started(desk) as model:
        model.show_now(BoardSelection(query=parse_query("exporter")))
        assert model.board.pane(live.status).ids() == [live.id]
        model.show_now(BoardSelection(query=parse_query('"try the importer" exporter unsent')))
        assert model.board.pane(live.status).ids() == []
        model.submit(pending(live.id, 1, body="please try the importer"))
        model.show_now(BoardSelection(query=parse_query('exporter "try the importer"')))
        assert model.board.pane(live.status).ids() == [live.id]
        model.show_now(BoardSelection(query=parse_query("unsent")))
        assert model.board.pane(live.status).ids() == [live.id]


def test_a_selection_is_read_on_another_thread_and_the_latest_one_counts(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path, generated(5))
    with started(desk) as model:
        plain = lines_of(model)
        told = threading.Semaphore(0)
        model.on_selected = told.release
        for text in ("sev:1", "sev:2", "mine"):
            assert not model.show(BoardSelection(query=parse_query(text)))
        while not model.take_selected():
            assert told.acquire(timeout=10)
        assert model.board.selection == model.selection == BoardSelection(query=parse_query("mine"))
        assert {row.ticket.assignee_id for row in model.board.pane(Status.OPEN)} == {ME.id}
        assert model.show(None)
        assert lines_of(model) == plain


def test_folding_a_group_reads_nothing(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path, generated(5))
    grouped_by = BoardSelection(group_by=GroupBy.SEVERITY)
    with started(desk) as model:
        model.show_now(grouped_by)
        header = model.board.pane(Status.OPEN).item_at(0)
        assert isinstance(header, GroupHeader)
        assert model.show(replace(grouped_by, folded=frozenset({(Status.OPEN, header.key)})))
        folded_header = model.board.pane(Status.OPEN).item_at(0)
        assert folded_header == replace(header, is_folded=True)
        assert isinstance(model.board.pane(Status.OPEN).item_at(1), GroupHeader)


def test_many_changes_and_new_names_are_selected_anew(tmp_path: Path) -> None:
    known = generated(5, 200)
    desk = LocalCopy(tmp_path, known)
    with started(desk) as model:
        told = threading.Semaphore(0)
        model.on_selected = told.release
        model.show_now(BoardSelection(query=parse_query("org:wonka subject:sync")))
        changed = [replace(each, subject=OutsideText("sync"), version="v2") for each in known[: MANY_CHANGES + 1]]
        desk.cache.apply(changed, [replace(each, organization=OutsideText("Wonka")) for each in CUSTOMERS])
        model.reload()
        assert model.is_selecting
        while not model.take_selected():
            assert told.acquire(timeout=10)
        shown = {each for items in lines_of(model).values() for each in items}
        live = [each for each in changed if each.lifecycle is Lifecycle.LIVE and is_recent(each)]
        assert {each.id for each in live if PEOPLE[each.requester_id].organization is not None} <= shown


def test_a_refused_change_leaves_its_ticket_where_the_desk_has_it(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path, generated(5))
    with started(desk) as model:
        model.show_now(BoardSelection(query=parse_query("status:open")))
        before = lines_of(model)
        opened = model.board.pane(Status.OPEN).ids()[0]
        model.submit(pending(opened, 1, status=Status.CLOSED, state=OperationState.REJECTED))
        assert lines_of(model) == before


def test_a_copy_begun_anew_is_selected_again(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path, generated(5))
    with started(desk) as model:
        model.show_now(BoardSelection(query=parse_query("id:3,7")))
        for suffix in ("", "-wal", "-shm"):
            Path(f"{desk.files.cache}{suffix}").unlink(missing_ok=True)
        fresh = [replace(each, status=Status.NEW, lifecycle=Lifecycle.LIVE) for each in generated(6, 9)]
        desk.cache.apply(reversed(fresh), PEOPLE.values())
        model.reload()
        assert sorted(model.board.pane(Status.NEW).ids()) == ticket_keys(3, 7)
