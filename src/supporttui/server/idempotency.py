"""Writes that may be repeated: the answer to a keyed request is kept, in the transaction of its change."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from supporttui.server.refusals import KeyReused
from supporttui.server.schema import idempotency

LIFE: Final = timedelta(hours=24)
KEY_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with a key of its sender's."""

    user_id: int
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered the first time."""

    status: int
    body: bytes


def fingerprint(*parts: bytes) -> str:
    """What tells one request from another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def load_answer(connection: Connection, request: KeyedRequest, now: datetime) -> KeptAnswer | None:
    """What this request was answered before. Raises KeyReused where its key belongs to another one."""
    connection.execute(delete(idempotency).where(idempotency.c.created_at < now - LIFE))
    found = connection.execute(
        select(idempotency).where(idempotency.c.user_id == request.user_id, idempotency.c.key == request.key)
    ).one_or_none()
    if found is None:
        return None
    if found.request_hash != request.fingerprint:
        raise KeyReused
    return KeptAnswer(found.status, found.body)


def save_answer(connection: Connection, request: KeyedRequest, answer: KeptAnswer, now: datetime) -> None:
    """Keep an answer for its request's repetitions."""
    connection.execute(
        insert(idempotency).values(
            user_id=request.user_id,
            key=request.key,
            request_hash=request.fingerprint,
            status=answer.status,
            body=answer.body,
            created_at=now,
        )
    )
