"""The Zendesk Support API's JSON as types, for the client and for the embedded help desk alike.

Decoding is lenient: every field may be missing, and unknown fields are ignored. Request bodies are in `request_bodies`.
Types of which there are thousands have `gc=False`: nothing in them can be part of a reference cycle.
"""

from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

Json = Any
"""A decoded JSON value of no fixed shape: an event's old and new value, or custom metadata."""


class Via(Struct, gc=False):
    """The channel of a change. `rule` and `system` are the desk itself, not a person."""

    channel: str = "api"
    source: dict[str, Json] = field(default_factory=lambda: {"from": {}, "to": {}, "rel": None})


class MetricTime(Struct, gc=False):
    """One measured span, in the unit that its field names; None where it has not ended."""

    calendar: int | None = None
    business: int | None = None


class MetricSet(Struct, gc=False):
    """The metrics of a ticket."""

    id: int = 0
    ticket_id: int | None = None
    url: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    status_updated_at: datetime | None = None
    requester_updated_at: datetime | None = None
    """When the requester last wrote or changed something."""
    assignee_updated_at: datetime | None = None
    latest_comment_added_at: datetime | None = None
    initially_assigned_at: datetime | None = None
    assigned_at: datetime | None = None
    solved_at: datetime | None = None
    replies: int = 0
    """Public comments by agents, the description not counted."""
    reopens: int = 0
    group_stations: int = 0
    assignee_stations: int = 0
    reply_time_in_minutes: MetricTime = field(default_factory=MetricTime)
    reply_time_in_seconds: MetricTime = field(default_factory=MetricTime)
    """From creation to the first public reply of an agent. The embedded desk always fills it; Zendesk itself only for
    messaging tickets."""
    first_resolution_time_in_minutes: MetricTime = field(default_factory=MetricTime)
    full_resolution_time_in_minutes: MetricTime = field(default_factory=MetricTime)
    agent_wait_time_in_minutes: MetricTime = field(default_factory=MetricTime)
    requester_wait_time_in_minutes: MetricTime = field(default_factory=MetricTime)
    on_hold_time_in_minutes: MetricTime = field(default_factory=MetricTime)


class CustomFieldValue(Struct, gc=False):
    """What a ticket has in one custom field: a text, a flag, or a list of words; None where it has nothing."""

    id: int
    value: Json = None


class ZendeskTicket(Struct, gc=False):
    """A ticket. The status may also be `deleted`, in incremental exports only."""

    id: int
    url: str = ""
    external_id: str | None = None
    via: Via = field(default_factory=Via)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    """Whole seconds; it is the `updated_stamp` of a safe update."""
    generated_timestamp: int | None = None
    type: str | None = None
    subject: str | None = None
    raw_subject: str | None = None
    description: str | None = None
    priority: str | None = None
    status: str = ""
    """Empty where the answer does not tell it."""
    recipient: str | None = None
    requester_id: int | None = None
    submitter_id: int | None = None
    assignee_id: int | None = None
    organization_id: int | None = None
    group_id: int | None = None
    collaborator_ids: list[int] = field(default_factory=list)
    follower_ids: list[int] = field(default_factory=list)
    email_cc_ids: list[int] = field(default_factory=list)
    problem_id: int | None = None
    has_incidents: bool = False
    is_public: bool = True
    due_at: datetime | None = None
    tags: list[str] | UnsetType = UNSET
    """Always sent: UNSET where they cannot be read."""
    custom_fields: list[CustomFieldValue] = field(default_factory=list)
    satisfaction_rating: Json = None
    sharing_agreement_ids: list[int] = field(default_factory=list)
    followup_ids: list[int] = field(default_factory=list)
    brand_id: int | None = None
    allow_channelback: bool = False
    allow_attachments: bool = True
    from_messaging_channel: bool = False
    metric_set: MetricSet | UnsetType | None = UNSET
    """Only with `include=metric_sets`, on a single ticket and in incremental exports; lists have `metric_sets` beside
    the tickets instead."""
    slas: Json | UnsetType = UNSET
    """Only with `include=slas`, on a single ticket of an account with SLA policies."""
    metric_events: Json | UnsetType = UNSET
    """Only with `include=metric_events`, on a single ticket."""


class User(Struct, gc=False):
    """A person. End users see only the first few fields of others."""

    id: int
    url: str = ""
    name: str = ""
    email: str | None = None
    role: str = ""
    """Empty where the answer does not tell it."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    active: bool = True
    verified: bool = True
    suspended: bool = False
    time_zone: str | None = None
    iana_time_zone: str | None = None
    locale: str | None = None
    external_id: str | None = None
    organization_id: int | None = None
    default_group_id: int | None = None
    agent: bool | UnsetType = UNSET
    """Only beside the comments of a request, where Zendesk leaves the role out."""


class Organization(Struct):
    """For whom people work."""

    id: int
    url: str = ""
    name: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Group(Struct):
    """A team of agents."""

    id: int
    url: str = ""
    name: str = ""
    description: str = ""
    default: bool = False
    deleted: bool = False
    is_public: bool = True
    created_at: datetime | None = None
    updated_at: datetime | None = None


class ZendeskAttachment(Struct):
    """A file beside a comment."""

    id: int
    url: str = ""
    file_name: str = ""
    content_url: str = ""
    mapped_content_url: str | None = None
    content_type: str = "application/octet-stream"
    size: int = 0
    inline: bool = False
    deleted: bool = False
    width: int | str | None = None
    height: int | str | None = None
    thumbnails: list[Json] = field(default_factory=list)


class Comment(Struct):
    """One entry of a conversation: public, or an internal note."""

    id: int = 0
    type: str = "Comment"
    author_id: int | None = None
    body: str = ""
    html_body: str = ""
    plain_body: str = ""
    public: bool | UnsetType = UNSET
    """Always sent: UNSET where it cannot be read."""
    attachments: list[ZendeskAttachment] = field(default_factory=list)
    audit_id: int | None = None
    via: Via = field(default_factory=Via)
    created_at: datetime | None = None
    metadata: Json = None


class AuditEvent(Struct, omit_defaults=True):
    """One thing that an audit changed: `Create`, `Change`, `Comment` and more; the fields depend on the type."""

    id: int = 0
    type: str = ""
    field_name: str | UnsetType = UNSET
    value: Json = UNSET
    previous_value: Json = UNSET
    author_id: int | UnsetType | None = UNSET
    body: str | UnsetType = UNSET
    html_body: str | UnsetType = UNSET
    plain_body: str | UnsetType = UNSET
    public: bool | UnsetType = UNSET
    attachments: list[ZendeskAttachment] | UnsetType = UNSET
    via: Via | UnsetType = UNSET
    """Only where it differs from the audit's own."""


