"""The key bindings of a screen as entries of a list, with where each of them acts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

SECTION_TITLES: Final[Mapping[str, str]] = {
    "board": "On the board",
    "ticket": "On the ticket",
    "conversation": "Reading the conversation",
    "panel": "In the panel",
    "composer": "While writing",
    "new-ticket": "In the form",
    "files": "In the field for files",
    "severity": "In the field for the severity",
    "app": "Everywhere",
}
"""By the beginning of a binding's id, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """The keys that do one thing, and what that is."""

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


def active_entries(screen: Screen[Any]) -> list[KeyEntry]:
    """What can be done now, section by section; keys that do the same thing in one entry."""
    found: dict[tuple[str, str], list[tuple[str, Binding, DOMNode]]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if _is_listed(binding) and active.enabled:
            key = screen.app.get_key_display(binding)
            found.setdefault((_section(binding), binding.description), []).append((key, binding, active.node))
    return _in_order(
        KeyEntry(" ".join(key for key, _, _ in same), word, section, same[0][1].action, same[0][2])
        for (section, word), same in found.items()
    )


def all_entries(screen: Screen[Any], keymap: Mapping[str, str]) -> list[KeyEntry]:
    """What can be done now, and what the screen's widgets do when they have the focus; `keymap` is keys by id."""
    entries = active_entries(screen)
    known = {(entry.section, entry.word) for entry in entries}
    found: dict[tuple[str, str], dict[str, None]] = {}
    for node in (screen, *screen.query("*")):
        for declared in Binding.make_bindings(getattr(type(node), "BINDINGS", ())):
            is_known = (_section(declared), declared.description) in known
            if _is_listed(declared) and not is_known and _is_offered(node, declared):
                keys = keymap.get(declared.id or "", declared.key).split(",")
                shown = {screen.app.get_key_display(declared.with_key(key, None)): None for key in keys}
                found.setdefault((_section(declared), declared.description), {}).update(shown)
    idle = [KeyEntry(" ".join(keys), word, section, "", None) for (section, word), keys in found.items()]
    return _in_order([*entries, *idle])


def _is_listed(binding: Binding) -> bool:
    """Whether it is one of ours that says what it does."""
    return binding.id is not None and bool(binding.description) and not binding.system and bool(_section(binding))


@runtime_checkable
class _Offering(Protocol):
    """A node that says for which actions the account lacks the rights."""

    def offers(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether the account can do it."""


def _is_offered(node: DOMNode, binding: Binding) -> bool:
    _, action, parameters = parse(binding.action)
    return not isinstance(node, _Offering) or node.offers(action, parameters)


def _section(binding: Binding) -> str:
    id_ = binding.id or ""
    return next((title for prefix, title in SECTION_TITLES.items() if id_.startswith(f"{prefix}-")), "")


def _in_order(entries: Iterable[KeyEntry]) -> list[KeyEntry]:
    order = [*SECTION_TITLES.values()]
    return sorted(entries, key=lambda entry: order.index(entry.section))
