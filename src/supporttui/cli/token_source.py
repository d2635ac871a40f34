"""Finds the API token: environment, settings, a command, or what `supporttui login` stored."""

import contextlib
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from supporttui.cli.token_command import TokenCommand, TokenCommandFailed
from supporttui.config import ConfigProblem, DeskSettings, Secret
from supporttui.config.desk import parse_token
from supporttui.config.logins import KEYRING_SERVICE, account_key, load_login
from supporttui.helpdesks.base import Unauthorised

TOKEN_CACHE_S: Final = 300.0
"""For so long a token that had to be asked for is used again, so that a lost link asks nobody for a passphrase."""

LOGIN_AGAIN: Final = "Run `supporttui login` again"


class TokenSource:
    """Finds the token of one account when a connection wants it; not before, so that no start waits for it."""

    def __init__(self, desk: DeskSettings, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._monotonic_s = monotonic_s
        self._found: tuple[float, Secret] | None = None
        self._command = TokenCommand(desk.token_command)

    def find(self) -> Secret:
        """The token. May take seconds. Raises Unauthorised with the remedy where there is none."""
        if self._desk.token:
            return self._desk.token
        if self._found is not None and self._monotonic_s() - self._found[0] < TOKEN_CACHE_S:
            return self._found[1]
        words = self._desk.token_command
        token = _token_from_command(self._command, words[0]) if words else _stored_token(self._desk)
        self._found = (self._monotonic_s(), token)
        return token

    async def find_elsewhere(self) -> Secret:
        """The same on a thread, which is not waited for once nobody wants the token any more."""
        import asyncio  # not on the way to the first picture
        import threading

        loop = asyncio.get_running_loop()
        found: asyncio.Future[Secret] = loop.create_future()

        def settle(act: Callable[[], None]) -> None:
            if not found.done():
                act()

        def run() -> None:
            try:
                token = self.find()
                act = partial(found.set_result, token)
            except Exception as error:  # noqa: BLE001 - the thread's edge: handed on to whoever asks
                act = partial(found.set_exception, error)
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(settle, act)

        threading.Thread(target=run, name="token", daemon=True).start()
        try:
            return await found
        finally:
            self._command.cancel()


def _token_from_command(command: TokenCommand, name: str) -> Secret:
    """The first line that the user's own program prints; what it complains of is not quoted, it may hold the secret."""
    try:
        first = command.first_line()
    except TokenCommandFailed as problem:
        sentence = f"The token_command {name} {problem}. Run it in a shell, and check desk.token_command."
        raise Unauthorised(sentence) from None
    return _parsed(first, "token_command prints no token")


def _stored_token(desk: DeskSettings) -> Secret:
    try:
        login = load_login(desk)
    except ConfigProblem as problem:
        raise Unauthorised(f"{problem}.") from None
    if login is None:
        raise Unauthorised(f"There is no token for {desk.url}. {LOGIN_AGAIN}.")
    return login.token if login.kept_in == "file" else _from_keyring(desk)


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
