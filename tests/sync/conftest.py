"""A served desk and engines on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.desks.embedded_desk import AGENT, EmbeddedDesk, serve_embedded_desk
from support.desks.scripted_server import ScriptedServer
from support.desks.zendesk_shape import script_zendesk_like
from support.engines import WindowGroup
from support.sample_values import DESK
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.sync.engine import OpenDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[EmbeddedDesk]:
    """The embedded help desk, served on a Unix socket."""
    with serve_embedded_desk(tmp_path / "d") as each:
        yield each


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[WindowGroup]:
    """Engines on one store; all of them are stopped at the end, and none may have failed."""
    opened = WindowGroup(tmp_path / "w")
    yield opened
    opened.close()


@pytest.fixture
def server(desk: EmbeddedDesk) -> Iterator[ScriptedServer]:
    """The desk without what Zendesk itself does not have."""
    with script_zendesk_like(desk) as each:
        yield each


@pytest.fixture
def open_desk(desk: EmbeddedDesk, server: ScriptedServer) -> OpenDesk:
    async def connect() -> HelpDesk:
        return ZendeskDesk(name=DESK, url=server.url, email=AGENT, token=desk.token)

    return connect
