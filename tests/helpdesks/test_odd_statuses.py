"""Odd statuses, bodies and redirects: each has the right error, and one sentence that is true."""

import asyncio
import json
import re
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from support.canary import secret
from support.desks.answer_kinds import UPDATE
from support.desks.scripted_server import ScriptedResponse, serve_script
from support.sample_values import DESK, ticket_key
from supporttui.config.desk import Secret
from supporttui.helpdesks.base import (
    Conflict,
    DeskError,
    Forbidden,
    Interrupted,
    NotFound,
    RateLimited,
    Rejected,
    Unreachable,
)
from supporttui.helpdesks.http_transport import HttpTransport
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

T = TypeVar("T")
LOGIN_PAGE: Final = b"\n<!DOCTYPE html><html><body>Sign in<script>alert(1)</script></body></html>"
NAMED_HTML: Final = re.compile("<|script|Sign in")
ELSEWHERE: Final = {"Location": "https://login.example/saml?next=/api"}


def refusal(answer: ScriptedResponse, action: Callable[[ZendeskDesk], Awaitable[Any]]) -> DeskError:
    """The error of an action on a desk that answers so, whatever it is asked."""

    async def run(url: str) -> DeskError:
        desk = ZendeskDesk(name=DESK, url=url, email="kim@desk.example", token=secret("statuses"))
        try:
            await action(desk)
        except DeskError as error:
            return error
        finally:
            await desk.close()
        raise AssertionError("no error")

    with serve_script(lambda request: answer) as server:
        return asyncio.run(run(server.url))


def on_read(answer: ScriptedResponse) -> DeskError:
    return refusal(answer, lambda desk: desk.fetch_conversation(ticket_key(1)))


def on_write(answer: ScriptedResponse) -> DeskError:
    return refusal(answer, lambda desk: desk.send_update(UPDATE))


def says_of(error: DeskError) -> str:
    """The desk's own text."""
    return error.desk_message.raw if error.desk_message is not None else ""


def as_json(status: int, body: object) -> ScriptedResponse:
    return ScriptedResponse(status, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"error": "UpdateConflict", "description": "Safe Update prevented"}, Conflict),
        ({"error": {"title": "UpdateConflict", "message": "x"}}, Conflict),
        ({"errors": [{"code": "UpdateConflict", "title": "x"}]}, Conflict),
        ({"error": "DatabaseConflict", "description": "Database collision"}, Unreachable),
        ({"error": {"title": "DatabaseConflict"}}, Unreachable),
        ({"errors": [{"code": "DatabaseConflict"}]}, Unreachable),
        ({"error": "RecordNotUnique", "description": "external id is taken: DatabaseConflict"}, Rejected),
        ({"error": "Conflict"}, Rejected),
        ({}, Rejected),
        ([], Rejected),
        (None, Rejected),
        ("UpdateConflict", Rejected),
    ],
)
def test_a_status_409_is_an_edit_conflict_only_where_the_desk_names_one(body: object, error: type[DeskError]) -> None:
    found = on_write(as_json(409, body))
    assert type(found) is error
    assert ("was changed meanwhile" in str(found)) is (error is Conflict)


