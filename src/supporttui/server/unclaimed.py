"""Removing uploads that no comment took within a day, and files that no row of the database knows."""

import asyncio
import logging
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from anyio import to_thread
from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import SQLAlchemyError

from supporttui.server.desk import Desk
from supporttui.server.schema import attachments, uploads

LIFE: Final = timedelta(days=1)
_EVERY_S: Final = 3600.0
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_log = logging.getLogger("supporttui.server")


async def keep_removing(desk: Desk) -> None:
    """Look at the desk's start and every hour. What fails is logged and tried again an hour later."""
    while True:
        try:
            await to_thread.run_sync(remove_unclaimed, desk)
        except (SQLAlchemyError, OSError) as problem:
            _log.error("unclaimed uploads could not be removed: %s", getattr(problem, "orig", None) or problem)
        await asyncio.sleep(_EVERY_S)


def remove_unclaimed(desk: Desk) -> int:
    """Remove what has waited for longer than a day; how many files those were."""
    with desk.write() as connection:
        _forget(connection, desk.now() - LIFE)
    with desk.read() as connection:
        known = set(connection.execute(select(attachments.c.file_key)).scalars())
    strangers = [path for path in _old_files(desk.uploads) if path.name not in known]
    for path in strangers:
        path.unlink(missing_ok=True)
    return len(strangers)


def _forget(connection: Connection, before: datetime) -> None:
    """Take the rows away: their files are then those that nobody knows. A comment that comes now is refused."""
    waits = attachments.c.comment_id.is_(None) & (attachments.c.created_at < before)
    connection.execute(delete(attachments).where(waits))
    taken = select(attachments.c.upload_token).where(attachments.c.upload_token.is_not(None))
    connection.execute(delete(uploads).where(uploads.c.created_at < before, uploads.c.token.not_in(taken)))


def _old_files(folder: Path) -> list[Path]:
    """Files of ours that were written more than a day ago: a younger one may be about to get its row."""
    if not folder.is_dir():
        return []
    before_s = time.time() - LIFE.total_seconds()
    found = (path for path in folder.iterdir() if _KEY.fullmatch(path.name))
    return [path for path in found if path.is_file() and not path.is_symlink() and path.stat().st_mtime < before_s]
