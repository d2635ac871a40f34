"""Uploaded files: storage, the tokens that attach them to comments, and the removal of unattached ones."""

import asyncio
import logging
import os
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from anyio import to_thread
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from supporttui.server.api_errors import RecordInvalid, RecordNotFound
from supporttui.server.desk import Desk
from supporttui.server.people import Actor
from supporttui.server.schema import attachments, comments, tickets, uploads
from supporttui.server.upload_limits import WAITING_MAX, WAITING_MAX_BYTES, too_many_waiting
from supporttui.zendesk_api.responses import ZendeskAttachment

FILE_NAME_MAX_BYTES: Final = 255
_ENDING_MAX: Final = 16
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DRIVE: Final = re.compile(r"^[A-Za-z]:")
"""The drive of a Windows path: `C:x` is relative to the current folder of C."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file that is already in the uploads folder."""

    key: str
    file_name: str
    content_type: str
    size_bytes: int


def open_new_file(folder: Path) -> tuple[str, int]:
    """Create a file for an upload; return its key and a descriptor to write to."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_hex(16)
    return key, os.open(folder / key, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)


def save_file(folder: Path, content: bytes, file_name: str, content_type: str) -> StoredFile:
    """Write a file whose content is in memory."""
    key, descriptor = open_new_file(folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return StoredFile(key=key, file_name=file_name, content_type=content_type, size_bytes=len(content))


def plain_file_name(sent: str) -> str:
    """Return a file's name without folder, drive and control characters, never empty.

    At most `FILE_NAME_MAX_BYTES` long.
    """
    last = re.split(r"[/\\]", sent.rstrip("/\\ "))[-1]
    shown = _DRIVE.sub("", _CONTROLS.sub("", last).strip())
    if not any(each.isprintable() and each not in " ." for each in shown):
        return "attachment"
    stem, dot, ending = shown.rpartition(".")
    if not stem or len(ending) > _ENDING_MAX:
        stem, dot, ending = shown, "", ""
    room_bytes = FILE_NAME_MAX_BYTES - len(f"{dot}{ending}".encode())
    return f"{stem.encode()[:room_bytes].decode(errors='ignore')}{dot}{ending}"


def waiting_bytes(connection: Connection, person_id: int) -> int:
    """Return the size of a person's unattached files. Raises RecordInvalid if they may not have another one."""
    count, size_bytes = _waiting(connection, person_id)
    if count >= WAITING_MAX or size_bytes > WAITING_MAX_BYTES:
        raise too_many_waiting()
    return size_bytes


def add_upload(connection: Connection, actor_id: int, file: StoredFile, at: datetime, token: str | None = None) -> str:
    """Record an upload under a new or an existing token, and return the token. Raises RecordInvalid."""
    if waiting_bytes(connection, actor_id) + file.size_bytes > WAITING_MAX_BYTES:
        raise too_many_waiting()
    if token is None:
        token = secrets.token_urlsafe(24)
        connection.execute(insert(uploads).values(token=token, user_id=actor_id, created_at=at))
    elif not _is_theirs(connection, token, actor_id):
        raise RecordInvalid("token", "Token: is not one of your uploads")
    connection.execute(
        insert(attachments).values(
            file_key=file.key,
            upload_token=token,
            uploader_id=actor_id,
            file_name=plain_file_name(file.file_name),
            content_type=file.content_type,
            size_bytes=file.size_bytes,
            created_at=at,
        )
    )
    return token


def attach_uploads(connection: Connection, comment_id: int, actor_id: int, token: str) -> None:
    """Attach a token's files to a comment. Raises RecordInvalid if the token is another person's or was used."""
    if not _is_theirs(connection, token, actor_id):
        raise RecordInvalid("uploads", "Uploads: a token is unknown or not yours; send the file again")
    taken = connection.execute(
        update(attachments)
        .where(attachments.c.upload_token == token, attachments.c.comment_id.is_(None))
        .values(comment_id=comment_id)
    )
    if taken.rowcount == 0:
        raise RecordInvalid("uploads", "Uploads: a token was used already; send the file again")


def load_upload(connection: Connection, token: str) -> Sequence[RowMapping]:
    """Return the unattached files of a token, the newest last."""
    query = select(attachments).where(attachments.c.upload_token == token).order_by(attachments.c.id)
    return connection.execute(query).mappings().all()


def load_attachments(connection: Connection, comment_ids: Iterable[int]) -> dict[int, list[RowMapping]]:
    """Return the attachments of comments, by comment."""
    query = select(attachments).where(attachments.c.comment_id.in_(list(comment_ids))).order_by(attachments.c.id)
    found: dict[int, list[RowMapping]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["comment_id"], []).append(row)
    return found


