"""Continuing a known conversation from its audits leads to what fetching it whole does, over random histories."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sample_values import DESK, ticket_key
from supporttui.domain.ticket import Conversation, Person, Ticket
from supporttui.helpdesks.base import ConversationBudget, Rejected
from supporttui.helpdesks.http_transport import HttpResponse
from supporttui.helpdesks.zendesk.change_feed import ChangeFeed
from supporttui.helpdesks.zendesk.client import ZendeskClient
from supporttui.helpdesks.zendesk.conversation_reader import ConversationReader
from supporttui.zendesk_api import responses

CREATED = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
USERS = [
    responses.User(id=1, name="Kim", role="admin"),
    responses.User(id=2, name="Ada", role="end-user"),
    responses.User(id=3, name="Lee", role="agent"),
    responses.User(id=4, name="Bo", role="end-user"),
]
STATUSES = ["open", "pending", "hold", "solved"]
PRIORITIES = ["urgent", "high", "normal", "low", None]
SILENT = "silent edit"
"""An old comment is changed, and no audit says so: only the version does."""

CHANGES = st.lists(
    st.fixed_dictionaries(
        {
            "author": st.sampled_from([-1, 1, 2, 3, 4]),
            "seconds": st.integers(0, 3),
            "channel": st.sampled_from(["api", "web", "email", "rule"]),
            "comment": st.sampled_from([None, "public", "note", "by rule", "with file", "for another"]),
            "status": st.sampled_from([None, None, *STATUSES]),
            "priority": st.sampled_from(["as it is", "as it is", *PRIORITIES]),
            "assignee": st.sampled_from([None, None, "1", "3"]),
            "tags": st.booleans(),
            "other": st.sampled_from(
                [None, None, None, "Notification", "External", "CommentRedactionEvent", "Unheard", SILENT]
            ),
        }
    ),
    min_size=1,
    max_size=6,
)


class TicketHistory:
    """One ticket on a desk of Zendesk's shape: what it answers, and which requests came."""

    def __init__(self, *, sorts: bool = True, refuses_sort: bool = False, clocks: bool = False) -> None:
        self.ticket = responses.ZendeskTicket(
            id=7, created_at=CREATED, updated_at=CREATED, requester_id=2, submitter_id=2, subject="Down", status="new"
        )
        self.ticket.tags = []
        self.comments: list[responses.Comment] = []
        self.audits: list[responses.Audit] = []
        self.asked: list[str] = []
        self._sorts, self._refuses_sort, self._clocks = sorts, refuses_sort, clocks
        self._ids = 100
        first = self._audit(2, CREATED, "web")
        self._comment(first, "It stays empty.", is_public=True)
        first.events.append(self._event("Create", field_name="status", value="new"))

    def change(self, author: int, seconds: int, channel: str, comment: str | None, **fields: Any) -> None:
        assert self.ticket.updated_at is not None
        self.ticket.updated_at += timedelta(seconds=seconds or 1)
        other = fields.pop("other")
        if other == SILENT:
            self.comments[0].body = "made unreadable"
            return
        audit = self._audit(author, self.ticket.updated_at, channel)
        if comment is not None:
            self._comment(audit, f"{comment} {audit.id}", is_public=comment != "note", kind=comment)
        for name, word in (("status", fields["status"]), ("assignee_id", fields["assignee"])):
            if word is not None:
                self._set(audit, name, word)
        if fields["priority"] != "as it is":
            self._set(audit, "priority", fields["priority"])
        if fields["tags"]:
            self._set(audit, "tags", [f"t{audit.id}"])
        if other is not None:
            audit.events.append(self._event(other, body="anything"))
        if other == "CommentRedactionEvent":
            self.comments[0].body = self.audits[0].events[0].body = "It ▇▇▇▇▇ empty."

    def _set(self, audit: responses.Audit, name: str, value: Any) -> None:
        before = getattr(self.ticket, name)
        setattr(self.ticket, name, int(value) if name == "assignee_id" else value)
        shown = str(before) if isinstance(before, int) else before
        audit.events.append(self._event("Change", field_name=name, value=value, previous_value=shown))

    def _audit(self, author: int, at: datetime, channel: str) -> responses.Audit:
        via = responses.Via(channel=channel)
        audit = responses.Audit(id=self._next(), ticket_id=7, created_at=at, author_id=author, via=via)
        self.audits.append(audit)
        return audit

    def _comment(self, audit: responses.Audit, body: str, *, is_public: bool, kind: str = "") -> None:
        event = self._event("Comment", body=body, public=is_public, author_id=4 if kind == "for another" else UNSET)
        comment = responses.Comment(
            id=event.id,
            author_id=4 if kind == "for another" else audit.author_id,
            body=body,
            public=is_public,
            audit_id=audit.id,
            created_at=audit.created_at,
            via=audit.via,
        )
        if kind == "by rule":
            comment.via = event.via = responses.Via(channel="rule")
        if kind == "with file":
            file = responses.ZendeskAttachment(id=self._next(), file_name="a.log", content_url="https://d/f", size=3)
            comment.attachments = event.attachments = [file]
        self.comments.append(comment)
        audit.events.append(event)

    def _event(self, kind: str, **fields: Any) -> responses.AuditEvent:
        return responses.AuditEvent(id=self._next(), type=kind, **fields)

    def _next(self) -> int:
        self._ids += 1
        return self._ids

    async def request(
        self, _method: str, path: str, *, params: dict[str, str] | None = None, max_body_bytes: int | None = None
    ) -> HttpResponse:
        self.asked.append(path.removeprefix("/api/v2/tickets/7"))
        return HttpResponse(200, {}, msgspec.json.encode(self._answer(path, params or {})))

    def _answer(self, path: str, params: dict[str, str]) -> object:
        if path.endswith("comments.json"):
            return responses.CommentsPage(comments=self.comments, meta=responses.PageMeta(has_more=False), users=USERS)
        if not path.endswith("audits.json"):
            shown = msgspec.structs.replace(self.ticket, slas={"policy_metrics": []} if self._clocks else UNSET)
            return responses.OneTicket(shown, users=USERS[:3])
        if "sort" in params and self._refuses_sort:
            raise Rejected("sort is not valid")
        is_down = self._sorts and params.get("sort") == "-created_at"
        ordered = self.audits[::-1] if is_down else self.audits
        start, size = int(params.get("page[after]", "0")), int(params["page[size]"])
        end = start + size
        meta = responses.PageMeta(has_more=end < len(ordered), after_cursor=str(end))
        return responses.AuditsPage(audits=ordered[start:end], meta=meta, users=USERS)

    desk_name = "the desk"

    def reader(self) -> ConversationReader:
        client = ZendeskClient(self)  # type: ignore[arg-type] # what the client needs of a transport
        return ConversationReader(client, ChangeFeed(client, DESK), DESK)

    def listed(self) -> Ticket:
        """The ticket as a page of changes has it."""
        return self.reader().parse(self.ticket)


