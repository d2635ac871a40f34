"""The keys that a screen names in its lowest line, as many as fit."""

from collections.abc import Sequence
from typing import Final

import msgspec

from supporttui.ui.cell_width import cell_len

GAP: Final = 2


class Hint(msgspec.Struct, frozen=True):
    """A key and what it does."""

    key: str
    word: str


def fitting(hints: Sequence[Hint], width: int) -> list[Hint]:
    """The hints that fit into the line, the last of them always among them."""
    if not hints:
        return []
    *others, last = hints
    room = width - 2 - _cells(last)
    kept = []
    for hint in others:
        room -= _cells(hint) + GAP
        if room < 0:
            break
        kept.append(hint)
    return [*kept, last]


def _cells(hint: Hint) -> int:
    return cell_len(hint.key) + 1 + cell_len(hint.word)
