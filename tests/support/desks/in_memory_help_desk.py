"""An in-memory HelpDesk over plain domain values, for tests of engine and screens without HTTP."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from support.sample_values import ticket_key
from supporttui.domain.desk_setup import CustomField, Group
from supporttui.domain.macros import Macro, MacroEffect
from supporttui.domain.patch import TicketPatch, apply_patch
from supporttui.domain.query.query import Field, Query, QueryContext
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, Conversation, Lifecycle, Message, Person, Role, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    Account,
    Capabilities,
    ChangePage,
    Conflict,
    ConversationBudget,
    DeskError,
    DeskView,
    FoundTickets,
    Interrupted,
    NewTicket,
    NotFound,
    PushEvent,
    SendResult,
    TicketMerge,
    TicketUpdate,
)

AGENT = Person(id=1, name=OutsideText("Kim Lee"), email=OutsideText("kim@desk.example"), role=Role.AGENT)


class InMemoryHelpDesk:
    """Keeps tickets and conversations in memory; the test writes into them and reads what arrived."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.me = AGENT
        self.tickets: dict[TicketId, Ticket] = {}
        self.people: dict[int, Person] = {AGENT.id: AGENT}
        self.messages: dict[TicketId, list[Message]] = {}
        self.updates: list[TicketUpdate] = []
        self.created: list[NewTicket] = []
        self.merges: list[TicketMerge] = []
        self.refusal: DeskError | None = None
        """Raised by the next write, and by every one after it, until it is taken away."""
        self.unknown_ids: set[TicketId] = set()
        self.capabilities = Capabilities(can_hold=True, pushes=True, idempotent_writes=True, checks_versions=True)
        self.ahead_s = 0.0
        self.lost_requests = 0
        """How many of the next changes are lost before they are applied."""
        self.lost_responses = 0
        """How many of the next changes are applied without a response."""
        self.archived: dict[TicketId, Ticket] = {}
        """Tickets that only a search finds."""
        self.searched: list[str] = []
        """The queries that were searched for."""
        self.held_searches: set[str] = set()
        """Queries that get no answer."""
        self.views: tuple[DeskView, ...] = (DeskView(id="1", title=OutsideText("All")),)
        self.view_tickets: dict[str, set[TicketId]] = {}
        """The tickets of views; any other view has all of them."""
        self.held_views: set[str] = set()
        """Views that get no answer for as long as they stand here."""
        self._news = asyncio.Event()
        self._events = 0

    @property
    def desk_ahead_s(self) -> float | None:
        return self.ahead_s

    def put(self, ticket: Ticket, *messages: Message) -> None:
        self.tickets[ticket.id] = ticket
        self.messages.setdefault(ticket.id, []).extend(messages)

    async def fetch_account(self) -> Account:
        return Account(me=self.me, desk_name=OutsideText("Acme Support"), capabilities=self.capabilities)

    async def fetch_agents(self) -> tuple[Person, ...]:
        return tuple(each for each in self.people.values() if each.role is not Role.END_USER)

    async def fetch_changes(self, cursor: str | None) -> ChangePage:
        return ChangePage(
            tickets=tuple(self.tickets.values()),
            people=tuple(self.people.values()),
            cursor=str(self._events),
            has_more=False,
        )

    async def find_missing(self, ticket_ids: Sequence[TicketId]) -> tuple[TicketId, ...]:
        return tuple(each for each in ticket_ids if each in self.unknown_ids)

    async def search(self, query: Query, context: QueryContext, limit: int) -> FoundTickets:
        self.searched.append(query.text)
        if self.refusal is not None:
            raise self.refusal
        if query.text in self.held_searches:
            await asyncio.Event().wait()
        found = [each for each in self.archived.values() if any(str(v) in each.subject.raw for v in _phrases(query))]
        return FoundTickets(tickets=tuple(found[:limit]), people=tuple(self.people.values()), total=len(found))

    async def fetch_views(self) -> tuple[DeskView, ...]:
        if self.refusal is not None:
            raise self.refusal
        return self.views

    async def fetch_view_tickets(self, view_id: str, limit: int) -> FoundTickets:
        while view_id in self.held_views:  # noqa: ASYNC110 - it is let go on another thread
            await asyncio.sleep(0.01)
        known = self.tickets | self.archived
        found = tuple(known[each] for each in sorted(self.view_tickets.get(view_id, self.tickets.keys())))
        return FoundTickets(tickets=found[:limit], people=tuple(self.people.values()), total=len(found))

    async def fetch_groups(self) -> tuple[Group, ...]:
        return (Group(1, OutsideText("Support")),)

    async def fetch_custom_fields(self) -> tuple[CustomField, ...]:
        return ()

    async def fetch_macros(self) -> tuple[Macro, ...]:
        return ()

    async def fetch_macro_effect(self, macro_id: str, ticket: Ticket) -> MacroEffect:
        raise NotFound("There is no such macro.")

    async def fetch_incidents(self, problem_id: TicketId, limit: int) -> FoundTickets:
        found = tuple(each for each in self.tickets.values() if each.problem_id == problem_id)
        return FoundTickets(tickets=found[:limit], people=tuple(self.people.values()), total=len(found))

    async def fetch_conversation(
        self, ticket_id: TicketId, budget: ConversationBudget | None = None
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        ticket = self._known(ticket_id)
        conversation = Conversation(
            ticket_id=ticket_id,
            messages=tuple(self.messages[ticket_id]),
            history=(),
            last_audit_id=self._events,
            ticket_version=ticket.version,
        )
        return ticket, conversation, tuple(self.people.values())

    async def refresh_conversation(
        self,
        ticket: Ticket,
        known: Conversation | None,
        people: Iterable[Person],
        budget: ConversationBudget | None = None,
    ) -> tuple[Ticket, Conversation, tuple[Person, ...]]:
        return await self.fetch_conversation(ticket.id, budget)

    async def fetch_attachment(self, attachment: Attachment, into: Path, *, max_bytes: int) -> int:
        with open(into, "wb") as file:  # noqa: ASYNC230, PTH123 - a test's desk may block
            return file.write(b"x" * attachment.size_bytes)

    async def send_upload(self, path: Path, file_name: str) -> str:
        return f"token-{file_name}"

    def split(self, patch: TicketPatch) -> tuple[TicketPatch, ...]:
        return (patch,)

    async def send_update(self, update: TicketUpdate) -> SendResult:
        if self.refusal is not None:
            raise self.refusal
        if self.lost_requests:
            self.lost_requests -= 1
            raise Interrupted("The request was lost.")
        ticket = self._known(update.ticket_id)
        self.updates.append(update)
        if update.patch.body is not None:
            self.write(update.ticket_id, AGENT.id, update.patch.body, is_public=update.patch.is_public)
            ticket = self.tickets[ticket.id]
        ticket = self._stamp(apply_patch(ticket, replace(update.patch, body=None), self.now))
        if self.lost_responses:
            self.lost_responses -= 1
            raise Interrupted("The response was lost.")
        return SendResult(ticket=ticket, people=(), audit_id=self._events)

    async def send_new_ticket(self, new: NewTicket) -> SendResult:
        if self.refusal is not None:
            raise self.refusal
        self.created.append(new)
        ticket = Ticket(
            id=ticket_key(9000 + len(self.created)),
            subject=OutsideText(new.subject),
            status=Status.NEW,
            desk_status=OutsideText("new"),
            requester_id=2,
            created_at=self.now,
            updated_at=self.now,
            version="",
            severity=new.severity,
        )
        self.messages[ticket.id] = []
        return SendResult(ticket=self._stamp(ticket), people=(), audit_id=self._events)

    async def send_merge(self, merge: TicketMerge) -> SendResult:
        if self.refusal is not None:
            raise self.refusal
        source = self._known(merge.source_id)
        if source.lifecycle is Lifecycle.MERGED:
            if not any(each.body.raw == merge.source_note for each in self.messages[source.id]):
                raise Conflict("It was merged by somebody else.")
        else:
            self.merges.append(merge)
            self.write(merge.target_id, AGENT.id, merge.target_note, is_public=False)
            self.write(merge.source_id, AGENT.id, merge.source_note, is_public=False)
            closed = replace(source, lifecycle=Lifecycle.MERGED, status=Status.CLOSED, is_locked=True)
            self._stamp(closed)
        return SendResult(ticket=self._known(merge.target_id), people=(), audit_id=self._events)

    async def find_operation(self, ticket_id: TicketId, operation_id: str, after_audit_id: int | None) -> bool:
        assert self.capabilities.keeps_operation_id, "its history names no operation"
        return any(update.operation_id == operation_id for update in self.updates)

    async def listen(self, after: str | None) -> AsyncIterator[PushEvent]:
        seen = self._events
        while True:
            await asyncio.sleep(0.02)
            if self._events != seen:
                seen = self._events
                for ticket_id in list(self.tickets):
                    yield PushEvent(str(self._events), ticket_id)
            else:
                yield PushEvent(None, None)

    async def close(self) -> None:
        """There is no connection."""

    def write(self, number: TicketId | int, author_id: int, body: str, *, is_public: bool = True) -> None:
        """Somebody writes on a ticket."""
        ticket_id = ticket_key(number)
        ticket = self.tickets[ticket_id]
        message = Message(
            id=10_000 + self._events,
            author_id=author_id,
            body=OutsideText(body),
            is_public=is_public,
            created_at=self.now,
        )
        self.messages[ticket_id].append(message)
        if author_id == AGENT.id and is_public:
            ticket = replace(ticket, first_reply_at=ticket.first_reply_at or self.now, replied_at=self.now)
        elif author_id != AGENT.id:
            ticket = replace(ticket, customer_wrote_at=self.now)
        self._stamp(ticket)

    def _known(self, ticket_id: TicketId) -> Ticket:
        if ticket_id in self.unknown_ids or ticket_id not in self.tickets:
            raise NotFound(f"Ticket {ticket_id.label} is not on the help desk any more, or not for you.")
        return self.tickets[ticket_id]

    def _stamp(self, ticket: Ticket) -> Ticket:
        self._events += 1
        stamped = replace(ticket, updated_at=self.now + timedelta(0), version=f"v{self._events}")
        self.tickets[ticket.id] = stamped
        return stamped


def _phrases(query: Query) -> list[str]:
    return [str(value) for term in query.terms if term.field is Field.TEXT for value in term.values]
