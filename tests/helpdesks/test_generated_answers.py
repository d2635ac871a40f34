"""Each field of each kind of answer in turn is null, missing, of another type, new, huge or negative."""

import asyncio

import pytest

from support.desks.generated_answers import read_all
from support.desks.sample_answers import CASES, OneOddAnswer
from support.desks.scripted_server import serve_script


@pytest.mark.parametrize("name", CASES)
def test_one_odd_field_costs_nothing_else_and_is_said(name: str) -> None:
    script = OneOddAnswer()
    with serve_script(script) as server:
        count = asyncio.run(read_all(server.url, script, name))
    assert (count.lost, count.wrong) == ([], [])
    assert count.answers >= 39
