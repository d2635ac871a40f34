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
    press: str = ""
    """The key by the name of its event, two of them for a sequence; empty where a click does nothing."""


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


def hint_at(hints: Sequence[KeyHint], cell: int) -> KeyHint | None:
    """Of hints side by side, the one on which a cell lies; None for a gap and for what is beyond them."""
    for hint in hints:
        if cell < _cells(hint):
            return hint if cell >= 0 else None
        cell -= _cells(hint) + HINT_GAP
    return None


def _cells(hint: KeyHint) -> int:
    return cell_len(hint.key) + 1 + cell_len(hint.word)
