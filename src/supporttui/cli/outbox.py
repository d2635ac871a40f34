"""`supporttui outbox`: lists, prints, exports, retries, edits and drops unsent changes and drafts."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from supporttui.cli.desk_selection import select_desk
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.selected_desk import SelectedDesk
from supporttui.cli.standard_streams import report_done
from supporttui.cli.status import OPERATION_STATE_WORDS
from supporttui.domain.clock_text import elapsed_text
from supporttui.domain.patch import CcChange, FieldChange, MergePlan, TicketPatch
from supporttui.domain.safe_text import OutsideText, safe, safe_line
from supporttui.domain.ticket_id import TicketId
from supporttui.domain.zones import load_zone
from supporttui.presentation.patch_words import other_property_words, property_words
from supporttui.store.cache import Cache
from supporttui.store.operations import (
    FINAL_STATES,
    Draft,
    Operation,
    OperationState,
    TransitionRefused,
    new_operation_id,
)
from supporttui.store.outbox import Outbox
from supporttui.store.outbox_salvage import damaged_copies

SHORT_ID: Final = 8
QUOTED: Final = 48

_TO_DECIDE: Final = (OperationState.UNKNOWN, OperationState.CONFLICT, OperationState.REJECTED)
_EDITABLE: Final = (OperationState.HELD, OperationState.QUEUED, OperationState.CONFLICT, OperationState.REJECTED)


def list_outbox(scope: GlobalOptions, *, shows_all: bool) -> int:
    """Print one line for everything unsent and every draft; with `shows_all` also what was sent or withdrawn."""
    with _opened(scope) as (_target, outbox):
        now = datetime.now(UTC)
        operations = outbox.load_all() if shows_all else outbox.load_open()
        lines = [_operation_line(each, now) for each in operations]
        lines += [_draft_line(draft, now) for draft in outbox.load_drafts()]
        for notice in outbox.load_notices():
            lines.append(safe_line(OutsideText(notice)))
        for kept in damaged_copies(outbox.path):
            lines.append(f"damaged  {safe_line(OutsideText(str(kept)))}")
    print("\n".join(lines) or "Nothing is unsent, and there are no drafts.")
    return Exit.OK


def show_entry(scope: GlobalOptions, entry_id: str) -> int:
    """Print everything about one change or draft, its text last and whole."""
    with _opened(scope) as (target, outbox):
        found = _find(outbox, entry_id)
    for name, value in _facts(found, load_zone(target.policy.hours.zone)):
        print(f"{name:10} {safe_line(OutsideText(value))}")
    print(f"\n{safe(OutsideText(_body(found) or ''))}")
    return Exit.OK


def export_outbox(scope: GlobalOptions, into: Path | None) -> int:
    """Write everything as lines of JSON, also from an outbox that a newer version wrote."""
    with _opened(scope) as (target, outbox):
        entries: list[Operation | Draft] = [*outbox.load_all(), *outbox.load_drafts()]
    rows = [_as_json(each, target.files.desk) for each in entries]
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    if into is None:
        sys.stdout.write(text)
        return Exit.OK
    descriptor = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    report_done(f"{len(rows)} entries in {safe_line(OutsideText(str(into)))}")
    return Exit.OK


def retry_entry(scope: GlobalOptions, entry_id: str) -> int:
    """Send a change now, on the ticket as this machine knows it."""
    with _opened(scope) as (target, outbox):
        operation = _find_operation(outbox, entry_id)
        if operation.state in FINAL_STATES or operation.state is OperationState.IN_FLIGHT:
            raise CommandError(
                f"{operation.id[:SHORT_ID]} {OPERATION_STATE_WORDS[operation.state]}; there is nothing to retry",
                Exit.REFUSED,
            )
        if operation.state in _TO_DECIDE:
            outbox.requeue(operation.id, _newest_version(target, operation))
        elif operation.state is OperationState.HELD:
            with contextlib.suppress(TransitionRefused):  # a window has queued it meanwhile
                outbox.change(operation.id, OperationState.QUEUED, only_from=OperationState.HELD)
    return _send(target, operation)


def drop_entry(scope: GlobalOptions, entry_id: str) -> int:
    """Drop a change or a draft. What was sent stays sent."""
    with _opened(scope) as (_target, outbox):
        found = _find(outbox, entry_id)
        if isinstance(found, Draft):
            outbox.delete_draft(found.id)
        else:
            try:
                outbox.change(found.id, OperationState.WITHDRAWN)
            except TransitionRefused:
                problem = f"{found.id[:SHORT_ID]} {OPERATION_STATE_WORDS[found.state]}; it cannot be dropped"
                raise CommandError(problem, Exit.REFUSED) from None
    report_done(f"{found.id[:SHORT_ID]} dropped; `supporttui outbox list --all` still knows a change for 30 days")
    return Exit.OK


def edit_entry(scope: GlobalOptions, entry_id: str) -> int:
    """Have the user's editor change a text; a change is then sent with it, a draft kept."""
    from supporttui.ui.compose.external_editor import EditorError, edit_text, editor_command

    with _opened(scope) as (target, outbox):
        found = _find(outbox, entry_id)
        if isinstance(found, Operation) and (found.state not in _EDITABLE or _body(found) is None):
            raise CommandError(
                f"{found.id[:SHORT_ID]} {OPERATION_STATE_WORDS[found.state]}; it cannot be edited", Exit.REFUSED
            )
        try:
            text = edit_text(_body(found) or "", editor_command(os.environ))
        except EditorError as problem:
            raise CommandError(str(problem), Exit.USAGE) from problem
        if isinstance(found, Draft):
            outbox.save_draft(replace(found, body=text, updated_at=datetime.now(UTC)))
            report_done(f"{found.id[:SHORT_ID]} kept")
            return Exit.OK
        edited = _edited(found, text, _newest_version(target, found))
        try:
            outbox.replace(found.id, edited)
        except TransitionRefused:
            raise CommandError("it was sent or dropped meanwhile; nothing was changed", Exit.REFUSED) from None
    return _send(target, edited)


