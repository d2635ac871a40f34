"""Macros: texts with placeholders and changes that are made together; from the desk, or from the team's own files."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from supporttui.domain.desk_setup import Group
from supporttui.domain.patch import UNASSIGNED, FieldChange, TicketPatch
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Person, Status, Ticket, TicketType

CURRENT_USER: Final = "me"
NOBODY: Final = "nobody"


class TagEdit(msgspec.Struct, frozen=True):
    """What is done to the tags of a ticket: all are replaced, some removed, then some added."""

    replaced: tuple[str, ...] | None = None
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def then(self, later: "TagEdit") -> "TagEdit":
        """Return the edit that does this one and then the other."""
        if later.replaced is not None:
            return later
        kept = [each for each in self.added if each not in later.removed]
        return TagEdit(self.replaced, _once(self.removed, later.removed), _once(kept, later.added))

    def applied(self, tags: Sequence[str]) -> tuple[str, ...]:
        """Return the tags afterwards, without duplicates."""
        before = tags if self.replaced is None else self.replaced
        return _once([each for each in before if each not in self.removed], self.added)


class Macro(msgspec.Struct, frozen=True, kw_only=True):
    """A macro. None leaves a property alone."""

    id: str
    """The desk's own id, or the name of the file."""
    title: OutsideText
    text: OutsideText = OutsideText("")
    """With placeholders such as `{{ticket.requester.first_name}}`."""
    is_public: bool | None = None
    """Whether its text is a reply, not a note."""
    status: Status | None = None
    severity: int | None = None
    ticket_type: TicketType | None = None
    assignee: str | None = None
    """`me`, `nobody`, an email address, or the desk's number of a person."""
    group: str | None = None
    """The name of a group or the desk's number of it; empty takes the group away."""
    tags: TagEdit = TagEdit()
    field_changes: tuple[FieldChange, ...] = ()
    unknown: tuple[OutsideText, ...] = ()
    """What it does on the desk and cannot do here, by the desk's own words."""


class MacroPeople(msgspec.Struct, frozen=True, kw_only=True):
    """The people and groups that a macro may mean."""

    current_user: Person
    requester: Person | None = None
    assignee: Person | None = None
    agents: tuple[Person, ...] = ()
    groups: tuple[Group, ...] = ()


class MacroEffect(msgspec.Struct, frozen=True, kw_only=True):
    """What macros do to one ticket, before anything is changed."""

    text: str = ""
    """With the placeholders filled that are known."""
    is_public: bool | None = None
    patch: TicketPatch = TicketPatch()
    """The properties that it sets, without the tags."""
    tags: TagEdit = TagEdit()
    unknown: tuple[str, ...] = ()
    """Placeholders that were left as they are, and what else it cannot do here; safe to draw."""

    def then(self, later: "MacroEffect") -> "MacroEffect":
        """Return the effect of both. The later one wins if both set a property; a note stays a note."""
        texts = [each for each in (self.text, later.text) if each]
        kinds = [each for each in (self.is_public, later.is_public) if each is not None]
        return MacroEffect(
            text="\n\n".join(texts),
            is_public=all(kinds) if kinds else None,
            patch=_combined(self.patch, later.patch),
            tags=self.tags.then(later.tags),
            unknown=_once(self.unknown, later.unknown),
        )

    def patch_for(self, ticket: Ticket) -> TicketPatch:
        """Return the patch of the ticket's properties, without the text. Tags are left out if they do not change."""
        before = tuple(each.raw for each in ticket.tags)
        after = self.tags.applied(before)
        return self.patch if after == before else replace(self.patch, tags=after)


class Insertion(NamedTuple):
    """A text with something inserted."""

    text: str
    cursor: int
    """Behind what was inserted, in characters."""


def insert_text(typed: str, at: int, inserted: str) -> Insertion:
    """Insert a text at a position of what was typed. Nothing that was typed is changed."""
    at = min(max(at, 0), len(typed))
    return Insertion(typed[:at] + inserted + typed[at:], at + len(inserted))


