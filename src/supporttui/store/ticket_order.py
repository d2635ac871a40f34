"""Keeps the sort positions of the cached tickets right: when the policy changes, and as time goes by."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

from supporttui.domain.board_order import BoardOrder, SortPosition, position_without_clocks
from supporttui.domain.ticket import Ticket
from supporttui.store.cache_file import CacheFile, current_revision, load_value, put_value, set_revision
from supporttui.store.ticket_rows import batches, update_positions


def utc_now() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)


class TicketOrder:
    """Computes the sort positions of tickets that are written, under the order of one policy at the present time.

    Without an order, tickets are sorted by status alone, and whoever opens the file with one computes them again.
    """

    def __init__(self, order: BoardOrder | None = None, now: Callable[[], datetime] = utc_now) -> None:
        self._order = order
        self._now = now
        self.generation = 0
        """The number of this order in the file; a position of a lower one was computed under another policy."""

    def fingerprint(self) -> bytes:
        """The hash of everything but the ticket and the time; empty without an order."""
        return b"" if self._order is None else self._order.fingerprint()

    def position_of(self) -> Callable[[Ticket], SortPosition]:
        """The function that computes positions for the present instant."""
        if self._order is None:
            return position_without_clocks
        order, now = self._order, self._now().replace(second=0, microsecond=0)  # the same in all windows
        return lambda ticket: order.position(ticket, now)


class OrderUpdates:
    """Computes positions again that the file already has."""

    def __init__(self, file: CacheFile, order: TicketOrder) -> None:
        self._file = file
        self._order = order

    def begin(self) -> None:
        """Make this object's order the file's; if it was another, `reorder` computes the positions again.

        Where several windows have different policies, the positions are those of the one that was started last.
        """

        if not self._order.fingerprint():
            return

        def adopt(database: sqlite3.Connection) -> int:
            stored = load_value(database, "board_order") or b""
            generation, fingerprint = int.from_bytes(stored[:8], "big"), self._order.fingerprint()
            if stored[8:] == fingerprint:
                return generation
            put_value(database, "board_order", (generation + 1).to_bytes(8, "big") + fingerprint)
            return generation + 1

        self._order.generation = self._file.write(adopt)

    def reorder(self, limit: int) -> int:
        """Compute again at most so many positions that belong to an earlier order; how many it were."""
        return self._reposition(
            "SELECT number FROM ticket INDEXED BY ticket_by_generation WHERE order_generation < ? LIMIT ?",
            (self._order.generation, limit),
        )

    def reorder_drifting(self, after_number: int, limit: int) -> int | None:
        """Compute again the positions that change with time, of at most so many tickets in rows above a number.

        Returns the number to go on after, or None where these were the last.
        """
        found: list[int] = []
        statement = (
            "SELECT number FROM ticket INDEXED BY ticket_drifting WHERE drifts AND number > ? ORDER BY number LIMIT ?"
        )
        self._reposition(statement, (after_number, limit), found)
        return found[-1] if len(found) == limit else None

    def _reposition(self, statement: str, values: tuple[int, int], found: list[int] | None = None) -> int:
        named = [] if found is None else found
        named[:] = self._file.read(lambda database: [row[0] for row in database.execute(statement, values)])
        if not named:
            return 0

        def write(database: sqlite3.Connection) -> int:
            position_of = self._order.position_of()
            moved = sum(
                update_positions(database, self._order.generation, each, position_of) for each in batches(named)
            )
            if moved:
                set_revision(database, current_revision(database) + 1)
            return len(named)

        return self._file.write(write)
