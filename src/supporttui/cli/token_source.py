"""Finds the API token: environment, settings, a command, or what `supporttui login` stored."""

import os
import time
from collections.abc import Callable
from typing import Final

from supporttui.config import ConfigProblem, DeskSettings, Secret
from supporttui.config.desk import parse_token
from supporttui.config.logins import KEYRING_SERVICE, account_key, load_login
from supporttui.helpdesks.base import Unauthorised

TOKEN_COMMAND_TIMEOUT_S: Final = 30.0
TOKEN_CACHE_S: Final = 300.0
"""For so long a token that had to be asked for is used again, so that a lost link asks nobody for a passphrase."""

LOGIN_AGAIN: Final = "Run `supporttui login` again"


class TokenSource:
    """Finds the token of one account when a connection wants it; not before, so that no start waits for it."""

    def __init__(self, desk: DeskSettings, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._monotonic_s = monotonic_s
        self._found: tuple[float, Secret] | None = None

    def find(self) -> Secret:
        """The token. May take seconds. Raises Unauthorised with the remedy where there is none."""
        if self._desk.token:
            return self._desk.token
        if self._found is not None and self._monotonic_s() - self._found[0] < TOKEN_CACHE_S:
            return self._found[1]
        token = _token_from_command(self._desk.token_command) if self._desk.token_command else _stored_token(self._desk)
        self._found = (self._monotonic_s(), token)
        return token


def _token_from_command(command: tuple[str, ...]) -> Secret:
    """The first line that the user's own program prints; what it complains of is not quoted, it may hold the secret."""
    import subprocess  # not on the way to the first picture

    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUPPORTTUI_")}
    try:
        done = subprocess.run(  # noqa: S603 - the user's own program, run as a list: no shell reads it
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=TOKEN_COMMAND_TIMEOUT_S, check=False, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        problem = f"did not answer within {TOKEN_COMMAND_TIMEOUT_S:g} seconds"
    except OSError as error:
        problem = f"could not be started ({error.strerror})"
    else:
        first = done.stdout.split(b"\n", 1)[0].strip()
        problem = f"ended with code {done.returncode}" if done.returncode else "" if first else "printed nothing"
        if not problem:
            return _parsed(first, "token_command prints no token")
    raise Unauthorised(f"The token_command {command[0]} {problem}. Run it in a shell, and check desk.token_command.")


def _stored_token(desk: DeskSettings) -> Secret:
    try:
        login = load_login(desk)
    except ConfigProblem as problem:
        raise Unauthorised(f"{problem}.") from None
    if login is None:
        raise Unauthorised(f"There is no token for {desk.url}. {LOGIN_AGAIN}.")
    return login.token if login.place == "file" else _from_keyring(desk)


def _from_keyring(desk: DeskSettings) -> Secret:
    """What the keyring holds; its library is imported only here, as it is slow."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise Unauthorised("The token is in the keyring, whose library is missing: pip install keyring.") from None
    try:
        value = keyring.get_password(KEYRING_SERVICE, account_key(desk))
    except (keyring.errors.KeyringError, OSError, RuntimeError) as error:
        kind = type(error).__name__
        raise Unauthorised(f"The keyring does not answer ({kind}). Unlock it, or set SUPPORTTUI_TOKEN.") from None
    if not value:
        raise Unauthorised(f"The keyring holds no token for {desk.email} any more. {LOGIN_AGAIN}.")
    return _parsed(value.encode("utf-8", "replace"), f"The keyring holds no token. {LOGIN_AGAIN}")


def _parsed(value: bytes, complaint: str) -> Secret:
    try:
        return parse_token(value.decode("ascii"))
    except ValueError:
        problem = Unauthorised(f"{complaint}: it has blanks or characters that no token has.")
    raise problem  # outside the handler: what was wrong may be the token itself