def effect_of_macro(macro: Macro, ticket: Ticket, people: MacroPeople, link: str = "") -> MacroEffect:
    """Return what a macro does to a ticket. `link` is the ticket's address, empty if unknown."""
    unknown: list[str] = [safe_line(each) for each in macro.unknown]
    text, unfilled = fill_placeholders(macro.text.raw, placeholder_values(ticket, people, link))
    unknown += [safe_line(OutsideText(each)) for each in unfilled]
    patch = TicketPatch(
        status=macro.status,
        severity=macro.severity,
        ticket_type=macro.ticket_type,
        field_changes=macro.field_changes,
        assignee_id=_assignee_id(macro.assignee, people, unknown),
        group_id=_group_id(macro.group, people, unknown),
    )
    return MacroEffect(text=text, is_public=macro.is_public, patch=patch, tags=macro.tags, unknown=_once(unknown))


_PLACEHOLDER: Final = re.compile(r"\{\{(?P<name>[^{}]*)\}\}|\{%[^{}]*%\}")


def fill_placeholders(text: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the text with its placeholders filled, and those that were left as they are, each once.

    Placeholders within a value are not filled. An empty value counts as unknown.
    """
    unknown: list[str] = []

    def fill(found: re.Match[str]) -> str:
        value = values.get((found["name"] or "").strip(), "")
        if not value:
            unknown.append(found[0])
        return value or found[0]

    filled = _PLACEHOLDER.sub(fill, text)
    return filled, _once(unknown)


def placeholder_values(ticket: Ticket, people: MacroPeople, link: str = "") -> dict[str, str]:
    """Return the value of each placeholder; empty if it has none. Some values come from outside."""
    values = {
        "ticket.id": ticket.id.id,
        "ticket.title": ticket.subject.raw,
        "ticket.link": link,
        "ticket.status": ticket.desk_status.raw,
        "ticket.severity": "" if ticket.severity is None else str(ticket.severity),
        "ticket.group.name": "" if ticket.group is None else ticket.group.raw,
        "ticket.tags": " ".join(each.raw for each in ticket.tags),
        "ticket.development_ticket": "" if ticket.development_ticket is None else ticket.development_ticket.raw,
    }
    for name, person in (
        ("ticket.requester", people.requester),
        ("ticket.assignee", people.assignee),
        ("current_user", people.current_user),
    ):
        values |= {f"{name}.{key}": value for key, value in _person_values(person).items()}
    return values


def _person_values(person: Person | None) -> dict[str, str]:
    if person is None:
        return {}
    first, _, last = person.name.raw.strip().partition(" ")
    return {
        "id": str(person.id),
        "name": person.name.raw,
        "first_name": first,
        "last_name": last.strip(),
        "email": person.email.raw,
        "organization.name": "" if person.organization is None else person.organization.raw,
    }


def _assignee_id(wanted: str | None, people: MacroPeople, unknown: list[str]) -> int | None:
    """Return the assignee's id; None if no agent matches, which is then added to `unknown`."""
    if wanted is None:
        return None
    if wanted in (CURRENT_USER, NOBODY):
        return people.current_user.id if wanted == CURRENT_USER else UNASSIGNED
    named = [each.id for each in people.agents if wanted.casefold() in (each.email.raw.casefold(), str(each.id))]
    if not named:
        unknown.append(f"assignee {safe_line(OutsideText(wanted))}")
    return named[0] if named else None


def _group_id(wanted: str | None, people: MacroPeople, unknown: list[str]) -> int | None:
    if wanted is None or wanted == "":
        return None if wanted is None else UNASSIGNED
    named = [each.id for each in people.groups if wanted.casefold() in (each.name.raw.casefold(), str(each.id))]
    if not named:
        unknown.append(f"group {safe_line(OutsideText(wanted))}")
    return named[0] if named else None


def _combined(first: TicketPatch, later: TicketPatch) -> TicketPatch:
    """Return both patches as one; the later one wins. Neither has a message, tags or copies."""
    names = ("status", "severity", "assignee_id", "group_id", "ticket_type")
    chosen = {name: getattr(later, name) for name in names if getattr(later, name) is not None}
    return replace(first, **chosen, field_changes=_last_of_each(first.field_changes, later.field_changes))


def _last_of_each(first: Iterable[FieldChange], later: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """Return the changes of both, only the last one for each field."""
    return tuple({each.field_id: each for each in (*first, *later)}.values())


def _once(*texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts in their order, without duplicates."""
    return tuple(dict.fromkeys(each for some in texts for each in some))
