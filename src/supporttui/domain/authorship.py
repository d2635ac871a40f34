"""Classifies the author of a message; used by the server and by the readers of conversations."""

from collections.abc import Mapping
from typing import NamedTuple

from supporttui.domain.ticket import Message, Person, Role


class Authorship(NamedTuple):
    """The properties of a message and its author by which it is classified."""

    author_id: int
    role: Role | None
    """The author's; None where it is not known."""
    requester_id: int
    is_public: bool
    is_automatic: bool
    is_read_whole: bool = True

    @property
    def is_our_reply(self) -> bool:
        """Whether it is a public message of an agent in person who is not the requester.

        One of which something could not be read answers nobody: no clock ends by what is not known.
        """
        is_staff = self.role is not None and self.role is not Role.END_USER
        return is_staff and self.author_id != self.requester_id and self._is_heard and self.is_read_whole

    @property
    def is_customers_word(self) -> bool:
        """Whether the requester wrote it publicly, whatever their role, or another customer who takes part.

        A customer writes no notes: where their message cannot be read whole, it counts as heard.
        """
        is_customer = self.role is Role.END_USER
        is_heard = self._is_heard or (is_customer and not self.is_read_whole and not self.is_automatic)
        return (self.author_id == self.requester_id or is_customer) and is_heard

    @property
    def _is_heard(self) -> bool:
        return self.is_public and not self.is_automatic


def authorship_of(message: Message, requester_id: int, people: Mapping[int, Person]) -> Authorship:
    """Classify a message on a ticket of this requester."""
    author = people.get(message.author_id)
    role = None if author is None else author.role
    is_read_whole = not message.unreadable
    return Authorship(message.author_id, role, requester_id, message.is_public, message.is_automatic, is_read_whole)
