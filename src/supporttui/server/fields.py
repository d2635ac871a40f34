"""What is asked of a ticket: a new one, a change, a comment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import UNSET, UnsetType


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentFields:
    """A comment to be added."""

    body: str
    is_public: bool = True
    author_id: int | None = None
    """None for the actor."""
    uploads: tuple[str, ...] = ()
    """Tokens of uploads that become its attachments."""
    via: str = "api"
    """`rule` for the desk itself: such a comment is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicketFields:
    """A ticket to be created; its comment is the description."""

    subject: str
    comment: CommentFields
    requester_id: int | None = None
    """None for the actor."""
    status: str | None = None
    """None for new, or open where somebody is assigned."""
    priority: str | None = None
    type: str | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    followup_source_id: int | None = None
    via: str = "api"
    custom: Mapping[str, Any] = field(default_factory=dict)
    """Kept with the audit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFields:
    """A change of a ticket; UNSET and, for the comment and the status, None leave alone."""

    comment: CommentFields | None = None
    status: str | None = None
    subject: str | UnsetType = UNSET
    priority: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    assignee_id: int | UnsetType | None = UNSET
    group_id: int | UnsetType | None = UNSET
    requester_id: int | UnsetType = UNSET
    external_id: str | UnsetType | None = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    additional_tags: tuple[str, ...] = ()
    removed_tags: tuple[str, ...] = ()
    based_on: datetime | None = None
    """The ticket's `updated_at` that this was decided on; refused where it has another one by now."""
    via: str = "api"
    custom: Mapping[str, Any] = field(default_factory=dict)
