"""What the product is measured beside: Textual apps that do next to nothing, and a board of DataTables.

python tests/bench/reference_apps.py minimal|idle|table [TICKETS]
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import Final

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Static

READY: Final = "ready-now"
KEY_SIGN: Final = "▌".encode()
"""Part of the minimal app's answer to every key."""
TICK_S: Final = 1.0


class MinimalApp(App[None]):
    """One widget with one word, which any key changes: what a program made with Textual costs at least."""

    def compose(self) -> ComposeResult:
        yield Static(READY)

    def on_key(self) -> None:
        """Put the mark on the other side of the word."""
        word = self.query_one(Static)
        word.update(f"{READY} ▌" if str(word.content).startswith("▌") else f"▌ {READY}")


class TableApp(App[None]):
    """Five DataTables whose visible cells are told every second what they say."""

    def __init__(self, tickets: int) -> None:
        super().__init__()
        self._tickets = tickets
        self._now = datetime(2026, 11, 23, 19, 31, tzinfo=UTC)

    def compose(self) -> ComposeResult:
        with Horizontal():
            for number in range(5):
                yield DataTable(id=f"pane-{number}")

    def on_mount(self) -> None:
        for number, table in enumerate(self.query(DataTable)):
            table.cursor_type = "row"
            table.add_columns("s", "subject", "left")
            first = READY if number == 0 else "Board stays empty after login"
            rows = [(str(1 + row % 4), first, self._left(row)) for row in range(self._tickets // 5)]
            table.add_rows(rows)
        self.set_interval(TICK_S, self._tick)

    def _left(self, row: int) -> str:
        left = timedelta(minutes=15 + row % 44) - (datetime.now(UTC) - self._now) % timedelta(minutes=15)
        return str(left).split(".")[0]

    def _tick(self) -> None:
        for table in self.query(DataTable):
            top = int(table.scroll_y)
            for row in range(top, min(top + 30, table.row_count)):
                table.update_cell_at(Coordinate(row, 2), self._left(row))


def main() -> None:
    """Run the one that is named."""
    tickets = int(sys.argv[2]) if len(sys.argv) > 2 else 150
    app = TableApp(tickets) if sys.argv[1] == "table" else MinimalApp()
    app.run()


if __name__ == "__main__":
    main()
