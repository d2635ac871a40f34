"""What the app is given at start: the local copy, the factory of its sync engine, the rules and the settings."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from supporttui.config.settings import FileSettings
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.support_calendar import Calendars, SupportCalendar
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.terminal_options import LOCAL_TERMINAL, TerminalOptions
from supporttui.store.operations import StoreFiles
from supporttui.sync.engine import Engine

if TYPE_CHECKING:
    from supporttui.config.command_settings import CustomCommand
    from supporttui.config.views import ViewSettings

MakeEngine = Callable[[Callable[[], None]], Engine]
"""Makes the engine without starting it. The given function is called on the engine's thread when there are changes."""


def local_now() -> datetime:
    """This machine's time, aware and in UTC."""
    return datetime.now(UTC)


class AppContext(msgspec.Struct, frozen=True, kw_only=True):
    """The dependencies and settings of the app; passed to every screen."""

    files: StoreFiles
    connect: MakeEngine
    policy: ServicePolicy
    calendar: SupportCalendar
    """The desk's own support hours."""
    desk_label: str
    """The desk's name until it reports its own: its address, or `demonstration`."""
    now: Callable[[], datetime] = local_now
    """This machine's time; the desk's clock is ahead of it by the engine's `desk_ahead_s`."""
    views: "ViewSettings | None" = None
    """The named filters that the user has configured; None for the packaged ones."""
    is_demo: bool = False
    is_requester: bool = False
    """Whether this is a customer's board: their own tickets, public messages, and closing as the only move."""
    own_email: str = ""
    """The account's address, used until the desk reports it."""
    is_wall: bool = False
    """Whether to show the read-only wall, on which the only key is quit."""
    undo_s: float = 0.0
    """Seconds during which a decided change can be undone before it is sent."""
    poll_s: float = 10.0
    """Seconds between requests to a desk that does not push changes."""
    line: TerminalOptions = LOCAL_TERMINAL
    """How to draw for the terminal in use."""
    named_calendars: Mapping[str, SupportCalendar] = msgspec.field(default_factory=dict)
    """The calendars that the policy names for severities or metrics, by name."""

    keymap: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Keys by binding id, only where they differ from the defaults."""
    commands: "Sequence[CustomCommand]" = ()
    """The user's own programs that are bound to keys."""
    file_settings: FileSettings = FileSettings()
    """Where files are saved, and what opens them."""
    web_url: str = ""
    """The address of the desk in a browser, without a trailing slash; empty if it has none."""

    before_engine: Callable[[], None] = lambda: None
    """Called after the first screen is drawn and before the engine starts, to set up what only the engine needs."""
    on_ready: Callable[[], None] | None = None
    """Called once the screen is complete and accepts keys, after which the app exits; None to keep running."""

    def key(self, id_: str) -> str:
        """Return the name of a binding's key for use in a sentence; the first one if it has several."""
        from supporttui.presentation.key_names import first_key, key_name  # not needed for the first picture

        return key_name(first_key(id_, self.keymap))

    def ticket_url(self, ticket_id: TicketId) -> str:
        """Return the address of a ticket in a browser; empty if the desk has no web pages."""
        return f"{self.web_url}/agent/tickets/{ticket_id.id}" if self.web_url else ""

    @property
    def calendars(self) -> Calendars:
        """The desk's calendar and the named ones."""
        return Calendars(self.calendar, self.named_calendars)
