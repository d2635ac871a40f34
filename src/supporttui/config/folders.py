"""Where supporttui keeps its files on this machine."""

import os
from pathlib import Path
from typing import Self

import msgspec
from platformdirs import PlatformDirs

from supporttui.config.private import make_private_folder


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
        """The folders that the platform and its environment variables name. Nothing is created."""
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


def _is_own(folder: str) -> bool:
    """Whether a folder is there and belongs to this user."""
    if not folder:
        return False
    try:
        return Path(folder).stat().st_uid == os.getuid()
    except OSError:
        return False
