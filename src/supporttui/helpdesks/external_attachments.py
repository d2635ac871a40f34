"""Attachments on servers other than the desk's: requested without credentials, at an address checked beforehand."""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator

import httpx

from supporttui.config.desk import ConnectionTrust, is_loopback
from supporttui.helpdesks.base import Rejected, Unreachable
from supporttui.helpdesks.http_transport import MAX_REDIRECTS, same_origin_redirect

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_DNS_TIMEOUT_S = 8.0


@contextlib.asynccontextmanager
async def open_external_attachment(url: httpx.URL, trust: ConnectionTrust, what: str) -> AsyncIterator[httpx.Response]:
    """Request a file from another server. Redirects are followed within its origin.

    Raises Rejected if that is not allowed, Unreachable if it does not respond.
    """
    _check_scheme(url, trust, what)
    try:
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False, verify=_trusted(trust)) as client:
            for _ in range(MAX_REDIRECTS + 1):
                address = await _checked_address(url, trust, what)
                response = await client.send(_request(client, url, address), stream=True)
                client.cookies.clear()
                try:
                    target = same_origin_redirect(response.status_code, response.headers, url)
                    if target is None:
                        yield _complete(response, url, what)
                        return
                    url = target
                finally:
                    await response.aclose()
            raise Rejected(f"{what} lies behind too many redirects on {url.host}. Open it in the desk itself.")
    except httpx.TransportError as problem:
        raise Unreachable(f"{what} could not be fetched from {url.host} ({type(problem).__name__}).") from None


def _check_scheme(url: httpx.URL, trust: ConnectionTrust, what: str) -> None:
    if url.scheme != "https" and not (trust.private_addresses and is_loopback(url.host)):
        raise Rejected(f"{what} lies on another server, {url.host}, without encryption. Open it in the desk itself.")


def _trusted(trust: ConnectionTrust) -> ssl.SSLContext:
    """Return a TLS context with the public authorities, and the private one if configured. Raises Rejected."""
    context = httpx.create_ssl_context(trust_env=False)
    if trust.ca_file:
        try:
            context.load_verify_locations(trust.ca_file)
        except OSError:
            raise Rejected(f"{trust.ca_file} holds no certificate authority (PEM). Check desk.ca_file.") from None
    return context


def _request(client: httpx.AsyncClient, url: httpx.URL, address: str) -> httpx.Request:
    """Return a request to the checked address, with the host's name in Host and SNI: there is no second DNS lookup.

    It has no credentials, cookies or referrer.
    """
    headers = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "gzip", "User-Agent": "supporttui"}
    host = url.raw_host.decode("ascii")
    return client.build_request("GET", url.copy_with(host=address), headers=headers, extensions={"sni_hostname": host})


def _complete(response: httpx.Response, url: httpx.URL, what: str) -> httpx.Response:
    if response.status_code != 200:
        raise Rejected(f"{url.host} does not give {what} (status {response.status_code}). Open it in the desk itself.")
    return response


async def _checked_address(url: httpx.URL, trust: ConnectionTrust, what: str) -> str:
    """Return an address of the host. Raises Rejected if any of its addresses is private and that is not allowed."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_DNS_TIMEOUT_S):
            found = await loop.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        raise Unreachable(f"{what} lies on {url.host}, which cannot be found. Open it in the desk itself.") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not trust.private_addresses and not all(is_public(address) for address in addresses):
        raise Rejected(
            f"{what} lies on another server, {url.host}, in a private network, which is not asked. "
            "If it is yours, set private_addresses = true below [desk]."
        )
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address is public; includes the check of IPv4 addresses embedded in IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return parsed.is_global and not parsed.is_multicast
