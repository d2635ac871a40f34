"""The log: what the program did and what went wrong, in a rotating file of its own, without secrets."""

import logging
import logging.handlers
import os
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from supporttui.config import Folders
from supporttui.config.private import FILE, check_private_files, make_private_folder
from supporttui.config.redaction import redacted
from supporttui.domain.safetext import OutsideText, safe_line

MAX_BYTES: Final = 1_000_000
KEPT: Final = 2
"""Older logs beside the newest."""

_FORM: Final = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def log_file() -> Path:
    """Where the log is."""
    return Folders.of_user().state / "supporttui.log"


def keep_log() -> None:
    """Begin to write the log. Raises ConfigProblem where its file is not private, OSError where it cannot be."""
    path = log_file()
    make_private_folder(path.parent)
    check_private_files(path.parent, f"{path.name}*")
    book = PrivateLog(path, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
    book.setFormatter(PlainLines(_FORM))
    root = logging.getLogger()
    for kept in [each for each in root.handlers if isinstance(each, PrivateLog)]:
        root.removeHandler(kept)
    root.addHandler(book)
    logging.getLogger("supporttui").setLevel(logging.INFO)
    logging.raiseExceptions = False  # a full disk costs a line of the log, not a line on the board


class PlainLines(logging.Formatter):
    """One line a record: nothing in it acts on the terminal that shows it, and no secret is left."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, a traceback behind it."""
        return safe_line(OutsideText(redacted(super().format(record))))


class PrivateLog(logging.handlers.RotatingFileHandler):
    """A log file that is made 0600 and never lies behind a link."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.fdopen(os.open(self.baseFilename, flags, FILE), "ab", buffering=0)
        return TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", write_through=True)
