"""Every help desk of the conformance suite, and a connection to it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.desks.desks_under_test import DESKS, DeskUnderTest
from supporttui.helpdesks.base import HelpDesk


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=DESKS)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DeskUnderTest]:
    """A fresh desk of each kind."""
    with DESKS[request.param](tmp_path / "d") as each:
        yield each


@pytest.fixture
async def client(desk: DeskUnderTest) -> AsyncIterator[HelpDesk]:
    """A connection to it as the agent."""
    connected = desk.connect()
    yield connected
    await connected.close()
