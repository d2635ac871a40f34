"""The embedded help desk as an ASGI application on a virtual clock and network, as it is or in Zendesk's shape."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from support.clock.virtual_time import VirtualClock
from support.desks.embedded_desk import AGENT, DeskDatabase
from support.desks.zendesk_shape import ZendeskShape
from support.faults.delivery_check import count_desk_comments
from support.faults.fault_network import FaultNetwork
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server.api.app import build_app
from supporttui.server.desk import Desk
from supporttui.server.file_storage import remove_unclaimed_uploads


class VirtualTimeDesk(DeskDatabase):
    """One desk and the network that leads to it. To be made on the virtual loop."""

    def __init__(self, folder: Path, clock: VirtualClock, *, is_zendesk_like: bool = False) -> None:
        super().__init__(folder, clock.now)
        # The rate limit counts by the machine's own clock, which hardly moves here.
        self._desk = Desk(engine=self.engine, uploads=folder / "uploads", now=clock.now, requests_per_minute=10**9)
        # No dates: the client compares them with the machine's clock.
        self.shape = ZendeskShape(build_app(self._desk), is_zendesk_like=is_zendesk_like)
        self.network = FaultNetwork(self.shape)

    async def open_desk(self) -> ZendeskDesk:
        """A connection, as the agent."""
        return self.network.connect(email=AGENT, token=self.token)

    def applied(self) -> Counter[str]:
        """How often each text stands in the desk, over all tickets."""
        return count_desk_comments(self.database)

    def forget_uploads(self) -> None:
        """Remove the uploads that no comment took, as the server does after a day; one person may have only so many."""
        remove_unclaimed_uploads(replace(self._desk, now=lambda: self.now() + timedelta(days=2)))

    def close(self) -> None:
        """Break all connections and close the database."""
        self.network.drop()
        self.engine.dispose()
