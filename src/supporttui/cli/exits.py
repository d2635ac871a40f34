"""How the program ends: one sentence on stderr, and an exit code that scripts can rely on."""

import errno
import sys
from enum import IntEnum

from supporttui.domain.safe_text import safe_line


class Exit(IntEnum):
    """The documented exit codes."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    CONFIGURATION = 3
    UNREACHABLE = 4
    CREDENTIALS = 5
    REFUSED = 6
    CANNOT_LISTEN = 7
    DISK = 8
    UNCONFIRMED = 9
    """Something was sent, and no answer says whether it was applied."""
    NO_BOARD = 10
    """No board of this user is running."""
    INTERRUPTED = 130


_SERVER_ERRORS = (
    ("supporttui.server.desk_paths", "UnsafeFolder", Exit.CONFIGURATION),
    ("supporttui.server.database", "DatabaseUnusable", Exit.DISK),
    ("supporttui.store.database", "StoreProblem", Exit.DISK),
)
"""Errors with a sentence of their own, by module and name, so that none is imported for nothing."""


class CommandError(Exception):
    """A command failed. `str()` is one sentence with the remedy."""

    def __init__(self, sentence: str, code: Exit) -> None:
        super().__init__(sentence)
        self.code = code


class OutputRefused(OSError):
    """Standard output does not take what is written to it: it is closed, or its disk is full."""


def as_command_error(error: BaseException) -> CommandError | None:
    """Convert an expected error to a sentence and a code; None for any other error, which is a bug."""
    for explain in (_own, _configuration, _desk, _server, _disk):
        stop = explain(error)
        if stop is not None:
            return stop
    return None


def _own(error: BaseException) -> CommandError | None:
    return error if isinstance(error, CommandError) else None


def _configuration(error: BaseException) -> CommandError | None:
    from supporttui.config import ConfigProblem

    return CommandError(str(error), Exit.CONFIGURATION) if isinstance(error, ConfigProblem) else None


def _desk(error: BaseException) -> CommandError | None:
    """Convert errors of the help desk, with the desk's own message if that adds something."""
    from supporttui.helpdesks import base

    if not isinstance(error, base.DeskError):
        return None
    sentence = str(error)
    desk_message = safe_line(error.desk_message) if error.desk_message else ""
    if desk_message not in sentence:
        sentence = f'{sentence} The desk says: "{desk_message}".'
    if isinstance(error, base.Unauthorised):
        return CommandError(sentence, Exit.CREDENTIALS)
    if isinstance(error, base.Unreachable | base.Interrupted | base.RateLimited):
        return CommandError(sentence, Exit.UNREACHABLE)
    return CommandError(sentence, Exit.REFUSED)


def _server(error: BaseException) -> CommandError | None:
    """Convert errors of the server, if its modules are loaded."""
    for module, name, code in _SERVER_ERRORS:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            return CommandError(str(error), code)
    return None


def _disk(error: BaseException) -> CommandError | None:
    """Convert errors of a disk that is full, read-only or not writable."""
    full = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EIO)
    if isinstance(error, OutputRefused):
        return CommandError(f"standard output cannot be written ({error.strerror}); redirect it elsewhere", Exit.DISK)
    if isinstance(error, OSError) and error.errno in full:
        where = f" {error.filename}" if error.filename else ""
        return CommandError(f"cannot use{where}: {error.strerror}; free or change that place, and try again", Exit.DISK)
    return None
