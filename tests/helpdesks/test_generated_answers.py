"""Each field of each kind of answer in turn is null, missing, of another type, huge or negative."""

import asyncio
import copy
from collections.abc import Iterator
from typing import Any, Final

import pytest

from support.canary import secret
from support.desks.sample_answers import ANSWERS, CASES, encoded
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, serve_script
from support.sample_values import DESK
from supporttui.helpdesks.base import DeskError
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

MISSING: Final = object()
ODD_VALUES: Final[tuple[object, ...]] = (
    None,
    MISSING,
    [],
    {},
    [None],
    {"a": {"b": [1]}},
    "x",
    "\ud800",
    True,
    1.5,
    -1,
    10**30,
    "<huge>",
)
Path = tuple[str | int, ...]


def paths_of(value: object, path: Path = ()) -> Iterator[Path]:
    """Every field; of a list's items the second one only, so that there are neighbours."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list) and value:
        number = min(1, len(value) - 1)
        yield from paths_of(value[number], (*path, number))


def changed(answer: dict[str, Any], path: Path, odd: object) -> dict[str, Any]:
    made: Any = copy.deepcopy(answer)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    if odd is MISSING:
        del inner[path[-1]]
    else:
        inner[path[-1]] = odd
    return made  # type: ignore[no-any-return] # a deep copy of it


class Changing:
    """A desk of Zendesk's shape, one of whose answers is changed."""

    def __init__(self) -> None:
        self.where = ""
        self.body = b""

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        path = request.path.removesuffix(".json")
        if path == self.where:
            return ScriptedResponse(200, self.body)
        answer = ANSWERS.get("/api/v2/tickets/1" if request.method == "POST" else path)
        return ScriptedResponse(404) if answer is None else ScriptedResponse(200, encoded(answer))


NEEDED: Final = {("user",), ("user", "id"), ("ticket",), ("ticket", "id"), ("comments",), ("audits",), ("tickets",)} | {
    ("results",)
}
"""What an answer is about: without it there is no answer."""


async def read_all(url: str, script: Changing, name: str) -> tuple[int, list[str]]:
    where, call = CASES[name]
    desk, read, failed = ZendeskDesk(name=DESK, url=url, email="a@x.example", token=secret("generated")), 0, list[str]()
    try:
        for path in paths_of(ANSWERS[where]):
            for odd in ODD_VALUES:
                script.where, script.body = where, encoded(changed(ANSWERS[where], path, odd))
                read += 1
                try:
                    await call(desk)
                except DeskError as error:
                    if path not in NEEDED:
                        failed.append(f"{path} = {str(odd)[:20]!r}: {error}")
                except AssertionError:
                    if path not in NEEDED:
                        failed.append(f"{path} = {str(odd)[:20]!r}: a neighbour")
                except Exception as problem:  # noqa: BLE001 - every kind is a finding
                    failed.append(f"{path}: {problem!r}")
    finally:
        await desk.close()
    return read, failed


@pytest.mark.parametrize("name", CASES)
def test_one_odd_field_costs_no_neighbour(name: str) -> None:
    script = Changing()
    with serve_script(script) as server:
        read, failed = asyncio.run(read_all(server.url, script, name))
    print(f"{name}: {read} answers read, {len(failed)} lost a neighbour")
    assert failed == []
    assert read > 100 or name in ("account", "groups")
