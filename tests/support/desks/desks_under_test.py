"""The help desks that the conformance suite of `HelpDesk` runs against, each with what the suite does behind its back.

To add a help desk, write a class as below and name it in `DESKS`.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

from sqlalchemy import Table, insert, update

from support.desks.embedded_desk import AGENT, CUSTOMER, EmbeddedDesk, serve_embedded_desk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer
from support.desks.zendesk_shape import serve_script_before, serve_zendesk_like
from support.sample_values import DESK, ticket_key
from supporttui.config.desk import ConnectionTrust
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Attachment, FieldKind
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import HelpDesk
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.server.custom_fields import checked_definition
from supporttui.server.database import read, write
from supporttui.server.macros import checked_macro
from supporttui.server.people import change_user, find_or_add_organization
from supporttui.server.schema import clock, macros, ticket_fields, tickets
from supporttui.server.ticket_fields import CommentFields, NewTicketFields
from supporttui.server.tickets import create_ticket
from supporttui.zendesk_api.account_setup import FieldOption, MacroActionInput, MacroInput, TicketFieldInput
from supporttui.zendesk_api.words import PRIORITY_OF_SEVERITY, WORD_OF_STATUS

MALFORMED: Final = "malformed"
"""The subject of a ticket that `Failure.MALFORMED_SUBJECT` spoils."""
RETRY_AFTER_S: Final = 7.0


class Failure(Enum):
    """What goes wrong with every response of a desk."""

    RATE_LIMIT = auto()
    """The rate limit is used up; the response asks to wait for `RETRY_AFTER_S`."""
    RATE_LIMIT_WITHOUT_WAIT = auto()
    """The same without a time to wait."""
    CONNECTION_CUT = auto()
    """The request is applied, and the connection breaks in the middle of the response."""
    MALFORMED_SUBJECT = auto()
    """The subject `MALFORMED` comes as a list."""
    UNREADABLE_RESPONSE = auto()
    """The response is not in the desk's format; a request is not applied."""


class DeskUnderTest(Protocol):
    """A help desk with one agent, who is signed in, and one customer."""

    agent_id: int
    customer_id: int
    customer_email: str
    customer_token: str
    repeats_recent_changes: bool
    """Whether `fetch_changes` reports the changes of the last minutes again."""
    reports_deletions: bool
    """Whether `fetch_changes` reports that a ticket was deleted; otherwise the ticket is only not found any more."""

    def connect(self, **options: Any) -> HelpDesk:
        """A connection as the agent, or with another `email` and `token`."""

    def failing(self, failure: Failure, **options: Any) -> AbstractContextManager[HelpDesk]:
        """A connection on which every response fails; the options are those of `connect`."""

    def redirecting(
        self, url: str, trust: ConnectionTrust
    ) -> AbstractContextManager[tuple[HelpDesk, Attachment, list[str]]]:
        """A connection, an attachment that the desk redirects to a URL, and the credentials that the desk was sent."""

    def create(
        self, subject: str = "Board does not load", *, is_ours: bool = False, severity: int | None = None
    ) -> TicketId:
        """A ticket of the customer, or of the agent, with one message."""

    def create_many(self, count: int) -> list[TicketId]:
        """Tickets of the customer."""

    def employ_customer(self, organization: str | None) -> None:
        """Have the customer belong to an organisation of this name, or to none."""

    def write(
        self,
        ticket_id: TicketId,
        body: str,
        *,
        is_ours: bool = True,
        is_public: bool = True,
        is_automatic: bool = False,
    ) -> None:
        """Add a message to a ticket in the desk itself."""

    def change(self, ticket_id: TicketId, patch: TicketPatch) -> None:
        """Change a ticket in the desk itself, as the agent and in one step."""

    def delete(self, ticket_id: TicketId) -> None:
        """Delete a ticket in the desk itself."""

    def add_field(self, kind: FieldKind, title: str, *choices: str) -> int:
        """The number of a new custom field; the choices are the values of a tagger."""

    def add_macro(self, title: str, actions: Sequence[tuple[str, str]]) -> str:
        """The id of a new macro with these actions, in Zendesk's words."""

    def lock(self, ticket_id: TicketId) -> None:
        """The desk closes a ticket for good."""

    def texts(self, ticket_id: TicketId) -> list[str]:
        """The messages that the desk has on a ticket, oldest first."""

    def newest(self) -> TicketId:
        """The ticket that was created last."""

    def revoke_token(self) -> None:
        """The agent's token is not accepted any more."""

    def set_clock_ahead(self, seconds: float) -> None:
        """Set the desk's clock ahead of this machine's."""


