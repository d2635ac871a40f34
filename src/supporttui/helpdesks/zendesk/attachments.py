"""Asking for an attachment: on the desk itself with our credentials, anywhere else without any."""

import contextlib
from collections.abc import AsyncIterator

import httpx

from supporttui.config.desk import Trust
from supporttui.helpdesks.base import Rejected
from supporttui.helpdesks.elsewhere import opened_elsewhere
from supporttui.helpdesks.redirects import parsed, pointed_to
from supporttui.helpdesks.zendesk.client import ZendeskClient


@contextlib.asynccontextmanager
async def opened_attachment(client: ZendeskClient, url: str, name: str) -> AsyncIterator[httpx.Response]:
    """The file's answer while its body arrives. Raises DeskError, and Rejected where it may not be asked for."""
    found = parsed(url)
    if found is None:
        raise Rejected(f"{name} has an address that is none. Open it in the desk itself.")
    path = client.transport.own_path(url)
    if path is None:
        async with opened_elsewhere(found, client.transport.trust, name) as response:
            yield response
        return
    async with client.transport.opened("GET", path) as response:
        target = pointed_to(response.status_code, response.headers, response.request.url)
        if target is None:
            yield client.accepted(response, f"the file {name}")
            return
    _check_named(target, client.transport.trust, name)
    async with opened_elsewhere(target, client.transport.trust, name) as response:
        yield response


def _check_named(target: httpx.URL, trust: Trust, name: str) -> None:
    """Whether the desk may point there. Raises Rejected."""
    host = target.host.lower()
    if not any(host == named or host.endswith(f".{named}") for named in trust.attachment_hosts):
        raise Rejected(
            f"The desk points to another server for {name}, {host}, which is not followed. "
            f'If it is the desk\'s own, set attachment_hosts = ["{host}"] below [desk].'
        )
