"""A served desk and engines on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from running_engine import Windows
from served_desk import ServedDesk, served


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
