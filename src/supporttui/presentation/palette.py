"""What the palette lists: entries of several sources, found by words, and which of them were used last."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec

from supporttui.config import ConfigProblem
from supporttui.config.folders import write_private

MAX_RECENT: Final = 50
"""Choices that are remembered."""
SHOWN_RECENT: Final = 8
"""Choices that stand above everything else while nothing is typed."""
FOUND_LIMIT: Final = 30
"""Entries that a slow source answers with at most."""


class PaletteEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the palette, and what choosing it does."""

    key: str
    """What it is known by across starts, such as `action:board-mine` or `ticket:1042`."""
    label: str
    """Fit to draw."""
    kind: str = ""
    """What stands at its end: the keys of an action, otherwise what sort of thing it is."""
    words: str = ""
    """More by which it is found; not shown."""
    run: Callable[[], object] = lambda: None
    """Called once the palette is closed."""
    more: "Callable[[], Sequence[PaletteEntry]] | None" = None
    """The entries to show in its place, where choosing it asks on."""

    def matches(self, words: Sequence[str]) -> bool:
        """Whether each of the words, in small letters, occurs in it."""
        text = f"{self.label} {self.words} {self.kind}".casefold()
        return all(word in text for word in words)


class PaletteSource(Protocol):
    """Where entries come from: views, macros, tickets. The app's navigator has a list of them."""

    is_slow: bool
    """Whether `find` reads files: it is then asked on a thread of its own, and only for what was typed last."""

    def find(self, typed: str) -> Sequence[PaletteEntry]:
        """The entries for what was typed, the best first; with nothing typed those to be listed from the start."""

    def recall(self, key: str) -> PaletteEntry | None:
        """The entry that was chosen once, as it is now; None where it is not ours or gone. On the UI's thread."""


class RecentChoices:
    """The keys of the entries that were chosen last, the latest first, kept in a file that may be lost."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._keys: list[str] | None = None

    @property
    def keys(self) -> Sequence[str]:
        """All that are remembered."""
        if self._keys is None:
            try:
                self._keys = msgspec.json.decode(self._file.read_bytes(), type=list[str])[:MAX_RECENT]
            except (OSError, msgspec.DecodeError, UnicodeDecodeError):
                self._keys = []
        return self._keys

    def note(self, key: str) -> None:
        """This one was chosen."""
        self._keys = [key, *(each for each in self.keys if each != key)][:MAX_RECENT]

    def save(self) -> None:
        """Write the file; where the disk refuses, the order is lost with this window. May take the disk's time."""
        try:
            write_private(self._file, msgspec.json.encode(list(self.keys)).decode())
        except (OSError, ConfigProblem):
            return


def ordered(entries: Iterable[PaletteEntry], recent: Sequence[str]) -> list[PaletteEntry]:
    """The entries without repetitions: those that were chosen last first, the others as they come."""
    rank = {key: number for number, key in enumerate(recent)}
    unique: dict[str, PaletteEntry] = {}
    for entry in entries:
        unique.setdefault(entry.key, entry)
    return sorted(unique.values(), key=lambda entry: rank.get(entry.key, MAX_RECENT))
