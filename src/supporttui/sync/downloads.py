"""Attachments on their way into the downloads folder."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from supporttui.domain.ticket import Attachment
from supporttui.helpdesks.base import DeskError, HelpDesk
from supporttui.sync.status import sentence_of

MAX_BYTES: Final = 100 * 1024 * 1024
"""Larger files are not fetched; Zendesk takes up to 50 MB."""


def name_for(attachment: Attachment) -> str:
    """A file name of our own making: the desk's id, and the letters and digits of the sender's name."""
    stem, dot, ending = attachment.file_name.raw.rpartition(".")
    if not dot:
        stem, ending = ending, ""
    letters = (letter if letter.isalnum() or letter == "-" else "_" for letter in stem[:50])
    plain = "".join(letters).strip("_-") or "file"
    suffix = "".join(letter for letter in ending if letter.isascii() and letter.isalnum())[:10]
    return f"{attachment.id}-{plain}.{suffix}" if suffix else f"{attachment.id}-{plain}"


async def download(
    desk: HelpDesk | None, attachment: Attachment, folder: str, done: Callable[[str, bool], None]
) -> None:
    """Fetch one file; `done` gets its path and True, or a sentence and False."""
    if desk is None:
        done("The help desk cannot be reached now, so the file cannot be fetched. Try again when it is live.", False)
        return
    into = _free(Path(folder), name_for(attachment))
    try:
        into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        await desk.fetch_attachment(attachment, into, max_bytes=MAX_BYTES)
    except DeskError as error:
        done(sentence_of(error), False)
    except OSError as problem:
        done(f"Cannot write {into}: {problem.strerror}. Free some space or check its permissions.", False)
    else:
        done(str(into), True)


def _free(folder: Path, name: str) -> Path:
    """The path itself, or where something is there already, one beside it."""
    path = folder / name
    return path.with_stem(f"{path.stem}-{secrets.token_hex(3)}") if path.exists() or path.is_symlink() else path
