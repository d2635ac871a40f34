"""The running desk: what every route works on."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine

from supporttui.config import default_policy
from supporttui.domain.policy import ServicePolicy
from supporttui.server import database
from supporttui.server.events import Notifier
from supporttui.server.instants import Now, clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One help desk over one database."""

    engine: Engine
    uploads: Path
    """The folder of uploaded files."""
    name: str = "supporttui"
    is_demo: bool = False
    now: Now = field(default_factory=clock)
    policy: ServicePolicy = field(default_factory=default_policy)
    notifier: Notifier = field(default_factory=Notifier)
    hostnames: frozenset[str] | None = None
    """The names by which it may be asked; None for any, which is right on a Unix socket."""
    requests_per_minute: int = 6000
    """What one person may ask of it."""

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads."""
        return database.read(self.engine)

    def write(self) -> AbstractContextManager[Connection]:
        """A transaction that writes; call `notifier.wake` after it."""
        return database.write(self.engine)
