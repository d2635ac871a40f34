"""What an account has set up: custom fields of tickets, macros, and which agents are in which group.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/
"""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType, field

from supporttui.zendesk_api.responses import CustomFieldValue, Json, Page


class FieldOption(Struct, forbid_unknown_fields=True):
    """One of the choices of a field of type `tagger`; the value is what tickets have."""

    name: str
    value: str


class TicketFieldInput(Struct):
    """A custom field to be made."""

    title: str
    type: str
    description: str = ""
    active: bool = True
    custom_field_options: list[FieldOption] = field(default_factory=list)


class TicketFieldRequest(Struct):
    """The body of `POST ticket_fields`."""

    ticket_field: TicketFieldInput


class ListedOption(Struct):
    """A choice of a field, as a desk lists it."""

    id: int | None = None
    name: str = ""
    value: str = ""


class TicketField(Struct):
    """A field of tickets: one of the desk's own, which `removable` tells, or one that every ticket has."""

    id: int
    url: str = ""
    type: str = ""
    title: str = ""
    description: str = ""
    active: bool = True
    removable: bool = True
    required: bool = False
    custom_field_options: list[ListedOption] = field(default_factory=list)
    created_at: datetime | None = None
    updated_at: datetime | None = None


class TicketFieldsPage(Page, kw_only=True):
    """`GET ticket_fields`."""

    ticket_fields: list[TicketField]


class OneTicketField(Struct):
    """An answer with one field."""

    ticket_field: TicketField


class GroupMembership(Struct):
    """That an agent is in a group."""

    id: int
    user_id: int | None = None
    group_id: int | None = None
    default: bool = False


class GroupMembershipsPage(Page, kw_only=True):
    """`GET groups/{id}/memberships`."""

    group_memberships: list[GroupMembership]


class MacroAction(Struct):
    """One thing that a macro does; the value depends on the field."""

    field: str = ""
    value: Json = None


class MacroActionInput(Struct, forbid_unknown_fields=True):
    """One thing that a new macro does."""

    field: str
    value: Json = None


class MacroInput(Struct):
    """A macro to be made."""

    title: str
    actions: list[MacroActionInput]
    description: str | None = None
    active: bool = True


class MacroRequest(Struct):
    """The body of `POST macros`."""

    macro: MacroInput


class Macro(Struct):
    """A macro as a desk lists it."""

    id: int
    url: str = ""
    title: str = ""
    description: str | None = None
    active: bool = True
    actions: list[MacroAction] = field(default_factory=list)
    created_at: datetime | None = None
    updated_at: datetime | None = None


class MacrosPage(Page, kw_only=True):
    """`GET macros` and `macros/active`."""

    macros: list[Macro]


class OneMacro(Struct):
    """An answer with one macro."""

    macro: Macro


class PreviewedComment(Struct, omit_defaults=True):
    """The text that a macro would add, with its placeholders filled."""

    body: str = ""
    public: bool | UnsetType = UNSET
    """UNSET where the macro leaves it as it is."""


class PreviewedTicket(Struct, omit_defaults=True):
    """What a macro would change of a ticket; UNSET is what it leaves as it is."""

    id: int
    url: str = ""
    subject: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    priority: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    assignee_id: int | UnsetType | None = UNSET
    group_id: int | UnsetType | None = UNSET
    tags: list[str] | UnsetType = UNSET
    custom_fields: list[CustomFieldValue] | UnsetType = UNSET
    comment: PreviewedComment | UnsetType = UNSET


class MacroResult(Struct):
    """What a macro would do."""

    ticket: PreviewedTicket


class MacroPreview(Struct):
    """`GET tickets/{id}/macros/{macro_id}/apply`, which changes nothing."""

    result: MacroResult
