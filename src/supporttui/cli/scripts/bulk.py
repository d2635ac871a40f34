"""`supporttui bulk`: one change of many tickets. What is refused is said first, and what is left is sent in order."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from supporttui.cli.desk_selection import select_desk
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.scripts.agents import find_assignee
from supporttui.cli.scripts.change_commands import check, outcome_document, outcome_line, synchronised, would_send
from supporttui.cli.scripts.change_run import ChangeRun
from supporttui.cli.scripts.changes import (
    WantedChange,
    known_operation,
    message_change,
    parse_status,
    severity_change,
    tag_change,
)
from supporttui.cli.scripts.list_and_show import is_unreachable
from supporttui.cli.scripts.local_copy import LocalCopy, open_local_copy, parse_filter, parse_typed_id
from supporttui.cli.scripts.output import print_json
from supporttui.cli.scripts.sending import Outcome, OutcomeKind, exit_of, send_run
from supporttui.cli.selected_desk import SelectedDesk
from supporttui.cli.standard_streams import read_standard_input, report_done, say_error
from supporttui.domain.query.selection import SortBy
from supporttui.domain.ticket import Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import DeskError, Unauthorised
from supporttui.store.operations import Operation

MOST_TICKETS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkArguments:
    """What is to be changed, and how, as typed."""

    tickets: Sequence[str]
    """Numbers or keys; `-` for those of standard input."""
    filter: str | None
    move: str | None = None
    assign: str | None = None
    tags: Sequence[str] = ()
    severity: int | None = None
    reply: str | None = None
    note: str | None = None
    status: str | None = None
    """To which a reply or a note moves the tickets."""
    yes_to: int | None = None
    is_dry_run: bool = False
    as_json: bool = False


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What will be sent, and what will not."""

    change: WantedChange
    outcomes: tuple[Outcome, ...]
    """Of what is not to be sent; in a dry run of everything."""
    operations: tuple[Operation, ...]
    people: int
    """How many people have asked for the tickets that are to be changed."""


def change_many(scope: GlobalOptions, typed: BulkArguments) -> int:
    """Change tickets; the exit code is the gravest of what became of them."""
    _check_arguments(typed)
    target = select_desk(scope)
    named = _named(typed, target)
    with open_local_copy(target) as copy:
        problem = synchronised(copy)
        if problem is not None and copy.age() is None:
            raise problem
        plan = _plan(copy, typed, named)
    if problem is not None:
        say_error(f"{problem} The tickets were looked at as they were known here.")
    if typed.is_dry_run:
        return _report(target, typed, plan, plan.outcomes)
    if not typed.as_json:
        for each in plan.outcomes:
            report_done(outcome_line(target.policy, plan.change, each))
    _confirm(typed, plan)
    key, is_state = ("bulk", plan.change.assignee_id, plan.change.facts()), plan.change.body is None
    run = ChangeRun.begin(target.files, key, datetime.now(UTC), is_state=is_state)
    if run.is_continued:
        say_error(f"going on with the run that began at {run.begun_at:%Y-%m-%d %H:%M:%S} UTC and was not reported")
    try:
        operations = [replace(each, id=run.operation_id(each.ticket_id)) for each in plan.operations]
        sent = send_run(target, run, operations, plan.change.name, _told_at_once(target, typed, plan.change))
        ended = {each.ticket_id for each in sent}
        return _report(target, typed, plan, (*(each for each in plan.outcomes if each.ticket_id not in ended), *sent))
    finally:
        run.end(target.files)


def _told_at_once(target: SelectedDesk, typed: BulkArguments, change: WantedChange) -> Callable[[Outcome], None]:
    """Says what became of each ticket as soon as that is known; a program gets one document at the end."""
    if typed.as_json:
        return lambda _outcome: None
    return lambda outcome: report_done(outcome_line(target.policy, change, outcome))


def _check_arguments(typed: BulkArguments) -> None:
    """Raises CommandError where it is not one change of tickets that are named in one way."""
    given = (typed.move, typed.assign, typed.tags or None, typed.severity, typed.reply, typed.note)
    if sum(each is not None for each in given) != 1:
        what = "--move, --assign, --tag, --severity, --reply or --note"
        raise CommandError(f"a bulk makes one change; give one of {what}", Exit.USAGE)
    if typed.status is not None and typed.reply is None and typed.note is None:
        raise CommandError("--status goes with --reply or --note; a move alone is --move", Exit.USAGE)
    if bool(typed.tickets) == (typed.filter is not None):
        raise CommandError("which tickets? name them, or give --filter, or - for those of standard input", Exit.USAGE)
    if "-" in typed.tickets and "-" in (typed.reply, typed.note):
        raise CommandError("standard input holds the tickets or the text, not both; put one elsewhere", Exit.USAGE)


def _named(typed: BulkArguments, target: SelectedDesk) -> tuple[TicketId, ...]:
    """The tickets that are named, each once. Raises CommandError."""
    words = [each for each in typed.tickets if each != "-"]
    if "-" in typed.tickets:
        words += _words_of_input(read_standard_input("Type the numbers, then ctrl+d on a line of its own:"))
    found = tuple(dict.fromkeys(parse_typed_id(each, target) for each in words))
    if len(found) > MOST_TICKETS:
        raise CommandError(f"{len(found):,} tickets are more than one bulk takes ({MOST_TICKETS:,})", Exit.USAGE)
    if not found and typed.filter is None:
        raise CommandError("standard input names no ticket", Exit.USAGE)
    return found


