"""Has operations sent from a command, and says what became of each."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Final

import msgspec

from supporttui.cli.calendar_cache import load_calendars
from supporttui.cli.exits import CommandError, Exit, as_command_error
from supporttui.cli.scripts.change_run import ChangeRun
from supporttui.cli.selected_desk import SelectedDesk
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.sla import SlaRules
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import DeskError, Interrupted, RateLimited, SendResult, Unauthorised, Unreachable
from supporttui.presentation.ticket_facts import Facts
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Operation, OperationState
from supporttui.store.outbox import Outbox
from supporttui.store.ticket_order import TicketOrder
from supporttui.sync.send_now import send_all_now, send_now
from supporttui.sync.sla_recorder import record_answer


class OutcomeKind(Enum):
    """What became of a change, or in a dry run what would."""

    SENT = "sent"
    SENT_BEFORE = "sent_before"
    """An earlier run of the same command, which was not reported, had it applied."""
    UNCHANGED = "unchanged"
    """There was nothing to do."""
    REFUSED = "refused"
    WAITING = "waiting"
    """In the outbox: it goes out when the desk is reached."""
    UNCONFIRMED = "unconfirmed"
    """It was sent, and no answer says whether it was applied: supporttui finds out."""
    WOULD_SEND = "would_send"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the change of one ticket."""

    ticket_id: TicketId | None
    """None for a ticket that was not created."""
    kind: OutcomeKind
    sentence: str = ""
    """Why it was not sent, or what is unusual about it; may quote what others wrote."""
    status: Status | None = None
    """The ticket's afterwards, where it is known."""
    operation_id: str | None = None
    code: Exit = Exit.OK

    def facts(self, desk: str) -> Facts:
        """It in JSON's own types."""
        return {
            "desk": desk,
            "ticket": None if self.ticket_id is None else self.ticket_id.id,
            "outcome": self.kind.value,
            "status": None if self.status is None else self.status.value,
            "reason": self.sentence or None,
            "operation": self.operation_id,
        }


KEPT: Final = "Nothing was applied; what you typed is kept, `supporttui status` shows it."
"""Said of what the desk has refused."""

_WORST_FIRST: Final = (
    Exit.UNCONFIRMED,
    Exit.CREDENTIALS,
    Exit.UNREACHABLE,
    Exit.REFUSED,
    Exit.CONFIGURATION,
    Exit.UNEXPECTED,
)
_KIND_OF_STATE: Final[Mapping[OperationState, tuple[OutcomeKind, Exit]]] = {
    OperationState.UNKNOWN: (OutcomeKind.UNCONFIRMED, Exit.UNCONFIRMED),
    OperationState.IN_FLIGHT: (OutcomeKind.UNCONFIRMED, Exit.UNCONFIRMED),
    OperationState.QUEUED: (OutcomeKind.WAITING, Exit.UNREACHABLE),
    OperationState.HELD: (OutcomeKind.WAITING, Exit.UNREACHABLE),
}


def exit_of(outcomes: Iterable[Outcome]) -> Exit:
    """The code of a command with these outcomes: the gravest of them."""
    codes = {each.code for each in outcomes} - {Exit.OK}
    return next((code for code in _WORST_FIRST if code in codes), Exit.OK if not codes else next(iter(codes)))


def send_run(
    target: SelectedDesk,
    run: ChangeRun,
    operations: Iterable[Operation],
    what: str,
    on_outcome: Callable[[Outcome], None] = lambda _outcome: None,
) -> list[Outcome]:
    """Send the operations of a run, and what an earlier run left open; what became of each, in that order."""
    outcomes: list[Outcome] = []

    def note(outcome: Outcome) -> None:
        outcomes.append(outcome)
        on_outcome(outcome)

    wanted = {each.id: each for each in operations}
    for each in run.found.values():
        if each.state is OperationState.SENT and each.id in wanted:
            note(_before(each))
        elif each.state in (OperationState.REJECTED, OperationState.CONFLICT) and each.id in wanted:
            says = each.error.raw if each.error is not None else ""  # outside: made safe by whoever says it
            note(_outcome(each, OutcomeKind.REFUSED, f"{says} {KEPT}", Exit.REFUSED))
        elif each.id not in wanted and each.state in _KIND_OF_STATE:
            wanted[each.id] = each
    decided = {each.operation_id for each in outcomes}
    left = [each for each in wanted.values() if each.id not in decided]
    if left:
        rules = _rules(target)
        send_all_now(
            target.open_desk,
            target.files,
            left,
            lambda operation, result: note(_told(target, rules, operation, result, what)),
        )
    return outcomes


