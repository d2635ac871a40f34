"""Uploads and attachments. Uploaded content is only ever returned as a download."""

import hashlib
import os
from dataclasses import replace
from functools import partial
from io import FileIO
from typing import Final

from anyio import to_thread
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from supporttui.server.api.parameters import IDEMPOTENCY_KEY, TEXT, query
from supporttui.server.api.request_handling import RequestContext, read_request_context, run_in_writer_thread, run_write
from supporttui.server.api.routing import BYTES, asynchronous, read
from supporttui.server.api_errors import RecordInvalid, RecordNotFound, RequestTooLarge
from supporttui.server.desk import Desk
from supporttui.server.file_storage import (
    StoredFile,
    add_upload,
    find_attachment,
    load_upload,
    open_new_file,
    plain_file_name,
    serialize_attachment,
    waiting_bytes,
)
from supporttui.server.upload_limits import UPLOAD_MAX_BYTES
from supporttui.zendesk_api.responses import OneAttachment, OneUpload, Upload

_FLUSH_BYTES: Final = 1 << 20
_TYPE_MAX: Final = 255


@asynchronous(
    "POST",
    "/api/v2/uploads",
    OneUpload,
    status=201,
    body=BYTES,
    parameters=(query("filename", {**TEXT, "minLength": 1}, is_required=True), query("token"), IDEMPOTENCY_KEY),
    errors=(403, 413, 422),
)
async def create_upload(request: Request, desk: Desk) -> Response:
    """Store a file; the token in the response attaches it to a comment."""
    context = read_request_context(request, desk)
    file_name = context.query.get("filename", "")
    if not file_name.strip():
        raise RecordInvalid("filename", "Filename: cannot be blank")
    arriving = _Arriving(context, await _stored_bytes(request, context))
    key, descriptor = await to_thread.run_sync(open_new_file, context.desk.uploads)
    path = context.desk.uploads / key
    is_kept = False
    try:
        digest = await _receive(request, descriptor, arriving)
        kind = request.headers.get("content-type", "application/octet-stream")[:_TYPE_MAX]
        file = StoredFile(key=key, file_name=file_name, content_type=kind, size_bytes=arriving.size_bytes)
        response = await run_in_writer_thread(desk, partial(_save_upload, request, context, file, digest))
        is_kept = response.headers.get("X-Idempotency-Lookup") != "hit"
        return response
    finally:
        arriving.end()
        if not is_kept:
            path.unlink(missing_ok=True)


class _Arriving:
    """An upload that is being received, counted against its sender's limit."""

    def __init__(self, context: RequestContext, stored_bytes: int) -> None:
        self.size_bytes = 0
        self._uploads, self._person_id = context.desk.arriving, context.actor.id
        self._stored_bytes = stored_bytes

    def add(self, size_bytes: int) -> None:
        """Count a part. Raises RequestTooLarge, RecordInvalid."""
        self.size_bytes += size_bytes
        self._uploads.add(self._person_id, size_bytes, self._stored_bytes)
        if self.size_bytes > UPLOAD_MAX_BYTES:
            raise RequestTooLarge(UPLOAD_MAX_BYTES)

    def end(self) -> None:
        """Stop counting the upload, after it was stored or removed."""
        self._uploads.end(self._person_id, self.size_bytes)


async def _stored_bytes(request: Request, context: RequestContext) -> int:
    """Return the size of the sender's unattached files. Raises RecordInvalid if they may not have another one.

    An upload with an idempotency key may be stored already, and is therefore checked only before it is stored.
    """
    if "idempotency-key" in request.headers:
        return 0

    def load() -> int:
        with context.desk.read() as connection:
            return waiting_bytes(connection, context.actor.id)

    return await to_thread.run_sync(load)


@read("/api/v2/attachments/{attachment_id}", OneAttachment, errors=(404,))
def show_attachment(context: RequestContext, connection: Connection, attachment_id: int) -> OneAttachment:
    """One attachment's metadata."""
    row = find_attachment(connection, context.actor, attachment_id=attachment_id)
    return OneAttachment(attachment=serialize_attachment(row, context.base_url))


@read("/attachments/token/{key}", BYTES, errors=(404,))
def download(context: RequestContext, connection: Connection, key: str) -> FileResponse:
    """An attachment's content, never of a kind that a browser would show."""
    if not (key.isascii() and key.isalnum()):
        raise RecordNotFound
    row = find_attachment(connection, context.actor, key=key)
    path = context.desk.uploads / row["file_key"]
    if not path.is_file():
        raise RecordNotFound
    return FileResponse(path, filename=_header_name(row["file_name"]), media_type=BYTES)


async def _receive(request: Request, descriptor: int, arriving: _Arriving) -> bytes:
    """Write the request's body to a file; return its digest. Raises RequestTooLarge, RecordInvalid, OSError."""
    digest, waiting = hashlib.sha256(), bytearray()
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        async for chunk in request.stream():
            arriving.add(len(chunk))
            digest.update(chunk)
            waiting += chunk
            if len(waiting) >= _FLUSH_BYTES:
                await to_thread.run_sync(_write_all, file, bytes(waiting))
                waiting.clear()
        await to_thread.run_sync(_write_all, file, bytes(waiting))
        await to_thread.run_sync(os.fsync, file.fileno())
    return digest.digest()


def _write_all(file: FileIO, content: bytes) -> None:
    """Write everything; a nearly full disk accepts a part before it refuses the rest."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _save_upload(request: Request, received: RequestContext, file: StoredFile, digest: bytes) -> Response:
    """Record a complete file, with the time at which it was complete."""
    context = replace(received, now=received.desk.now())

    def save(connection: Connection) -> OneUpload:
        token = add_upload(connection, context.actor.id, file, context.now, context.query.get("token"))
        files = [serialize_attachment(row, context.base_url) for row in load_upload(connection, token)]
        return OneUpload(upload=Upload(token=token, attachment=files[-1], attachments=files))

    return run_write(request, context, digest, save, status=201)


def _header_name(file_name: str) -> str:
    """Return the name for a header, without characters that change how the rest of it is displayed."""
    return "".join(each for each in plain_file_name(file_name) if each.isprintable()) or "attachment"
