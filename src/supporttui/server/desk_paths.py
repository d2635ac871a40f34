"""The paths of one embedded desk (folder, socket, lock, log) and the file with which its windows sign in."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from supporttui.config.desk import SOCKET_PATH_MAX_BYTES
from supporttui.config.folders import check_private, check_private_files
from supporttui.config.tables import ConfigProblem


class UnsafeFolder(Exception):
    """A folder that must be ours alone belongs to somebody else. `str()` is one sentence with the remedy."""


class DemoChoice(msgspec.Struct, frozen=True):
    """Which demonstration is shown."""

    seed: int = 1
    is_still: bool = False
    """Nothing happens by itself."""


class DeskPaths(msgspec.Struct, frozen=True, kw_only=True):
    """One embedded desk of this user, running or not."""

    folder: Path
    socket: Path
    config: Path | None = None
    """The configuration whose policy the desk enforces; None for the packaged one alone."""
    idle_exit_s: float = 10.0
    """Seconds after the last subscriber until it leaves."""
    demo: DemoChoice | None = None

    @property
    def database(self) -> Path:
        """The file with everything on the desk."""
        return self.folder / "desk.db"

    @property
    def database_url(self) -> str:
        """The same for those who ask for a URL."""
        return f"sqlite:///{self.database}"

    @property
    def uploads(self) -> Path:
        """The folder of attachments."""
        return self.folder / "uploads"

    @property
    def lock(self) -> Path:
        """Held by the process that serves. It is never removed, or two could hold it."""
        return self.folder.with_name(self.folder.name + ".lock")

    @property
    def log(self) -> Path:
        """What the desk's process has to say."""
        return self.folder.with_name(self.folder.name + ".log")

    @property
    def access_file(self) -> Path:
        """How its own user reaches it."""
        return self.folder / "card.json"

    @property
    def clients(self) -> Path:
        """Where windows keep their local copy of a desk that is thrown away."""
        return self.folder / "clients"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAccess:
    """How the desk's own user reaches it."""

    socket: str
    """Where it listens, whatever the runtime folder of the asking terminal is."""
    email: str
    token: str = field(repr=False)
    run: str = ""
    """Which beginning of the desk this is; a demonstration that begins anew has another."""
    requester_email: str | None = None
    """Somebody whose tickets are there, to try things with."""
    requester_ticket: int | None = None
    """A ticket of theirs that awaits their reply."""
    tickets: tuple[int, ...] = ()
    """Those of the demonstration's past."""
    read_until: str | None = None
    """The instant, in ISO form, up to which its own user has read them."""
    ahead_s: float = 0.0
    """Seconds by which the desk's clock is ahead of this machine's."""


def load_desk_access(paths: DeskPaths) -> DeskAccess | None:
    """The card of a desk, or None where it has none. Raises UnsafeFolder where it is broken, or others can read it."""
    check_private_to_us(paths.access_file)
    try:
        fields = json.loads(paths.access_file.read_text(encoding="utf-8"))
        return DeskAccess(**fields | {"tickets": tuple(fields.get("tickets", ()))})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as problem:
        raise UnsafeFolder(f"{paths.access_file} cannot be read ({problem}); remove it and start again") from problem


def save_desk_access(paths: DeskPaths, access: DeskAccess) -> None:
    """Write the card as a whole, readable by its owner only."""
    fields = {name: getattr(access, name) for name in access.__dataclass_fields__}
    beside = paths.access_file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(fields, file)
    beside.replace(paths.access_file)


def own_account() -> tuple[str, str]:
    """The address and the name under which this user is the first person, and admin, of a desk of their own."""
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
    """A path for the socket that is short enough, in a folder that is ours alone.

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
    """Make a folder that only its owner can enter. Raises UnsafeFolder where it is not ours."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UnsafeFolder(f"{folder} is no folder of ours; remove it, or set XDG_RUNTIME_DIR to a folder of yours")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_private_to_us(folder)


def check_private_to_us(*paths: Path) -> None:
    """Refuse what somebody else owns or may read, with the command that mends it. Raises UnsafeFolder."""
    try:
        for path in paths:
            check_private(path)
    except ConfigProblem as problem:
        raise UnsafeFolder(str(problem)) from None


def check_desk_paths(paths: DeskPaths) -> None:
    """Refuse a desk of which others may read something. What is not there is not looked at. Raises UnsafeFolder."""
    check_private_to_us(paths.folder.parent, paths.lock, paths.log, paths.uploads, paths.clients)
    try:
        check_private_files(paths.folder)
    except ConfigProblem as problem:
        raise UnsafeFolder(str(problem)) from None
