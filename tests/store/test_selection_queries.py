"""A filter by SQL finds what looking at every ticket finds, sorted and grouped as a list in Python would be.

SUPPORTTUI_QUERY_TICKETS and SUPPORTTUI_QUERY_COUNT make it larger than the gate's.
"""

import os
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
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.store.cache import Cache
from supporttui.store.selected_tickets import Question, SelectedEntry, SelectedTickets
from supporttui.store.ticket_order import TicketOrder

TICKETS = int(os.environ.get("SUPPORTTUI_QUERY_TICKETS", "2000"))
QUERIES = int(os.environ.get("SUPPORTTUI_QUERY_COUNT", "200"))


@pytest.fixture(scope="module")
def desk() -> Desk:
    random = Random(13)
    people = sample_people(random, max(20, TICKETS // 20))
    tickets = sample_tickets(random, TICKETS, people)
    talked = [each for each in tickets if random.random() < 0.3]
    read_at = {each.id: NOW - timedelta(minutes=random.randrange(2000)) for each in tickets if random.random() < 0.3}
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


def ids_of(cache: Cache, question: Question, selected: SelectedTickets) -> dict[Status, list[TicketId]]:
    numbers = [number for pane in selected.panes.values() for number in pane.numbers]
    known: dict[int, SelectedEntry] = {}
    for at in range(0, len(numbers), 500):
        known |= cache.selection.entries(question, numbers[at : at + 500])
    return {status: [known[each].ticket_id for each in pane.numbers] for status, pane in selected.panes.items()}


def test_sql_finds_the_tickets_that_the_evaluator_finds(cache: Cache, desk: Desk) -> None:
    random, naive, sizes = Random(4), NaiveFinder(desk), []
    for _ in range(QUERIES):
        text = sample_query(random)
        question = Question(selection=BoardSelection(query=parse_query(text)), context=desk.context)
        found = {each for ids in ids_of(cache, question, cache.selection.select(question)).values() for each in ids}
        wanted = naive.find(question.selection.query)
        assert found == wanted, text
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
