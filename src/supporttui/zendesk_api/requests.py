"""`/api/v2/requests`: tickets as their requester sees them, with what an end user may know of them and nothing else.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-requests/
"""

from datetime import datetime

from msgspec import Struct, field

from supporttui.zendesk_api.responses import Json, Page, Via


class ZendeskRequest(Struct, kw_only=True, gc=False):
    """A ticket for its requester: without tags, metrics, external id and channel of the agents' side."""

    id: int
    url: str = ""
    via: Via = field(default_factory=Via)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    type: str | None = None
    subject: str | None = None
    description: str | None = None
    priority: str | None = None
    status: str = "new"
    recipient: str | None = None
    requester_id: int | None = None
    assignee_id: int | None = None
    """None where end users are not told; the embedded desk never tells them."""
    group_id: int | None = None
    organization_id: int | None = None
    followup_source_id: int | None = None
    can_be_solved_by_me: bool = False
    is_public: bool = True
    due_at: datetime | None = None
    collaborator_ids: list[int] = field(default_factory=list)
    email_cc_ids: list[int] = field(default_factory=list)
    custom_fields: list[Json] = field(default_factory=list)


class OneRequest(Struct):
    """An answer with one of an end user's tickets."""

    request: ZendeskRequest


class RequestsPage(Page, kw_only=True):
    """`GET requests`, `requests/open`, `requests/solved` and `requests/search`: an end user's own tickets."""

    requests: list[ZendeskRequest]