@contextlib.contextmanager
def _opened(scope: GlobalOptions) -> Iterator[tuple[SelectedDesk, Outbox]]:
    target = select_desk(scope)
    with contextlib.closing(Outbox(target.files.outbox, target.files.desk)) as outbox:
        yield target, outbox


def _find(outbox: Outbox, entry_id: str) -> Operation | Draft:
    """The one entry whose id begins so."""
    entries: list[Operation | Draft] = [*outbox.load_all(), *outbox.load_drafts()]
    found = [each for each in entries if entry_id and each.id.startswith(entry_id)]
    if len(found) != 1:
        number = "several entries begin" if found else "no entry begins"
        raise CommandError(f"{number} with {entry_id!r}; `supporttui outbox list --all` shows them", Exit.USAGE)
    return found[0]


def _find_operation(outbox: Outbox, entry_id: str) -> Operation:
    found = _find(outbox, entry_id)
    if isinstance(found, Draft):
        raise CommandError("this is a draft, which was never sent; open it in the board", Exit.USAGE)
    return found


def _newest_version(target: SelectedDesk, operation: Operation) -> str | None:
    """The version to send it on; None keeps its own. One that may have been applied stays the same request."""
    if operation.ticket_id is None or operation.based_on is None or operation.state is OperationState.UNKNOWN:
        return None
    with Cache(target.files.cache, target.files.desk) as cache:
        ticket = cache.load_ticket(operation.ticket_id)
    return ticket.version if ticket is not None else None


def _send(target: SelectedDesk, operation: Operation) -> int:
    from supporttui.cli.scripts.sending import send_operation

    result = send_operation(target, operation, "the change")
    report_done(f"{result.ticket.id.label} sent")
    return Exit.OK


