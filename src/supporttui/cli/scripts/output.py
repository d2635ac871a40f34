"""What the commands for scripts print: one JSON document of a documented version, or lines that are safe to read."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from supporttui.cli.standard_streams import say_error
from supporttui.domain.clock_text import elapsed_text
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import OutsideText, safe, safe_line
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import DeskError
from supporttui.presentation.ticket_facts import Facts
from supporttui.sync.status import sentence_of

JSON_VERSION: Final = 1
"""Of all shapes; it rises when a key is renamed, left out, or means something else."""


def print_json(document: Mapping[str, object]) -> None:
    """Print one document. All but ASCII is escaped: what acts on a terminal does not reach one."""
    print(json.dumps({"version": JSON_VERSION, **document}, indent=2, ensure_ascii=True), flush=True)


def say_age(age: timedelta | None, problem: DeskError | None) -> None:
    """Say on standard error how old a copy is that could not be brought up to date."""
    if problem is not None and age is not None:
        say_error(f"{sentence_of(problem)} This is what was known {elapsed_text(age)} ago.")


def ticket_line(facts: Mapping[str, Any], policy: ServicePolicy) -> str:
    """A ticket in one line, its number first."""
    severity = "-" if facts["severity"] is None else str(facts["severity"])
    status = policy.statuses[Status(facts["status"])].title
    clock = "" if facts["clock"] is None else facts["clock"]["text"]
    assignee = "nobody" if facts["assignee"] is None else person_text(facts["assignee"])
    return f"{label_of(facts):<7} {severity}  {status:<20} {clock:<20} {assignee[:18]:<18}  {plain(facts['subject'])}"


def ticket_lines(facts: Mapping[str, Any], policy: ServicePolicy) -> Iterator[str]:
    """The facts of a ticket, one a line."""
    yield f"{label_of(facts)}  {plain(facts['subject'])}"
    clock = facts["clock"]
    for name, value in (
        ("Status", policy.statuses[Status(facts["status"])].title + (", locked" if facts["is_locked"] else "")),
        ("Severity", "unset" if facts["severity"] is None else str(facts["severity"])),
        ("Requester", person_text(facts["requester"])),
        ("Assignee", "nobody" if facts["assignee"] is None else person_text(facts["assignee"])),
        ("Group", plain(facts["group"] or "")),
        ("Tags", plain(" ".join(facts["tags"]))),
        ("Dev ticket", plain(facts["development_ticket"] or "")),
        ("Clock", "" if clock is None else clock["text"] + (f", due {clock['due_at']}" if clock["due_at"] else "")),
        ("Created", facts["created_at"]),
        ("Updated", facts["updated_at"]),
    ):
        if value:
            yield f"{name:<10} {value}"


def message_lines(message: Facts) -> Iterator[str]:
    """One message: who, when and which kind, then its text."""
    author: Any = message["author"]
    kinds = {"description": "description", "public": "public message", "note": "INTERNAL NOTE"}
    kind = kinds[str(message["kind"])] + (", automatic" if message["is_automatic"] else "")
    yield f"── {person_text(author)}, {message['created_at']}, {kind}"
    body = message["body"]
    yield "(left out here: it is older than what is kept)" if body is None else str(safe(OutsideText(str(body))))
    attachments: Any = message["attachments"]
    for each in attachments:
        yield f"   file {each['id']}: {plain(each['file_name'])}, {each['size_bytes']} bytes"


def person_text(person: Mapping[str, Any]) -> str:
    """A person's name, or what there is of it."""
    return plain(person["name"] or person["email"] or f"person {person['id']}")


def label_of(facts: Mapping[str, Any]) -> str:
    """The number or key as it is shown."""
    return TicketId(facts["desk"], facts["ticket"]).label


def label_of_id(ticket_id: TicketId | None) -> str:
    """A ticket's label; words for one that was not created."""
    return "the new ticket" if ticket_id is None else ticket_id.label


def plain(text: str) -> str:
    """Text from outside as one safe line."""
    return str(safe_line(OutsideText(text)))
