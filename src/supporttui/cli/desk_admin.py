"""`supporttui desk`: adds people and makes, lists and revokes tokens, directly in the database."""

import shlex
from datetime import UTC, datetime, timedelta

from supporttui.cli.desk_selection import desk_paths_of
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.domain.ticket import Role
from supporttui.server import administration
from supporttui.server.desk_paths import load_desk_access
from supporttui.server.people import PeopleProblem


def add_person(scope: GlobalOptions, database: str | None, *, email: str, name: str, role: str) -> int:
    """Add a person to a desk."""
    if role not in {each.value for each in Role}:
        known = ", ".join(each.value for each in reversed(Role))
        raise CommandError(f"there is no role {role}; write one of {known}", Exit.USAGE)
    if not name.strip():
        raise CommandError("the name is empty; give the person's name with --name", Exit.USAGE)
    url, at = _desk(scope, database)
    try:
        administration.add_person(url, email=email, name=name.strip(), role=Role(role), at=at)
    except PeopleProblem as problem:
        raise _usage_error(problem, database) from problem
    print(f"{email} is on the desk as {role}; `supporttui desk token --email {email}` makes a token")
    return Exit.OK


def make_token(scope: GlobalOptions, database: str | None, *, email: str, days: int | None = None) -> int:
    """Make a token; it is the last line, so that a script can take it."""
    url, at = _desk(scope, database)
    try:
        life = None if days is None else timedelta(days=days)
        token = administration.make_token(url, email=email, at=at, life=life)
    except PeopleProblem as problem:
        raise _usage_error(problem, database) from problem
    lasting = "" if days is None else f", good for {days} days"
    print(f"A token for {email}{lasting}; it is shown only now:")
    print(token)
    return Exit.OK


def list_tokens(scope: GlobalOptions, database: str | None, *, email: str) -> int:
    """Say which tokens a person has, by number; what they are is known to nobody."""
    url, at = _desk(scope, database)
    try:
        known = administration.list_tokens(url, email=email)
    except PeopleProblem as problem:
        raise _usage_error(problem, database) from problem
    if not known:
        print(f"{email} has no token; `supporttui desk token --email {email}` makes one")
    for each in known:
        print(f"{each.number}  made {each.created_at:%Y-%m-%d %H:%M} UTC, {_token_state(each, at)}")
    return Exit.OK


def revoke_tokens(scope: GlobalOptions, database: str | None, *, email: str, number: int | None) -> int:
    """Have a person's tokens, or one of them, accepted no more."""
    url, at = _desk(scope, database)
    try:
        count = administration.revoke(url, email=email, at=at, number=number)
    except PeopleProblem as problem:
        raise _usage_error(problem, database) from problem
    if number is not None and not count:
        raise CommandError(
            f"{email} has no valid token {number}; `supporttui desk tokens --email {email}` lists them", Exit.USAGE
        )
    print(f"{count} {'token' if count == 1 else 'tokens'} of {email} revoked; the desk refuses them from now on")
    return Exit.OK


def _usage_error(problem: PeopleProblem, database: str | None) -> CommandError:
    """The problem in a sentence; a command that it ends with is for the same database."""
    is_command = database is not None and str(problem).endswith("add-user")
    return CommandError(
        f"{problem} --database {shlex.quote(database)}" if is_command and database else str(problem), Exit.USAGE
    )


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
    place = desk_paths_of(scope)
    card = load_desk_access(place)
    ahead_s = card.ahead_s if card is not None else 0.0
    return place.database_url, now + timedelta(seconds=ahead_s)
