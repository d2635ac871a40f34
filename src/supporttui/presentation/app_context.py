"""What the app is given at start: where its local copy lies, who keeps it current, and the rules it shows."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.support_calendar import Calendars, SupportCalendar
from supporttui.presentation.terminal_options import LOCAL_TERMINAL, TerminalOptions
from supporttui.store.operations import StoreFiles
from supporttui.sync.engine import Engine

if TYPE_CHECKING:
    from supporttui.config.views import ViewSettings

MakeEngine = Callable[[Callable[[], None]], Engine]
"""Makes the engine, not yet started; it calls the given function, from its own thread, when there is news."""


def local_now() -> datetime:
    """This machine's time, aware and in UTC."""
    return datetime.now(UTC)


class AppContext(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the app draws from and asks."""

    files: StoreFiles
    connect: MakeEngine
    policy: ServicePolicy
    calendar: SupportCalendar
    """The desk's own support hours."""
    desk_label: str
    """How the desk is called until it says its own name: its address, or `demonstration`."""
    now: Callable[[], datetime] = local_now
    """This machine's time; the desk's is ahead of it by the engine's `desk_ahead_s`."""
    views: "ViewSettings | None" = None
    """The filters with names that the user has configured; None for the packaged ones."""
    is_demo: bool = False
    is_requester: bool = False
    """The board of a customer: their own tickets, public messages, no move but closing."""
    own_email: str = ""
    """The account's address, for as long as the desk has not said it."""
    is_wall: bool = False
    """Show the wall: read-only, nothing to press but quit."""
    undo_s: float = 0.0
    """For how many seconds a decided change waits to be taken back."""
    poll_s: float = 10.0
    """How often a desk that does not push is asked."""
    line: TerminalOptions = LOCAL_TERMINAL
    """How to draw for the terminal in use."""
    named_calendars: Mapping[str, SupportCalendar] = msgspec.field(default_factory=dict)
    """Those that the policy names for severities or metrics."""

    before_engine: Callable[[], None] = lambda: None
    """Called once the first screen is drawn, before the engine starts: for what only the engine needs."""
    on_ready: Callable[[], None] | None = None
    """Called once the screen is whole and takes keys, and the app then leaves; None to stay, as ever."""

    @property
    def calendars(self) -> Calendars:
        """All of them."""
        return Calendars(self.calendar, self.named_calendars)