class AuditMetadata(Struct):
    """The metadata of a change; `custom` is the client's own."""

    system: dict[str, Json] = field(default_factory=dict)
    custom: dict[str, Json] = field(default_factory=dict)


class Audit(Struct):
    """One change of a ticket as a whole."""

    id: int
    ticket_id: int | None = None
    created_at: datetime | None = None
    author_id: int | None = None
    via: Via = field(default_factory=Via)
    metadata: AuditMetadata = field(default_factory=AuditMetadata)
    events: list[AuditEvent] = field(default_factory=list)


class PageMeta(Struct):
    """The cursors of a page of a cursor listing."""

    has_more: bool | UnsetType = UNSET
    """Always sent: UNSET where it cannot be read."""
    after_cursor: str | None = None
    before_cursor: str | None = None


class PageLinks(Struct):
    """The neighbours of a page of a cursor listing."""

    first: str | None = None
    last: str | None = None
    prev: str | None = None
    next: str | None = None


class Page(Struct, kw_only=True, omit_defaults=True):
    """What every listing has: `meta` and `links` by cursor, the other three by offset."""

    meta: PageMeta | UnsetType = UNSET
    links: PageLinks | UnsetType = UNSET
    count: int | UnsetType = UNSET
    next_page: str | UnsetType | None = UNSET
    previous_page: str | UnsetType | None = UNSET
    users: list[User] | UnsetType = UNSET
    """People named on the page, with `include=users`; in a users listing the page itself."""
    metric_sets: list[MetricSet] | UnsetType = UNSET
    groups: list[Group] | UnsetType = UNSET
    organizations: list[Organization] | UnsetType = UNSET
    """For whom the people on the page work, with `include=organizations`; in `GET organizations` the page itself."""


class TicketsPage(Page, kw_only=True):
    """`GET tickets` and `tickets/show_many`."""

    tickets: list[ZendeskTicket]


class UsersPage(Page, kw_only=True):
    """`GET users`, `users/show_many` and `users/search`; `users` is always there."""


class GroupsPage(Page, kw_only=True):
    """`GET groups`; `groups` is always there."""


class CommentsPage(Page, kw_only=True):
    """`GET tickets/{id}/comments`."""

    comments: list[Comment]


class AuditsPage(Page, kw_only=True):
    """`GET tickets/{id}/audits`."""

    audits: list[Audit]


class FoundTicket(ZendeskTicket, kw_only=True):
    """A ticket among search results."""

    result_type: str = "ticket"


class SearchPage(Page, kw_only=True):
    """`GET search`."""

    results: list[FoundTicket]
    facets: Json = None


class IncrementalTickets(Struct, kw_only=True):
    """`GET incremental/tickets/cursor`: changed tickets, oldest change first, deleted ones too."""

    tickets: list[ZendeskTicket]
    after_cursor: str | None = None
    before_cursor: str | None = None
    after_url: str | None = None
    before_url: str | None = None
    end_of_stream: bool | UnsetType = UNSET
    """Always sent: UNSET where it cannot be read."""
    users: list[User] | UnsetType = UNSET
    organizations: list[Organization] | UnsetType = UNSET


class OneTicket(Struct):
    """An answer with one ticket; `audit` only after a write, `users` only where they were asked for."""

    ticket: ZendeskTicket
    audit: Audit | UnsetType = UNSET
    users: list[User] | UnsetType = UNSET
    organizations: list[Organization] | UnsetType = UNSET


class OneComment(Struct):
    """An answer with one comment."""

    comment: Comment


class OneAudit(Struct):
    """An answer with one audit."""

    audit: Audit


class OneUser(Struct):
    """An answer with one person."""

    user: User


class OneGroup(Struct):
    """An answer with one group."""

    group: Group


class OneMetricSet(Struct):
    """`GET tickets/{id}/metrics`."""

    ticket_metric: MetricSet


class OneAttachment(Struct):
    """`GET attachments/{id}`."""

    attachment: ZendeskAttachment


class Upload(Struct):
    """Uploaded files that are not attached yet, by their token."""

    token: str
    attachment: ZendeskAttachment
    attachments: list[ZendeskAttachment] = field(default_factory=list)


class OneUpload(Struct):
    """`POST uploads`."""

    upload: Upload


class Count(Struct):
    """A count, and the time at which it was made."""

    value: int
    refreshed_at: datetime | None = None


class OneCount(Struct):
    """`GET tickets/count`."""

    count: Count
