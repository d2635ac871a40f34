"""Which state of an operation may follow which: the only way through the outbox."""

from collections.abc import Mapping
from typing import Final

from supporttui.store.records import OperationState as State

ALLOWED: Final[Mapping[State, frozenset[State]]] = {
    State.HELD: frozenset({State.QUEUED, State.WITHDRAWN}),
    # To REJECTED where it cannot even be sent: a file that belongs to it is gone.
    State.QUEUED: frozenset({State.IN_FLIGHT, State.WITHDRAWN, State.REJECTED}),
    # Back to QUEUED only where the desk applied nothing: never reached, or asked to wait.
    State.IN_FLIGHT: frozenset({State.SENT, State.QUEUED, State.UNKNOWN, State.CONFLICT, State.REJECTED}),
    # On to QUEUED only where both attempts cannot apply, or where a person decided.
    State.UNKNOWN: frozenset({State.SENT, State.QUEUED, State.WITHDRAWN}),
    State.CONFLICT: frozenset({State.QUEUED, State.WITHDRAWN}),
    State.REJECTED: frozenset({State.QUEUED, State.WITHDRAWN}),
    State.SENT: frozenset(),
    State.WITHDRAWN: frozenset(),
}

SETTLED: Final = frozenset({State.CONFLICT, State.REJECTED})
"""The desk answered no: a person decides, and what was decided before they knew of it waits."""


def sources_of(state: State) -> tuple[State, ...]:
    """The states from which this one may be entered."""
    return tuple(source for source, targets in ALLOWED.items() if state in targets)


class TransitionRefused(Exception):
    """The operation is not in a state that allows the change; another window may have been first."""

    def __init__(self, operation_id: str, to: State) -> None:
        super().__init__(f"Operation {operation_id} cannot become {to.value} from the state that it is in.")
