"""`supporttui desk`: adds people and makes, lists and revokes tokens, directly in the database."""

import shlex
import sys
from datetime import UTC, datetime, timedelta

from supporttui.cli.desk_selection import desk_paths_of
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.standard_streams import discard, report_done
from supporttui.domain.ticket import Role
from supporttui.server import administration
from supporttui.server.desk_paths import load_desk_access
from supporttui.server.people import PeopleProblem


def add_person(
    scope: GlobalOptions, database: str | None, *, email: str, name: str, role: str, organization: str | None = None
) -> int:
    """Add a person to a desk."""
    if role not in {each.value for each in Role}:
        known = ", ".join(each.value for each in reversed(Role))
        raise CommandError(f"there is no role {role}; write one of {known}", Exit.USAGE)
    if not name.strip():
        raise CommandError("the name is empty; give the person's name with --name", Exit.USAGE)
    url, at = _desk(scope, database)
    try:
        administration.add_person(
            url, email=email, name=name.strip(), role=Role(role), at=at, organization=organization
        )
    except PeopleProblem as problem:
        raise _usage_error(problem, scope, database) from problem
    report_done(f"{email} is on the desk as {role}; `{_command(scope, database, 'token', email)}` makes a token")
    return Exit.OK


def make_token(scope: GlobalOptions, database: str | None, *, email: str, days: int | None = None) -> int:
    """Make a token; it is the last line, so that a script can take it."""
    url, at = _desk(scope, database)
    try:
        life = None if days is None else timedelta(days=days)
        token = administration.make_token(url, email=email, at=at, life=life)
    except PeopleProblem as problem:
        raise _usage_error(problem, scope, database) from problem
    lasting = "" if days is None else f", good for {days} days"
    try:
        print(f"A token for {email}{lasting}; it is shown only now:\n{token}", flush=True)
    except OSError as problem:
        discard(sys.stdout)
        revoke = _command(scope, database, "revoke", email)
        raise CommandError(
            f"the new token could not be printed ({problem.strerror}), and nobody knows it; `{revoke}` ends it",
            Exit.DISK,
        ) from problem
    return Exit.OK


def list_tokens(scope: GlobalOptions, database: str | None, *, email: str) -> int:
    """Print a person's tokens by number; the tokens themselves are not stored."""
    url, at = _desk(scope, database)
    try:
        known = administration.list_tokens(url, email=email)
    except PeopleProblem as problem:
        raise _usage_error(problem, scope, database) from problem
    if not known:
        print(f"{email} has no token; `{_command(scope, database, 'token', email)}` makes one")
    for each in known:
        print(f"{each.number}  made {each.created_at:%Y-%m-%d %H:%M} UTC, {_token_state(each, at)}")
    return Exit.OK


def revoke_tokens(scope: GlobalOptions, database: str | None, *, email: str, number: int | None) -> int:
    """Revoke a person's tokens, or one of them."""
    url, at = _desk(scope, database)
    try:
        count = administration.revoke(url, email=email, at=at, number=number)
    except PeopleProblem as problem:
        raise _usage_error(problem, scope, database) from problem
    if number is not None and not count:
        raise CommandError(
            f"{email} has no valid token {number}; `{_command(scope, database, 'tokens', email)}` lists them",
            Exit.USAGE,
        )
    report_done(f"{count} {'token' if count == 1 else 'tokens'} of {email} revoked; the desk refuses them from now on")
    return Exit.OK


def _usage_error(problem: PeopleProblem, scope: GlobalOptions, database: str | None) -> CommandError:
    """The problem in a sentence; a command that it names is for the same desk."""
    sentence = str(problem).replace("supporttui desk add-user", _command(scope, database, "add-user"))
    return CommandError(sentence, Exit.USAGE)


def _command(scope: GlobalOptions, database: str | None, name: str, email: str = "") -> str:
    """A `supporttui desk` command line for the same desk as this one."""
    words = ["supporttui"]
    words += ["--demo"] if scope.is_demo else []
    words += ["--config", str(scope.config)] if scope.config else []
    words += ["desk", name]
    words += ["--email", email] if email else []
    words += ["--database", database] if database is not None else []
    return shlex.join(words)


def _token_state(token: administration.TokenRecord, at: datetime) -> str:
    """Whether a token is accepted, and until when."""
    if token.revoked_at is not None:
        return f"revoked {token.revoked_at:%Y-%m-%d %H:%M} UTC"
    if token.expires_at is None:
        return "valid until revoked"
    return f"{'expired' if token.expires_at <= at else 'valid until'} {token.expires_at:%Y-%m-%d %H:%M} UTC"


def _desk(scope: GlobalOptions, database: str | None) -> tuple[str, datetime]:
    """The desk's database, and its time."""
    now = datetime.now(UTC)
    if database is not None:
        return database, now
    paths = desk_paths_of(scope)
    access = load_desk_access(paths)
    ahead_s = access.ahead_s if access is not None else 0.0
    return paths.database_url, now + timedelta(seconds=ahead_s)
