"""The command palette's contents: entries from several sources, matched by words, and the recent choices."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec

from supporttui.config import ConfigProblem
from supporttui.config.folders import write_private

MAX_RECENT: Final = 50
"""Choices that are remembered."""
SHOWN_RECENT: Final = 8
"""Recent choices listed first while nothing is typed."""
FOUND_LIMIT: Final = 30
"""The maximum number of entries in the answer of a slow source."""


class PaletteEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the palette and its action."""

    key: str
    """Identifies it across starts, such as `action:board-mine` or `ticket:1042`."""
    label: str
    """Safe to draw."""
    kind: str = ""
    """Text for the right end: the keys of an action, otherwise the kind of entry."""
    words: str = ""
    """Further words by which it is found; not shown."""
    run: Callable[[], object] = lambda: None
    """Called after the palette has closed."""
    more: "Callable[[], Sequence[PaletteEntry]] | None" = None
    """Returns the entries of a submenu; None if choosing the entry runs it."""

    def matches(self, words: Sequence[str]) -> bool:
        """Whether each of the words, which are lower case, occurs in it."""
        text = f"{self.label} {self.words} {self.kind}".casefold()
        return all(word in text for word in words)


class PaletteSource(Protocol):
    """A source of entries, such as views, macros or tickets. The app's navigator has the list of sources."""

    is_slow: bool
    """Whether `find` reads files: it is then called on a thread, and only for the latest text."""

    def find(self, typed: str) -> Sequence[PaletteEntry]:
        """Return the entries for the typed text, best first; for empty text those to list at first."""

    def recall(self, key: str) -> PaletteEntry | None:
        """Return a former choice as it is now; None if it is another source's or gone. Called on the UI's thread."""


class RecentChoices:
    """The keys of the entries chosen last, the latest first; saved in a file whose loss does no harm."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._keys: list[str] | None = None

    @property
    def keys(self) -> Sequence[str]:
        """The remembered keys."""
        if self._keys is None:
            try:
                self._keys = msgspec.json.decode(self._file.read_bytes(), type=list[str])[:MAX_RECENT]
            except (OSError, msgspec.DecodeError, UnicodeDecodeError):
                self._keys = []
        return self._keys

    def note(self, key: str) -> None:
        """Record a choice."""
        self._keys = [key, *(each for each in self.keys if each != key)][:MAX_RECENT]

    def save(self) -> None:
        """Write the file; if that fails, the order is lost at exit. May block on the disk."""
        try:
            write_private(self._file, msgspec.json.encode(list(self.keys)).decode())
        except (OSError, ConfigProblem):
            return


def ordered(entries: Iterable[PaletteEntry], recent: Sequence[str]) -> list[PaletteEntry]:
    """Return the entries without duplicates: recent choices first, the others in their order."""
    rank = {key: number for number, key in enumerate(recent)}
    unique: dict[str, PaletteEntry] = {}
    for entry in entries:
        unique.setdefault(entry.key, entry)
    return sorted(unique.values(), key=lambda entry: rank.get(entry.key, MAX_RECENT))
