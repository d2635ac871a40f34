"""What the board asks the cache: panes in order, counts, ranks, one person's tickets, and full text."""

import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from support.board_samples import NOW, sample_ticket
from support.policy_samples import packaged_calendar, packaged_policy
from support.sample_values import DESK, at, make_conversation, make_person, make_ticket, ticket_key, ticket_keys
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.metrics import Metric
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Lifecycle, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store.board_queries import IN_ORGANIZATION, PANE_STATEMENTS, PaneEntry, PaneQuery
from supporttui.store.cache import Cache
from supporttui.store.ticket_order import TicketOrder

HOUR = timedelta(hours=1)
METRICS = (Metric.FIRST_RESPONSE,)
ORDER = BoardOrder(packaged_policy(), Calendars(packaged_calendar()))
EVERYBODY = [PaneQuery(status, closed_since=NOW - timedelta(days=7)) for status in Status]


def opened(path: Path) -> Cache:
    return Cache(path / "cache.db", DESK, TicketOrder(ORDER, lambda: NOW))


def naive_pane(tickets: list[Ticket], pane: PaneQuery) -> list[PaneEntry]:
    """The entries that a pane must have, sorted by Python."""
    found = []
    for ticket in tickets:
        group, key, _ = ORDER.position(ticket, NOW)
        entry = PaneEntry(group, key, ticket.id)
        is_mine = pane.assignee_id in (None, ticket.assignee_id)
        if ticket.status is pane.status and ticket.lifecycle is Lifecycle.LIVE and is_mine and entry <= pane.end:
            found.append(entry)
    return sorted(found)


def _ticket(ticket_id: TicketId, status: Status, facts: tuple[int, int | None, int | None, int, bool]) -> Ticket:
    minutes, answered, assignee, severity, is_live = facts
    ticket = sample_ticket(
        ticket_id,
        f"word{ticket_id} subject",
        status,
        severity=severity,
        ago=timedelta(minutes=minutes),
        answered_after=None if answered is None else timedelta(minutes=min(answered, minutes)),
        wrote_ago=timedelta(minutes=minutes // 3),
        assignee=assignee,
    )
    return ticket if is_live else replace(ticket, lifecycle=Lifecycle.MERGED)


FACTS = st.tuples(
    st.integers(0, 20_000),
    st.none() | st.integers(0, 3000),
    st.sampled_from([None, 1, 2]),
    st.integers(1, 4),
    st.sampled_from([True, True, True, False]),
)
MANY_TICKETS = st.lists(st.tuples(st.sampled_from(Status), FACTS), max_size=40)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(first=MANY_TICKETS, second=MANY_TICKETS, assignee_id=st.sampled_from([None, 1]), limit=st.integers(1, 9))
def test_pages_counts_and_ranks_are_those_of_a_sorted_list(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[Status, tuple[int, int | None, int | None, int, bool]]],
    second: list[tuple[Status, tuple[int, int | None, int | None, int, bool]]],
    assignee_id: int | None,
    limit: int,
) -> None:
    tickets: dict[TicketId, Ticket] = {}
    with opened(tmp_path_factory.mktemp("copy")) as cache:
        for report in (first, second):
            reported = [_ticket(ticket_key(number), status, facts) for number, (status, facts) in enumerate(report, 1)]
            cache.apply(reported, [])
        tickets = {ticket.id: ticket for ticket in cache.load_tickets()}
        for pane in EVERYBODY:
            pane = replace(pane, assignee_id=assignee_id)
            wanted = naive_pane([*tickets.values()], pane)
            found = [
                entry for start in range(0, len(wanted) + 1, limit) for entry in cache.board.page(pane, start, limit)
            ]
            assert found == wanted
            assert cache.board.count(pane) == len(wanted)
            assert [cache.board.rank(pane, entry) for entry in wanted] == [*range(len(wanted))]
            located = cache.board.locate(tickets)
            assert sorted(each.entry for each in located.values() if pane.shows(each)) == wanted


