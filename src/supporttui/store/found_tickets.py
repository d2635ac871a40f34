"""Tickets that the desk's own search or one of its views has told of, beside those of the board.

They are kept like any other ticket: a closed one that is older than the board shows stands on no pane, unless a filter
asks for what the desk has found. What was known only by a search is dropped once nobody asks for it any more.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from supporttui.domain.instants import to_us
from supporttui.domain.ticket_id import TicketId
from supporttui.store.stored_ids import stored_id
from supporttui.store.ticket_rows import id_lists, placeholders, searchable

_REMEMBER: Final = """
INSERT INTO found_on_desk VALUES (:query, :id, :at, NOT EXISTS (SELECT 1 FROM ticket WHERE id = :id)
OR EXISTS (SELECT 1 FROM found_on_desk WHERE ticket_id = :id AND is_only_found))
"""
_OUTDATED_QUERIES: Final = """
SELECT query FROM found_on_desk GROUP BY query
HAVING max(found_at) < :before OR query NOT IN (
    SELECT query FROM found_on_desk GROUP BY query ORDER BY max(found_at) DESC LIMIT :keep
)
"""
_UNUSED: Final = """
SELECT ticket.number, ticket.id FROM ticket WHERE id IN (
    SELECT ticket_id FROM found_on_desk WHERE query = :query AND is_only_found
) AND status = 'closed' AND NOT EXISTS (SELECT 1 FROM read_mark WHERE ticket_id = ticket.id)
AND NOT EXISTS (SELECT 1 FROM found_on_desk AS other WHERE other.ticket_id = ticket.id AND other.query <> :query)
"""


def remember_found(database: sqlite3.Connection, query: str, ticket_ids: Sequence[TicketId], at: datetime) -> None:
    """Note what was found for a query, in place of what was before; to be done before the tickets are written."""
    database.execute("DELETE FROM found_on_desk WHERE query = ?", (searchable(query),))
    rows = [{"query": searchable(query), "id": stored_id(each), "at": to_us(at)} for each in dict.fromkeys(ticket_ids)]
    database.executemany(_REMEMBER, rows)


def forget_found(database: sqlite3.Connection, before: datetime, keep: int) -> int:
    """Forget queries answered before an instant, and all but the latest; how many tickets nobody needs were dropped."""
    values = {"before": to_us(before), "keep": keep}
    dropped = 0
    for (query,) in database.execute(_OUTDATED_QUERIES, values).fetchall():
        unused = database.execute(_UNUSED, {"query": query}).fetchall()
        database.execute("DELETE FROM found_on_desk WHERE query = ?", (query,))
        database.executemany("DELETE FROM ticket_text WHERE rowid = ?", [(number,) for number, _ in unused])
        for share in id_lists([stored for _, stored in unused]):
            for table, column in (("tag", "ticket_id"), ("conversation", "ticket_id"), ("ticket", "id")):
                statement = f"DELETE FROM {table} WHERE {column} IN ({placeholders(len(share))})"  # noqa: S608 - names of ours
                database.execute(statement, share)
        dropped += len(unused)
    return dropped
