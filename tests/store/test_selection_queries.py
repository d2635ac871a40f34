"""A filter by SQL finds what looking at every ticket finds, sorted and grouped as a list in Python would be.

SUPPORTTUI_QUERY_TICKETS and SUPPORTTUI_QUERY_COUNT make it larger than the gate's.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from support.board_samples import NOW
from support.query_samples import (
    ORDER,
    Desk,
    NaiveFinder,
    malformed_query,
    sample_context,
    sample_conversations,
    sample_people,
    sample_query,
    sample_tickets,
)
from support.sample_values import DESK
from supporttui.domain.query.parser import parse_query
from supporttui.domain.query.query import QueryProblem
from supporttui.domain.query.selection import BoardSelection
from supporttui.domain.ticket_id import TicketId
from supporttui.store.cache import Cache
from supporttui.store.selected_tickets import Question
from supporttui.store.stored_ids import ticket_id_of
from supporttui.store.ticket_order import TicketOrder

TICKETS = int(os.environ.get("SUPPORTTUI_QUERY_TICKETS", "2000"))
QUERIES = int(os.environ.get("SUPPORTTUI_QUERY_COUNT", "200"))


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


def test_sql_finds_the_tickets_that_the_evaluator_finds(
    cache: Cache, desk: Desk, ids_by_number: dict[int, TicketId]
) -> None:
    random, naive, sizes = Random(4), NaiveFinder(desk), []
    for number in range(QUERIES):
        text = sample_query(random)
        question = Question(selection=BoardSelection(query=parse_query(text)), context=desk.context)
        panes = cache.selection.select(question).panes
        found = {ids_by_number[each] for pane in panes.values() for each in pane.numbers}
        wanted = naive.find(question.selection.query)
        assert found == wanted, text
        assert sum(len(pane.numbers) for pane in panes.values()) == len(found)
        if number % (QUERIES // 20) == 0:
            assert naive.find_by_matches(question.selection.query) == wanted, text
        sizes.append(len(wanted))
    assert sum(0 < size < TICKETS // 2 for size in sizes) > QUERIES // 2


def test_every_malformed_query_is_explained_inside_its_text() -> None:
    random = Random(5)
    for _ in range(QUERIES):
        text = malformed_query(random)
        with pytest.raises(QueryProblem) as problem:
            parse_query(text)
        assert 0 <= problem.value.start < problem.value.end <= len(text)
        assert str(problem.value)
