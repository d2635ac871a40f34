"""A running desk for the tests that ask one."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from running_desk import RunningDesk, running_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RunningDesk]:
    with running_desk(tmp_path) as found:
        yield found


@pytest.fixture
def admin(desk: RunningDesk) -> httpx.Client:
    return desk.client("ada")


@pytest.fixture
def agent(desk: RunningDesk) -> httpx.Client:
    return desk.client("bo")


@pytest.fixture
def customer(desk: RunningDesk) -> httpx.Client:
    return desk.client("cy")


@pytest.fixture
def stranger(desk: RunningDesk) -> httpx.Client:
    return desk.client("dee")
