"""`supporttui reply`, `note`, `move`, `assign`, `tag` and `attach`: one change of one ticket."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from supporttui.cli.desk_selection import select_desk
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.scripts.agents import find_assignee
from supporttui.cli.scripts.change_run import ChangeRun
from supporttui.cli.scripts.changes import (
    WantedChange,
    checked_files,
    is_unchanged,
    known_operation,
    message_change,
    refusal,
    unseen_operation,
    warning,
)
from supporttui.cli.scripts.list_and_show import is_unreachable
from supporttui.cli.scripts.local_copy import LocalCopy, open_local_copy, parse_typed_id
from supporttui.cli.scripts.output import label_of_id, print_json
from supporttui.cli.scripts.sending import Outcome, OutcomeKind, exit_of, send_run
from supporttui.cli.selected_desk import SelectedDesk
from supporttui.cli.standard_streams import report_done, say_error
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import DeskError, Unauthorised
from supporttui.presentation.ticket_facts import Facts
from supporttui.store.operations import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeArguments:
    """What all of these commands take."""

    command: str
    ticket: str
    """The number or the key, as typed."""
    as_json: bool = False
    is_dry_run: bool = False


def typed_or_stdin(text: str) -> str:
    """The text itself, or what stdin holds where it is a dash."""
    if text != "-":
        return text
    from supporttui.cli.standard_streams import read_standard_input

    return read_standard_input("Type the text, then ctrl+d on a line of its own:")


def one_text(*texts: str) -> str:
    """The text that was given, by whichever way. Raises CommandError where there are two."""
    given = [each for each in texts if each]
    if len(given) > 1:
        raise CommandError("the text is given twice; leave one out", Exit.USAGE)
    return typed_or_stdin(given[0]) if given else ""


def send_message(scope: GlobalOptions, typed: ChangeArguments, change: WantedChange) -> int:
    """Send a reply, a note or a move as it is: the desk decides. A dry run looks at the ticket."""
    target = select_desk(scope)
    ticket_id = parse_typed_id(typed.ticket, target)
    if typed.is_dry_run:
        return _change_known(target, typed, ticket_id, lambda _copy: change)
    operation = unseen_operation(change, ticket_id, datetime.now(UTC))
    return _send(target, typed, change, operation, "")


def send_note(
    scope: GlobalOptions, typed: ChangeArguments, text: str, status: str | None, files: tuple[str, ...]
) -> int:
    """Send an internal note. Raises CommandError where there is no text."""
    if not text.strip():
        raise CommandError("there is nothing to send; give the text of the note, or - for standard input", Exit.USAGE)
    return send_message(scope, typed, message_change(text, status, files, is_public=False))


def change_ticket(scope: GlobalOptions, typed: ChangeArguments, change: WantedChange) -> int:
    """Move a ticket, or change its tags or its severity, by what it is like now."""
    target = select_desk(scope)
    return _change_known(target, typed, parse_typed_id(typed.ticket, target), lambda _copy: change)


def assign_ticket(scope: GlobalOptions, typed: ChangeArguments, who: str) -> int:
    """Assign a ticket to somebody, or to nobody."""
    target = select_desk(scope)

    def change(copy: LocalCopy) -> WantedChange:
        assignee_id, name = find_assignee(copy, who)
        return WantedChange(assignee_id=assignee_id, assignee_name=name)

    return _change_known(target, typed, parse_typed_id(typed.ticket, target), change)


def attach_files(
    scope: GlobalOptions, typed: ChangeArguments, files: tuple[str, ...], text: str, *, is_public: bool
) -> int:
    """Attach files, with a message that carries them."""
    names = ", ".join(Path(each).name for each in files)
    change = WantedChange(body=text.strip() or f"Attached: {names}", is_public=is_public, files=checked_files(files))
    return send_message(scope, typed, change)


def _change_known(
    target: SelectedDesk, typed: ChangeArguments, ticket_id: TicketId, make: Callable[[LocalCopy], WantedChange]
) -> int:
    """Change a ticket that is looked at first."""
    with open_local_copy(target) as copy:
        problem = synchronised(copy)
        change = make(copy)
        ticket = copy.ticket(ticket_id)
        if ticket is None:
            ticket = _fetched(copy, ticket_id, problem)
        outcome = check(copy, change, ticket)
    if outcome is not None or typed.is_dry_run:
        return _report(target, typed, change, outcome or would_send(change, ticket, target.policy))
    if problem is not None:
        say_error(f"{problem} The ticket was looked at as it was known here.")
    operation = known_operation(change, ticket, target.policy, datetime.now(UTC))
    return _send(target, typed, change, operation, warning(change, ticket, target.policy))


def synchronised(copy: LocalCopy) -> DeskError | None:
    """Fetch what is new; why the desk could not be reached, where it was not. Raises DeskError for anything else."""
    try:
        copy.synchronise()
    except Unauthorised:
        raise
    except DeskError as error:
        if not is_unreachable(error):
            raise
        return error
    return None


def _fetched(copy: LocalCopy, ticket_id: TicketId, problem: DeskError | None) -> Ticket:
    """A ticket that is not on the board. Raises DeskError."""
    if problem is not None:
        raise problem
    return copy.fetch_conversation(ticket_id)


def check(copy: LocalCopy, change: WantedChange, ticket: Ticket) -> Outcome | None:
    """Why nothing is to be sent for a ticket; None where something is."""
    account = copy.account
    can_choose = account is None or account.capabilities.can_choose_status
    if can_choose:
        can_hold = account is None or account.capabilities.can_hold
        sentence = refusal(change, ticket, copy.rules.policy, can_hold=can_hold)
        if sentence:
            return Outcome(ticket_id=ticket.id, kind=OutcomeKind.REFUSED, sentence=sentence, code=Exit.REFUSED)
    if is_unchanged(change, ticket):
        return Outcome(ticket_id=ticket.id, kind=OutcomeKind.UNCHANGED, status=ticket.status)
    return None


def would_send(change: WantedChange, ticket: Ticket, policy: ServicePolicy) -> Outcome:
    """The outcome of a dry run."""
    status = change.status or ticket.status
    sentence = warning(change, ticket, policy)
    return Outcome(ticket_id=ticket.id, kind=OutcomeKind.WOULD_SEND, status=status, sentence=sentence)


def _send(target: SelectedDesk, typed: ChangeArguments, change: WantedChange, operation: Operation, warned: str) -> int:
    """Send an operation as a run of its own, and report what became of it."""
    ticket_id = operation.ticket_id
    key = ("one", typed.command, change.assignee_id, None if ticket_id is None else ticket_id.id, change.facts())
    run = ChangeRun.begin(
        target.files, key, datetime.now(UTC), is_state=change.body is None and operation.based_on is not None
    )
    try:
        outcomes = send_run(target, run, [replace(operation, id=run.operation_id(ticket_id))], change.name)
        (outcome,) = [each for each in outcomes if each.ticket_id == ticket_id]
        if not outcome.sentence and warned:
            outcome = replace(outcome, sentence=warned)
        return _report(target, typed, change, outcome)
    finally:
        run.end(target.files)


def _report(target: SelectedDesk, typed: ChangeArguments, change: WantedChange, outcome: Outcome) -> int:
    """Print what became of one change. Raises CommandError where it was not applied."""
    if typed.as_json:
        print_json(outcome_document(typed.command, change, [outcome], target.files.desk, is_dry_run=typed.is_dry_run))
    if outcome.code is not Exit.OK:
        raise CommandError(outcome.sentence, outcome.code)
    if not typed.as_json:
        report_done(outcome_line(target.policy, change, outcome))
    if outcome.sentence and not typed.as_json:
        say_error(outcome.sentence)
    return Exit.OK


def outcome_document(
    command: str,
    change: WantedChange,
    outcomes: Sequence[Outcome],
    desk: str,
    *,
    is_dry_run: bool,
    people: int | None = None,
) -> Facts:
    """The JSON document of a command that changes tickets."""
    counts = {kind.value: sum(each.kind is kind for each in outcomes) for kind in OutcomeKind}
    return {
        "command": command,
        "dry_run": is_dry_run,
        "exit": int(exit_of(outcomes)),
        "change": change.facts(),
        "people": people,
        "counts": counts,
        "results": [each.facts(desk) for each in outcomes],
    }


def outcome_line(policy: ServicePolicy, change: WantedChange, outcome: Outcome) -> str:
    """What became of one ticket, as `#1042 moved, now Closed`."""
    label = label_of_id(outcome.ticket_id)
    title = "" if outcome.status is None else policy.statuses[outcome.status].title
    done = safe_line(OutsideText(change.done))
    match outcome.kind:
        case OutcomeKind.SENT:
            return f"{label} {done}, now {title}"
        case OutcomeKind.SENT_BEFORE:
            return f"{label} {done} already"
        case OutcomeKind.UNCHANGED:
            return f"{label} is so already; nothing was sent"
        case OutcomeKind.WOULD_SEND:
            return f"{label} would be {done}, {title}"
    return f"{label} {outcome.kind.value}: {safe_line(OutsideText(outcome.sentence))}"
