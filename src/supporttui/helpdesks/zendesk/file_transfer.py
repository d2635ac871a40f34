"""Uploads to the desk and attachments from it, streamed."""

import asyncio
import contextlib
import mimetypes
import os
import shlex
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Final

import httpx
import msgspec

from supporttui.config.desk import ConnectionTrust
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Attachment
from supporttui.helpdesks.base import Interrupted, Rejected, Unreachable
from supporttui.helpdesks.external_attachments import open_external_attachment
from supporttui.helpdesks.http_errors import capitalize_first
from supporttui.helpdesks.http_transport import parse_http_url, redirect_target
from supporttui.helpdesks.response_streams import BodyTooLarge, decompressed
from supporttui.helpdesks.zendesk.answer_decoding import decode
from supporttui.helpdesks.zendesk.client import ZendeskClient
from supporttui.helpdesks.zendesk.translation import sendable


@contextlib.asynccontextmanager
async def opened_attachment(client: ZendeskClient, url: str, name: str) -> AsyncIterator[httpx.Response]:
    """Yield the response with a file while its body arrives. Raises DeskError; Rejected if it may not be requested."""
    found = parse_http_url(url)
    if found is None:
        raise Rejected(f"{name} has an address that is none. Open it in the desk itself.")
    path = client.transport.own_path(url)
    if path is None:
        async with open_external_attachment(found, client.transport.trust, name) as response:
            yield response
        return
    async with client.transport.opened("GET", path) as response:
        target = redirect_target(response.status_code, response.headers, response.request.url)
        if target is None:
            yield client.accepted(response, f"the file {name}")
            return
    _check_redirect_host(target, client.transport.trust, name)
    async with open_external_attachment(target, client.transport.trust, name) as response:
        yield response


def _check_redirect_host(target: httpx.URL, trust: ConnectionTrust, name: str) -> None:
    """Check that the desk may redirect to this host. Raises Rejected."""
    host = target.host.lower()
    if not any(host == named or host.endswith(f".{named}") for named in trust.attachment_hosts):
        raise Rejected(
            f"The desk points to another server for {name}, {host}, which is not followed. "
            f'If it is the desk\'s own, set attachment_hosts = ["{host}"] below [desk].'
        )


SLOWEST_BYTES_PER_S: Final = 20_000
_PIECE: Final = 256 * 1024
_PIECE_TIMEOUT_S: Final = 30.0
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class _Upload(msgspec.Struct):
    token: str


class _OneUpload(msgspec.Struct):
    """The response of `POST uploads`, of which only the token is needed."""

    upload: _Upload


async def send_file(client: ZendeskClient, path: Path, file_name: str) -> str:
    """Upload a file; return its token. Raises OSError if it cannot be read, DeskError for all else."""
    size = (await asyncio.to_thread(path.stat)).st_size
    answer = await client.transport.request(
        "POST",
        "/api/v2/uploads.json",
        params={"filename": sendable(file_name)},
        content=_pieces(path, size),
        headers={
            "Content-Type": mimetypes.guess_type(file_name)[0] or "application/binary",
            "Content-Length": str(size),
        },
        deadline_s=_PIECE_TIMEOUT_S + size / SLOWEST_BYTES_PER_S,
    )
    name, desk = safe_line(OutsideText(file_name)), client.transport.desk_name
    token = decode(client.succeeded("POST", answer, f"the file {name}").body, _OneUpload, desk).upload.token
    if not token:
        raise Interrupted(f"{capitalize_first(desk)} took the file {name} and does not say how it is attached.")
    return token


async def _pieces(path: Path, size: int) -> AsyncIterator[bytes]:
    """Yield the file's first `size` bytes, so that a log that grows meanwhile is sent with its original length."""
    with await asyncio.to_thread(path.open, "rb") as file:
        while size > 0:
            piece = await asyncio.to_thread(file.read, min(_PIECE, size))
            if not piece:
                return
            size -= len(piece)
            yield piece


async def fetch_file(client: ZendeskClient, attachment: Attachment, into: Path, max_bytes: int) -> int:
    """Stream an attachment into a new file, 0600; return its size. An incomplete file is removed.

    Raises Rejected if it may not be fetched or is too large, OSError if it cannot be written.
    """
    name = safe_line(attachment.file_name)
    folder = open_private(into.parent)
    try:
        descriptor = os.open(into.name, _NEW_FILE, 0o600, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                async with asyncio.timeout(_PIECE_TIMEOUT_S + max_bytes / SLOWEST_BYTES_PER_S):
                    async with opened_attachment(client, attachment.url.raw, name) as response:
                        return await _written(response, file, name, max_bytes)
        except TimeoutError:
            os.unlink(into.name, dir_fd=folder)
            raise Unreachable(f"{name} came too slowly and was given up. Open it in the desk itself.") from None
        except BaseException:
            os.unlink(into.name, dir_fd=folder)
            raise
    finally:
        os.close(folder)


def open_private(folder: Path) -> int:
    """Open a folder that is private to us and not a symbolic link; return its descriptor, for creating files in it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077:
        return descriptor
    os.close(descriptor)
    raise Rejected(f"{folder} is not yours alone, so nothing is saved there; run: chmod 700 {shlex.quote(str(folder))}")


async def _written(response: httpx.Response, file: BinaryIO, name: str, max_bytes: int) -> int:
    encoding = str(response.headers.get("content-encoding", "")).strip().lower()
    total = 0
    async for piece in _capped(decompressed(response.aiter_raw(), encoding, max_bytes), name, max_bytes):
        total += file.write(piece)
    return total


async def _capped(pieces: AsyncIterator[bytes], name: str, max_bytes: int) -> AsyncIterator[bytes]:
    """Yield the pieces within the size limit, with a time limit for each."""
    try:
        while True:
            async with asyncio.timeout(_PIECE_TIMEOUT_S):
                piece = await anext(pieces, None)
            if piece is None:
                return
            yield piece
    except BodyTooLarge:
        raise Rejected(f"{name} is larger than {max_bytes:,} bytes and is not fetched. Open it in the desk.") from None
