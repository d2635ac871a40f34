"""The form of a new ticket as values: its problems, its recommendations, and the operation that it sends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from typing import Final

from supporttui.domain.patch import TicketPatch
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket import Person, Role
from supporttui.presentation.ticket.file_paths import FileProblem, check_file
from supporttui.store.operations import Draft, Operation, OperationKind, new_operation_id

MAX_SUBJECT: Final = 150
STEPS_HEADING: Final = "Steps to reproduce:"
LOGS_RECOMMENDED_FOR: Final = (1, 2)


@dataclass(frozen=True, slots=True)
class NewTicketForm:
    """The fields as typed."""

    requester: str = ""
    subject: str = ""
    severity: int | None = None
    description: str = ""
    steps: str = ""
    logs: tuple[str, ...] = ()
    screenshots: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether discarding it would lose nothing."""
        return self == replace(NewTicketForm(), severity=self.severity)


def form_problems(form: NewTicketForm) -> dict[str, str]:
    """Return one sentence for each field that prevents sending, in the order of the form."""
    found: dict[str, str] = {}
    if not form.requester.strip():
        found["requester"] = "Type the e-mail address of the person who asks."
    elif not is_address(requester_of(form.requester)[1]):
        found["requester"] = "This is not an e-mail address; type one such as dana@example.com."
    if not form.subject.strip():
        found["subject"] = "Type a subject: one line that tells this ticket from others."
    elif len(form.subject) > MAX_SUBJECT:
        found["subject"] = f"The subject has {len(form.subject)} characters; shorten it to {MAX_SUBJECT}."
    if form.severity is None:
        found["severity"] = "Choose a severity with 1, 2, 3 or 4: it decides the time to the first response."
    if not form.description.strip():
        found["description"] = "Describe what happens and what was expected instead."
    for field, paths in (("logs", form.logs), ("screenshots", form.screenshots)):
        sentence = _first_file_problem(paths)
        if sentence:
            found[field] = sentence
    return found


def missing_recommended(form: NewTicketForm) -> list[str]:
    """Return recommended fields that are empty; they do not prevent sending."""
    missing = []
    if not form.steps.strip():
        missing.append("steps to reproduce")
    if form.severity in LOGS_RECOMMENDED_FOR and not form.logs:
        missing.append(f"a log (urged for severity {form.severity})")
    if not form.screenshots:
        missing.append("a screenshot or video")
    return missing


def requester_of(typed: str) -> tuple[str | None, str]:
    """Split `Dana Reyes <dana@example.com>` into the name, None if there is none, and the address."""
    name, address = parseaddr(typed.strip())
    return name or None, address


def is_address(text: str) -> bool:
    """Whether this is a plausible e-mail address; only the help desk knows whether it exists."""
    local, at, domain = text.partition("@")
    return bool(local and at and domain) and "@" not in domain and not any(part.isspace() for part in text)


def matching_people(people: Iterable[Person], typed: str, most: int) -> list[Person]:
    """Return known people whose address or name contains the text; those whose address begins with it come first."""
    wanted = typed.strip().casefold()
    if not wanted:
        return []
    found: list[tuple[bool, bool, str, Person]] = []
    for person in people:
        address, name = safe_line(person.email).casefold(), safe_line(person.name).casefold()
        if address and (wanted in address or wanted in name):
            found.append((not address.startswith(wanted), person.role is not Role.END_USER, address, person))
    return [person for *_, person in sorted(found, key=lambda one: one[:3])[:most]]


def completed_requester(people: Iterable[Person], typed: str) -> str:
    """Return the address of the only known person who matches; the text as typed if that is ambiguous."""
    text = typed.strip()
    if not text or is_address(requester_of(text)[1]):
        return text
    matches = matching_people(people, text, 2)
    return safe_line(matches[0].email) if len(matches) == 1 else text


def person_hint(person: Person) -> str:
    """Return a known person in one line."""
    parts = [safe_line(person.name), safe_line(person.email)]
    if person.organization:
        parts.append(safe_line(person.organization))
    return " · ".join(part for part in parts if part)


def severity_rows(policy: ServicePolicy) -> dict[int, tuple[str, str]]:
    """Return each severity's target and meaning."""
    return {number: (row.target_text, row.meaning) for number, row in sorted(policy.severities.items())}


def full_description(form: NewTicketForm) -> str:
    """Return the description, followed by the steps to reproduce."""
    parts = [form.description.strip()]
    if form.steps.strip():
        parts.append(f"{STEPS_HEADING}\n{form.steps.strip()}")
    return "\n\n".join(parts)


def creation_operation(form: NewTicketForm, people: Mapping[int, Person], now: datetime) -> Operation:
    """Return the operation that creates the ticket. The form must have no problems."""
    name, address = requester_of(form.requester)
    known = next((one for one in people.values() if safe_line(one.email).casefold() == address.casefold()), None)
    return Operation(
        id=new_operation_id(),
        kind=OperationKind.CREATE,
        created_at=now,
        subject=form.subject.strip(),
        patch=TicketPatch(body=full_description(form), severity=form.severity, files=(*form.logs, *form.screenshots)),
        requester_email=address,
        requester_name=known.name.raw if known else name,  # outside: sent back to where it came from, not shown
    )


def form_from_operation(operation: Operation) -> NewTicketForm:
    """Fill the form from a creation that was refused."""
    description, _, steps = (operation.patch.body or "").partition(f"\n\n{STEPS_HEADING}\n")
    return NewTicketForm(
        requester=operation.requester_email or "",
        subject=operation.subject or "",
        severity=operation.patch.severity,
        description=description,
        steps=steps,
        logs=operation.patch.files,
    )


def form_draft(form: NewTicketForm, draft_id: str, now: datetime) -> Draft:
    """Return the draft that saves the form."""
    fields = {
        "requester": form.requester,
        "subject": form.subject,
        "severity": "" if form.severity is None else str(form.severity),
        "steps": form.steps,
        "logs": "\n".join(form.logs),
        "screenshots": "\n".join(form.screenshots),
    }
    return Draft(id=draft_id, updated_at=now, ticket_id=None, body=form.description, fields=tuple(fields.items()))


def form_from_draft(draft: Draft) -> NewTicketForm:
    """Restore the form from a draft."""
    fields = dict(draft.fields)
    severity = fields.get("severity", "")
    return NewTicketForm(
        requester=fields.get("requester", ""),
        subject=fields.get("subject", ""),
        severity=int(severity) if severity.isdecimal() else None,
        description=draft.body,
        steps=fields.get("steps", ""),
        logs=_paths(fields.get("logs", "")),
        screenshots=_paths(fields.get("screenshots", "")),
    )


def _paths(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line)


def _first_file_problem(paths: Iterable[str]) -> str:
    for path in paths:
        try:
            check_file(path)
        except FileProblem as problem:
            return str(problem)
    return ""
