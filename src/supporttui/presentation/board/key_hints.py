"""The key hints of the footer, as many as fit."""

from collections.abc import Sequence
from typing import Final

import msgspec

from supporttui.presentation.cell_text import cell_len

HINT_GAP: Final = 2


class KeyHint(msgspec.Struct, frozen=True):
    """A key and what it does."""

    key: str
    word: str


def fitting_hints(hints: Sequence[KeyHint], width: int) -> list[KeyHint]:
    """Return the hints that fit into the width, always including the last."""
    if not hints:
        return []
    *others, last = hints
    room = width - 2 - _cells(last)
    kept = []
    for hint in others:
        room -= _cells(hint) + HINT_GAP
        if room < 0:
            break
        kept.append(hint)
    return [*kept, last]


def _cells(hint: KeyHint) -> int:
    return cell_len(hint.key) + 1 + cell_len(hint.word)
