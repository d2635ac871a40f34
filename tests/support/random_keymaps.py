"""Random whole keymaps that `[keys]` takes: every binding has other keys, single ones and sequences."""

import random
from typing import Final

from supporttui.config.key_bindings import CONTEXTS, DEFAULT_KEYS, KeyContext

PREFIXES: Final = ("ctrl+x", "f9", "insert", "alt+z")
"""Keys that begin sequences, and are none of themselves."""
TEXT_PREFIXES: Final = ("comma", "Z", "z")
ACTING_EVERYWHERE: Final = ("app-commands", "app-mouse", "app-redraw")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyABCDEFGHIJKLMNOPQRSTUVWXY0123456789"
_SIGNS: Final = ("slash", "question_mark", "colon", "semicolon", "full_stop", "exclamation_mark", "at", "minus", "plus")
_NAMED: Final = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "delete", "backspace", "tab")
CONTROL_KEYS: Final = (
    *(f"ctrl+{letter}" for letter in "abcdefgjklnoprstuvwyz"),
    *(f"alt+{letter}" for letter in "acdeghijklmnopqrstuvwxy"),
    *(f"f{number}" for number in (*range(1, 9), *range(10, 21))),
    *(f"{held}+{key}" for held in ("shift", "ctrl", "alt", "ctrl+shift") for key in ("up", "down", "left", "right")),
    *_NAMED,
)
TEXT_KEYS: Final = (*_LETTERS, *_SIGNS, "space")


def random_keymap(seed: int) -> dict[str, str]:
    """Keys for every binding, none of which acts twice in one context."""
    chance = random.Random(seed)
    taken: dict[int, set[str]] = {number: set() for number in range(len(CONTEXTS))}
    ids = [*DEFAULT_KEYS]
    chance.shuffle(ids)
    ids.sort(key=lambda id_: not _is_typed_beside(id_))  # those that can have fewer keys choose first
    return {id_: ",".join(_keys_for(id_, taken, chance)) for id_ in ids}


def _keys_for(id_: str, taken: dict[int, set[str]], chance: random.Random) -> list[str]:
    wanted, found = chance.choice((1, 1, 2)), list[str]()
    while len(found) < wanted:
        key = _any_key(chance, with_text=not _is_typed_beside(id_))
        places = [number for number, context in enumerate(CONTEXTS) if context.holds(id_)]
        if any(key in taken[number] or _is_reserved(key, CONTEXTS[number]) for number in places):
            continue
        for number in places:
            taken[number].add(key)
        found.append(key)
    return found


def _any_key(chance: random.Random, *, with_text: bool) -> str:
    keys: tuple[str, ...] = (*CONTROL_KEYS, *(TEXT_KEYS if with_text else ()))
    prefixes: tuple[str, ...] = (*PREFIXES, *(TEXT_PREFIXES if with_text else ()))
    if chance.random() < 0.25:
        return f"{chance.choice(prefixes)} {chance.choice((*TEXT_KEYS, *CONTROL_KEYS))}"
    return chance.choice(keys)


def _is_typed_beside(id_: str) -> bool:
    """Whether it acts where characters are typed; those of the app do so with keys that are no text, or not at all."""
    if id_.startswith("app-"):
        return id_ in ACTING_EVERYWHERE
    return any(context.takes_text and context.holds(id_) for context in CONTEXTS)


def _is_reserved(key: str, context: KeyContext) -> bool:
    first = key.split(" ")[0]
    return first in context.reserved
