"""HTTP to one desk, and what becomes of it when the desk or the link misbehaves."""

import asyncio
import gzip
import json
import socket
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TypeVar

import pytest

from support.canary import secret
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, serve_script
from supporttui.config.desk import Secret
from supporttui.helpdesks.base import (
    Conflict,
    DeskError,
    Forbidden,
    Interrupted,
    NotFound,
    RateLimited,
    Rejected,
    Unauthorised,
    Unreachable,
)
from supporttui.helpdesks.http_errors import desk_error, retry_after_s
from supporttui.helpdesks.http_transport import HttpResponse, HttpTransport, WriteOnReadOnlyTransport

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TOKEN = secret("hunter2")


def call(url: str, action: Callable[[HttpTransport], Awaitable[T]], **options: object) -> T:
    """Do something with a transport of its own."""

    async def run() -> T:
        transport = HttpTransport(url, Secret(f"Basic {TOKEN}"), **options)  # type: ignore[arg-type] # options by name
        try:
            return await action(transport)
        finally:
            await transport.close()

    return asyncio.run(run())


def get(url: str, **options: object) -> HttpResponse:
    return call(url, lambda transport: transport.request("GET", "/x"), **options)


def post(url: str, **options: object) -> HttpResponse:
    return call(url, lambda transport: transport.request("POST", "/x", content=b"{}"), **options)


def test_an_answer_of_any_status_is_an_answer() -> None:
    with serve_script(lambda request: ScriptedResponse(404, b"gone")) as server:
        answer = get(server.url)
    assert (answer.status, answer.body) == (404, b"gone")
    assert server.requests[0].headers["authorization"] == f"Basic {TOKEN}"


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match=r"Cannot reach http://127.0.0.1:\d+: connection refused\. Check the address"):
        post(f"http://127.0.0.1:{port}")


def test_a_missing_socket_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="no such file"):
        get(f"unix:{tmp_path}/none")


@pytest.mark.parametrize("sent_bytes", [0, 5, 30, 50])
def test_an_answer_cut_short_leaves_it_open_what_was_done(sent_bytes: int) -> None:
    body = b'{"ticket": {"id": 1}}'
    with (
        serve_script(lambda request: ScriptedResponse(200, body, sent_bytes=sent_bytes)) as server,
        pytest.raises(Interrupted),
    ):
        post(server.url)


def test_a_silent_desk_meets_the_total_deadline() -> None:
    with (
        serve_script(lambda request: ScriptedResponse(200, b"drip", is_endless=True)) as server,
        pytest.raises(Interrupted, match="did not come in time"),
    ):
        get(server.url, deadline_s=0.2)


def test_a_read_only_connection_sends_nothing_but_get_and_head() -> None:
    with serve_script(lambda request: ScriptedResponse()) as server:
        get(server.url, read_only=True)
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "post"):
            with pytest.raises(WriteOnReadOnlyTransport):
                call(server.url, lambda each, m=method: each.request(m, "/x"), read_only=True)  # type: ignore[misc] # loop variable
        assert [request.method for request in server.requests] == ["GET"]


def test_a_redirect_to_another_origin_is_not_followed() -> None:
    with serve_script(
        lambda request: ScriptedResponse(302, headers={"Location": "http://127.0.0.1:1/elsewhere"})
    ) as server:
        assert get(server.url).status == 302
        assert len(server.requests) == 1


def test_a_small_body_that_unpacks_to_a_huge_one_is_stopped() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with (
        serve_script(lambda request: ScriptedResponse(200, bomb, {"Content-Encoding": "gzip"})) as server,
        pytest.raises(Interrupted, match="larger than"),
    ):
        get(server.url, max_body_bytes=1_000_000)


def test_a_packed_body_is_unpacked_and_one_cut_short_is_not_taken() -> None:
    packed = gzip.compress(b"hello" * 1000)
    with serve_script(lambda request: ScriptedResponse(200, packed, {"Content-Encoding": "gzip"})) as server:
        assert get(server.url).body == b"hello" * 1000
    with (
        serve_script(lambda request: ScriptedResponse(200, packed[:-9], {"Content-Encoding": "gzip"})) as server,
        pytest.raises(Interrupted, match="cut short"),
    ):
        get(server.url)


