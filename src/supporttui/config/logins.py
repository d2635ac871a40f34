"""The logins that `supporttui login` stored: for which desk and account, and where the token is kept."""

import hashlib
import json
from pathlib import Path
from typing import Final, Literal

import msgspec

from supporttui.config.bounded_files import read_bounded
from supporttui.config.desk import DeskSettings, Secret, parse_token
from supporttui.config.folders import Folders, check_private, make_private_folder, write_private
from supporttui.config.tables import ConfigProblem

KEYRING_SERVICE: Final = "supporttui"
MAX_BYTES: Final = 100_000


class StoredLogin(msgspec.Struct, frozen=True):
    """One stored token, or where to ask for it."""

    kept_in: Literal["keyring", "file"]
    token: Secret = msgspec.field(default_factory=lambda: Secret(""))
    """Empty where the keyring holds it."""


def login_file(desk: DeskSettings) -> Path:
    """Where the login for this desk and account is noted, whether or not there is one."""
    key = account_key(desk).encode("utf-8", "surrogatepass")
    return Folders.of_user().data / "logins" / f"{hashlib.sha256(key).hexdigest()[:16]}.json"


def account_key(desk: DeskSettings) -> str:
    """The account's name in the keyring."""
    return f"{desk.email} {desk.url}"


def load_login(desk: DeskSettings) -> StoredLogin | None:
    """The login for this desk and account; None where there is none. Raises ConfigProblem."""
    path = login_file(desk)
    check_private(path.parent)
    check_private(path)
    try:
        kept = json.loads(read_bounded(path, MAX_BYTES))
        if kept["place"] == "keyring":
            return StoredLogin("keyring")
        return StoredLogin("file", parse_token(kept["token"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        problem = ConfigProblem(str(path), "", "it cannot be read; run `supporttui logout`, then `supporttui login`")
    raise problem  # outside the handler: what could not be read may hold the token


def save_login(desk: DeskSettings, login: StoredLogin) -> Path:
    """Note where the token is, or the token itself. Raises ConfigProblem, OSError."""
    path = login_file(desk)
    make_private_folder(path.parent)
    kept = {"place": login.kept_in} | ({"token": login.token.reveal()} if login.kept_in == "file" else {})
    write_private(path, json.dumps(kept))
    return path


def forget_login(desk: DeskSettings) -> bool:
    """Remove the note; whether there was one."""
    path = login_file(desk)
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True