@pytest.mark.parametrize("answer", [ScriptedResponse(409, LOGIN_PAGE), as_json(409, {"error": "UpdateConflict"})])
def test_a_read_has_no_conflict_and_is_not_to_be_sent_again(answer: ScriptedResponse) -> None:
    found = on_read(answer)
    assert type(found) is Rejected
    assert "refuses to send ticket #1 (status 409)" in str(found)
    assert "send again" not in str(found)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"details": {"base": [{"description": "Status: is closed"}]}}, "Status: is closed"),
        ({"details": {"base": [{"description": "a"}], "x": [{"description": "b"}]}}, "a b"),
        ({"details": {"ticket": {"comment": [{"error": "Blank", "description": "Body: is empty"}]}}}, "Body: is empty"),
        ({"details": [{"description": "a"}, {"message": "b"}, "c"]}, "a b c"),
        ({"details": {"email": ["is not valid"], "name": "is long"}}, "is not valid"),
        (
            {"error": {"title": "Invalid attribute", "message": "You passed an invalid value"}},
            "You passed an invalid value",
        ),
        ({"errors": [{"code": "x", "title": "t", "detail": "A detail"}]}, "A detail"),
        ({"details": None, "description": None, "error": None, "message": 5}, ""),
        ({"details": {"a": [[[[["deep"]]]]]}, "description": "plain"}, "plain"),
        ([{"description": "a"}], ""),
    ],
)
def test_what_the_desk_says_is_read_from_any_form_of_a_refusal(body: object, said: str) -> None:
    found = on_write(as_json(422, body))
    assert (type(found), says_of(found)) == (Rejected, said)


@pytest.mark.parametrize(
    ("headers", "wait_s", "says"),
    [
        ({}, 10, "does not say how long; it is tried again by itself in 10 seconds"),
        ({"Retry-After": "soon"}, 10, "does not say how long"),
        ({"Retry-After": "-5"}, 1, "asks to wait 1 seconds"),
        ({"Retry-After": "30"}, 30, "asks to wait 30 seconds"),
        ({"Retry-After": "1e9"}, 3600, "for very long; it is tried again by itself in 3600 seconds"),
        ({"Retry-After": "inf"}, 3600, "for very long"),
        ({"Retry-After": "NaN"}, 10, "does not say how long"),
        ({"Date": "Mon, 23 Nov 2026 14:00:00", "Retry-After": "Mon, 23 Nov 2026 14:00:40 GMT"}, 40, "40 seconds"),
        ({"Retry-After": "Mon, 23 Nov 1926 14:00:00 GMT"}, 1, "asks to wait 1 seconds"),
    ],
)
def test_how_long_a_desk_asks_to_wait_is_said_only_where_it_says_it(
    headers: dict[str, str], wait_s: float, says: str
) -> None:
    found = on_read(ScriptedResponse(429, LOGIN_PAGE, headers))
    assert isinstance(found, RateLimited)
    assert (found.retry_after_s, says in str(found)) == (wait_s, True)


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (ScriptedResponse(403, LOGIN_PAGE), Forbidden, "may not do that with ticket #1"),
        (ScriptedResponse(404, LOGIN_PAGE), NotFound, "Check the number"),
        (ScriptedResponse(410, b""), NotFound, "Check the number"),
        (ScriptedResponse(418, b"{}"), Rejected, "refuses to send ticket #1 (status 418)"),
        (ScriptedResponse(408, b""), Unreachable, "tried again"),
        (ScriptedResponse(425, b""), Unreachable, "tried again"),
        (ScriptedResponse(500, LOGIN_PAGE), Unreachable, "failed (status 500)"),
        (ScriptedResponse(200, LOGIN_PAGE), Interrupted, "a web page in place of data"),
        (ScriptedResponse(200, b""), Interrupted, "with nothing in it"),
        (ScriptedResponse(200, b" \n"), Interrupted, "with nothing in it"),
        (ScriptedResponse(200, b'{"ticket": {'), Interrupted, "damaged or broken off"),
        (ScriptedResponse(200, b'{"tickets": []}'), Interrupted, "it lacks ticket"),
        (ScriptedResponse(200, b"[1]"), Interrupted, "no Zendesk API"),
        (ScriptedResponse(204, b""), Interrupted, "unexpected status (204)"),
        (ScriptedResponse(206, b"{}"), Interrupted, "unexpected status (206)"),
        (ScriptedResponse(300, b"{}"), Interrupted, "unexpected status (300)"),
        (ScriptedResponse(304, b""), Interrupted, "unexpected status (304)"),
        (ScriptedResponse(301, b"", ELSEWHERE), Rejected, "points to another address, which is not followed"),
        (ScriptedResponse(302, b"", ELSEWHERE), Rejected, "points to another address, which is not followed"),
        (ScriptedResponse(303, b"", ELSEWHERE), Rejected, "points to another address, which is not followed"),
        (ScriptedResponse(302, b"", {"Location": "/again"}), Unreachable, "to the next without an end"),
    ],
)
def test_a_read_that_fails_says_why_and_never_by_a_page_of_html(
    answer: ScriptedResponse, error: type[DeskError], says: str
) -> None:
    found = on_read(answer)
    assert (type(found), says in str(found)) == (error, True), str(found)
    assert not NAMED_HTML.search(f"{found} {says_of(found)}")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (ScriptedResponse(200, LOGIN_PAGE), Interrupted),
        (ScriptedResponse(204, b""), Interrupted),
        (ScriptedResponse(202, b"{}"), Interrupted),
        (ScriptedResponse(300, b""), Interrupted),
        (ScriptedResponse(303, b"", {"Location": "/api/v2/tickets/1.json"}), Interrupted),
        (ScriptedResponse(304, b""), Interrupted),
        (ScriptedResponse(307, b"", ELSEWHERE), Rejected),
        (ScriptedResponse(408, b""), Interrupted),
        (ScriptedResponse(403, LOGIN_PAGE), Forbidden),
        (ScriptedResponse(502, LOGIN_PAGE), Interrupted),
    ],
)
def test_a_write_is_open_wherever_the_desk_does_not_say_that_it_refused(
    answer: ScriptedResponse, error: type[DeskError]
) -> None:
    found = on_write(answer)
    assert type(found) is error, str(found)
    assert not NAMED_HTML.search(f"{found} {says_of(found)}")