def _words_of_input(text: str) -> list[str]:
    """The first word of each line, as `list` prints them; or the tickets of a document that `list --json` prints."""
    if not text.lstrip().startswith("{"):
        return [line.split()[0] for line in text.splitlines() if line.strip()]
    try:
        return [str(each["ticket"]) for each in json.loads(text)["tickets"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CommandError("standard input is no document of `supporttui list --json`", Exit.USAGE) from None


def _plan(copy: LocalCopy, typed: BulkArguments, named: Sequence[TicketId]) -> _Plan:
    change = _change(copy, typed)
    tickets, missing = _tickets(copy, typed, named)
    outcomes, sendable = list(missing), list[Ticket]()
    for ticket in tickets:
        outcome = check(copy, change, ticket)
        if outcome is None:
            sendable.append(ticket)
            outcome = would_send(change, ticket, copy.rules.policy) if typed.is_dry_run else None
        outcomes += [outcome] if outcome is not None else []
    now = datetime.now(UTC)
    return _Plan(
        change=change,
        outcomes=tuple(outcomes),
        operations=tuple(known_operation(change, each, copy.rules.policy, now) for each in sendable),
        people=len({each.requester_id for each in sendable}),
    )


def _change(copy: LocalCopy, typed: BulkArguments) -> WantedChange:
    """The one change. Raises CommandError."""
    if typed.move is not None:
        return WantedChange(status=parse_status(typed.move))
    if typed.assign is not None:
        assignee_id, name = find_assignee(copy, typed.assign)
        return WantedChange(assignee_id=assignee_id, assignee_name=name)
    if typed.severity is not None:
        return severity_change(copy.rules.policy, typed.severity)
    if typed.tags:
        return tag_change(typed.tags)
    text = typed.reply if typed.reply is not None else typed.note or ""
    body = read_standard_input("Type the text, then ctrl+d on a line of its own:") if text == "-" else text
    if not body.strip():
        raise CommandError("there is nothing to send; the text is empty", Exit.USAGE)
    return message_change(body, typed.status, (), is_public=typed.reply is not None)


def _tickets(
    copy: LocalCopy, typed: BulkArguments, named: Sequence[TicketId]
) -> tuple[list[Ticket], Iterable[Outcome]]:
    """The tickets that are meant, and why some are not there. Raises DeskError where that cannot be found out."""
    if typed.filter is not None:
        return copy.find(parse_filter([typed.filter]), SortBy.ID, is_live=False), ()
    known = {each.id: each for each in copy.cache.load_tickets_by_id(named)}
    missing = []
    for ticket_id in named:
        if ticket_id in known:
            continue
        try:
            known[ticket_id] = copy.fetch_conversation(ticket_id)
        except DeskError as error:
            if is_unreachable(error) or isinstance(error, Unauthorised):
                raise
            missing.append(
                Outcome(ticket_id=ticket_id, kind=OutcomeKind.REFUSED, sentence=str(error), code=Exit.REFUSED)
            )
    return [known[each] for each in named if each in known], missing


def _confirm(typed: BulkArguments, plan: _Plan) -> None:
    """Have the number of people typed to whom a reply goes. Raises CommandError where it is another."""
    replies = len(plan.operations)
    if typed.reply is None or replies < 2:
        return
    people = f"{plan.people} people" if plan.people != 1 else "one person"
    said = f"{replies} replies go to {people}"
    if typed.yes_to is None:
        if not (sys.stdin.isatty() and sys.stderr.isatty()) or "-" in typed.tickets:
            raise CommandError(f"{said}; nothing was sent: say so with --yes-to {plan.people}", Exit.USAGE)
        say_error(f"{said}; type their number to send: ")
        answer = sys.stdin.readline().strip()
        confirmed = answer == str(plan.people)
    else:
        confirmed = typed.yes_to == plan.people
    if not confirmed:
        raise CommandError(f"{said}, which is another number; nothing was sent", Exit.USAGE)


def _report(target: SelectedDesk, typed: BulkArguments, plan: _Plan, outcomes: Sequence[Outcome]) -> int:
    """Print the document, or the counts; the lines were printed as they came."""
    code = exit_of(outcomes)
    if typed.as_json:
        name, dry_run = target.files.desk, typed.is_dry_run
        print_json(outcome_document("bulk", plan.change, outcomes, name, is_dry_run=dry_run, people=plan.people))
        return code
    if typed.is_dry_run:
        for each in outcomes:
            report_done(outcome_line(target.policy, plan.change, each))
    counted = ((kind, sum(each.kind is kind for each in outcomes)) for kind in OutcomeKind)
    words = [f"{number} {kind.value.replace('_', ' ')}" for kind, number in counted if number]
    counted_tickets = f"{len(outcomes)} ticket{'' if len(outcomes) == 1 else 's'}"
    people = f"; to {plan.people} people, for --yes-to" if typed.is_dry_run and typed.reply is not None else ""
    say_error(f"{counted_tickets}: {', '.join(words) or 'nothing to do'}{people}")
    return code