def _edited(operation: Operation, text: str, based_on: str | None) -> Operation:
    """The change with another text, as a new request."""
    return replace(
        operation,
        id=new_operation_id(),
        created_at=datetime.now(UTC),
        patch=replace(operation.patch, body=text),
        based_on=based_on or operation.based_on,
        state=OperationState.QUEUED,
        held_until=None,
        error=None,
    )


def _operation_line(operation: Operation, now: datetime) -> str:
    where = _where(operation.ticket_id or operation.result_ticket_id)
    words = [f"merge into {operation.merge.into.label}"] if operation.merge else property_words(operation.patch)
    text = " ".join((operation.subject or operation.patch.body or ", ".join(words)).split())
    return _line(operation.id, OPERATION_STATE_WORDS[operation.state], where, now - operation.created_at, text)


def _draft_line(draft: Draft, now: datetime) -> str:
    text = " ".join((dict(draft.fields).get("subject") or draft.body).split())
    return _line(draft.id, "draft", _where(draft.ticket_id), now - draft.updated_at, text)


def _where(ticket_id: TicketId | None) -> str:
    return "# new" if ticket_id is None else ticket_id.label


def _line(entry_id: str, state: str, where: str, age: timedelta, text: str) -> str:
    quoted = safe_line(OutsideText(text[:QUOTED]))
    return f"{entry_id[:SHORT_ID]}  {where:<8} {elapsed_text(max(age, timedelta())):>7}  {state}: {quoted}"


def _body(found: Operation | Draft) -> str | None:
    """The text, or None where the change has none."""
    return found.body if isinstance(found, Draft) else found.patch.body


def _facts(found: Operation | Draft, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """The facts beside the text, by name."""
    yield "Id", found.id
    if isinstance(found, Draft):
        yield "Draft", f"of {'a new ticket' if found.ticket_id is None else found.ticket_id.label}"
        yield "Typed", f"{found.updated_at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
        yield from ((name, value) for name, value in found.fields if value)
        return
    kind = "new ticket" if found.ticket_id is None else f"change of {found.ticket_id.label}"
    yield "Change", kind if found.patch.is_public or found.patch.body is None else f"{kind}, an internal note"
    yield "State", OPERATION_STATE_WORDS[found.state]
    yield "Decided", f"{found.created_at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}, {found.attempts} attempts"
    for name, value in (
        ("Subject", found.subject),
        ("Requester", found.requester_email),
        ("Follows", found.follows.label if found.follows else None),
        ("Merges into", found.merge.into.label if found.merge else None),
        ("Told publicly", found.merge.reply if found.merge else None),
        ("Told as a note", found.merge.note if found.merge else None),
        ("Status", found.patch.status.value if found.patch.status else None),
        ("Severity", str(found.patch.severity) if found.patch.severity is not None else None),
        ("Tags", None if found.patch.tags is None else ", ".join(found.patch.tags) or "none"),
        ("Other changes", ", ".join(other_property_words(found.patch))),
        ("Files", ", ".join(found.patch.files)),
        ("Problem", safe_line(found.error) if found.error else None),
    ):
        if value:
            yield name, value


def _as_json(entry: Operation | Draft, desk: str) -> dict[str, Any]:
    """An entry on a desk in JSON's own types, the properties of its patch beside its own."""
    plain = {name: getattr(entry, name) for name in entry.__struct_fields__}
    if isinstance(patch := plain.pop("patch", None), TicketPatch):
        plain |= {name: getattr(patch, name) for name in patch.__struct_fields__}
    return {
        "entry": type(entry).__name__.lower(),
        "desk": desk,
        **{name: _plain(value) for name, value in plain.items()},
    }


def _plain(value: object) -> object:
    if isinstance(value, OutsideText):
        return value.raw  # outside: written into JSON, which escapes it
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, TicketId):
        return value.id
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (CcChange, FieldChange, MergePlan)):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