@pytest.mark.parametrize(
    "body", [b"", LOGIN_PAGE, b'{"upload": {"token": ""}}', b'{"upload": {"token": 5}}', b'{"upload": null}']
)
def test_a_file_without_a_token_is_not_taken_for_attached(body: bytes) -> None:
    found = refusal(ScriptedResponse(201, body), lambda desk: desk.send_upload(Path(__file__), "a.txt"))
    assert type(found) is Interrupted


def test_a_list_that_is_not_found_names_no_number_to_check() -> None:
    found = refusal(ScriptedResponse(404), lambda desk: desk.fetch_views())
    assert "Check the address (desk.url)" in str(found)
    assert "number" not in str(found)


@contextmanager
def accepting(answer: bytes | None, *, resets: bool = False) -> Iterator[str]:
    """A port that takes connections, and then says this in place of TLS, or is silent where it is None."""
    held: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                taken, _address = listening.accept()
            except OSError:
                return
            taken.settimeout(5)
            held.append(taken)
            if resets:
                taken.recv(1)
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif answer:
                taken.recv(1)
                taken.sendall(answer)
            if answer is not None:
                taken.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for each in held:
        each.close()


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("answer", "resets", "says"),
    [
        (None, False, "accepts the connection and does not answer the TLS handshake"),
        (b"", False, "accepts the connection and ends it in the TLS handshake"),
        (b"", True, "accepts the connection and ends it in the TLS handshake"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False, "does not speak TLS as it should"),
    ],
)
def test_a_desk_without_tls_is_unreachable_within_the_time_to_connect_and_says_why(
    answer: bytes | None, resets: bool, says: str
) -> None:
    async def ask(url: str) -> None:
        transport = HttpTransport(url, Secret(f"Basic {secret('handshake')}"), connect_s=0.3)
        try:
            async with asyncio.timeout(10):  # of the test, should the transport have none
                await transport.request("GET", "/x", deadline_s=9)
        finally:
            await transport.close()

    with accepting(answer, resets=resets) as url, pytest.raises(Unreachable, match=f"Cannot reach {url}: it {says}"):
        asyncio.run(ask(url))
