"""Reading small files that a person names: never a device, a pipe that waits for its writer, or more than a bound."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

_KINDS: Final = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a named pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)


def read_bounded(path: Path, max_bytes: int, *, takes_pipe: bool = False) -> bytes:
    """The content of a regular file, at once; with `takes_pipe` also of a pipe, as `<(command)` names one.

    Raises FileNotFoundError, and OSError whose `strerror` says what is in its place, or that it is too large.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if takes_pipe else os.O_NONBLOCK))
    mode = os.fstat(descriptor).st_mode
    if not (stat.S_ISREG(mode) or (takes_pipe and stat.S_ISFIFO(mode))):
        os.close(descriptor)
        raise OSError(errno.EINVAL, _kind(mode), str(path))
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise OSError(errno.EFBIG, f"it has more than {max_bytes // 1000:,} kB", str(path))
    return content


def _kind(mode: int) -> str:
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "it is no ordinary file")
