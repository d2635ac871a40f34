"""Malformed answers over a real socket: every call ends with a value or with a `DeskError`, and the client goes on."""

import asyncio
import os
import random
from typing import Final

import pytest

from support.canary import secret
from support.desks.answer_kinds import CASES
from support.desks.sample_answers import OneOddAnswer, as_body
from support.desks.scripted_server import ScriptedResponse, serve_script
from support.sample_values import DESK
from supporttui.helpdesks.base import DeskError
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

CALLS: Final = int(os.environ.get("SUPPORTTUI_FUZZ", "1000"))
SEED: Final = 20261123

VALUES: Final[tuple[bytes, ...]] = (
    b"null", b"true", b"-1", b"1e999", b"-0.0", b"9" * 400, b"1" + b"0" * 4999, b'"\\ud800"', b'"\\u0000"', b"NaN",
    b"[" * 900 + b"]" * 900, b'{"a":' * 900 + b"1" + b"}" * 900, b'"' + b"\xff\xfe" + b'"', b'"9999-99-99T99:99:99Z"',
    b'"0000-01-01T00:00:00Z"', b'"' + b"x" * 70_000 + b'"', b"{}", b"[]", b'[{"id":1},{"id":1}]', b"",
)  # fmt: skip
HEADERS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"Content-Type": "text/html"},
    {"Content-Type": "application/json; charset=utf-16"},
    {"Content-Encoding": "gzip"},
    {"Content-Encoding": "br, \x7f"},
    {"Retry-After": "9" * 40},
    {"Retry-After": "Mon, 23 Nov 20262026202620262026 14:00:00 GMT"},
    {"Date": "yesterday"},
    {"ratelimit-remaining": "NaN", "ratelimit-reset": "-1e999"},
    {"X-Desk-Time": "1e308"},
    {"Location": "http://[::1"},
    {"Set-Cookie": "a=" + "b" * 5000},
    {"X-Odd": "\xe9\xff"},
    {"X-Supporttui-Event": "\t;" * 200},
)
STATUSES: Final = (200, 200, 200, 200, 200, 201, 204, 302, 304, 400, 403, 404, 409, 413, 422, 500, 503, 599, 700)


def cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def with_other_bytes(body: bytes, chance: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.randrange(1, 9)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def with_other_value(body: bytes, chance: random.Random) -> bytes:
    """One value of the JSON in another's place, found by the comma or the bracket behind it."""
    start = body.find(b":", chance.randrange(len(body)))
    end = min((at for at in (body.find(b",", start), body.find(b"}", start)) if at > 0), default=len(body))
    return body if start < 0 else body[: start + 1] + chance.choice(VALUES) + body[end:]


def twice(body: bytes, chance: random.Random) -> bytes:
    return body + chance.choice((body, b"\n", b"\x00", b"]", b"}"))


def noise(body: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(0, 2_000))


def repeated(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body))
    return body[:at] + body[at : at + chance.randrange(1, 200)] * chance.randrange(2, 60) + body[at:]


CHANGES: Final = (cut, with_other_bytes, with_other_value, with_other_value, twice, noise, repeated)


def malformed(body: bytes, chance: random.Random) -> ScriptedResponse:
    for _ in range(chance.randrange(1, 4)):
        body = chance.choice(CHANGES)(body, chance) or b"x"
    sent = None if chance.random() < 0.9 else chance.randrange(1, 400)
    return ScriptedResponse(chance.choice(STATUSES), body, dict(chance.choice(HEADERS)), sent_bytes=sent)


async def call_all(url: str, script: OneOddAnswer) -> tuple[int, int, list[str]]:
    chance, refused, findings = random.Random(SEED), 0, list[str]()
    names = list(CASES)
    for number in range(CALLS):
        name = names[number % len(names)]
        kind = CASES[name]
        script.where, script.answer = kind.where, malformed(as_body(kind.where, kind.good), chance)
        desk = ZendeskDesk(name=DESK, url=url, email="a@x.example", token=secret("fuzzed"))
        try:
            async with asyncio.timeout(15):
                await kind.call(desk)
        except DeskError as error:
            refused += 1
            if not str(error).isprintable():
                findings.append(f"{number} {name}: a sentence with control characters")
        except Exception as problem:  # noqa: BLE001 - every kind is a finding
            findings.append(f"{number} {name}: {problem!r} of {script.answer.body[:200]!r} {script.answer.headers}")
        finally:
            await desk.close()
    return CALLS, refused, findings


@pytest.mark.timeout(max(120, CALLS))
def test_every_malformed_answer_is_read_or_refused_in_a_sentence() -> None:
    script = OneOddAnswer()
    with serve_script(script) as server:
        calls, refused, findings = asyncio.run(call_all(server.url, script))
    print(f"{calls} calls, {refused} refused, {len(findings)} ended otherwise")
    assert findings == []
