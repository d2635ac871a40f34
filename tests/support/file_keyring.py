"""A keyring backend that stores its entries in a file the test can read."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class FileKeyring(KeyringBackend):
    """Keeps everything in one file below the data folder."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        """What is kept, if anything."""
        return _load().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        _save(_load() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        kept = _load()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError(username)
        _save(kept)


def keyring_file() -> Path:
    """Where it is kept."""
    return Path(os.environ["XDG_DATA_HOME"]) / "keyring.json"


def _load() -> dict[str, str]:
    return dict(json.loads(keyring_file().read_text())) if keyring_file().exists() else {}


def _save(kept: dict[str, str]) -> None:
    keyring_file().write_text(json.dumps(kept))
