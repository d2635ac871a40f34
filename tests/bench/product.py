"""The whole product on a desk of its own: a served desk with seeded tickets, a home with its local copy, a window."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.pty_session import Watched
from bench.seeding import AGENT, CONFIG, MARKER, Mix, Seeded, fill_desk, seeded_tickets
from support.policy_samples import packaged_rules
from supporttui.config.desk import desk_name
from supporttui.config.folders import make_private_folder
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files
from supporttui.store.operations import StoreFiles
from supporttui.sync.engine import Engine

PROGRAM: Final = (sys.executable, "-m", "supporttui")
ONE_LINE: Final = b"1d2d3d4d5d1"
"""The keys for one line a ticket in every pane: with it so many rows are in view as the figures speak of."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A served desk and the home of its window."""

    folder: Path
    tickets: list[Seeded]
    token: str
    first_sync_s: float

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"unix:{self.folder}/s"

    @property
    def files(self) -> StoreFiles:
        """The window's local copy."""
        kept, copied = (self.folder / "home" / place / "supporttui" for place in ("data", "cache"))
        for folder in (kept, copied):
            make_private_folder(folder)
        return prepare_store_files(kept, copied, f"{self.url} {AGENT.email.raw}", desk_name(self.url))

    def window(self, *, has_true_color: bool = True, drained_bytes_s: float = 0.0) -> Watched:
        """The board, as a person starts it."""
        secrets = {"SUPPORTTUI_URL": self.url, "SUPPORTTUI_EMAIL": AGENT.email.raw, "SUPPORTTUI_TOKEN": self.token}
        for kept in (self.folder / "home").rglob("board.json"):
            kept.unlink()  # each window begins as if it were the first: ONE_LINE takes turns
        command = (*PROGRAM, "--config", str(self.folder / "config.toml"))
        return Watched(command, home_in(self.folder / "home") | secrets, has_true_color, drained_bytes_s)


def home_in(folder: Path) -> dict[str, str]:
    """The environment for a home of its own."""
    places = {"HOME": ".", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache"}
    places |= {"XDG_STATE_HOME": "state", "XDG_RUNTIME_DIR": "run"}
    for place in places.values():
        (folder / place).mkdir(mode=0o700, parents=True, exist_ok=True)
    return {name: str((folder / place).resolve()) for name, place in places.items()}


@contextlib.contextmanager
def desk_with(folder: Path, count: int, mix: Mix) -> Iterator[Desk]:
    """A desk of so many tickets that is served for as long as the context lasts, and its local copy made from it."""
    folder.mkdir(mode=0o700, parents=True)
    (folder / "config.toml").write_text(CONFIG)
    tickets = list(seeded_tickets(count, mix, datetime.now(UTC)))
    token = fill_desk(folder, tickets)
    serving = ("serve", "--uds", str(folder / "s"), "--database", f"sqlite:///{folder}/desk.db")
    with (folder / "desk.log").open("wb") as log:
        server = subprocess.Popen(
            [*PROGRAM, "--config", str(folder / "config.toml"), *serving],
            env=os.environ | home_in(folder / "desk-home"),
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(folder / "s")
        desk = Desk(folder, tickets, token, 0.0)
        yield Desk(folder, tickets, token, _first_sync_s(desk))
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 30
    while not path.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"{path} is not served")
        time.sleep(0.05)


def _first_sync_s(desk: Desk) -> float:
    """Have an engine make the local copy; how long it takes."""

    async def open_desk() -> HelpDesk:
        return ZendeskDesk(name=desk.files.desk, url=desk.url, email=AGENT.email.raw, token=desk.token)

    began, done = time.monotonic(), threading.Event()
    engine = Engine(
        open_desk, desk.files, rules=packaged_rules(), on_change=lambda: done.set() if engine.status.loaded else None
    )
    engine.start()
    if not done.wait(600):
        raise TimeoutError(f"the first synchronisation did not end: {engine.status}")
    took_s = time.monotonic() - began
    engine.stop(1)
    with Cache(desk.files.cache, desk.files.desk) as cache:
        assert any(MARKER in ticket.subject.raw for ticket in cache.load_tickets())
    return took_s
