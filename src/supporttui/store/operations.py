"""The records of the outbox: operations, their states and which state may follow which, and drafts."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec

from supporttui.domain.patch import MergePlan, TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId


class OperationState(Enum):
    """The state of an operation between the key press and the desk's answer."""

    HELD = "held"
    """Waiting out the undo window."""
    WITHDRAWN = "withdrawn"
    QUEUED = "queued"
    IN_FLIGHT = "in_flight"
    SENT = "sent"
    UNKNOWN = "unknown"
    """It may have been applied; nobody may repeat it before that is known."""
    CONFLICT = "conflict"
    """The ticket changed underneath; nothing was applied."""
    REJECTED = "rejected"
    """The desk refused; nothing was applied."""


FINAL_STATES = frozenset({OperationState.SENT, OperationState.WITHDRAWN})


class OperationKind(Enum):
    """What an operation does to the help desk."""

    UPDATE = "update"
    CREATE = "create"
    MERGE = "merge"


def new_operation_id() -> str:
    """A new id; it serves as the idempotency key and appears in the desk's audit."""
    import uuid

    return uuid.uuid4().hex


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One change. It is committed to disk before it is sent."""

    id: str
    kind: OperationKind
    created_at: datetime
    ticket_id: TicketId | None = None
    patch: TicketPatch = TicketPatch()
    """What it changes; of a CREATE the description, the severity and the files."""
    subject: str | None = None
    requester_email: str | None = None
    requester_name: str | None = None
    based_on: str | None = None
    """The ticket version that the user was looking at."""
    audit_mark: int | None = None
    """The desk's last audit on the ticket at that time."""
    state: OperationState = OperationState.QUEUED
    error: OutsideText | None = None
    """One sentence with the remedy; it may quote the desk."""
    attempts: int = 0
    follows: TicketId | None = None
    """Of a CREATE: the ticket, closed for good, that it follows up."""
    merge: MergePlan | None = None
    """Of a MERGE of `ticket_id`, of which it is the whole change."""
    result_ticket_id: TicketId | None = None
    """The ticket that a CREATE made."""
    first_attempt_at: datetime | None = None
    """When it was first sent, by the desk's clock: from then on the desk may know its id."""
    last_attempt_at: datetime | None = None
    """When it was last sent: what the desk has not applied a while after that, it will not apply any more."""
    doubts: int = 0
    """How many attempts have ended without telling whether they were applied, since a person last decided."""
    held_until: datetime | None = None
    """When its undo window ends, by this machine's clock; None where it has none."""
    is_intact: bool = True
    """Whether the body is what was committed, by its hash; a damaged one is shown and never sent."""
    came_from: Status | None = None
    """The status that a move leaves, to which it can be moved back."""


class StepState(Enum):
    """The state of one request of an operation."""

    PLANNED = "planned"
    BEGUN = "begun"
    """It may have been applied."""
    DONE = "done"


class RequestStep(msgspec.Struct, frozen=True):
    """One of the requests of an operation that its desk cannot do in one."""

    position: int
    state: StepState
    what: str
    """What it does, in words that follow "done:"."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Text that is being typed, kept from the first character on."""

    id: str
    updated_at: datetime
    ticket_id: TicketId | None
    """None for a new ticket."""
    is_public: bool = True
    body: str = ""
    status: Status | None = None
    fields: tuple[tuple[str, str], ...] = ()
    """The other fields of a form, by name."""


class StoreFiles(msgspec.Struct, frozen=True):
    """The paths of one desk's files."""

    desk: str
    """The short name of the desk, which is part of its tickets' keys."""
    cache: str
    outbox: str
    downloads: str
    """The folder into which attachments are saved."""
    sla_records: str
    """The record of finished SLA clocks, which is never thrown away."""

    @property
    def board_state(self) -> Path:
        """Where it is kept how the board was left."""
        return Path(self.outbox).with_name("board.json")


ALLOWED_TRANSITIONS: Final[Mapping[OperationState, frozenset[OperationState]]] = {
    OperationState.HELD: frozenset({OperationState.QUEUED, OperationState.WITHDRAWN}),
    # To REJECTED where it cannot even be sent: a file that belongs to it is gone.
    OperationState.QUEUED: frozenset({OperationState.IN_FLIGHT, OperationState.WITHDRAWN, OperationState.REJECTED}),
    # Back to QUEUED only where the desk applied nothing: never reached, or asked to wait.
    OperationState.IN_FLIGHT: frozenset(
        {
            OperationState.SENT,
            OperationState.QUEUED,
            OperationState.UNKNOWN,
            OperationState.CONFLICT,
            OperationState.REJECTED,
        }
    ),
    # On to QUEUED only where both attempts cannot apply, or where a person decided.
    OperationState.UNKNOWN: frozenset({OperationState.SENT, OperationState.QUEUED, OperationState.WITHDRAWN}),
    OperationState.CONFLICT: frozenset({OperationState.QUEUED, OperationState.WITHDRAWN}),
    OperationState.REJECTED: frozenset({OperationState.QUEUED, OperationState.WITHDRAWN}),
    OperationState.SENT: frozenset(),
    OperationState.WITHDRAWN: frozenset(),
}

REFUSED_STATES: Final = frozenset({OperationState.CONFLICT, OperationState.REJECTED})
"""The desk answered no: a person decides, and what was decided before they knew of it waits."""


def states_before(state: OperationState) -> tuple[OperationState, ...]:
    """The states from which this one may be entered."""
    return tuple(source for source, targets in ALLOWED_TRANSITIONS.items() if state in targets)


class TransitionRefused(Exception):
    """The operation is not in a state that allows the change; another window may have been first."""

    def __init__(self, operation_id: str, to: OperationState) -> None:
        super().__init__(f"Operation {operation_id} cannot become {to.value} from the state that it is in.")
