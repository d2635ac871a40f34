"""The active bindings under the user's keymap; replaces Textual's method in our screens.

Textual drops the keys that a field takes as text before it applies the keymap: a letter that the keymap gives to a
priority binding would act while one types, and a binding whose default key is a letter could not be given another.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

BindingChain = list[tuple[DOMNode, BindingsMap]]

COPY_SELECTION: Final = Binding("ctrl+c,super+c", "screen.copy_text", show=False)
"""The only binding kept from Textual's screens: the others have no ids and would hide the user's."""

_CONSUMES_NOTHING: Final = (DOMNode.check_consume_key, Widget.check_consume_key)


def keymapped_chain(screen: Screen[Any]) -> BindingChain:
    """Return the bindings from the focused widget up to the app, without the keys that an inner node takes as text."""
    keymap: Mapping[str, str] = getattr(screen.app, "keymap", {})
    focused = screen.focused if screen.focused is not None and not screen.focused.loading else None
    nodes: list[DOMNode] = [screen, screen.app] if focused is None else list(focused.ancestors_with_self)
    chain: BindingChain = []
    consumers: list[DOMNode] = []
    for node in nodes:
        bindings = with_keymap(node._bindings, keymap)
        for consumer in consumers:
            for key in [key for key in bindings.key_to_bindings if takes_as_text(consumer, key)]:
                del bindings.key_to_bindings[key]
        chain.append((node, bindings))
        if type(node).check_consume_key not in _CONSUMES_NOTHING:
            consumers.append(node)
    return chain


def takes_as_text(node: DOMNode, key: str) -> bool:
    """Whether a node takes a key, or the first of a sequence, as a character."""
    first = key.split(" ")[0]
    return node.check_consume_key(first, key_to_character(first))


def with_keymap(bindings: BindingsMap, keymap: Mapping[str, str]) -> BindingsMap:
    """Return the bindings with the keys that a keymap gives by id."""
    if not keymap:
        return bindings.copy()
    found: dict[str, list[Binding]] = {}
    moved: set[str] = set()
    for key, same in bindings.key_to_bindings.items():
        for binding in same:
            if binding.id is None or binding.id not in keymap:
                found.setdefault(key, []).append(binding)
            elif binding.id not in moved:
                moved.add(binding.id)
                for other in keymap[binding.id].split(","):
                    found.setdefault(other, []).insert(0, _rebound(binding, other))
    return BindingsMap.from_keys(found)


@lru_cache(maxsize=1024)
def _rebound(binding: Binding, key: str) -> Binding:
    return binding.with_key(key)
