"""Uploads and attachments. Uploaded content is only ever returned as a download."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Final

from anyio import to_thread
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from supporttui.server.api.parameters import IDEMPOTENCY_KEY, TEXT, query
from supporttui.server.api.request_handling import RequestContext, read_request_context, run_write
from supporttui.server.api.routing import BYTES, asynchronous, read
from supporttui.server.api_errors import RecordInvalid, RecordNotFound, RequestTooLarge
from supporttui.server.desk import Desk
from supporttui.server.file_storage import (
    UPLOAD_MAX_BYTES,
    StoredFile,
    add_upload,
    find_attachment,
    load_upload,
    open_new_file,
    serialize_attachment,
)
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
    errors=(413, 422),
)
async def create_upload(request: Request, desk: Desk) -> Response:
    """Store a file; the token in the response attaches it to a comment."""
    context = read_request_context(request, desk)
    file_name = context.query.get("filename", "")
    if not file_name.strip():
        raise RecordInvalid("filename", "Filename: cannot be blank")
    key, descriptor = await to_thread.run_sync(open_new_file, context.desk.uploads)
    path = context.desk.uploads / key
    is_kept = False
    try:
        digest, size_bytes = await _receive(request, descriptor)
        kind = request.headers.get("content-type", "application/octet-stream")[:_TYPE_MAX]
        file = StoredFile(key=key, file_name=file_name, content_type=kind, size_bytes=size_bytes)
        response = await to_thread.run_sync(_save_upload, request, context, file, digest)
        is_kept = response.headers.get("X-Idempotency-Lookup") != "hit"
        return response
    finally:
        if not is_kept:
            path.unlink(missing_ok=True)


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
    return FileResponse(path, filename=_plain_name(row["file_name"]), media_type=BYTES)


async def _receive(request: Request, descriptor: int) -> tuple[bytes, int]:
    """Write the request's body to a file; its digest and size. Raises RequestTooLarge."""
    digest, size_bytes, waiting = hashlib.sha256(), 0, bytearray()
    with os.fdopen(descriptor, "wb") as file:
        async for chunk in request.stream():
            size_bytes += len(chunk)
            if size_bytes > UPLOAD_MAX_BYTES:
                raise RequestTooLarge(UPLOAD_MAX_BYTES)
            digest.update(chunk)
            waiting += chunk
            if len(waiting) >= _FLUSH_BYTES:
                await to_thread.run_sync(file.write, bytes(waiting))
                waiting.clear()
        file.write(waiting)
        file.flush()
        await to_thread.run_sync(os.fsync, file.fileno())
    return digest.digest(), size_bytes


def _save_upload(request: Request, received: RequestContext, file: StoredFile, digest: bytes) -> Response:
    """Record a file that has arrived, at the time of its end."""
    context = replace(received, now=received.desk.now())

    def save(connection: Connection) -> OneUpload:
        token = add_upload(connection, context.actor.id, file, context.now, context.query.get("token"))
        files = [serialize_attachment(row, context.base_url) for row in load_upload(connection, token)]
        return OneUpload(upload=Upload(token=token, attachment=files[-1], attachments=files))

    return run_write(request, context, digest, save, status=201)


def _plain_name(file_name: str) -> str:
    """The name without folders and control characters, for the header."""
    last = Path(file_name.replace("\\", "/")).name
    return "".join(each for each in last if each.isprintable()) or "attachment"
