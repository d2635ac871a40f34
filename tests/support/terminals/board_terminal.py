"""The whole program in a terminal on an embedded desk, and the files in its home directory."""

import contextlib
from pathlib import Path
from typing import Any

from support.command_line import PROGRAM
from support.desks.embedded_desk import AGENT, EmbeddedDesk
from support.terminals.terminal import Terminal
from supporttui.config.desk import desk_name
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files
from supporttui.store.operations import Draft, Operation, StoreFiles
from supporttui.store.outbox import Outbox

SEND = "\x13"


def desk_environment(desk: EmbeddedDesk) -> dict[str, str]:
    """The environment that leads the program to this desk."""
    return {"SUPPORTTUI_URL": desk.url, "SUPPORTTUI_EMAIL": AGENT, "SUPPORTTUI_TOKEN": desk.token}


def open_board(desk: EmbeddedDesk, home: Path, *, environment: dict[str, str] | None = None, **size: Any) -> Terminal:
    """A window on the desk."""
    return Terminal([*PROGRAM], home=home, environment=desk_environment(desk) | (environment or {}), **size)


class StoredFiles:
    """What a home has on disk about a desk, read as another process reads it."""

    def __init__(self, desk: EmbeddedDesk, home: Path, *, url: str | None = None) -> None:
        kept, copied = home / "data" / "supporttui", home / "cache" / "supporttui"
        for folder in (kept, copied):  # as the program itself makes them
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.files: StoreFiles = prepare_store_files(
            kept, copied, f"{url or desk.url} {AGENT}", desk_name(url or desk.url)
        )

    def drafts(self) -> list[Draft]:
        """Every draft."""
        with contextlib.closing(Outbox(self.files.outbox, self.files.desk)) as outbox:
            return outbox.load_drafts()

    def operations(self) -> list[Operation]:
        """Everything in the outbox."""
        with contextlib.closing(Outbox(self.files.outbox, self.files.desk)) as outbox:
            return outbox.load_all()

    def subjects(self) -> set[str]:
        """The subjects of all tickets that the local copy knows."""
        with Cache(self.files.cache, self.files.desk) as cache:
            return {ticket.subject.raw for ticket in cache.load_tickets()}


def processes_with_home(home: Path) -> list[int]:
    """The live processes whose home this is."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if f"HOME={home}\0".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found
