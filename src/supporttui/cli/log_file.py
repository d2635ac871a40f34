"""The rotating, private log file, without secrets."""

import logging
import logging.handlers
import os
import time
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from supporttui.config import Folders
from supporttui.config.folders import FILE_MODE, check_private_files, make_private_folder
from supporttui.config.redaction import redacted
from supporttui.domain.safe_text import OutsideText, safe_line

MAX_BYTES: Final = 1_000_000
KEPT_LOGS: Final = 2
"""Older logs beside the newest."""

_LOG_FORMAT: Final = "%(asctime)sZ %(process)d %(levelname)s %(name)s: %(message)s"


def log_path() -> Path:
    """The path of the log."""
    return Folders.of_user().state / "supporttui.log"


def start_logging() -> None:
    """Begin to write the log. Raises ConfigProblem where its file is not private, OSError where it cannot be."""
    path = log_path()
    make_private_folder(path.parent)
    check_private_files(path.parent, f"{path.name}*")
    book = PrivateLogHandler(path, maxBytes=MAX_BYTES, backupCount=KEPT_LOGS, encoding="utf-8", delay=True)
    book.setFormatter(RedactingFormatter(_LOG_FORMAT))
    root = logging.getLogger()
    for kept in [each for each in root.handlers if isinstance(each, PrivateLogHandler)]:
        root.removeHandler(kept)
    root.addHandler(book)
    logging.getLogger("supporttui").setLevel(logging.INFO)
    logging.raiseExceptions = False  # a full disk costs a line of the log, not a line on the board


class RedactingFormatter(logging.Formatter):
    """Formats one line a record, without control characters and secrets."""

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        """UTC: local times would be ambiguous where the zone changes while it runs, and at the end of summer."""
        return time.gmtime(seconds)

    def format(self, record: logging.LogRecord) -> str:
        """The line, a traceback behind it."""
        return safe_line(OutsideText(redacted(super().format(record))))


class PrivateLogHandler(logging.handlers.RotatingFileHandler):
    """A log file that is created 0600 and never opened through a symbolic link."""

    def _open(self) -> TextIOWrapper:
        # O_NONBLOCK: a named pipe in its place is refused, not waited for
        flags = os.O_NONBLOCK | os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.fdopen(os.open(self.baseFilename, flags, FILE_MODE), "ab", buffering=0)
        return TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", write_through=True)
