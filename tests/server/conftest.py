"""A running desk for the tests that ask one."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.desks.embedded_desk import DeskWithRoles, serve_desk_with_roles


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskWithRoles]:
    with serve_desk_with_roles(tmp_path) as found:
        yield found


@pytest.fixture
def admin(desk: DeskWithRoles) -> httpx.Client:
    return desk.client("ada")


@pytest.fixture
def agent(desk: DeskWithRoles) -> httpx.Client:
    return desk.client("bo")


@pytest.fixture
def customer(desk: DeskWithRoles) -> httpx.Client:
    return desk.client("cy")


@pytest.fixture
def stranger(desk: DeskWithRoles) -> httpx.Client:
    return desk.client("dee")
