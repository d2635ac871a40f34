"""Which status a ticket of the desk gets, by the service policy."""

from typing import Final

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status
from supporttui.domain.workflow import status_after_assigning, status_after_customer
from supporttui.server.refusals import RecordInvalid

STATUSES: Final = {
    "new": Status.NEW,
    "open": Status.OPEN,
    "pending": Status.AWAITING_REPLY,
    "hold": Status.ON_HOLD,
    "solved": Status.CLOSED,
    "closed": Status.CLOSED,
}
WORDS: Final = {status: word for word, status in STATUSES.items() if word != "closed"}
PRIORITIES: Final = ("urgent", "high", "normal", "low")
TYPES: Final = ("problem", "incident", "question", "task")


def check_move(policy: ServicePolicy, current: str, wanted: str) -> None:
    """Raise RecordInvalid, with what is allowed instead, where a ticket may not go there."""
    if wanted not in STATUSES:
        raise RecordInvalid("status", f"Status: {wanted} is not one of {', '.join(STATUSES)}")
    if wanted == current:
        return
    if wanted == "closed":
        raise RecordInvalid("status", "Status: only the desk itself closes a ticket for good; set it to solved")
    moves = policy.statuses[STATUSES[current]].moves
    if STATUSES[wanted] not in moves:
        allowed = " or ".join(WORDS[each] for each in moves) or "nothing else"
        raise RecordInvalid("status", f"Status: {current} cannot become {wanted}; allowed from here: {allowed}")


def first_status(policy: ServicePolicy, wanted: str | None, *, is_assigned: bool) -> str:
    """The status of a new ticket. Raises RecordInvalid."""
    if wanted is None:
        return WORDS[status_after_assigning(policy, Status.NEW)] if is_assigned else "new"
    check_move(policy, "new", wanted)
    return wanted


def next_status(
    policy: ServicePolicy, current: str, wanted: str | None, *, by_agent: bool, replies: bool, assigns: bool
) -> str:
    """The status after a change: what was asked for, else what a public reply or an assignment brings about.

    Asking a New ticket to stay New is no choice. Raises RecordInvalid where the move is not allowed.
    """
    if wanted is not None and (wanted, current) != ("new", "new"):
        check_move(policy, current, wanted)
        return wanted
    if replies and not by_agent:
        return WORDS[status_after_customer(STATUSES[current])]
    if assigns or replies:
        return WORDS[status_after_assigning(policy, STATUSES[current])]
    return current


def check_choice(field: str, value: str | None, choices: tuple[str, ...]) -> None:
    """Raise RecordInvalid where a value is none of the choices; None is always one."""
    if value is not None and value not in choices:
        raise RecordInvalid(field, f"{field.capitalize()}: {value} is not one of {', '.join(choices)}")
