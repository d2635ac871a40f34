"""All settings of one run: packaged defaults, the user's file over them, the environment over both."""

import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supporttui.config.desk import DeskSettings, Secret, parse_email, parse_token, parse_url
from supporttui.config.folders import Folders
from supporttui.config.service_policy import parse_policy
from supporttui.config.tables import ConfigProblem, Table, load_toml, merged
from supporttui.domain.policy import ServicePolicy

ENVIRONMENT: Final = "environment"
PACKAGED: Final = "policy.toml"
_PACKAGE: Final = Path(__file__).parents[1]

LONGEST_UNDO_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user has configured; handed down from the process's start."""

    file: Path
    """Where the user's file is, or would be."""
    desk: DeskSettings
    policy: ServicePolicy
    undo_s: float
    """For how many seconds a decided change waits to be taken back."""
    keys: Mapping[str, str]
    """Keys by a binding's id, in place of its own."""
    warnings: tuple[str, ...] = ()
    """What is not wrong but unwise, one sentence each."""

    @property
    def closed_days(self) -> int:
        """For how many days the board shows closed tickets."""
        return self.policy.closed_days

    def require_credentials(self) -> None:
        """Raise ConfigProblem where a configured desk lacks the email or the token that it asks for."""
        if self.desk.kind == "embedded":
            return
        for name, value in (("email", self.desk.email), ("token", self.desk.token)):
            if not value:
                remedy = f"set {name} below [desk], or SUPPORTTUI_{name.upper()} in the environment"
                raise ConfigProblem(str(self.file), f"desk.{name}", f"the help desk needs it; {remedy}")


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read all settings; `path` is a file that must be there, None the user's own if there is one.

    Raises ConfigProblem.
    """
    named = path or (Path(environ["SUPPORTTUI_CONFIG"]) if environ.get("SUPPORTTUI_CONFIG") else None)
    file = named or Folders.of_user().config_file
    try:
        user, lines = load_toml(file)
    except FileNotFoundError as error:
        if named is not None:
            raise ConfigProblem(str(file), "", "there is no such file; check the path") from error
        user, lines = {}, {}
    table = Table(merged(load_defaults(), user), str(file), lines)
    desk = _parse_desk(table.table("desk"), environ)
    keys = _parse_keys(table.table("keys"))
    sending = table.table("sending")
    undo_s = float(sending.number("undo_seconds", 0, LONGEST_UNDO_S))
    sending.close()
    policy = parse_policy(table.table("policy"))
    table.close()
    return Settings(file=file, desk=desk, policy=policy, undo_s=undo_s, keys=keys, warnings=_warnings(file, user))


def load_defaults() -> dict[str, object]:
    """The packaged policy."""
    return tomllib.loads(_PACKAGE.joinpath(PACKAGED).read_text(encoding="utf-8"))


def default_policy() -> ServicePolicy:
    """The packaged policy, as it is without any configuration."""
    return parse_policy(Table(load_defaults(), PACKAGED).table("policy"))


def _parse_desk(table: Table, environ: Mapping[str, str]) -> DeskSettings:
    """`[desk]`, each key of it overridden by its environment variable."""
    texts = {name: table.optional(name) for name in ("url", "email", "token")}
    table.close()
    overrides = {name: environ.get(f"SUPPORTTUI_{name.upper()}", "") for name in texts}

    def place(name: str, error: ValueError) -> ConfigProblem:
        if overrides[name]:
            return ConfigProblem(ENVIRONMENT, f"SUPPORTTUI_{name.upper()}", str(error))
        return table.problem(name, str(error))

    chosen = {name: overrides[name] or text for name, text in texts.items()}
    try:
        url = parse_url(chosen["url"]) if chosen["url"] else ""
    except ValueError as error:
        raise place("url", error) from error
    try:
        email = parse_email(chosen["email"]) if chosen["email"] else ""
    except ValueError as error:
        raise place("email", error) from error
    try:
        token = parse_token(chosen["token"]) if chosen["token"] else Secret("")
    except ValueError as error:
        raise place("token", error) from None
    return DeskSettings("zendesk" if url else "embedded", url, email, token)


def _parse_keys(table: Table) -> dict[str, str]:
    """`[keys]`: a key, or several with commas, by a binding's id."""
    return {name: table.text(name) for name in table.names()}


def _warnings(file: Path, user: Mapping[str, object]) -> tuple[str, ...]:
    """A token that others on this machine can read."""
    desk = user.get("desk")
    if not isinstance(desk, dict) or not desk.get("token"):
        return ()
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        return (f"{file} holds a token and others can read it; run: chmod 600 {file}",)
    return ()
