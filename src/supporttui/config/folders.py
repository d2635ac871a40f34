"""Where supporttui keeps its files on this machine."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from platformdirs import PlatformDirs

PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class Folders:
    """One user's folders; `create` makes them, readable by nobody else."""

    config_file: Path
    data: Path
    """What must not be lost: the outbox, the embedded desk's database and uploads."""
    cache: Path
    """What can be fetched again."""
    runtime: Path
    """Sockets and locks."""

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
        )

    def create(self) -> None:
        """Make the folders that are missing. Raises OSError where the disk refuses."""
        for folder in (self.data, self.cache, self.runtime):
            folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            if stat.S_IMODE(folder.stat().st_mode) != PRIVATE:
                folder.chmod(PRIVATE)


def _is_own(folder: str) -> bool:
    """Whether a folder is there and belongs to this user."""
    if not folder:
        return False
    try:
        return Path(folder).stat().st_uid == os.getuid()
    except OSError:
        return False