def find_attachment(
    connection: Connection, actor: Actor, *, attachment_id: int | None = None, key: str | None = None
) -> RowMapping:
    """Return an attachment that this person may read, by id or by key. Raises RecordNotFound."""
    wanted = attachments.c.file_key == key if key is not None else attachments.c.id == attachment_id
    found = connection.execute(select(attachments).where(wanted)).mappings().one_or_none()
    if found is None or not _may_read(connection, actor, found):
        raise RecordNotFound
    return found


def serialize_attachment(row: RowMapping, base: str) -> ZendeskAttachment:
    """An attachment as a response."""
    address = f"{base}/attachments/token/{row['file_key']}"
    return ZendeskAttachment(
        id=row["id"],
        url=f"{base}/api/v2/attachments/{row['id']}.json",
        file_name=plain_file_name(row["file_name"]),
        content_url=address,
        mapped_content_url=address,
        content_type=row["content_type"],
        size=row["size_bytes"],
    )


def _waiting(connection: Connection, person_id: int) -> tuple[int, int]:
    """Return the number of a person's unattached files, and their size in bytes."""
    size_bytes = func.coalesce(func.sum(attachments.c.size_bytes), 0)
    waits = (attachments.c.uploader_id == person_id) & attachments.c.comment_id.is_(None)
    row = connection.execute(select(func.count(), size_bytes).where(waits)).one()
    return int(row[0]), int(row[1])


def _is_theirs(connection: Connection, token: str, person_id: int) -> bool:
    query = select(uploads.c.user_id).where(uploads.c.token == token)
    return connection.execute(query).scalar_one_or_none() == person_id


def _may_read(connection: Connection, actor: Actor, row: RowMapping) -> bool:
    """Whether a person may read a file. Unattached: its uploader; attached: agents, and the requester if public."""
    if row["comment_id"] is None:
        return bool(row["uploader_id"] == actor.id)
    if actor.is_agent:
        return True
    query = (
        select(comments.c.id)
        .join(tickets, tickets.c.id == comments.c.ticket_id)
        .where(comments.c.id == row["comment_id"], comments.c.is_public, tickets.c.is_public)
        .where(tickets.c.requester_id == actor.id, tickets.c.status != "deleted")
    )
    return connection.execute(query).first() is not None


UNCLAIMED_MAX_AGE: Final = timedelta(days=1)
_CLEANUP_INTERVAL_S: Final = 3600.0
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_log = logging.getLogger("supporttui.server")


async def run_upload_cleanup(desk: Desk) -> None:
    """Remove unattached uploads at the start and every hour. A failure is logged, and retried an hour later."""
    while True:
        try:
            await to_thread.run_sync(remove_unclaimed_uploads, desk)
        except (SQLAlchemyError, OSError) as problem:
            _log.error("unclaimed uploads could not be removed: %s", getattr(problem, "orig", None) or problem)
        await asyncio.sleep(_CLEANUP_INTERVAL_S)


def remove_unclaimed_uploads(desk: Desk) -> int:
    """Remove uploads that have been unattached for more than a day; return the number of files."""
    with desk.write() as connection:
        _delete_unclaimed_rows(connection, desk.now() - UNCLAIMED_MAX_AGE)
    with desk.read() as connection:
        known = set(connection.execute(select(attachments.c.file_key)).scalars())
    strangers = [path for path in _old_files(desk.uploads) if path.name not in known]
    for path in strangers:
        path.unlink(missing_ok=True)
    return len(strangers)


def _delete_unclaimed_rows(connection: Connection, before: datetime) -> None:
    """Delete the rows before their files, so that a late comment is refused."""
    waits = attachments.c.comment_id.is_(None) & (attachments.c.created_at < before)
    connection.execute(delete(attachments).where(waits))
    taken = select(attachments.c.upload_token).where(attachments.c.upload_token.is_not(None))
    connection.execute(delete(uploads).where(uploads.c.created_at < before, uploads.c.token.not_in(taken)))


def _old_files(folder: Path) -> list[Path]:
    """Our files that are older than a day; the row of a younger one may not be written yet."""
    if not folder.is_dir():
        return []
    before_s = time.time() - UNCLAIMED_MAX_AGE.total_seconds()
    found = (path for path in folder.iterdir() if _KEY.fullmatch(path.name))
    return [path for path in found if path.is_file() and not path.is_symlink() and path.stat().st_mtime < before_s]