def _before(operation: Operation) -> Outcome:
    ticket_id = operation.ticket_id or operation.result_ticket_id
    sentence = "An earlier run of this command, which was not reported, has sent it."
    return Outcome(ticket_id=ticket_id, kind=OutcomeKind.SENT_BEFORE, sentence=sentence, operation_id=operation.id)


def _outcome(operation: Operation, kind: OutcomeKind, sentence: str, code: Exit) -> Outcome:
    return Outcome(
        ticket_id=operation.ticket_id, kind=kind, sentence=sentence.strip(), operation_id=operation.id, code=code
    )


def _told(
    target: SelectedDesk, rules: SlaRules | None, operation: Operation, result: SendResult | DeskError, what: str
) -> Outcome:
    """The outcome of one operation, by what the outbox says of it where the desk did not take it."""
    if not isinstance(result, DeskError):
        _keep(target, rules, result)
        ticket = result.ticket
        return Outcome(ticket_id=ticket.id, kind=OutcomeKind.SENT, status=ticket.status, operation_id=operation.id)
    stop = _stop(result, what)
    with contextlib.closing(Outbox(target.files.outbox, target.files.desk)) as outbox:
        found = outbox.load(operation.id)
    kind, code = OutcomeKind.REFUSED, stop.code
    if found is not None and found.state in _KIND_OF_STATE:
        kind, code = _KIND_OF_STATE[found.state]
        if kind is OutcomeKind.WAITING and stop.code is not Exit.UNCONFIRMED:
            code = stop.code
    return _outcome(operation, kind, str(stop), code)


def send_operation(target: SelectedDesk, operation: Operation, what: str) -> SendResult:
    """Send one operation now. Raises CommandError, which says what became of it."""
    try:
        result = send_now(target.open_desk, target.files, operation)
    except DeskError as error:
        raise _stop(error, what) from error
    _keep(target, _rules(target), result)
    return result


def _rules(target: SelectedDesk) -> SlaRules | None:
    """The rules by which finished clocks are recorded; None where they cannot be had: the next window records then."""
    with contextlib.suppress(StoreProblem, CommandError):
        return SlaRules(target.policy, load_calendars(target.policy, datetime.now(UTC), target.files))
    return None


def _keep(target: SelectedDesk, rules: SlaRules | None, result: SendResult) -> None:
    """Record the clocks that ended, and have the local copy show what was changed."""
    with contextlib.suppress(StoreProblem):  # it was sent: the next window fetches it, and records the clocks
        if rules is None:
            return
        record_answer(target.files, rules, result.ticket)
        if not result.untold:
            with Cache(target.files.cache, target.files.desk, TicketOrder(BoardOrder(*rules))) as cache:
                cache.order.begin()
                cache.apply([result.ticket], result.people)


def _stop(error: DeskError, what: str) -> CommandError:
    """The error as a sentence with what became of the operation."""
    stop = as_command_error(error) or CommandError(str(error), Exit.UNEXPECTED)
    code = Exit.UNCONFIRMED if isinstance(error, Interrupted) else stop.code
    return CommandError(f"{_sentence(str(stop))} {_failure_outcome(error, what)}", code)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ")", "…")) else f"{text}."


def _failure_outcome(error: DeskError, what: str) -> str:
    """What became of an operation that was not carried out. Nothing that was typed is lost."""
    if isinstance(error, Unreachable | Unauthorised | RateLimited):
        return f"Nothing is lost: {what} is in the outbox and goes out when supporttui next reaches the desk."
    if isinstance(error, Interrupted):
        return f"Not confirmed: {what} is in the outbox, and supporttui finds out whether it arrived."
    return KEPT
