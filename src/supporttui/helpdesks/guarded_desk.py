"""Wraps a help desk so that unexpected exceptions count as a broken connection and never end the engine."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket import Attachment, Conversation, Person, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Account,
    ChangePage,
    ConversationBudget,
    DeskError,
    DeskView,
    FoundTickets,
    HelpDesk,
    Interrupted,
    NewTicket,
    PushEvent,
    SendResult,
    TicketMerge,
    TicketUpdate,
)

if TYPE_CHECKING:
    from supporttui.domain.desk_setup import CustomField, Group
    from supporttui.domain.macros import Macro, MacroEffect
    from supporttui.domain.query.query import Query, QueryContext

_log = logging.getLogger(__name__)


def unexpected_error(problem: Exception, what: str) -> Interrupted:
    """Return the error for an unexpected exception, whose traceback is logged."""
    _log.error("%s: unexpected %s", what, type(problem).__name__, exc_info=problem)
    return Interrupted(
        f"The help desk's answer about {what} could not be used ({type(problem).__name__}). It is tried again; "
        "the log has the details."
    )


@contextmanager
def unexpected_is_interrupted(what: str, *expected: type[Exception]) -> Iterator[None]:
    """Raise Interrupted in place of any exception other than DeskError and the expected ones."""
    try:
        yield
    except Exception as problem:  # the edge to a desk: its data must not end the engine
        if isinstance(problem, (DeskError, *expected)):
            raise
        raise unexpected_error(problem, what) from None


class GuardedDesk:
    """Wraps another help desk; raises only DeskError, and OSError when reading or writing a file.

    A write that ends with an unexpected exception may have been applied: it raises Interrupted like any other.
    """

    def __init__(self, desk: HelpDesk) -> None:
        self._desk = desk

    @property
    def desk_ahead_s(self) -> float | None:
        """Seconds by which the desk's clock is ahead of this machine's."""
        return self._desk.desk_ahead_s

    async def fetch_account(self) -> Account:
        """Return the signed-in account."""
        with unexpected_is_interrupted("your account"):
            return await self._desk.fetch_account()

    async def fetch_agents(self) -> tuple[Person, ...]:
        """Everybody to whom a ticket can be assigned."""
        with unexpected_is_interrupted("the desk's agents"):
            return await self._desk.fetch_agents()

    async def fetch_changes(self, cursor: str | None) -> ChangePage:
        """Return a page of changed tickets."""
        with unexpected_is_interrupted("changed tickets"):
            return await self._desk.fetch_changes(cursor)

    async def find_missing(self, ticket_ids: Sequence[TicketId]) -> tuple[TicketId, ...]:
        """Return which of these the desk no longer lists."""
        with unexpected_is_interrupted("tickets that may be gone"):
            return await self._desk.find_missing(ticket_ids)

    async def search(self, query: "Query", context: "QueryContext", limit: int) -> FoundTickets:
        """Return tickets that the desk's own search finds."""
        with unexpected_is_interrupted("the search"):
            return await self._desk.search(query, context, limit)

    async def fetch_views(self) -> tuple[DeskView, ...]:
        """Return the desk's own views."""
        with unexpected_is_interrupted("the desk's views"):
            return await self._desk.fetch_views()

    async def fetch_view_tickets(self, view_id: str, limit: int) -> FoundTickets:
        """Return the tickets of a view."""
        with unexpected_is_interrupted("a view"):
            return await self._desk.fetch_view_tickets(view_id, limit)

    async def fetch_groups(self) -> "tuple[Group, ...]":
        """Return the groups to which tickets can be given."""
        with unexpected_is_interrupted("the groups"):
            return await self._desk.fetch_groups()

    async def fetch_custom_fields(self) -> "tuple[CustomField, ...]":
        """Return the desk's own ticket fields."""
        with unexpected_is_interrupted("the ticket fields"):
            return await self._desk.fetch_custom_fields()

    async def fetch_macros(self) -> "tuple[Macro, ...]":
        """Return the desk's own macros."""
        with unexpected_is_interrupted("the macros"):
            return await self._desk.fetch_macros()

    async def fetch_macro_effect(self, macro_id: str, ticket: Ticket) -> "MacroEffect":
        """Return what a macro would do to a ticket."""
        with unexpected_is_interrupted(f"ticket {ticket.id.label}"):
            return await self._desk.fetch_macro_effect(macro_id, ticket)

    async def fetch_incidents(self, problem_id: TicketId, limit: int) -> FoundTickets:
        """Return the tickets that are linked to a problem."""
        with unexpected_is_interrupted(f"ticket {problem_id.label}"):
            return await self._desk.fetch_incidents(problem_id, limit)

    async def fetch_conversation(
        self, ticket_id: TicketId, budget: ConversationBudget | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return a ticket with its conversation."""
        with unexpected_is_interrupted(f"ticket {ticket_id.label}"):
            return await self._desk.fetch_conversation(ticket_id, budget)

    async def refresh_conversation(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Iterable[Person],
        budget: ConversationBudget | None = None,
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        """Return a ticket with its conversation, fetching only what is new."""
        with unexpected_is_interrupted(f"ticket {ticket.id.label}"):
            return await self._desk.refresh_conversation(ticket, known, people, budget)

    async def fetch_attachment(self, attachment: Attachment, into: Path, *, max_bytes: int) -> int:
        """Stream an attachment into a new file. May also raise OSError."""
        with unexpected_is_interrupted("a file", OSError):
            return await self._desk.fetch_attachment(attachment, into, max_bytes=max_bytes)

    async def send_upload(self, path: Path, file_name: str) -> str:
        """Upload a file. May also raise OSError."""
        with unexpected_is_interrupted("a file", OSError):
            return await self._desk.send_upload(path, file_name)

    def split(self, patch: TicketPatch) -> tuple[TicketPatch, ...]:
        """Split a patch into those that take one request each."""
        return self._desk.split(patch)

    async def send_update(self, update: TicketUpdate) -> SendResult:
        """Apply a change."""
        with unexpected_is_interrupted(f"ticket {update.ticket_id.label}"):
            return await self._desk.send_update(update)

    async def send_new_ticket(self, new: NewTicket) -> SendResult:
        """Create a ticket."""
        with unexpected_is_interrupted("the new ticket"):
            return await self._desk.send_new_ticket(new)

    async def send_merge(self, merge: TicketMerge) -> SendResult:
        """Merge a ticket into another one."""
        with unexpected_is_interrupted(f"ticket {merge.source_id.label}"):
            return await self._desk.send_merge(merge)

    async def find_operation(self, ticket_id: TicketId, operation_id: str, after_audit_id: int | None) -> bool:
        """Whether the ticket's audits contain our operation."""
        with unexpected_is_interrupted(f"ticket {ticket_id.label}"):
            return await self._desk.find_operation(ticket_id, operation_id, after_audit_id)

    async def listen(self, after: str | None) -> AsyncIterator[PushEvent]:
        """Yield the desk's changes."""
        events = self._desk.listen(after)
        try:
            with unexpected_is_interrupted("its stream of changes"):
                async for event in events:
                    yield event
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()

    async def close(self) -> None:
        """Close all connections."""
        with unexpected_is_interrupted("the end of the connection"):
            await self._desk.close()