class EmbeddedUnderTest:
    """The embedded desk on its own Unix socket."""

    def __init__(self, desk: EmbeddedDesk) -> None:
        self._desk = desk
        self.agent_id = desk.agent_id
        self.customer_id = desk.customer_id
        self.customer_email = CUSTOMER
        self.customer_token = desk.customer_token
        self.url = desk.url
        self.repeats_recent_changes = False
        self.reports_deletions = True

    @classmethod
    @contextlib.contextmanager
    def serve(cls, folder: Path) -> Iterator[DeskUnderTest]:
        """A fresh desk until the context ends."""
        with serve_embedded_desk(folder) as desk:
            yield cls(desk)

    def connect(self, **options: Any) -> HelpDesk:
        return self._desk.connect(**{"url": self.url, **options})

    @contextlib.contextmanager
    def failing(self, failure: Failure, **options: Any) -> Iterator[HelpDesk]:
        with serve_script_before(self.url) as server:
            server.script = _failing(failure, server)
            yield self.connect(url=server.url, **options)

    @contextlib.contextmanager
    def redirecting(self, url: str, trust: ConnectionTrust) -> Iterator[tuple[HelpDesk, Attachment, list[str]]]:
        credentials: list[str] = []

        def redirect(request: ReceivedRequest) -> ScriptedResponse:
            credentials.append(request.headers.get("authorization", ""))
            return ScriptedResponse(302, headers={"Location": url})

        with serve_script_before(self.url) as server:
            server.script = redirect
            attachment = Attachment(
                id=1,
                file_name=OutsideText("a.log"),
                content_type=OutsideText("text/plain"),
                size_bytes=1,
                url=OutsideText(f"{server.url}/attachments/token/x"),
            )
            yield (
                ZendeskDesk(name=DESK, url=server.url, email=AGENT, token=self._desk.token, trust=trust),
                attachment,
                credentials,
            )

    def create(
        self, subject: str = "Board does not load", *, is_ours: bool = False, severity: int | None = None
    ) -> TicketId:
        actor_id = self.agent_id if is_ours else self.customer_id
        priority = None if severity is None else PRIORITY_OF_SEVERITY[severity]
        return self._desk.create(subject, actor_id=actor_id, priority=priority)

    def create_many(self, count: int) -> list[TicketId]:
        with write(self._desk.engine) as connection:
            return [
                ticket_key(
                    create_ticket(
                        connection,
                        self.customer_id,
                        NewTicketFields(subject=f"Ticket {number}", comment=CommentFields(body="It stays empty.")),
                        self._desk.now(),
                    )
                )
                for number in range(count)
            ]

    def employ_customer(self, organization: str | None) -> None:
        now = self._desk.now()
        with write(self._desk.engine) as connection:
            named = None if organization is None else find_or_add_organization(connection, organization, now)
            change_user(connection, self.customer_id, {"organization_id": named}, now)

    def write(
        self,
        ticket_id: TicketId,
        body: str,
        *,
        is_ours: bool = True,
        is_public: bool = True,
        is_automatic: bool = False,
    ) -> None:
        comment = CommentFields(body=body, is_public=is_public, via="rule" if is_automatic else "api")
        self._desk.update(ticket_id, self.agent_id if is_ours else self.customer_id, comment=comment)

    def change(self, ticket_id: TicketId, patch: TicketPatch) -> None:
        changed: dict[str, Any] = {}
        if patch.status is not None:
            changed["status"] = WORD_OF_STATUS[patch.status]
        if patch.body is not None:
            changed["comment"] = CommentFields(body=patch.body, is_public=patch.is_public)
        if patch.severity is not None:
            changed["priority"] = PRIORITY_OF_SEVERITY[patch.severity]
        self._desk.update(ticket_id, **changed)

    def delete(self, ticket_id: TicketId) -> None:
        self._desk.delete(ticket_id)

    def add_field(self, kind: FieldKind, title: str, *choices: str) -> int:
        options = [FieldOption(each.title(), each) for each in choices]
        values = checked_definition(TicketFieldInput(title=title, type=kind.value, custom_field_options=options))
        return self._insert(ticket_fields, values)

    def add_macro(self, title: str, actions: Sequence[tuple[str, str]]) -> str:
        wanted = MacroInput(title=title, actions=[MacroActionInput(*each) for each in actions])
        with read(self._desk.engine) as connection:
            values = checked_macro(connection, wanted)
        return str(self._insert(macros, values))

    def _insert(self, table: Table, values: dict[str, Any]) -> int:
        stamps = {"created_at": self._desk.now(), "updated_at": self._desk.now()}
        with write(self._desk.engine) as connection:
            key = connection.execute(insert(table).values(**values, **stamps)).inserted_primary_key
            assert key is not None
            return int(key[0])

    def lock(self, ticket_id: TicketId) -> None:
        with write(self._desk.engine) as connection:
            connection.execute(update(tickets).where(tickets.c.id == int(ticket_id.id)).values(status="closed"))

    def texts(self, ticket_id: TicketId) -> list[str]:
        return self._desk.bodies(ticket_id)

    def newest(self) -> TicketId:
        return self._desk.newest()

    def revoke_token(self) -> None:
        self._desk.revoke()

    def set_clock_ahead(self, seconds: float) -> None:
        self._desk.set_clock_ahead(seconds)


