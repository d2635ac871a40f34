"""The fields of a ticket that a user's program gets, in its environment or as arguments."""

from collections.abc import Mapping, Sequence
from typing import Final

from supporttui.config.command_settings import FIELD_NAMES
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Person, Ticket
from supporttui.presentation.board.board_model import BoardModel

VARIABLE_PREFIX: Final = "SUPPORTTUI_TICKET_"
MAX_FIELD: Final = 4_000
"""The maximum length of a field: systems allow 128 KB for a variable and about 2 MB for all arguments."""


class FieldRefused(Exception):
    """A field cannot be an argument; `str()` is one sentence with the remedy, safe to draw."""


def ticket_fields(model: BoardModel, ticket: Ticket) -> dict[str, str]:
    """Return the fields by name, as shown: control characters are replaced, and an unknown value is empty.

    Hence a program can print them to a terminal, and none contains NUL.
    """
    requester, assignee = model.people.find(ticket.requester_id), model.people.find(ticket.assignee_id)
    texts = {
        "id": OutsideText(ticket.id.id),
        "number": OutsideText(ticket.id.label),
        "subject": ticket.subject,
        "status": OutsideText(ticket.status.value),
        "severity": OutsideText("" if ticket.severity is None else str(ticket.severity)),
        "group": ticket.group or OutsideText(""),
        "tags": OutsideText(",".join(map(safe_line, ticket.tags))),
        "url": OutsideText(model.app_context.ticket_url(ticket.id)),
        "requester_name": _name(requester),
        "requester_email": _email(requester),
        "organization": (requester.organization if requester else None) or OutsideText(""),
        "assignee_name": _name(assignee),
        "assignee_email": _email(assignee),
    }
    return {name: str(safe_line(texts[name]))[:MAX_FIELD] for name in FIELD_NAMES}


def ticket_variables(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields as environment variables."""
    return {f"{VARIABLE_PREFIX}{name.upper()}": value for name, value in fields.items()}


def filled_arguments(run: Sequence[str], fields: Mapping[str, str]) -> list[str]:
    """Replace the arguments that are a field in braces; each stays one argument.

    Raises FieldRefused if a field begins like an option: its author could control the program with it.
    """
    filled = []
    for argument in run:
        name = argument[1:-1]
        if argument != f"{{{name}}}" or name not in fields:
            filled.append(argument)
            continue
        if fields[name].startswith("-"):
            variable = f"${VARIABLE_PREFIX}{name.upper()}"
            raise FieldRefused(
                f"The {name.replace('_', ' ')} begins with a hyphen, which {safe_line(OutsideText(run[0]))} would take "
                f"for an option; have a script of yours read {variable}."
            )
        filled.append(fields[name])
    return filled


def _name(person: Person | None) -> OutsideText:
    return OutsideText("") if person is None else person.name


def _email(person: Person | None) -> OutsideText:
    return OutsideText("") if person is None else person.email
