"""No credential leaves for another origin: redirects and attachments, by scheme, host, port, code and credential."""

import asyncio
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from support.canary import secret
from support.desks.scripted_server import (
    ReceivedRequest,
    ScriptedResponse,
    ScriptedServer,
    make_certificate,
    serve_script,
)
from support.sample_values import DESK
from supporttui.config.desk import ConnectionTrust, Secret
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment
from supporttui.helpdesks.base import DeskError, Rejected, Unreachable
from supporttui.helpdesks.external_attachments import is_public
from supporttui.helpdesks.http_transport import HttpTransport
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

CODES = (301, 302, 303, 307, 308)
TOKEN = secret("redirect")
COOKIE = secret("cookie").rstrip("=")
CREDENTIALS = {"basic": f"Basic {TOKEN}", "bearer": f"Bearer {TOKEN}", "cookie": f"Basic {TOKEN}", "address": "Basic x"}
"""By kind: what the transport sends. A cookie is set by the desk, and credentials may stand in the address itself."""

PLACES = ("other port", "other host", "other scheme", "no scheme", "user before it", "backslash", "own origin")


@pytest.fixture
def other() -> Iterator[ScriptedServer]:
    """The origin that is to hear nothing."""
    with serve_script(lambda request: ScriptedResponse(200, b"stolen")) as server:
        yield server


def location(place: str, own: str, other: str) -> str:
    """An address of another origin, as a hostile desk or ticket would write it."""
    port = other.rpartition(":")[2]
    return {
        "other port": f"{other}/x",
        "other host": f"http://localhost:{port}/x",
        "other scheme": f"https://127.0.0.1:{port}/x",
        "no scheme": f"//127.0.0.1:{port}/x",
        "user before it": f"http://{own.removeprefix('http://')}@127.0.0.1:{port}/x",
        "backslash": f"{own}\\@127.0.0.1:{port}/x",
        "own origin": f"{own}/landed",
    }[place]


def leaked(server: ScriptedServer) -> list[str]:
    """What of a secret arrived there."""
    heard = [f"{request.path} {request.query} {request.headers} {request.body!r}" for request in server.requests]
    return [each for each in heard if TOKEN in each or COOKIE in each or "authorization" in each or "cookie" in each]


@pytest.mark.parametrize(("code", "place"), [*product(CODES, PLACES)])
def test_a_redirect_takes_no_credential_elsewhere(code: int, place: str, other: ScriptedServer) -> None:
    def script(request: ReceivedRequest) -> ScriptedResponse:
        if request.path == "/landed":
            return ScriptedResponse(200, b"here")
        address = location(place, server.url, other.url)
        return ScriptedResponse(code, headers={"Location": address, "Set-Cookie": f"s={COOKIE}; Path=/"})

    with serve_script(script) as server:
        for kind, credentials in CREDENTIALS.items():
            answers = asyncio.run(asked(server.url, credentials, kind))
            assert answers == ([200, 200, code] if place == "own origin" else [code] * 3)
    assert other.requests == []
    assert leaked(other) == []
    assert all("cookie" not in request.headers for request in server.requests)


async def asked(url: str, credentials: str, kind: str) -> list[int]:
    """The status of two questions and of a write, which follows nowhere."""
    transport = HttpTransport(url, Secret(credentials), deadline_s=10)
    params = {"key": TOKEN} if kind == "address" else None
    try:
        questions = [(await transport.request("GET", "/from", params=params)).status for _ in range(2)]
        return [*questions, (await transport.request("POST", "/from", params=params, content=b"{}")).status]
    finally:
        await transport.close()


def file_at(address: str) -> Attachment:
    """A file that a stranger has put somewhere."""
    name, kind = OutsideText("a.log"), OutsideText("text/plain")
    return Attachment(id=1, file_name=name, content_type=kind, size_bytes=1, url=OutsideText(address))


def fetched(url: str, address: str, folder: Path, trust: ConnectionTrust | None = None) -> bytes:
    """What is on disk after fetching a file from an address, as a user of the desk."""

    async def run() -> None:
        client = ZendeskDesk(name=DESK, url=url, email="kim@desk.example", token=TOKEN, trust=trust)
        try:
            await client.fetch_attachment(file_at(address), folder / "a.log", max_bytes=1000)
        finally:
            await client.close()

    folder.mkdir(mode=0o700, exist_ok=True)
    asyncio.run(run())
    return (folder / "a.log").read_bytes()


@pytest.mark.parametrize("place", [place for place in PLACES if place != "own origin"])
def test_a_file_elsewhere_on_this_machine_is_not_asked_for(place: str, other: ScriptedServer, tmp_path: Path) -> None:
    with serve_script(lambda request: ScriptedResponse(200, b"own")) as server, pytest.raises(DeskError):
        fetched(server.url, location(place, server.url, other.url), tmp_path / "d")
    assert other.requests == []
    assert list((tmp_path / "d").iterdir()) == []


@pytest.mark.parametrize("code", CODES)
def test_a_file_whose_answer_points_elsewhere_is_not_fetched(code: int, other: ScriptedServer, tmp_path: Path) -> None:
    with serve_script(lambda request: ScriptedResponse(code, headers={"Location": f"{other.url}/x"})) as server:
        with pytest.raises(Rejected, match=r"points to another server .* attachment_hosts"):
            fetched(server.url, f"{server.url}/a.log", tmp_path / "d")
        assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert other.requests == []