class ZendeskUnderTest(EmbeddedUnderTest):
    """The same in Zendesk's shape on loopback, read by its incremental export as by an admin."""

    has_export: ClassVar[bool] = True

    @classmethod
    @contextlib.contextmanager
    def serve(cls, folder: Path) -> Iterator[DeskUnderTest]:
        desk = EmbeddedDesk(folder)
        with serve_zendesk_like(desk, sends_date=True) as server:
            server.shape.has_export = cls.has_export
            under_test = cls(desk)
            under_test.url = server.url
            under_test.repeats_recent_changes = not cls.has_export
            under_test.reports_deletions = cls.has_export
            yield under_test
        desk.engine.dispose()

    def set_clock_ahead(self, seconds: float) -> None:
        self._desk.now = clock(seconds)


class ZendeskListUnderTest(ZendeskUnderTest):
    """The same, read by its list of tickets as by an agent, whose token the export refuses."""

    has_export = False


def _failing(failure: Failure, server: ScriptedServer) -> Callable[[ReceivedRequest], ScriptedResponse]:
    """The script with which a server of this API fails."""
    pass_on = server.script
    match failure:
        case Failure.RATE_LIMIT:
            return lambda request: ScriptedResponse(429, b"slow down", {"Retry-After": str(int(RETRY_AFTER_S))})
        case Failure.RATE_LIMIT_WITHOUT_WAIT:
            return lambda request: ScriptedResponse(429, b"slow down")
        case Failure.UNREADABLE_RESPONSE:
            return lambda request: ScriptedResponse(200, b"<html>login</html>")
        case Failure.CONNECTION_CUT:
            return lambda request: replace(pass_on(request), sent_bytes=150)
    sent, spoiled = f'"subject":"{MALFORMED}"'.encode(), b'"subject":[1]'

    def spoil(request: ReceivedRequest) -> ScriptedResponse:
        response = pass_on(request)
        return replace(response, body=response.body.replace(sent, spoiled))

    return spoil


DESKS: Final[dict[str, Callable[[Path], AbstractContextManager[DeskUnderTest]]]] = {
    "embedded": EmbeddedUnderTest.serve,
    "zendesk": ZendeskUnderTest.serve,
    "zendesk list": ZendeskListUnderTest.serve,
}
