"""A served desk and engines on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plain_desk import plain
from running_engine import Windows
from scripted_server import ScriptedServer
from served_desk import AGENT, ServedDesk, served
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.sync.engine import OpenDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ServedDesk]:
    """The embedded help desk, served on a Unix socket."""
    with served(tmp_path / "d") as each:
        yield each


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Windows]:
    """Engines on one store; all of them are stopped at the end, and none may have failed."""
    opened = Windows(tmp_path / "w")
    yield opened
    opened.close()


@pytest.fixture
def server(desk: ServedDesk) -> Iterator[ScriptedServer]:
    """The desk without what Zendesk itself does not have."""
    with plain(desk) as each:
        yield each


@pytest.fixture
def open_desk(desk: ServedDesk, server: ScriptedServer) -> OpenDesk:
    async def connect() -> HelpDesk:
        return ZendeskDesk(url=server.url, email=AGENT, token=desk.token)

    return connect