WORDS = st.text(st.characters(exclude_categories=()), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(before=WORDS, after=WORDS, said=WORDS)
def test_words_are_found_between_any_characters(
    tmp_path_factory: pytest.TempPathFactory, before: str, after: str, said: str
) -> None:
    ticket = make_ticket(1, subject=OutsideText(f"{before} invoice {after}"))
    with opened(tmp_path_factory.mktemp("copy")) as cache:
        cache.apply([ticket, make_ticket(2)], [])
        assert cache.board.search(["INVOICE"], 10) == ticket_keys(1)
        cache.save_conversation(make_conversation(ticket, f"{said} exporter {said}", "second"), ticket)
        assert cache.board.search(["invo", "exporter"], 10) == ticket_keys(1)
        assert cache.board.search([before, after, said], 10) in (
            [],
            ticket_keys(1),
            ticket_keys(1, 2),
            ticket_keys(2, 1),
        )
        assert cache.load_ticket(ticket_key(1)) == ticket


def test_a_changed_subject_is_found_and_the_former_one_is_not(tmp_path: Path) -> None:
    with opened(tmp_path) as cache:
        cache.apply([make_ticket(1, subject=OutsideText("printer burns"))], [])
        cache.apply([make_ticket(1, updated=1, subject=OutsideText("scanner burns"))], [])
        assert cache.board.search(["printer"], 10) == []
        assert cache.board.search(["scanner"], 10) == ticket_keys(1)
        assert cache.board.search(['"', "NEAR(", "*"], 10) in ([], ticket_keys(1))


def test_tags_and_organisations_are_asked_for(tmp_path: Path) -> None:
    hostile = OutsideText("v\0ip \ud83d")
    with opened(tmp_path) as cache:
        requester = replace(make_person(7), organization=OutsideText("Acme"))
        cache.apply([make_ticket(1, tags=(hostile, hostile, OutsideText("gone")))], [requester])
        cache.apply([make_ticket(2, requester_id=8), make_ticket(1, updated=1, tags=(hostile,))], [])
        assert cache.board.ids_tagged(hostile.raw) == ticket_keys(1)
        assert cache.board.ids_tagged("gone") == []
        assert cache.board.ids_in_organization("Acme") == ticket_keys(1)


def test_the_tickets_of_a_requester_come_with_the_latest_first(tmp_path: Path) -> None:
    tickets = [
        make_ticket(1, created_at=at(1)),
        make_ticket(2, created_at=at(2)),
        make_ticket(3, status=Status.CLOSED),
        make_ticket(4, requester_id=8),
        make_ticket(5, lifecycle=Lifecycle.MERGED),
    ]
    with opened(tmp_path) as cache:
        cache.apply(tickets, [])
        assert cache.board.open_ids_of(7) == ticket_keys(2, 1)


def test_tickets_with_an_open_clock_are_known_without_reading_them(tmp_path: Path) -> None:
    with opened(tmp_path) as cache:
        cache.apply([sample_ticket(1, "waits"), sample_ticket(2, "answered", Status.OPEN, answered_after=HOUR / 2)], [])
        assert cache.board.ids_with_open_clock() == ticket_keys(1)


def test_another_policy_computes_all_positions_anew_in_shares(tmp_path: Path) -> None:
    tickets = [sample_ticket(number, f"t{number}", ago=number * HOUR) for number in range(1, 8)]
    path = tmp_path / "cache.db"
    with Cache(path, DESK) as cache:
        cache.apply(tickets, [])
        without_clocks = cache.board.page(EVERYBODY[0], 0, 99)
    with opened(tmp_path) as cache:
        assert cache.board.page(EVERYBODY[0], 0, 99) == without_clocks
        before = cache.revision()
        cache.order.begin()
        assert [cache.order.reorder(3) for _ in range(4)] == [3, 3, 1, 0]
        assert cache.board.page(EVERYBODY[0], 0, 99) == naive_pane(tickets, EVERYBODY[0])
        assert cache.revision() > before
        assert cache.load_since(before)[1] == []
    with opened(tmp_path) as cache:
        cache.order.begin()
        assert cache.order.reorder(3) == 0


def test_only_positions_that_change_with_time_are_computed_again(tmp_path: Path) -> None:
    policy = replace(packaged_policy(), pause_on={metric: frozenset({Status.ON_HOLD}) for metric in METRICS})
    order, moment = BoardOrder(policy, Calendars(packaged_calendar())), [NOW]
    paused = sample_ticket(1, "paused", Status.ON_HOLD, ago=3 * HOUR, in_status=HOUR)
    with Cache(tmp_path / "cache.db", DESK, TicketOrder(order, lambda: moment[0])) as cache:
        cache.apply([paused, sample_ticket(2, "runs", ago=HOUR)], [])
        cache.order.begin()
        cache.order.reorder(99)
        keys = [cache.board.locate([ticket_key(number)])[ticket_key(number)].entry.sort_key for number in (1, 2)]
        moment[0] += timedelta(minutes=10)
        assert cache.order.reorder_drifting(0, 99) is None
        later = [cache.board.locate([ticket_key(number)])[ticket_key(number)].entry.sort_key for number in (1, 2)]
    assert [(b - a) // 1_000_000 for a, b in zip(keys, later, strict=True)] == [600, 0]


@pytest.mark.parametrize("statement", PANE_STATEMENTS)
def test_no_query_of_the_board_reads_a_whole_table(tmp_path: Path, statement: str) -> None:
    with opened(tmp_path) as cache:
        cache.apply([sample_ticket(1, "one")], [])
    values = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
    database = sqlite3.connect(tmp_path / "cache.db")
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    database.close()
    print(*plan, sep="\n")
    assert plan
    assert not [step for step in plan if step.startswith("SCAN")]
    assert statement is IN_ORGANIZATION or not [step for step in plan if "TEMP B-TREE" in step]
