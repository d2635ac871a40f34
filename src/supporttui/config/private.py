"""Files and folders that are nobody else's: made so, else refused with the command that mends them."""

import os
import shlex
import stat
from pathlib import Path
from typing import Final

from supporttui.config.tables import ConfigProblem

FILE: Final = 0o600
FOLDER: Final = 0o700


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, unless it is there. Raises ConfigProblem where it is not ours."""
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    check_private(folder)


def check_private(path: Path) -> None:
    """Refuse what somebody else owns or may read. What is not there is not looked at. Raises ConfigProblem."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    _check_owner(path, found)
    if stat.S_IMODE(found.st_mode) & 0o077:
        mode = "700" if stat.S_ISDIR(found.st_mode) else "600"
        raise ConfigProblem(str(path), "", f"others on this machine can read it; run: chmod {mode} {_quoted(path)}")


def check_private_files(folder: Path, pattern: str = "*") -> None:
    """Refuse a folder of ours, or a file in it, that is not private. Raises ConfigProblem."""
    check_private(folder)
    for path in sorted(folder.glob(pattern)):
        if path.is_file():
            check_private(path)


def check_unwritable(path: Path) -> None:
    """Refuse what somebody else may write, as a file that names a command to run, or the folder that it lies in.

    In a folder like /tmp, where everybody writes, nobody can replace what is another's. Raises ConfigProblem.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    if found.st_uid != 0:
        _check_owner(path, found)
    is_shared = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    if stat.S_IMODE(found.st_mode) & 0o022 and not is_shared:
        raise ConfigProblem(str(path), "", f"others on this machine can change it; run: chmod go-w {_quoted(path)}")


def write_private(path: Path, text: str) -> None:
    """Write a file as a whole, 0600, in the place of what was there."""
    beside = path.with_name(f"{path.name}.new-{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _check_owner(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.getuid():
        command = f'sudo chown "$(id -un)" {_quoted(path)}'
        raise ConfigProblem(str(path), "", f"it belongs to somebody else; run: {command}")


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
