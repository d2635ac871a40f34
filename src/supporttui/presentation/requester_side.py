"""The board of a customer who works on their own tickets: its texts, and the capabilities that its keys need."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status, Ticket
from supporttui.domain.workflow import status_after_customer
from supporttui.helpdesks.base import Capabilities

REQUESTER_TITLES: Final = {
    Status.NEW: "Submitted",
    Status.OPEN: "With support",
    Status.AWAITING_REPLY: "Waiting for you",
    Status.ON_HOLD: "On hold",
    Status.CLOSED: "Closed",
}

REQUESTER_EMPTY_SENTENCES: Final = {
    Status.NEW: "Nothing waits to be looked at.",
    Status.OPEN: "Support works on nothing of yours.",
    Status.AWAITING_REPLY: "Nothing waits for you.",
    Status.ON_HOLD: "Nothing is on hold.",
}

CLOSING_EFFECT: Final = "Write on it later to reopen it."

BOARD_ACTION_NEEDS: Final[Mapping[tuple[str, tuple[object, ...]], str]] = {
    ("write", ("note",)): "can_note",
    ("assign_to_me", ()): "can_assign",
    ("mine", ()): "can_assign",
    ("what_first", ()): "can_assign",
}
"""The capability that a key of the board needs, by its action and parameters; without it the key is not offered."""

TICKET_ACTION_NEEDS: Final[Mapping[tuple[str, tuple[object, ...]], str]] = {
    ("write", (False,)): "can_note",
    ("ask", ("assign",)): "can_assign",
    ("ask", ("severity",)): "can_change_severity",
}


KEY_WORDS: Final[Mapping[str, str]] = {
    "board-reply": "write to support",
    "board-move": "close the ticket",
    "board-customer": "the tickets of who asked",
    "ticket-reply": "write to support",
    "ticket-move": "close the ticket",
}
"""What a key does for a customer, by the id of its binding, where that is something else than for the team."""

UNREAD_MARK: Final = "support wrote and you have not looked yet"


def is_offered(
    can: Capabilities,
    needs: Mapping[tuple[str, tuple[object, ...]], str],
    action: str,
    parameters: tuple[object, ...],
) -> bool:
    """Whether the desk has the capability that an action needs."""
    need = needs.get((action, parameters))
    return need is None or bool(getattr(can, need))


def requester_policy(policy: ServicePolicy) -> ServicePolicy:
    """Return the policy for a requester: with titles for a customer, and closing as the only move.

    The published target of the first response stays, counted from public messages. Further targets and pauses by status
    are removed, since they need a history that requesters cannot read.
    """
    statuses = {
        status: replace(
            known,
            title=REQUESTER_TITLES[status],
            moves=() if status is Status.CLOSED else (Status.CLOSED,),
        )
        for status, known in policy.statuses.items()
    }
    severities = {number: replace(row, more={}) for number, row in policy.severities.items()}
    return replace(policy, statuses=statuses, severities=severities, pause_on={})


def own_message_effect(ticket: Ticket, chosen: Status | None, policy: ServicePolicy) -> str:
    """Return what a requester's message does to their ticket."""
    after = chosen or status_after_customer(ticket.status)
    title = policy.statuses[after].title
    if after is Status.CLOSED:
        return f"If you send now: the ticket is closed. {CLOSING_EFFECT}"
    if ticket.status is Status.CLOSED:
        return f"If you send now: the ticket is reopened, as {title}."
    return f"If you send now: support gets it; the ticket {'stays' if after is ticket.status else 'is then'} {title}."
