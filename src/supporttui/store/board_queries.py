"""Queries on the cached tickets: the panes of the board, one person's tickets, tags and full text."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from supporttui.domain.board_order import CLOSED_GROUP, OPEN_CLOCK_GROUP, closed_key
from supporttui.domain.instants import to_us
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.store.cache_file import CacheFile
from supporttui.store.cache_schema import BUCKET_BITS
from supporttui.store.stored_ids import stored_id, ticket_id_of
from supporttui.store.ticket_rows import compared, placeholders, searchable


class PaneEntry(NamedTuple):
    """A ticket of a pane; entries sort as the pane does, and as their stored form does in the file."""

    sort_group: int
    sort_key: int
    ticket_id: TicketId


NO_ID: Final = TicketId("", "")
"""Sorts before the id of every ticket."""

_END: Final = PaneEntry(CLOSED_GROUP + 1, 0, NO_ID)
"""Behind every ticket."""


class PaneQuery(msgspec.Struct, frozen=True):
    """The selection of tickets that a pane shows: those of one status, without merged and deleted ones."""

    status: Status
    assignee_id: int | None = None
    """Only this person's; None for everybody's."""
    closed_since: datetime | None = None
    """Of closed tickets only those closed at or after this instant; None for all."""

    @property
    def end(self) -> PaneEntry:
        """An entry behind the last one that the pane shows."""
        if self.status is not Status.CLOSED or self.closed_since is None:
            return _END
        return PaneEntry(CLOSED_GROUP, closed_key(self.closed_since) + 1, NO_ID)

    def shows(self, located: "LocatedTicket") -> bool:
        """Whether a ticket is one of them."""
        return (
            located.status is self.status
            and located.is_live
            and (self.assignee_id is None or located.assignee_id == self.assignee_id)
            and located.entry < self.end
        )


class LocatedTicket(msgspec.Struct, frozen=True):
    """Where a ticket stands, and what decides in which panes."""

    status: Status
    is_live: bool
    """Neither merged nor deleted."""
    assignee_id: int | None
    entry: PaneEntry


PANE_BUCKETS: Final = """
SELECT sort_group, bucket, tickets FROM pane_count WHERE status = :status ORDER BY sort_group, bucket
"""
BUCKETS_BEFORE: Final = """
SELECT coalesce(sum(tickets), 0) FROM pane_count
WHERE status = :status AND (sort_group, bucket) < (:sort_group, :bucket)
"""
RANK_IN_BUCKET: Final = """
SELECT count(*) FROM ticket INDEXED BY ticket_by_pane WHERE is_live AND status = :status
AND sort_group = :sort_group AND sort_key >= :bucket_start AND (sort_key, id) < (:sort_key, :ticket_id)
"""
ASSIGNEE_RANK: Final = """
SELECT count(*) FROM ticket INDEXED BY ticket_by_assignee WHERE is_live AND assignee_id = :assignee_id
AND status = :status AND (sort_group, sort_key, id) < (:sort_group, :sort_key, :ticket_id)
"""
PAGE: Final = """
SELECT sort_group, sort_key, id FROM ticket INDEXED BY ticket_by_pane WHERE is_live AND status = :status
AND (sort_group, sort_key, id) >= (:sort_group, :sort_key, :ticket_id)
AND (sort_group, sort_key, id) < (:end_group, :end_key, :end_id)
ORDER BY sort_group, sort_key, id LIMIT :limit OFFSET :offset
"""
ASSIGNEE_PAGE: Final = """
SELECT sort_group, sort_key, id FROM ticket INDEXED BY ticket_by_assignee WHERE is_live
AND assignee_id = :assignee_id AND status = :status
AND (sort_group, sort_key, id) < (:end_group, :end_key, :end_id)
ORDER BY sort_group, sort_key, id LIMIT :limit OFFSET :offset
"""
OPEN_CLOCKS: Final = """
SELECT id FROM ticket INDEXED BY ticket_by_pane WHERE is_live AND status = :status AND sort_group = :sort_group
ORDER BY sort_key, id
"""
IN_STATUS: Final = """
SELECT id FROM ticket INDEXED BY ticket_by_pane WHERE is_live AND status = :status
"""
OPEN_TICKETS_OF_REQUESTER: Final = """
SELECT id FROM ticket INDEXED BY ticket_by_requester
WHERE is_live AND requester_id = :requester_id AND status <> 'closed' ORDER BY created_at DESC, id DESC
"""
TICKETS_CREATED_SINCE: Final = """
SELECT id FROM ticket INDEXED BY ticket_by_creation WHERE created_at >= :created_at ORDER BY created_at, id
"""
CHANGED_SINCE: Final = "SELECT id FROM ticket INDEXED BY ticket_by_revision WHERE revision > :revision"
TAGGED: Final = "SELECT ticket_id FROM tag WHERE tag = :tag ORDER BY ticket_id"
FULL_TEXT: Final = """
SELECT ticket.id FROM ticket_text CROSS JOIN ticket ON ticket.number = ticket_text.rowid
WHERE ticket_text MATCH :query ORDER BY ticket_text.rank, ticket.id LIMIT :limit
"""
IN_ORGANIZATION: Final = """
SELECT ticket.id FROM person INDEXED BY person_by_organization
CROSS JOIN ticket INDEXED BY ticket_by_requester ON ticket.requester_id = person.id
WHERE person.organization = :organization AND ticket.is_live ORDER BY ticket.id
"""

PANE_STATEMENTS: Final = (
    PANE_BUCKETS,
    BUCKETS_BEFORE,
    RANK_IN_BUCKET,
    ASSIGNEE_RANK,
    PAGE,
    ASSIGNEE_PAGE,
    OPEN_CLOCKS,
    IN_STATUS,
    OPEN_TICKETS_OF_REQUESTER,
    TICKETS_CREATED_SINCE,
    CHANGED_SINCE,
    TAGGED,
    IN_ORGANIZATION,
)
"""Statements none of which may read a whole table, for the test of that."""


class BoardQueries:
    """Answers from the cached tickets. Every method may raise `StoreProblem`."""

    def __init__(self, file: CacheFile) -> None:
        self._file = file

    def _fetch(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        return self._file.read(lambda database: database.execute(statement, values).fetchall())

    def _fetch_number(self, statement: str, **values: object) -> int:
        return int(self._fetch(statement, **values)[0][0])

    def _fetch_ids(self, statement: str, **values: object) -> list[TicketId]:
        return [ticket_id_of(row[0], self._file.desk) for row in self._fetch(statement, **values)]

    def _entry(self, sort_group: int, sort_key: int, stored: str) -> PaneEntry:
        return PaneEntry(sort_group, sort_key, ticket_id_of(stored, self._file.desk))

    def count(self, pane: PaneQuery) -> int:
        """How many tickets the pane shows."""
        return self.rank(pane, pane.end)

    def rank(self, pane: PaneQuery, entry: PaneEntry) -> int:
        """How many tickets of the pane stand before this entry, which need not be in it."""
        values = {"status": pane.status.value, **_values_of(entry)}
        if pane.assignee_id is not None:
            return self._fetch_number(ASSIGNEE_RANK, assignee_id=pane.assignee_id, **values)
        bucket = entry.sort_key >> BUCKET_BITS
        before = self._fetch_number(
            BUCKETS_BEFORE, status=pane.status.value, sort_group=entry.sort_group, bucket=bucket
        )
        if entry == _END:
            return before
        return before + self._fetch_number(RANK_IN_BUCKET, bucket_start=bucket << BUCKET_BITS, **values)

    def page(self, pane: PaneQuery, start: int, limit: int) -> list[PaneEntry]:
        """The entries of the pane from an index on, in order, at most so many."""
        end = pane.end
        values = {
            "status": pane.status.value,
            "end_group": end.sort_group,
            "end_key": end.sort_key,
            "end_id": stored_id(end.ticket_id),
            "limit": limit,
        }
        if pane.assignee_id is not None:
            rows = self._fetch(ASSIGNEE_PAGE, assignee_id=pane.assignee_id, offset=start, **values)
            return [self._entry(*row) for row in rows]
        first, offset = self._bucket_of(pane.status, start)
        return [self._entry(*row) for row in self._fetch(PAGE, offset=offset, **_values_of(first), **values)]

    def _bucket_of(self, status: Status, index: int) -> tuple[PaneEntry, int]:
        """The first possible entry of the bucket in which the ticket at this index is, and how far behind it it is."""
        if index == 0:
            return PaneEntry(-1, 0, NO_ID), 0
        left = index
        for group, bucket, tickets in self._fetch(PANE_BUCKETS, status=status.value):
            if left < tickets:
                return PaneEntry(group, bucket << BUCKET_BITS, NO_ID), left
            left -= tickets
        return _END, 0

    def locate(self, ticket_ids: Iterable[TicketId]) -> dict[TicketId, LocatedTicket]:
        """Where these tickets stand, as far as they are known."""
        named = [stored_id(each) for each in ticket_ids]
        statement = (
            "SELECT id, status, is_live, assignee_id, sort_group, sort_key FROM ticket "  # noqa: S608 - question marks only
            f"WHERE id IN ({placeholders(len(named))})"
        )

        def load(database: sqlite3.Connection) -> dict[TicketId, LocatedTicket]:
            found = (
                LocatedTicket(Status(status), bool(is_live), who, self._entry(group, key, stored))
                for stored, status, is_live, who, group, key in database.execute(statement, named)
            )
            return {each.entry.ticket_id: each for each in found}

        return self._file.read(load)

    def ids_with_open_clock(self) -> list[TicketId]:
        """The tickets that are not closed and have a clock that has not finished, pane by pane in their order."""
        unclosed = [status for status in Status if status is not Status.CLOSED]
        return [
            ticket_id
            for status in unclosed
            for ticket_id in self._fetch_ids(OPEN_CLOCKS, status=status.value, sort_group=OPEN_CLOCK_GROUP)
        ]

    def ids_not_closed(self) -> list[TicketId]:
        """The tickets on the board that are not closed, pane by pane."""
        unclosed = [status for status in Status if status is not Status.CLOSED]
        return [ticket_id for status in unclosed for ticket_id in self._fetch_ids(IN_STATUS, status=status.value)]

    def open_ids_of(self, requester_id: int) -> list[TicketId]:
        """The tickets of a person that are not closed, the latest first."""
        return self._fetch_ids(OPEN_TICKETS_OF_REQUESTER, requester_id=requester_id)

    def ids_created_since(self, created_at: datetime) -> list[TicketId]:
        """The tickets created at or after an instant, the oldest first."""
        return self._fetch_ids(TICKETS_CREATED_SINCE, created_at=to_us(created_at))

    def ids_changed_since(self, revision: int) -> list[TicketId]:
        """The tickets that changed after a revision."""
        return self._fetch_ids(CHANGED_SINCE, revision=revision)

    def ids_tagged(self, tag: str) -> list[TicketId]:
        """The tickets that have a tag, in the order of their ids."""
        return self._fetch_ids(TAGGED, tag=compared(tag))

    def ids_in_organization(self, organization: str) -> list[TicketId]:
        """The tickets whose requester belongs to an organisation, in the order of their ids."""
        return self._fetch_ids(IN_ORGANIZATION, organization=searchable(organization))

    def search(self, words: Sequence[str], limit: int) -> list[TicketId]:
        """The tickets with all these words, or words that begin so, in subject or conversation; the best first."""
        quoted = ('"{}"*'.format(searchable(word).replace('"', '""')) for word in words if word.strip())
        query = " AND ".join(quoted)
        return self._fetch_ids(FULL_TEXT, query=query, limit=limit) if query else []


def _values_of(entry: PaneEntry) -> dict[str, int | str]:
    """An entry as the values of a statement."""
    return {"sort_group": entry.sort_group, "sort_key": entry.sort_key, "ticket_id": stored_id(entry.ticket_id)}
