"""`supporttui submit`: a new ticket."""

import mimetypes
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec.structs import replace

from supporttui.cli.desk_selection import select_desk
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.scripts.change_commands import outcome_document
from supporttui.cli.scripts.change_run import ChangeRun
from supporttui.cli.scripts.changes import WantedChange, severity_sentence
from supporttui.cli.scripts.output import label_of_id, print_json
from supporttui.cli.scripts.sending import Outcome, OutcomeKind, send_run
from supporttui.cli.selected_desk import SelectedDesk
from supporttui.cli.standard_streams import report_done, say_error
from supporttui.presentation.ticket.ticket_form import (
    NewTicketForm,
    creation_operation,
    form_problems,
    missing_recommended,
)


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
    as_json: bool = False
    is_dry_run: bool = False


def submit_ticket(scope: GlobalOptions, typed: SubmitArguments) -> int:
    """Submit a ticket, and print its number."""
    target = select_desk(scope)
    form = _form(target, typed)
    wrong = form_problems(form)
    if typed.severity not in target.policy.severities:
        wrong["severity"] = severity_sentence(target.policy, typed.severity)
    if wrong:
        field, sentence = next(iter(wrong.items()))
        raise CommandError(f"{field}: {sentence}", Exit.USAGE)
    missing = missing_recommended(form)
    if missing:
        say_error(f"it would help to have {_listed(missing)}; a reply can still bring it")
    if typed.is_dry_run:
        return _report(target, typed, Outcome(ticket_id=None, kind=OutcomeKind.WOULD_SEND))
    operation = creation_operation(form, {}, datetime.now(UTC))
    key = ("submit", form.requester, form.subject, form.severity, operation.patch.body, typed.files)
    run = ChangeRun.begin(target.files, key, datetime.now(UTC), is_state=False)
    try:
        (outcome,) = send_run(target, run, [replace(operation, id=run.operation_id(None))], "the ticket")
        return _report(target, typed, outcome)
    finally:
        run.end(target.files)


def _report(target: SelectedDesk, typed: SubmitArguments, outcome: Outcome) -> int:
    change = WantedChange(body=typed.description.strip(), severity=typed.severity, files=typed.files)
    if typed.as_json:
        document = outcome_document("submit", change, [outcome], target.files.desk, is_dry_run=typed.is_dry_run)
        print_json(document)
    if outcome.code is not Exit.OK:
        raise CommandError(outcome.sentence, outcome.code)
    if not typed.as_json:
        done = "would be created" if typed.is_dry_run else "created"
        report_done(f"{label_of_id(outcome.ticket_id)} {done}")
    return Exit.OK


def _form(target: SelectedDesk, typed: SubmitArguments) -> NewTicketForm:
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


def _is_picture(path: str) -> bool:
    """Whether a file is a screenshot or a video, by its name."""
    kind, _ = mimetypes.guess_type(path)
    return kind is not None and kind.startswith(("image/", "video/"))


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
