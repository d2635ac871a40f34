"""A filter by SQL finds what looking at every ticket finds, sorted and grouped as a list in Python would be.

SUPPORTTUI_QUERY_TICKETS and SUPPORTTUI_QUERY_COUNT make it larger than the gate's, as 100,000 and 2,000 with
--timeout 3600.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.board_samples import NOW
from support.naive_finder import ORDER, Desk, NaiveFinder
from support.query_samples import (
    malformed_query,
    sample_context,
    sample_conversations,
    sample_people,
    sample_query,
    sample_tickets,
)
from support.sample_values import DESK
from supporttui.domain.query.matching import TicketFacts, has_phrase, matches
from supporttui.domain.query.parser import parse_query
from supporttui.domain.query.query import QueryProblem
from supporttui.domain.query.selection import BoardSelection
from supporttui.domain.ticket import Lifecycle, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store.cache import Cache
from supporttui.store.selected_tickets import Question
from supporttui.store.stored_ids import ticket_id_of
from supporttui.store.ticket_order import TicketOrder

TICKETS = int(os.environ.get("SUPPORTTUI_QUERY_TICKETS", "2000"))
QUERIES = int(os.environ.get("SUPPORTTUI_QUERY_COUNT", "200"))
MALFORMED = 500


@pytest.fixture(scope="module")
def desk() -> Desk:
    random = Random(13)
    people = sample_people(random, max(20, TICKETS // 20))
    tickets = sample_tickets(random, TICKETS, people)
    share = min(0.3, 5_000 / TICKETS)
    talked = [each for each in tickets if random.random() < share]
    read_at = {each.id: NOW - timedelta(minutes=random.randrange(2000)) for each in tickets if random.random() < share}
    conversations = {each.ticket_id: each for each in sample_conversations(random, talked)}
    return Desk(tickets=tickets, people=people, conversations=conversations, read_at=read_at, context=sample_context())


@pytest.fixture(scope="module")
def cache(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    path: Path = tmp_path_factory.mktemp("copy") / "cache.db"
    by_id = {each.id: each for each in desk.tickets}
    with Cache(path, DESK, TicketOrder(ORDER, lambda: NOW)) as cache:
        cache.apply(desk.tickets, desk.people)
        for conversation in desk.conversations.values():
            cache.save_conversation(conversation, by_id[conversation.ticket_id])
        for ticket_id, at in desk.read_at.items():
            cache.mark_read(ticket_id, at)
        yield cache


@pytest.fixture(scope="module")
def ids_by_number(cache: Cache) -> dict[int, TicketId]:
    with contextlib.closing(sqlite3.connect(cache.path)) as database:
        rows = database.execute("SELECT number, id FROM ticket").fetchall()
    return {number: ticket_id_of(stored, DESK) for number, stored in rows}


def facts_of(desk: Desk, tickets: Sequence[Ticket]) -> list[TicketFacts]:
    """What the screens know of tickets; merged ones are not on them."""
    people = {each.id: each for each in desk.people}

    def texts_of(ticket: Ticket) -> Callable[[str, bool], bool]:
        conversation = desk.conversations.get(ticket.id)
        written = "" if conversation is None else "\n".join(each.body.raw for each in conversation.messages)
        subject = ticket.subject.raw
        return lambda phrase, in_subject: (
            has_phrase(phrase, subject) or (not in_subject and has_phrase(phrase, written))
        )

    return [
        TicketFacts(
            ticket=each,
            position=ORDER.position(each, NOW),
            requester=people.get(each.requester_id),
            assignee=people.get(each.assignee_id or 0),
            has_phrase=texts_of(each),
            read_at=desk.read_at.get(each.id),
        )
        for each in tickets
        if each.lifecycle is Lifecycle.LIVE
    ]


def test_sql_finds_the_tickets_that_the_evaluator_finds(
    cache: Cache, desk: Desk, ids_by_number: dict[int, TicketId]
) -> None:
    random, naive, sizes = Random(4), NaiveFinder(desk), []
    row_of = {ticket_id: row for row, ticket_id in enumerate(naive.ticket_ids)}
    rows = {number: row_of[ticket_id] for number, ticket_id in ids_by_number.items() if ticket_id in row_of}
    for _ in range(QUERIES):
        text = sample_query(random)
        question = Question(selection=BoardSelection(query=parse_query(text)), context=desk.context)
        panes = cache.selection.select(question).panes
        listed = [rows[each] for pane in panes.values() for each in pane.numbers]
        found, wanted = naive.set_of(listed), naive.find_set(question.selection.query)
        assert found == wanted, f"{text}: {naive.ids_of(found ^ wanted)[:5]} differ"
        assert found.bit_count() == len(listed)
        sizes.append(len(listed))
    assert sum(0 < size < TICKETS // 2 for size in sizes) > QUERIES // 2
    print(f"{QUERIES:,} queries on {TICKETS:,} tickets: the same sets, of {sum(sizes):,} tickets in all")


def test_pending_changes_are_matched_as_the_evaluator_matches(desk: Desk) -> None:
    random, naive = Random(6), NaiveFinder(desk)
    facts = facts_of(desk, random.sample(desk.tickets, 100))
    for _ in range(QUERIES):
        text = sample_query(random)
        query = parse_query(text)
        wanted = naive.find(query)
        for each in facts:
            assert matches(query, each, desk.context) == (each.ticket.id in wanted), (text, each.ticket)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30) | st.text(max_size=12).map("tag:{0} org:{0} id:{0} subject:{0}".format))
def test_whatever_is_typed_leaves_the_cache_as_it_is(tmp_path: Path, text: str) -> None:
    with Cache(tmp_path / "cache.db", DESK, TicketOrder(ORDER, lambda: NOW)) as cache:
        cache.apply(sample_tickets(Random(1), 5, sample_people(Random(1), 9)), [])
        identity = cache.identity()
        with contextlib.suppress(QueryProblem):
            selection = BoardSelection(query=parse_query(text), finds_on_desk=True)
            cache.selection.select(Question(selection=selection, context=sample_context(), closed_since=NOW))
        assert cache.identity() == identity
        assert cache.count_tickets() == 5


def test_every_malformed_query_is_explained_at_the_place_of_its_mistake() -> None:
    random = Random(5)
    for _ in range(MALFORMED):
        text, start, end = malformed_query(random)
        with pytest.raises(QueryProblem) as problem:
            parse_query(text)
        assert (text, text[problem.value.start : problem.value.end]) == (text, text[start:end])
        assert (problem.value.start, problem.value.end) == (start, end)
        assert str(problem.value).isprintable()
