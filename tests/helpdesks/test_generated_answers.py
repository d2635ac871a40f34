"""Each field of each kind of answer in turn is null, missing, of another type, new, huge or negative."""

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import pytest

from support.canary import secret
from support.desks.answer_kinds import CASES
from support.desks.generated_answers import read_all
from support.desks.sample_answers import ANSWERS, EVENTS, OneOddAnswer, as_body
from support.desks.scripted_server import ScriptedResponse, ScriptedServer, serve_script
from support.sample_values import DESK
from supporttui.helpdesks import zendesk
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.zendesk_api.extensions import DESK_PATH, EVENTS_PATH

DECODES_NOTHING: Final = {"fetch_attachment": "a file, as it is", "close": "no request", "split": "no request"}


@pytest.mark.parametrize("name", CASES)
def test_one_odd_field_costs_nothing_else_and_is_said(name: str) -> None:
    script = OneOddAnswer()
    with serve_script(script) as server:
        count = asyncio.run(read_all(server.url, script, name))
    assert (count.lost, count.wrong) == ([], [])
    assert count.answers >= 39


class CalledMethods:
    """A desk that notes which of its methods are called."""

    def __init__(self, desk: ZendeskDesk, called: set[str]) -> None:
        self._desk, self._called = desk, called

    def __getattr__(self, name: str) -> object:
        self._called.add(name)
        return getattr(self._desk, name)


async def call_each_kind(server: ScriptedServer, script: OneOddAnswer) -> set[str]:
    """Read a good answer of each kind; the methods that were called."""
    called: set[str] = set()
    for kind in CASES.values():
        desk = ZendeskDesk(name=DESK, url=server.url, email="a@x.example", token=secret("kinds"))
        script.where, script.answer = kind.where, ScriptedResponse(kind.status, as_body(kind.where, kind.good))
        try:
            await kind.call(cast("ZendeskDesk", CalledMethods(desk, called)))
        finally:
            await desk.close()
    return called


def paths_in_source() -> Iterator[str]:
    """A pattern for each path that stands in the source of the client."""
    for file in Path(inspect.getfile(zendesk)).parent.glob("*.py"):
        tree = ast.parse(file.read_text())
        inner = {id(each) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for each in node.values}
        for node in ast.walk(tree):
            pieces = node.values if isinstance(node, ast.JoinedStr) else [node] if id(node) not in inner else []
            texts = [each.value if isinstance(each, ast.Constant) else None for each in pieces]
            if any(
                isinstance(text, str) and re.match(r"(/api/v2)?/[a-z_/0-9]+(\.json)?$|\.json$", text) for text in texts
            ):
                pattern = "".join(re.escape(text) if isinstance(text, str) else ".+" for text in texts)
                yield re.sub(r"\\\.json$", "", pattern)


def test_every_answer_that_the_client_reads_is_among_the_kinds() -> None:
    script = OneOddAnswer()
    with serve_script(script) as server:
        called = asyncio.run(call_each_kind(server, script))
    offered = {name for name, each in vars(HelpDesk).items() if inspect.isfunction(each) and not name.startswith("_")}
    assert offered - called == DECODES_NOTHING.keys()
    assert script.asked == ANSWERS.keys() | {EVENTS}
    varied = {kind.where for kind in CASES.values()}
    assert script.asked - varied == {"/api/v2/requests/3/comments"}, "of several alike one is changed"
    sources = [*paths_in_source(), DESK_PATH, EVENTS_PATH]
    assert len(sources) >= 20
    assert [each for each in sources if not any(re.search(f"{each}$", path) for path in script.asked)] == []
