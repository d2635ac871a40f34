"""Administering a desk's people: by its database, so that it works whether the desk runs or not."""

from datetime import UTC, datetime, timedelta

from supporttui.cli.exits import Exit, Stop
from supporttui.cli.quick import Scope
from supporttui.cli.target import place_of
from supporttui.domain.ticket import Role
from supporttui.server import administration
from supporttui.server.people import PeopleProblem
from supporttui.server.place import load_card


def add_person(scope: Scope, database: str | None, *, email: str, name: str, role: str) -> int:
    """Add a person to a desk."""
    if role not in {each.value for each in Role}:
        known = ", ".join(each.value for each in reversed(Role))
        raise Stop(f"there is no role {role}; write one of {known}", Exit.USAGE)
    if not name.strip():
        raise Stop("the name is empty; give the person's name with --name", Exit.USAGE)
    url, at = _desk(scope, database)
    try:
        administration.add_person(url, email=email, name=name.strip(), role=Role(role), at=at)
    except PeopleProblem as problem:
        raise Stop(str(problem), Exit.USAGE) from problem
    print(f"{email} is on the desk as {role}; `supporttui desk token --email {email}` makes a token")
    return Exit.OK


def make_token(scope: Scope, database: str | None, *, email: str) -> int:
    """Make a token; it is the last line, so that a script can take it."""
    url, at = _desk(scope, database)
    try:
        token = administration.make_token(url, email=email, at=at)
    except PeopleProblem as problem:
        raise Stop(str(problem), Exit.USAGE) from problem
    print(f"A token for {email}; it is shown only now:")
    print(token)
    return Exit.OK


def _desk(scope: Scope, database: str | None) -> tuple[str, datetime]:
    """The desk's database, and its time."""
    now = datetime.now(UTC)
    if database is not None:
        return database, now
    place = place_of(scope)
    card = load_card(place)
    ahead_s = card.ahead_s if card is not None else 0.0
    return place.database_url, now + timedelta(seconds=ahead_s)
