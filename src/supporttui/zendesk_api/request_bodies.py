"""The bodies of requests to the Zendesk Support API. UNSET leaves a property alone, None clears it."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class CommentInput(Struct, omit_defaults=True):
    """A comment to be added."""

    body: str | UnsetType = UNSET
    html_body: str | UnsetType = UNSET
    """The embedded desk keeps its text, where there is no `body`."""
    value: str | UnsetType = UNSET
    """An older name of `body`."""
    public: bool = True
    author_id: Id | UnsetType = UNSET
    """For agents only: the author in whose name the comment is written."""
    uploads: list[str] | UnsetType = UNSET


class RequesterInput(Struct, omit_defaults=True):
    """A requester by email; created where unknown."""

    email: str
    name: str | UnsetType = UNSET


class EmailCcInput(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A person who gets copies, or not any more; one of the two names them."""

    user_id: Id | UnsetType = UNSET
    user_email: str | UnsetType = UNSET
    user_name: str | UnsetType = UNSET
    action: Literal["put", "delete"] = "put"


class CustomFieldInput(Struct, forbid_unknown_fields=True):
    """The value of a custom field. None removes it."""

    id: Id
    value: str | bool | int | float | None = None


class TicketInput(Struct, omit_defaults=True):
    """The properties of a ticket that is created or changed."""

    subject: str | UnsetType = UNSET
    raw_subject: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    comment: CommentInput | UnsetType = UNSET
    status: str | UnsetType = UNSET
    priority: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    assignee_id: Id | UnsetType | None = UNSET
    assignee_email: str | UnsetType = UNSET
    group_id: Id | UnsetType | None = UNSET
    requester: RequesterInput | UnsetType = UNSET
    requester_id: Id | UnsetType = UNSET
    submitter_id: Id | UnsetType = UNSET
    problem_id: Id | UnsetType | None = UNSET
    email_ccs: list[EmailCcInput] | UnsetType = UNSET
    email_cc_ids: list[Id] | UnsetType = UNSET
    """As it was read; `email_ccs` changes it."""
    custom_fields: list[CustomFieldInput] | UnsetType = UNSET
    external_id: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType = UNSET
    additional_tags: list[str] | UnsetType = UNSET
    remove_tags: list[str] | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET
    """It becomes `metadata.custom` of the audit; the embedded desk keeps up to 16 kB of it."""
    safe_update: bool | UnsetType = UNSET
    updated_stamp: str | UnsetType = UNSET
    """The ticket's `updated_at` that the change was decided on; compared as an instant, to the second."""
    via_followup_source_id: Id | UnsetType = UNSET
    solved: bool | UnsetType = UNSET
    """In `requests` only."""


class TicketRequest(Struct):
    """The body of `POST tickets` and `PUT tickets/{id}`."""

    ticket: TicketInput


class RequestRequest(Struct):
    """The body of `POST requests` and `PUT requests/{id}`."""

    request: TicketInput


class OrganizationInput(Struct, omit_defaults=True):
    """An organisation by its name; created where unknown."""

    name: str


class OrganizationRequest(Struct):
    """The body of `POST organizations`."""

    organization: OrganizationInput


class UserInput(Struct, omit_defaults=True):
    """A person to be created or changed."""

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    external_id: str | UnsetType | None = UNSET
    organization_id: Id | UnsetType | None = UNSET
    organization: OrganizationInput | UnsetType = UNSET
    """The same by its name."""


class UserRequest(Struct):
    """The body of `POST users` and `users/create_or_update`."""

    user: UserInput