def test_where_the_profile_allows_it_a_file_elsewhere_comes_without_credentials(
    other: ScriptedServer, tmp_path: Path
) -> None:
    trust = ConnectionTrust(private_addresses=True)
    with serve_script(lambda request: ScriptedResponse()) as server:
        assert fetched(server.url, f"{other.url}/x?y=1", tmp_path / "d", trust) == b"stolen"
    assert [request.query for request in other.requests] == [{"y": "1"}]
    assert leaked(other) == []


def test_a_host_that_the_profile_names_is_asked_without_credentials(other: ScriptedServer, tmp_path: Path) -> None:
    trust = ConnectionTrust(private_addresses=True, attachment_hosts=("127.0.0.1",))
    with serve_script(lambda request: ScriptedResponse(302, headers={"Location": f"{other.url}/x"})) as server:
        assert fetched(server.url, f"{server.url}/a.log", tmp_path / "d", trust) == b"stolen"
    assert len(other.requests) == 1
    assert leaked(other) == []


def test_a_server_elsewhere_may_point_only_within_itself(other: ScriptedServer, tmp_path: Path) -> None:
    def script(request: ReceivedRequest) -> ScriptedResponse:
        if request.path == "/far":
            return ScriptedResponse(302, headers={"Location": f"{other.url}/x"})
        return (
            ScriptedResponse(200, b"near")
            if request.path == "/here"
            else ScriptedResponse(302, headers={"Location": "/here"})
        )

    trust = ConnectionTrust(private_addresses=True)
    with serve_script(lambda request: ScriptedResponse()) as server, serve_script(script) as elsewhere:
        assert fetched(server.url, f"{elsewhere.url}/near", tmp_path / "near", trust) == b"near"
        with pytest.raises(Rejected):
            fetched(server.url, f"{elsewhere.url}/far", tmp_path / "far", trust)
    assert other.requests == []


@pytest.mark.parametrize("way", ["in the ticket", "by the desk"])
def test_a_file_on_another_server_comes_over_tls_under_that_name_and_without_credentials(
    way: str, tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path, "DNS:localhost")
    with serve_script(lambda request: ScriptedResponse(), certificate) as elsewhere:
        address = f"https://localhost:{elsewhere.port}/a.log"
        pointing = ScriptedResponse(302, headers={"Location": address})
        trust = ConnectionTrust(private_addresses=True, attachment_hosts=("localhost",), ca_file=str(certificate.path))
        with serve_script(lambda request: pointing) as server:
            asked_for = address if way == "in the ticket" else f"{server.url}/a.log"
            assert fetched(server.url, asked_for, tmp_path / "d", trust) == b"{}"
    (request,) = elsewhere.requests
    assert request.headers["host"] == f"localhost:{elsewhere.port}"
    assert {"authorization", "cookie", "referer"}.isdisjoint(request.headers)
    assert not any(TOKEN in value for value in request.headers.values())


@pytest.mark.parametrize(("names", "is_known"), [("DNS:localhost", False), ("DNS:other.example", True)])
def test_a_file_on_another_server_is_not_fetched_under_a_certificate_that_is_none(
    names: str, is_known: bool, tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path, names)
    with (
        serve_script(lambda request: ScriptedResponse(), certificate) as elsewhere,
        serve_script(lambda request: ScriptedResponse()) as server,
    ):
        trust = ConnectionTrust(private_addresses=True, ca_file=str(certificate.path) if is_known else "")
        with pytest.raises(Unreachable, match="could not be fetched from localhost"):
            fetched(server.url, f"https://localhost:{elsewhere.port}/a.log", tmp_path / "d", trust)
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "ff02::1", "255.255.255.255", "192.0.2.1", "not an address", ""),
    ],
)
def test_a_private_address_is_private_in_whatever_clothes(address: str) -> None:
    assert not is_public(address)


def test_an_address_of_the_open_internet_is_public() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2001:4860:4860::8888")


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "localhost", "[::ffff:127.0.0.1]", "127.0.0.1.nip.invalid"]
)
def test_a_private_host_is_refused_before_a_request(host: str, other: ScriptedServer, tmp_path: Path) -> None:
    address = f"https://{host}:{other.url.rpartition(':')[2]}/x"
    with serve_script(lambda request: ScriptedResponse()) as server, pytest.raises((Rejected, Unreachable)):
        fetched(server.url, address, tmp_path / "d")
    assert other.requests == []


def test_a_loop_of_redirects_ends(tmp_path: Path) -> None:
    with serve_script(lambda request: ScriptedResponse(302, headers={"Location": request.path + "x"})) as server:
        with pytest.raises(DeskError):
            fetched(server.url, f"{server.url}/a", tmp_path / "d")
        assert len(server.requests) == 6


def test_no_error_quotes_a_credential() -> None:
    async def ask(url: str) -> None:
        desk = ZendeskDesk(name=DESK, url=url, email="kim@desk.example", token=TOKEN)
        try:
            await desk.fetch_account()
        finally:
            await desk.close()

    body = json.dumps({"error": f"no: Basic {TOKEN}"}).encode()
    with serve_script(lambda request: ScriptedResponse(403, body)) as server, pytest.raises(DeskError) as caught:
        asyncio.run(ask(server.url))
    assert TOKEN not in f"{caught.value} {caught.value.desk_message!r}"
