"""The paths of one embedded desk (folder, socket, lock, log) and the file with which its windows sign in."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from supporttui.config.bounded_files import read_bounded
from supporttui.config.desk import SOCKET_PATH_MAX_BYTES
from supporttui.config.folders import check_private, check_private_files, check_unwritable
from supporttui.config.tables import ConfigProblem

MAX_ACCESS_BYTES: Final = 1_000_000


class UnsafeFolder(Exception):
    """A private folder belongs to, or can be read by, somebody else. `str()` is one sentence with the remedy."""


class DemoChoice(msgspec.Struct, frozen=True):
    """Which demonstration is shown."""

    seed: int = 1
    is_still: bool = False
    """Whether there is no background activity."""


class DeskPaths(msgspec.Struct, frozen=True, kw_only=True):
    """One embedded desk of this user, running or not."""

    folder: Path
    socket: Path
    config: Path | None = None
    """The configuration whose policy the desk enforces; None for the packaged one alone."""
    idle_exit_s: float = 10.0
    """Seconds after the last subscriber until the process exits."""
    demo: DemoChoice | None = None

    @property
    def database(self) -> Path:
        """The file with everything on the desk."""
        return self.folder / "desk.db"

    @property
    def database_url(self) -> str:
        """The URL of that file."""
        return f"sqlite:///{self.database}"

    @property
    def uploads(self) -> Path:
        """The folder of attachments."""
        return self.folder / "uploads"

    @property
    def lock(self) -> Path:
        """The lock file of the serving process. It is never removed, as two processes could then hold it."""
        return self.folder.with_name(self.folder.name + ".lock")

    @property
    def log(self) -> Path:
        """The log of the desk's process."""
        return self.folder.with_name(self.folder.name + ".log")

    @property
    def access_file(self) -> Path:
        """The file with the `DeskAccess` of its own user."""
        return self.folder / "card.json"

    @property
    def clients(self) -> Path:
        """The folder of the windows' local copies of a demonstration."""
        return self.folder / "clients"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAccess:
    """How the desk's own user connects and signs in."""

    socket: str
    """The socket's path, which does not depend on the client's own runtime folder."""
    email: str
    token: str = field(repr=False)
    run: str = ""
    """Identifies this run of a demonstration; a new one has another."""
    requester_email: str | None = None
    """A customer in whose name the user may try actions."""
    requester_ticket: int | None = None
    """A ticket of this customer that awaits their reply."""
    tickets: tuple[int, ...] = ()
    """The tickets that existed when the demonstration began."""
    read_until: str | None = None
    """The instant, in ISO format, up to which the user has read them."""
    ahead_s: float = 0.0
    """Seconds by which the desk's clock is ahead of this machine's."""


def load_desk_access(paths: DeskPaths) -> DeskAccess | None:
    """Return a desk's access; None if there is no file. Raises UnsafeFolder if damaged or readable by others."""
    check_private_to_us(paths.access_file)
    try:
        fields = json.loads(read_bounded(paths.access_file, MAX_ACCESS_BYTES))
        return DeskAccess(**fields | {"tickets": tuple(fields.get("tickets", ()))})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError) as problem:
        raise UnsafeFolder(f"{paths.access_file} cannot be read ({problem}); remove it and start again") from problem


def save_desk_access(paths: DeskPaths, access: DeskAccess) -> None:
    """Write the access file atomically, readable by its owner only."""
    fields = {name: getattr(access, name) for name in access.__dataclass_fields__}
    beside = paths.access_file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(fields, file)
    beside.replace(paths.access_file)


def own_account() -> tuple[str, str]:
    """Return the address and the name of this user as the first person, and admin, of their own desk."""
    import getpass
    import pwd

    try:
        login = getpass.getuser()
    except (OSError, KeyError):
        login = f"user{os.getuid()}"
    try:
        name = pwd.getpwuid(os.getuid()).pw_gecos.split(",")[0].strip()
    except KeyError:
        name = ""
    safe_login = "".join(character for character in login if character.isalnum() or character in "._-") or "user"
    return f"{safe_login}@localhost", name or login


def choose_socket(runtime_dir: Path, name: str) -> Path:
    """A path for the socket that is short enough, in a private folder.

    The same arguments give the same path. Raises UnsafeFolder.
    """
    wanted = runtime_dir / f"{name}.sock"
    if len(os.fsencode(wanted)) <= SOCKET_PATH_MAX_BYTES:
        make_private(runtime_dir)
        return wanted
    import tempfile

    short = Path(tempfile.gettempdir()) / f"supporttui-{os.getuid()}"
    if len(os.fsencode(short)) > SOCKET_PATH_MAX_BYTES - 32:
        short = Path("/tmp") / f"supporttui-{os.getuid()}"  # noqa: S108 - make_private checks its owner
    make_private(short)
    return short / f"{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]}.sock"


def make_private(folder: Path) -> None:
    """Create a folder that only its owner can enter. Raises UnsafeFolder if it is not ours."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UnsafeFolder(f"{folder} is no folder of ours; remove it, or set XDG_RUNTIME_DIR to a folder of yours")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_private_to_us(folder)


def check_private_to_us(*paths: Path) -> None:
    """Raise UnsafeFolder, with the command that repairs it, if somebody else owns or may read a path."""
    try:
        for path in paths:
            check_private(path)
    except ConfigProblem as problem:
        raise UnsafeFolder(str(problem)) from None


def check_folders_of(*paths: Path) -> None:
    """Raise UnsafeFolder if somebody else could replace one of these paths."""
    try:
        for path in paths:
            check_unwritable(path.absolute().parent)
    except ConfigProblem as problem:
        raise UnsafeFolder(str(problem)) from None


def check_desk_paths(paths: DeskPaths) -> None:
    """Raise UnsafeFolder if others may read one of the desk's files. Missing files are skipped."""
    check_private_to_us(paths.folder.parent, paths.lock, paths.log, paths.uploads, paths.clients)
    try:
        check_private_files(paths.folder)
    except ConfigProblem as problem:
        raise UnsafeFolder(str(problem)) from None