@pytest.mark.parametrize(
    "url",
    ["http://desk.example", "ftp://a.example", "https://u:p@a.example", "unix:relative", "unix:/" + "x" * 110, "desk"],
)
def test_an_address_that_would_leak_or_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(Rejected):
        HttpTransport(url, Secret("x"))


def test_no_secret_is_in_a_repr_or_an_error() -> None:
    async def fail(transport: HttpTransport) -> str:
        try:
            await transport.request("GET", "/x")
        except DeskError as error:
            return "".join(traceback.format_exception(error)) + repr(error.__dict__) + repr(transport.__dict__)
        return ""

    told = call("http://127.0.0.1:1", fail)
    assert "Unreachable" in told
    assert TOKEN not in told


def test_the_desks_clock_is_read_from_its_answers() -> None:
    def ahead(headers: dict[str, str]) -> float:
        async def ask(transport: HttpTransport) -> float:
            await transport.request("GET", "/x")
            assert transport.desk_ahead_s is not None
            return transport.desk_ahead_s

        with serve_script(lambda request: ScriptedResponse(headers=headers)) as server:
            return call(server.url, ask)

    now = datetime.now(UTC)
    assert abs(ahead({"Date": format_datetime(now, usegmt=True)})) < 1.5
    assert abs(ahead({"X-Desk-Time": str(now.timestamp() + 3600)}) - 3600) < 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Rejected),
        (400, Rejected),
        (401, Unauthorised),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (413, Rejected),
        (422, Rejected),
        (429, RateLimited),
    ],
)
def test_each_refusal_has_its_error_and_one_sentence(status: int, kind: type[DeskError]) -> None:
    error = desk_error(status, {}, "no", what="ticket #1", desk_name="the desk", is_write=True, now=NOW)
    assert type(error) is kind
    assert str(error)[0].isupper()
    assert str(error).endswith(".")


def test_a_failing_desk_leaves_a_write_open_and_a_read_not() -> None:
    for is_write, kind in ((True, Interrupted), (False, Unreachable)):
        error = desk_error(502, {}, "", what="ticket #1", desk_name="the desk", is_write=is_write, now=NOW)
        assert type(error) is kind


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("7", 7),
        ("0", 1),
        ("99999999", 3600),
        ("Mon, 23 Nov 2026 14:00:30 GMT", 30),
        ("Mon, 23 Nov 2026 13:00:00 GMT", 1),
        ("soon", 10),
        ("nan", 10),
        (None, 10),
    ],
)
def test_how_long_to_wait_is_read_as_seconds_or_a_date(text: str | None, wait_s: float) -> None:
    assert retry_after_s(text, NOW) == wait_s


@pytest.mark.parametrize("machine_is_ahead", [timedelta(hours=-9), timedelta(0), timedelta(hours=9)])
def test_a_date_to_wait_until_is_read_by_the_clock_of_the_desk_that_wrote_it(machine_is_ahead: timedelta) -> None:
    headers = {"date": "Mon, 23 Nov 2026 19:31:00 GMT", "retry-after": "Mon, 23 Nov 2026 19:31:45 GMT"}
    error = desk_error(
        429, headers, "", what="ticket #1", desk_name="the desk", is_write=True, now=NOW + machine_is_ahead
    )
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 45


def test_only_its_own_origin_is_the_desks() -> None:
    async def check(transport: HttpTransport) -> list[bool]:
        same = [f"{url}/x" for url in ("http://127.0.0.1:8080", "HTTP://127.0.0.1:8080")]
        other = ["http://127.0.0.1:8081/x", "https://127.0.0.1:8080/x", "//127.0.0.1:8080/", "http://127.0.0.1:99999/"]
        return [transport.own_path(url) == "/x" for url in (*same, *other)]

    assert call("http://127.0.0.1:8080", check) == [True, True, False, False, False, False]


def test_what_was_sent_is_what_arrived() -> None:
    with serve_script(lambda request: ScriptedResponse(200, json.dumps(request.query).encode())) as server:
        answer = call(
            server.url, lambda each: each.request("POST", "/x", params={"filename": "ä&b=.log"}, content=b"abc")
        )
    assert json.loads(answer.body) == {"filename": "ä&b=.log"}
    assert server.requests[0].body == b"abc"
    assert isinstance(server.requests[0], ReceivedRequest)
