"""The board with a clock that goes on by a second with each byte from a pipe: its output is always the same.

    stepped_window.py FOLDER PIPE

The engine never starts, so that nothing but the local copy decides what is shown.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.board_samples import StubEngine
from support.sample_values import DESK
from supporttui.cli.calendar_cache import compile_calendars
from supporttui.config import load_settings
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.terminal_options import BandwidthChoice, detect_terminal_options, terminfo_colours
from supporttui.store.operations import StoreFiles
from supporttui.ui.app import SupportApp

BEGINNING: Final = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def files_in(folder: Path) -> StoreFiles:
    """Where its local copy lies."""
    return StoreFiles(
        DESK, str(folder / "cache.db"), str(folder / "outbox.db"), str(folder / "downloads"), str(folder / "sla.db")
    )


class SteppedApp(SupportApp):
    """Ticks when it is told to."""

    def __init__(self, folder: Path, pipe: int) -> None:
        self._pipe = pipe
        self._steps = 0
        policy = load_settings(folder / "config.toml", {}).policy
        files = files_in(folder)
        self._still = engine = StubEngine(files)
        engine.say(last_sync_at=BEGINNING)
        calendars = compile_calendars(policy, BEGINNING.year)
        super().__init__(
            AppContext(
                files=files,
                connect=lambda _on_change: engine,
                policy=policy,
                calendar=calendars.desk,
                desk_label="desk.example",
                now=self._now,
                line=detect_terminal_options(
                    BandwidthChoice.FULL if os.environ.get("COLORTERM") else BandwidthChoice.THIN,
                    os.environ,
                    terminfo_colours,
                ),
            )
        )

    def _now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self._steps)

    def on_mount(self) -> None:
        """Begin as ever, and listen to the pipe."""
        super().on_mount()
        asyncio.get_running_loop().add_reader(self._pipe, self._step)

    def _wait_for_second(self, *_: Any) -> None:
        """The pipe says when."""

    def _step(self) -> None:
        self._steps += len(os.read(self._pipe, 1))
        if self._steps % 10 == 0:  # as often as a desk that pushes is heard
            self._still.say(last_sync_at=self._now())
        self._tick()


def main() -> None:
    """Run it."""
    SteppedApp(Path(sys.argv[1]), int(sys.argv[2])).run()


if __name__ == "__main__":
    main()