UNSET = msgspec.UNSET
Fetched = tuple[Ticket, Conversation, tuple[Person, ...]]


def fetch(history: TicketHistory) -> Fetched:
    return asyncio.run(history.reader().fetch(ticket_key(7), ConversationBudget()))


def refresh(
    history: TicketHistory, known: Fetched | None, *, has_clocks: bool = False, reader: ConversationReader | None = None
) -> Fetched:
    people = {person.id: person for person in (known or fetch(history))[2]}
    conversation = known[1] if known is not None else None
    history.asked.clear()
    asked = (reader or history.reader()).refresh(
        history.listed(), conversation, people, ConversationBudget(), has_clocks=has_clocks
    )
    return asyncio.run(asked)


@pytest.mark.parametrize("shape", [{}, {"sorts": False}, {"refuses_sort": True}])
@given(before=CHANGES, after=CHANGES)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_continuing_equals_fetching_whole(
    shape: dict[str, bool], before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    history = TicketHistory(**shape)
    assert refresh(history, None)[:2] == fetch(history)[:2]
    for change in before:
        history.change(**change)
    assert refresh(history, None)[:2] == fetch(history)[:2]
    known = fetch(history)
    for change in after:
        history.change(**change)
        is_told = change["other"] not in (SILENT, "CommentRedactionEvent", "Unheard")
        continued = refresh(history, known)
        asked = [each for each in history.asked if each != "/audits.json"]
        assert (not asked) is is_told
        assert continued[:2] == fetch(history)[:2]
        known = continued[0], continued[1], known[2]


def change(**fields: Any) -> dict[str, Any]:
    none: dict[str, Any] = dict.fromkeys(("comment", "status", "assignee", "other"))
    return {"author": 1, "seconds": 1, "channel": "web", "priority": "as it is", "tags": False, **none, **fields}


def test_many_new_audits_are_read_page_by_page() -> None:
    history = TicketHistory()
    known = fetch(history)
    for _ in range(50):
        history.change(**change(comment="note"))
    assert refresh(history, known)[:2] == fetch(history)[:2]


def test_one_change_on_a_long_ticket_is_one_page() -> None:
    history = TicketHistory()
    for _ in range(130):
        history.change(**change(comment="note"))
    known = fetch(history)
    history.change(**change(comment="public", assignee="3"))
    continued = refresh(history, known)
    assert history.asked == ["/audits.json"]
    assert continued[:2] == fetch(history)[:2]


def rewritten(history: TicketHistory) -> None:
    del history.audits[-2], history.comments[-2]


def merged(history: TicketHistory) -> None:
    history.ticket.status, history.ticket.tags = "closed", ["closed_by_merge"]


def with_old_status(history: TicketHistory) -> None:
    history.ticket.status = "hold"


def with_newer_audits(history: TicketHistory) -> None:
    assert history.ticket.updated_at is not None
    history.ticket.updated_at -= timedelta(milliseconds=500)


@pytest.mark.parametrize("happens", [rewritten, merged, with_old_status, with_newer_audits])
def test_where_the_audits_may_not_tell_all_everything_is_fetched(happens: Callable[[TicketHistory], None]) -> None:
    history = TicketHistory()
    history.change(**change(comment="public"))
    known = fetch(history)
    history.change(**change(comment="note"))
    happens(history)
    continued = refresh(history, known)
    assert "/comments.json" in history.asked
    assert continued[:2] == fetch(history)[:2]


@pytest.mark.parametrize(("clocks", "second"), [(False, ["/audits.json"]), (True, [".json", "/audits.json"])])
def test_a_desk_that_may_have_clocks_of_its_own_is_asked_for_the_ticket(clocks: bool, second: list[str]) -> None:
    history = TicketHistory(clocks=clocks)
    known, reader = fetch(history), history.reader()
    history.change(**change(comment="note"))
    continued = refresh(history, known, has_clocks=True, reader=reader)
    assert history.asked == [".json", "/audits.json"]
    history.change(**change(comment="note"))
    refresh(history, (*continued[:2], known[2]), has_clocks=True, reader=reader)
    assert history.asked == second


def test_a_conversation_of_an_older_cache_is_fetched_whole() -> None:
    history = TicketHistory()
    ticket, conversation, people = fetch(history)
    history.change(**change(comment="note"))
    refresh(history, (ticket, msgspec.structs.replace(conversation, initial_values=None), people))
    assert history.asked == [".json", "/comments.json", "/audits.json"]


def test_a_new_ticket_is_read_from_its_audits_alone() -> None:
    history = TicketHistory()
    read = refresh(history, None)
    assert history.asked == ["/audits.json"]
    assert read[:2] == fetch(history)[:2]
