"""The cache's stored form of ticket ids, whose binary order is the order in which the desk counts."""

from typing import Final

from supporttui.domain.ticket_id import TicketId

_FIRST_LENGTH: Final = ord("0")


def stored_id(ticket_id: TicketId) -> str:
    """The id behind one character for its length: `41042` for 1042, `6SUP-12` for SUP-12.

    Shorter ids thereby sort first in SQLite's binary order, as `TicketId` sorts. The desk is not part of it.
    """
    return chr(_FIRST_LENGTH + len(ticket_id.id)) + ticket_id.id


def ticket_id_of(stored: str, desk: str) -> TicketId:
    """The key of a ticket of this desk from its stored form."""
    return TicketId(desk, stored[1:])
