"""The user's folders, and the checks that files and folders are private."""

import os
import pwd
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import msgspec
from platformdirs import PlatformDirs

from supporttui.config.tables import ConfigProblem

DATABASE_SUFFIXES: Final = ("", "-journal", "-wal", "-shm")
"""A SQLite database's own file, and those that SQLite opens beside it."""

_OWN_FOLDER: Final = "keep the database in a folder of your own, such as one made by: mkdir -m 700 FOLDER"
_SHALLOWEST: Final = 3
"""Parts of a path such as /home/kim or /var/lib."""
_SYSTEM_FOLDERS: Final = frozenset(
    ("bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "sys", "usr")
)

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, unless it is there. Raises ConfigProblem where it is not ours."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
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
        raise ConfigProblem(str(path), "", f"others on this machine can read it; {_remedy(path, f'chmod {mode}')}")


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
        raise ConfigProblem(str(path), "", f"others on this machine can change it; {_remedy(path, 'chmod go-w')}")


def check_database(path: Path) -> None:
    """Refuse a database that somebody else could take over, itself or by the files that SQLite keeps beside it.

    SQLite rolls back whatever journal it finds, so that a folder with the sticky bit is no protection: anybody can add
    a file to it. Only the folder's owner and root may. Raises ConfigProblem; OSError where there is no such folder.
    """
    folder = path.parent.resolve()
    found = folder.stat()
    if found.st_uid not in (0, os.getuid()) or stat.S_IMODE(found.st_mode) & 0o022:
        raise ConfigProblem(str(folder), "", f"others on this machine can write to this folder; {_OWN_FOLDER}")
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise ConfigProblem(str(parent), "", f"others on this machine can exchange what is in it; {_OWN_FOLDER}")
    for suffix in DATABASE_SUFFIXES:
        _check_database_file(path.with_name(path.name + suffix))


def _check_database_file(path: Path) -> None:
    """Refuse a link, what is no file, and what somebody else owns or may read. What is not there is not looked at."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode):
        raise ConfigProblem(str(path), "", "this is a link; name the database's own file, and move the link away")
    if not stat.S_ISREG(found.st_mode):
        raise ConfigProblem(str(path), "", "this is no file; move it away, or choose another name for the database")
    if found.st_uid != os.getuid():
        raise ConfigProblem(str(path), "", f"it belongs to somebody else; find out whose it is, and {_OWN_FOLDER}")
    check_private(path)


def write_private(path: Path, text: str) -> None:
    """Write a file as a whole, 0600, in the place of what was there."""
    beside = path.with_name(f"{path.name}.new-{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _check_owner(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.getuid():
        remedy = _remedy(path, 'sudo chown "$(id -un)"')
        raise ConfigProblem(str(path), "", f"it belongs to somebody else; {remedy}")


def _remedy(path: Path, command: str) -> str:
    """What to do about a path's owner or mode: the command only where it cannot harm anything but files of ours."""
    if path.is_symlink():
        return f"it is a link to {path.resolve()}: put a file or folder of your own in its place"
    if not is_ours_to_change(path):
        return "it is not supporttui's alone: name another place, in a folder of your own (HOME, XDG_…, or the option)"
    return f"run: {command} {shlex.quote(str(path))}"


def is_ours_to_change(path: Path) -> bool:
    """Whether changing the mode of a path, which is no link, concerns this user's files only.

    Not so for folders near the root and homes, for what the system owns, and for what lies in somebody else's folder.
    """
    whole = path.absolute()
    if len(whole.parts) <= _SHALLOWEST or whole == _home() or whole.parts[1] in _SYSTEM_FOLDERS:
        return False
    try:
        return whole.parent.stat().st_uid == os.getuid()
    except OSError:
        return False


_HOME_VARIABLES: Final = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")


class Folders(msgspec.Struct, frozen=True):
    """One user's folders; `create` makes them, readable by nobody else."""

    config_file: Path
    data: Path
    """What must not be lost: the outbox, the embedded desk's database and uploads."""
    cache: Path
    """What can be fetched again."""
    runtime: Path
    """Sockets and locks."""
    state: Path
    """The log and the reports of failures."""

    @classmethod
    def of_user(cls) -> Self:
        """The folders that the platform and its environment variables name. Nothing is created.

        Raises ConfigProblem where there is no home folder to put them in.
        """
        _check_home(os.environ)
        dirs = PlatformDirs("supporttui", appauthor=False)
        cache = Path(dirs.user_cache_dir)
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        return cls(
            config_file=Path(dirs.user_config_dir) / "config.toml",
            data=Path(dirs.user_data_dir),
            cache=cache,
            runtime=Path(runtime) / "supporttui" if _is_own(runtime) else cache / "run",
            state=Path(dirs.user_state_dir),
        )

    def create(self) -> None:
        """Make the folders that are missing.

        Raises ConfigProblem where one is not private, OSError where the disk refuses.
        """
        for folder in (self.data, self.cache, self.runtime, self.state):
            make_private_folder(folder)


def _check_home(environ: Mapping[str, str]) -> None:
    """Refuse a home that is not there or not absolute, unless every folder is named by a variable of its own.

    The platform's library would make a folder named `~`, or one in the root.
    """
    home = environ.get("HOME")
    if home is None:
        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            home = ""
    named = [environ.get(name, "") for name in _HOME_VARIABLES]
    if Path(home).is_absolute() or all(Path(each).is_absolute() for each in named):
        return
    raise ConfigProblem("environment", "HOME", "it names no folder; set it to your home folder, as in HOME=/home/kim")


def _is_own(folder: str) -> bool:
    """Whether a folder is there and belongs to this user. A relative path is none, as the XDG specification has it."""
    if not Path(folder).is_absolute():
        return False
    try:
        return Path(folder).stat().st_uid == os.getuid()
    except OSError:
        return False
