"""The key bindings of the screens as entries of a list, with where each of them acts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from supporttui.presentation.key_names import short_key

SECTION_TITLES: Final[Mapping[str, str]] = {
    "board": "On the board",
    "ticket": "On the ticket",
    "conversation": "Reading the conversation",
    "panel": "In the panel",
    "composer": "While writing",
    "new-ticket": "In the form",
    "files": "In the field for files",
    "severity": "In the field for the severity",
    "text": "In every field for text",
    "focus": "From field to field",
    "move": "Where a status is chosen",
    "agenda": "In the list of what to do first",
    "outbox": "In the outbox",
    "attachments": "In the list of files",
    "links": "In the list of links",
    "themes": "In the list of themes",
    "list": "In every list",
    "go-to": "Where a number is typed",
    "filter": "While a filter is typed",
    "choice": "Where one of several is chosen",
    "recent": "In the list of recent tickets",
    "commands": "In the palette",
    "help": "In this list",
    "command": "Your own commands",
    "app": "Everywhere",
}
"""By the beginning of a binding's id, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """The keys that do one thing, and what that is."""

    id: str
    """Of the binding; of several the first."""
    keys: str
    word: str
    section: str
    """The title of where it acts."""
    action: str
    node: DOMNode | None
    """What the action is run on; None where it cannot be run now."""

    @property
    def label(self) -> str:
        """The word as the beginning of a sentence."""
        return self.word[:1].upper() + self.word[1:]

    def matches(self, words: Iterable[str]) -> bool:
        """Whether each of the words, in small letters, occurs in it."""
        text = f"{self.word} {self.keys} {self.section}".casefold()
        return all(word in text for word in words)


def active_entries(screen: Screen[Any]) -> list[KeyEntry]:
    """What can be done now, section by section; keys that do the same thing in one entry."""
    found: dict[tuple[DOMNode, str], list[Binding]] = {}
    for active in screen.active_bindings.values():
        if is_listed(active.binding) and active.enabled:
            found.setdefault((active.node, active.binding.action), []).append(active.binding)
    return _in_order(
        KeyEntry(
            same[0].id or "",
            _joined(short_key(each.key) for each in same),
            same[0].description,
            section_of(same[0]),
            action,
            node,
        )
        for (node, action), same in found.items()
    )


def listed_entries(
    bindings: Iterable[Binding], keymap: Mapping[str, str], first_sections: Iterable[str] = ()
) -> list[KeyEntry]:
    """Every key there is, of bindings as they are declared, under the user's keymap; `first_sections` come first."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    first: dict[tuple[str, str], Binding] = {}
    for binding in bindings:
        if is_listed(binding):
            place = (section_of(binding), binding.description)
            keys = keymap.get(binding.id or "", binding.key).split(",")
            found.setdefault(place, {}).update(dict.fromkeys(map(short_key, keys)))
            first.setdefault(place, binding)
    entries = [
        KeyEntry(first[place].id or "", _joined(keys), place[1], place[0], "", None) for place, keys in found.items()
    ]
    return _in_order(entries, first_sections)


def section_of(binding: Binding) -> str:
    """The title of where a binding acts; empty where it is none of ours."""
    id_ = binding.id or ""
    return next((title for prefix, title in SECTION_TITLES.items() if id_.startswith(f"{prefix}-")), "")


def is_listed(binding: Binding) -> bool:
    """Whether it is one of ours that says what it does."""
    return binding.id is not None and bool(binding.description) and not binding.system and bool(section_of(binding))


@runtime_checkable
class _Offering(Protocol):
    """A node that says for which actions the account lacks the rights."""

    def offers(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether the account can do it."""


def is_offered(node: DOMNode, binding: Binding) -> bool:
    """Whether the account has the right to what a binding of this node does."""
    _, action, parameters = parse(binding.action)
    return not isinstance(node, _Offering) or node.offers(action, parameters)


def _joined(keys: Iterable[str]) -> str:
    """Several keys, with commas where one of them is a sequence."""
    listed = list(keys)
    return (", " if any(" " in key for key in listed) else " ").join(listed)


def _in_order(entries: Iterable[KeyEntry], first_sections: Iterable[str] = ()) -> list[KeyEntry]:
    wanted = [*first_sections]
    order = list(
        dict.fromkeys([*(each for each in SECTION_TITLES.values() if each in wanted), *SECTION_TITLES.values()])
    )
    return sorted(entries, key=lambda entry: order.index(entry.section))
