"""The key of a ticket: the desk, and the desk's own id."""

from typing import Final

import msgspec

LONGEST_ID: Final = 64
"""Characters that a typed id may have."""


class TicketId(msgspec.Struct, frozen=True, array_like=True):
    """The key of a ticket. Keys of one desk sort as the desk counts: shorter ids first, then by their characters.

    So 9 stands before 10, and SUP-9 before SUP-12.
    """

    desk: str
    """The desk's short name, the same in all windows of a store."""
    id: str
    """The desk's own id, opaque outside its help desk: "1042", "SUP-12"."""

    @property
    def label(self) -> str:
        """The id as it is shown: "#1042" where it is digits, else the id, with stand-ins for control characters."""
        return f"#{self.id}" if self.id.isascii() and self.id.isdigit() else _shown(self.id)

    @property
    def sort_key(self) -> tuple[str, int, str]:
        """A value that sorts as the keys do, and faster."""
        return self.desk, len(self.id), self.id

    # `functools.total_ordering` takes the comparisons that msgspec's base refuses for present ones.
    def __lt__(self, other: "TicketId") -> bool:
        return self.sort_key < other.sort_key

    def __le__(self, other: "TicketId") -> bool:
        return self.sort_key <= other.sort_key

    def __gt__(self, other: "TicketId") -> bool:
        return self.sort_key > other.sort_key

    def __ge__(self, other: "TicketId") -> bool:
        return self.sort_key >= other.sort_key


class BadTicketId(ValueError):
    """What was typed is no ticket's id. `str()` is one sentence."""


def parse_ticket_id(typed: str, desk: str) -> TicketId:
    """The key that a user means by `1042`, `#1042` or `SUP-12`, blanks around it left out. Raises BadTicketId."""
    text = typed.strip().removeprefix("#")
    if (
        not text
        or len(text) > LONGEST_ID
        or not text.isprintable()
        or any(each.isspace() or each == "#" for each in text)
    ):
        raise BadTicketId(f'"{_shown(typed)}" is no ticket; write its number or key, such as 1042, #1042 or SUP-12.')
    if text.isascii() and text.isdigit():
        text = text.lstrip("0") or "0"
    return TicketId(desk, text)


def _shown(text: str) -> str:
    """The text, shortened, with stand-ins for what cannot be shown."""
    short = text if len(text) <= LONGEST_ID else f"{text[:LONGEST_ID]}…"
    return short if short.isprintable() else "".join(each if each.isprintable() else "�" for each in short)
