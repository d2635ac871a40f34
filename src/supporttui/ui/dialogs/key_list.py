"""The key bindings of the screens as entries of a list, by context."""

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
"""Section titles by the prefix of the binding's id, in the order of the list."""


_AS_DECLARED: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """The keys of one action, and its description."""

    id: str
    """The id of the binding; the first one if there are several."""
    keys: str
    word: str
    section: str
    """The title of its context."""
    action: str
    node: DOMNode | None
    """The node on which the action runs; None if it cannot run now."""

    @property
    def label(self) -> str:
        """The description, capitalised."""
        return self.word[:1].upper() + self.word[1:]

    def matches(self, words: Iterable[str]) -> bool:
        """Whether each of the words, which are lower case, occurs in it."""
        text = f"{self.word} {self.keys} {self.section}".casefold()
        return all(word in text for word in words)


def active_entries(screen: Screen[Any], words: Mapping[str, str] = _AS_DECLARED) -> list[KeyEntry]:
    """What can be done now, section by section; keys that do the same thing in one entry.

    words: what a binding does, by its id, where that is not as it is declared.
    """
    found: dict[tuple[DOMNode, str], list[Binding]] = {}
    for active in screen.active_bindings.values():
        if is_listed(active.binding) and active.enabled:
            found.setdefault((active.node, active.binding.action), []).append(active.binding)
    return _in_order(
        KeyEntry(
            same[0].id or "",
            _joined(short_key(each.key) for each in same),
            words.get(same[0].id or "", same[0].description),
            section_of(same[0]),
            action,
            node,
        )
        for (node, action), same in found.items()
    )


def listed_entries(
    bindings: Iterable[Binding],
    keymap: Mapping[str, str],
    first_sections: Iterable[str] = (),
    words: Mapping[str, str] = _AS_DECLARED,
) -> list[KeyEntry]:
    """Every key there is, of bindings as they are declared, under the user's keymap; `first_sections` come first.

    words: see `active_entries`.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    first: dict[tuple[str, str], Binding] = {}
    for binding in bindings:
        if is_listed(binding):
            place = (section_of(binding), words.get(binding.id or "", binding.description))
            keys = keymap.get(binding.id or "", binding.key).split(",")
            found.setdefault(place, {}).update(dict.fromkeys(map(short_key, keys)))
            first.setdefault(place, binding)
    entries = [
        KeyEntry(first[place].id or "", _joined(keys), place[1], place[0], "", None) for place, keys in found.items()
    ]
    return _in_order(entries, first_sections)


def section_of(binding: Binding) -> str:
    """Return the title of a binding's context; empty if the binding is not ours."""
    id_ = binding.id or ""
    return next((title for prefix, title in SECTION_TITLES.items() if id_.startswith(f"{prefix}-")), "")


def is_listed(binding: Binding) -> bool:
    """Whether it is one of our bindings that has a description."""
    return binding.id is not None and bool(binding.description) and not binding.system and bool(section_of(binding))


@runtime_checkable
class _Offering(Protocol):
    """A node that knows which actions the account lacks the rights for."""

    def offers(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether the account has the rights for an action."""


def is_offered(node: DOMNode, binding: Binding) -> bool:
    """Whether the account has the rights for the action of a node's binding."""
    _, action, parameters = parse(binding.action)
    return not isinstance(node, _Offering) or node.offers(action, parameters)


def _joined(keys: Iterable[str]) -> str:
    """Join several keys, with commas if one of them is a sequence."""
    listed = list(keys)
    return (", " if any(" " in key for key in listed) else " ").join(listed)


def _in_order(entries: Iterable[KeyEntry], first_sections: Iterable[str] = ()) -> list[KeyEntry]:
    wanted = [*first_sections]
    order = list(
        dict.fromkeys([*(each for each in SECTION_TITLES.values() if each in wanted), *SECTION_TITLES.values()])
    )
    return sorted(entries, key=lambda entry: order.index(entry.section))
