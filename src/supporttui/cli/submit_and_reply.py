"""`supporttui submit` and `supporttui reply`: write to the outbox first, then send."""

import contextlib
import mimetypes
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from supporttui.cli.calendar_cache import load_calendars
from supporttui.cli.desk_selection import select_desk
from supporttui.cli.exits import CommandError, Exit, as_command_error
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.selected_desk import SelectedDesk
from supporttui.cli.standard_streams import report_done, say_error
from supporttui.domain.patch import TicketPatch
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.sla import SlaRules
from supporttui.domain.ticket import STATUS_OF_SHORT_WORD, Status
from supporttui.domain.ticket_id import BadTicketId, TicketId, parse_ticket_id
from supporttui.helpdesks.base import DeskError, Interrupted, RateLimited, SendResult, Unauthorised, Unreachable
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Operation, OperationKind, new_operation_id
from supporttui.sync.send_now import send_now
from supporttui.sync.sla_recorder import record_answer

if TYPE_CHECKING:
    from supporttui.presentation.ticket.ticket_form import NewTicketForm

STATUS_BY_ARGUMENT = {word: status for word, status in STATUS_OF_SHORT_WORD.items() if status is not Status.NEW}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitArguments:
    """A new ticket as typed."""

    requester: str | None
    """None for the account itself."""
    subject: str
    severity: int
    description: str
    steps: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyArguments:
    """A reply, a note or a move as typed."""

    ticket: str
    """The number or the key."""
    body: str
    is_public: bool
    status: str | None
    files: tuple[str, ...]


def typed_or_stdin(text: str) -> str:
    """The text itself, or what stdin holds where it is a dash."""
    if text != "-":
        return text
    from supporttui.cli.standard_streams import read_standard_input

    return read_standard_input("Type the text, then ctrl+d on a line of its own:")


def submit_ticket(scope: GlobalOptions, typed: SubmitArguments) -> int:
    """Submit a ticket, and print its number."""
    from supporttui.presentation.ticket.ticket_form import creation_operation, form_problems, missing_recommended

    target = select_desk(scope)
    form = _form(target, typed)
    wrong = form_problems(form)
    if typed.severity not in target.policy.severities:
        wrong["severity"] = _severity_sentence(target.policy, typed.severity)
    if wrong:
        field, sentence = next(iter(wrong.items()))
        raise CommandError(f"{field}: {sentence}", Exit.USAGE)
    missing = missing_recommended(form)
    if missing:
        say_error(f"it would help to have {_listed(missing)}; a reply can still bring it")
    result = send_operation(target, creation_operation(form, {}, datetime.now(UTC)), "the ticket")
    report_done(f"{result.ticket.id.label} created")
    return Exit.OK


def answer_ticket(scope: GlobalOptions, typed: ReplyArguments) -> int:
    """Reply to a ticket, leave a note, or move it."""
    target = select_desk(scope)
    operation = _answer_operation(typed, _ticket_id(typed.ticket, target))
    result = send_operation(target, operation, _named(typed))
    title = target.policy.statuses[result.ticket.status].title
    report_done(f"{result.ticket.id.label} {_done(typed)}, now {title}")
    return Exit.OK


def _ticket_id(typed: str, target: SelectedDesk) -> TicketId:
    """The ticket that is meant. Raises CommandError."""
    try:
        return parse_ticket_id(typed, target.files.desk)
    except BadTicketId as problem:
        raise CommandError(str(problem), Exit.USAGE) from None


def _form(target: SelectedDesk, typed: SubmitArguments) -> "NewTicketForm":
    from supporttui.presentation.ticket.ticket_form import NewTicketForm

    pictures = tuple(path for path in typed.files if _is_picture(path))
    return NewTicketForm(
        requester=typed.requester if typed.requester is not None else target.own_email(),
        subject=typed.subject,
        severity=typed.severity,
        description=typed.description,
        steps=typed.steps,
        logs=tuple(path for path in typed.files if path not in pictures),
        screenshots=pictures,
    )


def _answer_operation(typed: ReplyArguments, ticket_id: TicketId) -> Operation:
    """The operation of an answer. Raises CommandError where there is nothing to do or something is wrong."""
    from supporttui.presentation.ticket.file_paths import FileProblem, check_file

    if typed.status is not None and typed.status not in STATUS_BY_ARGUMENT:
        known = ", ".join(STATUS_BY_ARGUMENT)
        raise CommandError(f"there is no status {typed.status}; write one of {known}", Exit.USAGE)
    if not typed.body.strip() and (typed.status is None or typed.files):
        raise CommandError("there is nothing to send; give the text with --body, or a move with --status", Exit.USAGE)
    try:
        files = tuple(str(check_file(path).path) for path in typed.files)
    except FileProblem as problem:
        raise CommandError(str(problem), Exit.USAGE) from problem
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.UPDATE,
        created_at=datetime.now(UTC),
        ticket_id=ticket_id,
        patch=TicketPatch(
            body=typed.body.strip() or None,
            is_public=typed.is_public,
            status=STATUS_BY_ARGUMENT[typed.status] if typed.status else None,
            files=files,
        ),
    )


def send_operation(target: SelectedDesk, operation: Operation, what: str) -> SendResult:
    """Send one operation now. Raises CommandError, which says what became of it."""
    try:
        result = send_now(target.open_desk, target.files, operation)
    except DeskError as error:
        stop = as_command_error(error) or CommandError(str(error), Exit.UNEXPECTED)
        raise CommandError(f"{_sentence(str(stop))} {_failure_outcome(error, what)}", stop.code) from error
    with contextlib.suppress(StoreProblem, CommandError):  # it was sent: the next window records the clocks
        rules = SlaRules(target.policy, load_calendars(target.policy, datetime.now(UTC), target.files))
        record_answer(target.files, rules, result.ticket)
    return result


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ")", "…")) else f"{text}."


def _failure_outcome(error: DeskError, what: str) -> str:
    """What became of an operation that was not carried out. Nothing that was typed is lost."""
    if isinstance(error, Unreachable | Unauthorised | RateLimited):
        return f"Nothing is lost: {what} is in the outbox and goes out when supporttui next reaches the desk."
    if isinstance(error, Interrupted):
        return f"Nothing is lost: {what} is in the outbox, and supporttui finds out whether it arrived."
    return "Nothing was applied; what you typed is kept, `supporttui status` shows it."


def _named(typed: ReplyArguments) -> str:
    """What an answer is, for a sentence about it."""
    if not typed.body.strip():
        return "the move"
    return "the reply" if typed.is_public else "the note"


def _done(typed: ReplyArguments) -> str:
    if not typed.body.strip():
        return "moved"
    return "replied to" if typed.is_public else "noted"


def _is_picture(path: str) -> bool:
    """Whether a file is a screenshot or a video, by its name."""
    kind, _ = mimetypes.guess_type(path)
    return kind is not None and kind.startswith(("image/", "video/"))


def _severity_sentence(policy: ServicePolicy, severity: int) -> str:
    rows = "; ".join(f"{number}: {row.meaning}" for number, row in sorted(policy.severities.items()))
    return f"there is no severity {severity}; choose one of {rows}"


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
