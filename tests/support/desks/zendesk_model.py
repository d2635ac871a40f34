"""A help desk of Zendesk's shape, in memory: it knows keys for creation alone, pushes nothing and stamps by the second.

Written from Zendesk's documentation and apart from the embedded server: what both take from it is the wire's types.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from starlette.types import Receive, Scope, Send

from support.canary import secret
from support.clock.virtual_time import VirtualClock
from support.faults.fault_network import FaultNetwork
from support.sample_values import ticket_key
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.zendesk.desk import ZendeskDesk
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.request_bodies import CommentInput, TicketInput, TicketRequest

# https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#idempotency: creation only, two hours
IDEMPOTENCY_KEY_LIFETIME: Final = timedelta(hours=2)
AGENT: Final = responses.User(id=11, name="Kim Lee", email="kim@desk.example", role="admin")
CUSTOMER: Final = responses.User(id=12, name="Ada", email="ada@c.example", role="end-user")

Answer = tuple[int, object]
_NOT_FOUND: Final[Answer] = (404, {"error": "RecordNotFound"})


@dataclass
class _StoredTicket:
    """A ticket with what was written on it."""

    ticket: responses.ZendeskTicket
    comments: list[responses.Comment] = field(default_factory=list)
    audits: list[responses.Audit] = field(default_factory=list)


class ZendeskModel:
    """One desk, and the network that leads to it."""

    def __init__(self, clock: VirtualClock) -> None:
        self.network = FaultNetwork(self)
        self._clock = clock
        self._threads: dict[int, _StoredTicket] = {}
        self._keys: dict[str, tuple[datetime, bytes, Answer]] = {}
        self._uploads: dict[str, responses.ZendeskAttachment] = {}
        self._numbers = 1000

    async def open_desk(self) -> ZendeskDesk:
        """A connection, as the agent."""
        return self.network.connect(email=str(AGENT.email), token=secret("memory"))

    def create(self, subject: str = "Board does not load") -> TicketId:
        """A ticket by the customer."""
        sent = TicketInput(subject=subject, comment=CommentInput(body="It stays empty."))
        return ticket_key(self._add(sent, CUSTOMER).ticket.id)

    def version(self, ticket_id: TicketId) -> str:
        """The stamp by which a safe update is checked."""
        return _version_stamp(self._threads[int(ticket_id.id)].ticket.updated_at)

    def newest(self) -> TicketId:
        """The ticket that was created last."""
        return ticket_key(max(self._threads))

    def applied(self) -> Counter[str]:
        """How often each text stands in the desk, over all tickets."""
        return Counter(comment.body for thread in self._threads.values() for comment in thread.comments)

    def forget_uploads(self) -> None:
        """It has room for all."""

    def close(self) -> None:
        """Break all connections."""
        self.network.drop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as an ASGI application. What does not come whole is not applied."""
        body = await _read_body(receive)
        if body is None:
            return
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        status, content = self._answer(str(scope["method"]), str(scope["path"]), headers, body)
        sent = msgspec.json.encode(content)
        response_headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(sent)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": response_headers})
        await send({"type": "http.response.body", "body": sent, "more_body": False})

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        for wanted, pattern, route in self._routes:
            if wanted == method and (found := re.fullmatch(pattern, path)):
                return route(self, found, headers, body)
        return _NOT_FOUND

    # -- reading ------------------------------------------------------------------------------------------------

    def _me(self, _found: re.Match[str], _headers: Mapping[str, str], _body: bytes) -> Answer:
        return 200, responses.OneUser(AGENT)

    def _one(self, found: re.Match[str], _headers: Mapping[str, str], _body: bytes) -> Answer:
        thread = self._threads.get(int(found[1]))
        return _NOT_FOUND if thread is None else (200, responses.OneTicket(thread.ticket, users=[AGENT, CUSTOMER]))

    def _list(self, found: re.Match[str], _headers: Mapping[str, str], _body: bytes) -> Answer:
        thread = self._threads.get(int(found[1]))
        if thread is None:
            return _NOT_FOUND
        if found[2] == "comments":
            return 200, responses.CommentsPage(
                comments=thread.comments, meta=responses.PageMeta(has_more=False), users=[AGENT, CUSTOMER]
            )
        return 200, responses.AuditsPage(
            audits=thread.audits, meta=responses.PageMeta(has_more=False), users=[AGENT, CUSTOMER]
        )

    # -- writing ------------------------------------------------------------------------------------------------

    def _change(self, found: re.Match[str], _headers: Mapping[str, str], body: bytes) -> Answer:
        """Every request that comes whole is applied, however often it comes; but for a stamp that is not current."""
        thread = self._threads.get(int(found[1]))
        if thread is None:
            return _NOT_FOUND
        sent = msgspec.json.decode(body, type=TicketRequest).ticket
        if sent.safe_update is True and sent.updated_stamp != _version_stamp(thread.ticket.updated_at):
            return 409, {"error": "UpdateConflict", "description": "Safe Update prevented the update"}
        audit = self._write(thread, sent, AGENT)
        return 200, responses.OneTicket(thread.ticket, audit=audit)

    def _create(self, _found: re.Match[str], headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to a key is kept for two hours, and belongs to one body."""
        key, now = headers.get("idempotency-key"), self._clock.now()
        kept = self._keys.get(key) if key is not None else None
        if kept is not None and now - kept[0] < IDEMPOTENCY_KEY_LIFETIME:
            return kept[2] if kept[1] == body else (400, {"error": "IdempotentRequestError"})
        thread = self._add(msgspec.json.decode(body, type=TicketRequest).ticket, AGENT)
        answer = 201, msgspec.Raw(msgspec.json.encode(responses.OneTicket(thread.ticket, audit=thread.audits[0])))
        if key is not None:
            self._keys[key] = (now, body, answer)
        return answer

    def _upload(self, _found: re.Match[str], headers: Mapping[str, str], body: bytes) -> Answer:
        token = f"token-{self._number()}"
        size, kind = len(body), headers.get("content-type", "application/binary")
        self._uploads[token] = responses.ZendeskAttachment(
            id=self._number(), file_name="board.log", content_type=kind, size=size, content_url="http://127.0.0.1:1/f"
        )
        return 201, responses.OneUpload(responses.Upload(token, self._uploads[token], [self._uploads[token]]))

    def _add(self, sent: TicketInput, author: responses.User) -> _StoredTicket:
        now, number = self._second(), self._number()
        ticket = responses.ZendeskTicket(
            id=number,
            url=f"http://127.0.0.1:1/api/v2/tickets/{number}.json",
            created_at=now,
            updated_at=now,
            subject=str(sent.subject),
            status="new",
            tags=[],
            priority=sent.priority if isinstance(sent.priority, str) else None,
            requester_id=CUSTOMER.id,
            submitter_id=author.id,
        )
        thread = self._threads[number] = _StoredTicket(ticket)
        self._write(thread, sent, author)
        return thread

    def _write(self, thread: _StoredTicket, sent: TicketInput, author: responses.User) -> responses.Audit:
        """Zendesk's stamp counts whole seconds: two changes within one have the same."""
        now = thread.ticket.updated_at = self._second()
        thread.ticket.status = sent.status if isinstance(sent.status, str) else "open"
        custom = sent.metadata if isinstance(sent.metadata, dict) else {}
        audit = responses.Audit(
            id=self._number(),
            ticket_id=thread.ticket.id,
            created_at=now,
            author_id=author.id,
            metadata=responses.AuditMetadata(custom=custom),
        )
        thread.audits.append(audit)
        if isinstance(sent.comment, CommentInput):
            tokens = sent.comment.uploads if isinstance(sent.comment.uploads, list) else []
            comment = responses.Comment(
                id=self._number(),
                author_id=author.id,
                body=str(sent.comment.body),
                public=sent.comment.public,
                attachments=[self._uploads.pop(token) for token in tokens],
                audit_id=audit.id,
                created_at=now,
            )
            thread.comments.append(comment)
            audit.events = [
                responses.AuditEvent(id=comment.id, type="Comment", body=comment.body, public=comment.public)
            ]
        return audit

    def _second(self) -> datetime:
        return self._clock.now().replace(microsecond=0)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    _routes: Final[tuple[tuple[str, str, Callable[..., Answer]], ...]] = (
        ("GET", r"/api/v2/users/me\.json", _me),
        ("GET", r"/api/v2/tickets/(\d+)\.json", _one),
        ("GET", r"/api/v2/tickets/(\d+)/(comments|audits)\.json", _list),
        ("PUT", r"/api/v2/tickets/(\d+)\.json", _change),
        ("POST", r"/api/v2/tickets\.json", _create),
        ("POST", r"/api/v2/uploads\.json", _upload),
    )


def _version_stamp(at: datetime | None) -> str:
    assert at is not None
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


async def _read_body(receive: Receive) -> bytes | None:
    """The request's body; None where it broke off."""
    body = bytearray()
    while True:
        message: Any = await receive()
        if message["type"] != "http.request":
            return None
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return bytes(body)
