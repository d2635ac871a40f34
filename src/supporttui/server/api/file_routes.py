"""Uploads and attachments. Uploaded content is only ever returned as a download."""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from anyio import to_thread
from litestar import get, post
from litestar.params import FromPath
from litestar.response import File
from sqlalchemy import Connection

from supporttui.server.api.request_handling import (
    ApiRequest,
    JsonResponse,
    RequestContext,
    json_response,
    read_request_context,
    run_write,
    threaded,
)
from supporttui.server.api_errors import RecordInvalid, RecordNotFound, RequestTooLarge
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


@post("/api/v2/uploads", request_max_body_size=None)
async def create_upload(request: ApiRequest) -> JsonResponse:
    """Take a file; the answer's token attaches it to a comment."""
    call = read_request_context(request)
    file_name = call.asked.get("filename", "")
    if not file_name.strip():
        raise RecordInvalid("filename", "Filename: cannot be blank")
    key, descriptor = await to_thread.run_sync(open_new_file, call.desk.uploads)
    path = call.desk.uploads / key
    is_kept = False
    try:
        digest, size_bytes = await _receive(request, descriptor)
        kind = request.headers.get("content-type", "application/octet-stream")[:_TYPE_MAX]
        file = StoredFile(key=key, file_name=file_name, content_type=kind, size_bytes=size_bytes)
        sent = await to_thread.run_sync(_keep, request, call, file, digest)
        is_kept = sent.headers.get("X-Idempotency-Lookup") != "hit"
        return sent
    finally:
        if not is_kept:
            path.unlink(missing_ok=True)


@get("/api/v2/attachments/{attachment_id:int}")
@threaded
def show_attachment(request: ApiRequest, attachment_id: FromPath[int]) -> JsonResponse:
    """What is known of an attachment."""
    call = read_request_context(request)
    if not 0 < attachment_id < 2**63:
        raise RecordNotFound
    with call.desk.read() as connection:
        row = find_attachment(connection, call.actor, attachment_id=attachment_id)
        return json_response(OneAttachment(attachment=serialize_attachment(row, call.base)))


@get("/attachments/token/{key:str}")
@threaded
def download(request: ApiRequest, key: FromPath[str]) -> File:
    """An attachment's content, never of a kind that a browser would show."""
    call = read_request_context(request)
    if not (key.isascii() and key.isalnum()):
        raise RecordNotFound
    with call.desk.read() as connection:
        row = find_attachment(connection, call.actor, key=key)
    path = call.desk.uploads / row["file_key"]
    if not path.is_file():
        raise RecordNotFound
    return File(
        path=path,
        filename=_plain_name(row["file_name"]),
        media_type="application/octet-stream",
        content_disposition_type="attachment",
    )


async def _receive(request: ApiRequest, descriptor: int) -> tuple[bytes, int]:
    """Write the request's body to a file; its digest and size. Raises TooLarge."""
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


def _keep(request: ApiRequest, call: RequestContext, file: StoredFile, digest: bytes) -> JsonResponse:
    """Record a file that has arrived."""

    def act(connection: Connection, now: datetime) -> msgspec.Struct:
        token = add_upload(connection, call.actor.id, file, now, call.asked.get("token"))
        files = [serialize_attachment(row, call.base) for row in load_upload(connection, token)]
        return OneUpload(upload=Upload(token=token, attachment=files[-1], attachments=files))

    return run_write(request, digest, act, status=201, call=call)


def _plain_name(file_name: str) -> str:
    """The name without folders and control characters, for the header."""
    last = Path(file_name.replace("\\", "/")).name
    return "".join(each for each in last if each.isprintable()) or "attachment"
