"""Certificates are always checked; a private authority is a setting, and the only other one that is trusted."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.canary import secret
from support.desks.scripted_server import ScriptedResponse, make_certificate, serve_script
from supporttui.config import ConfigProblem, load_settings
from supporttui.config.desk import ConnectionTrust, Secret
from supporttui.helpdesks.base import Rejected, Unreachable
from supporttui.helpdesks.http_transport import HttpTransport


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server with a certificate that only its own authority vouches for, and the authority's file."""
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    with serve_script(lambda request: ScriptedResponse(), certificate) as server:
        yield server.url, certificate.path


def status(url: str, trust: ConnectionTrust) -> int:
    async def ask() -> int:
        transport = HttpTransport(url, Secret(f"Basic {secret('tls')}"), trust=trust, deadline_s=10)
        try:
            return (await transport.request("GET", "/x")).status
        finally:
            await transport.close()

    return asyncio.run(ask())


def test_a_private_authority_is_trusted_where_it_is_configured(served: tuple[str, Path]) -> None:
    url, authority = served
    assert status(url, ConnectionTrust(ca_file=str(authority))) == 200


def test_an_unknown_authority_is_never_trusted(served: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PYTHONHTTPSVERIFY": "0", "CURL_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": ""}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Unreachable, match="its certificate is not accepted"):
        status(served[0], ConnectionTrust())


def test_a_name_that_the_certificate_does_not_have_is_not_accepted(served: tuple[str, Path]) -> None:
    url, authority = served
    with pytest.raises(Unreachable, match="its certificate is not accepted"):
        status(url.replace("127.0.0.1", "localhost"), ConnectionTrust(ca_file=str(authority)))


def test_a_file_that_holds_no_authority_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(Rejected, match=r"ca\.pem holds no certificate authority"):
        status("https://127.0.0.1:1", ConnectionTrust(ca_file=str(tmp_path / "ca.pem")))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('ca_file = "nowhere.pem"', "desk.ca_file: .*write the whole path"),
        ('attachment_hosts = ["*.example.com"]', "desk.attachment_hosts: .*is no host"),
        ('attachment_hosts = ["com"]', "desk.attachment_hosts: .*is no host"),
        ('private_addresses = "yes"', "desk.private_addresses: .*neither true nor false"),
        ("verify = false", "desk.verify: there is no such key"),
        ('token_command = "cat \'x"', "desk.token_command: .*a quote without its other half"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_remedy(line: str, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[desk]\n{line}\n")
    with pytest.raises(ConfigProblem, match=problem):
        load_settings(file, {})
