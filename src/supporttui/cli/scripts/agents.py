"""To whom a ticket is assigned: `me`, `nobody`, a name or an address. Nothing is guessed."""

from collections.abc import Iterable

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.scripts.local_copy import LocalCopy
from supporttui.domain.patch import UNASSIGNED
from supporttui.domain.safe_text import folded, safe_line
from supporttui.domain.ticket import Person, Role
from supporttui.helpdesks.base import DeskError

MOST_NAMED = 5


def find_assignee(copy: LocalCopy, typed: str) -> tuple[int, str]:
    """The id of who is meant, and the name as it is shown. Raises CommandError, DeskError.

    A name is compared as a whole, and asked of the desk: the local copy may know only one of two.
    """
    wanted = folded(typed.strip())
    if wanted in ("nobody", "none"):
        return UNASSIGNED, "nobody"
    if wanted == "me":
        return _myself(copy)
    agents = _agents(copy, is_address="@" in wanted)
    found = [each for each in agents if wanted in (folded(_email(each)), folded(_name(each)))]
    if len(found) == 1:
        return found[0].id, str(safe_line(found[0].name))
    if found:
        raise CommandError(
            f"several agents are called {typed!r}; write the address of one: {_listed(found)}", Exit.USAGE
        )
    near = [each for each in agents if wanted in folded(f"{_name(each)} {_email(each)}")]
    hint = f"did you mean {_listed(near)}?" if near and wanted else "write a whole name or address, `me` or `nobody`"
    raise CommandError(f"no agent of this desk is called {typed!r}; {hint}", Exit.USAGE)


def _myself(copy: LocalCopy) -> tuple[int, str]:
    account = copy.account
    if account is None:
        raise CommandError("the help desk has not said yet who you are; try again when it answers", Exit.UNREACHABLE)
    return account.me.id, str(safe_line(account.me.name))


def _agents(copy: LocalCopy, *, is_address: bool) -> list[Person]:
    """The desk's agents; where it cannot be reached, the known ones will do for an address, which is one person's."""
    try:
        return list(copy.fetch_agents())
    except DeskError:
        if not is_address:
            raise
        return [each for each in copy.cache.people.load_all().values() if each.role is not Role.END_USER]


def _listed(people: Iterable[Person]) -> str:
    named = sorted(f"{safe_line(each.name)} <{safe_line(each.email)}>" for each in people)
    return ", ".join(named[:MOST_NAMED]) + (", …" if len(named) > MOST_NAMED else "")


def _name(person: Person) -> str:
    return person.name.raw  # outside: compared, not shown


def _email(person: Person) -> str:
    return person.email.raw  # outside: compared, not shown
