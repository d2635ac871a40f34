"""What a command changes: read from its arguments, checked against a ticket, and made an operation of."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from supporttui.cli.exits import CommandError, Exit
from supporttui.domain.patch import UNASSIGNED, TicketPatch, with_policy_status
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.query.term_table import STATUS_OF_WORD
from supporttui.domain.safe_text import OutsideText, folded
from supporttui.domain.ticket import Lifecycle, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.domain.workflow import move_problem, move_warning
from supporttui.presentation.ticket.file_paths import FileProblem, check_file
from supporttui.presentation.ticket_facts import Facts
from supporttui.store.operations import Operation, OperationKind, new_operation_id

MOVE_WORDS = ("open", "awaiting", "hold", "closed")


class WantedChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change, to be made on one ticket or on many."""

    body: str | None = None
    is_public: bool = True
    status: Status | None = None
    severity: int | None = None
    assignee_id: int | None = None
    """A person's id, or `UNASSIGNED`."""
    assignee_name: str = ""
    """Whose id that is; safe to draw."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is, for a sentence about it."""
        if self.body is not None:
            return "the reply" if self.is_public else "the note"
        return "the move" if self.status is not None else "the change"

    @property
    def done(self) -> str:
        """What became of the ticket."""
        if self.body is not None:
            return "replied to" if self.is_public else "noted"
        if self.status is not None:
            return "moved"
        if self.assignee_id is not None:
            return f"assigned to {self.assignee_name}"
        return "tagged" if self.severity is None else f"given severity {self.severity}"

    @property
    def is_tagging(self) -> bool:
        """Whether tags are added or removed: what the ticket has has to be known then."""
        return bool(self.add_tags or self.remove_tags)

    def facts(self) -> Facts:
        """The change in JSON's own types."""
        assignee = None if self.assignee_id is None else self.assignee_name
        return {
            "body": self.body,
            "is_public": self.is_public if self.body is not None else None,
            "status": None if self.status is None else self.status.value,
            "severity": self.severity,
            "assignee": assignee,
            "add_tags": list(self.add_tags),
            "remove_tags": list(self.remove_tags),
            "files": list(self.files),
        }


def message_change(body: str, status: str | None, files: Iterable[str], *, is_public: bool) -> WantedChange:
    """A reply or a note, or a move without a text. Raises CommandError where there is nothing to send."""
    text, named = body.strip(), tuple(files)
    if not text and (status is None or named):
        raise CommandError("there is nothing to send; give the text with --body, or a move with --status", Exit.USAGE)
    return WantedChange(
        body=text or None,
        is_public=is_public,
        status=None if status is None else parse_status(status),
        files=checked_files(named),
    )


def tag_change(typed: Sequence[str]) -> WantedChange:
    """Tags to be added, as `+vip`, and removed, as `-beta`. Raises CommandError."""
    for each in typed:
        if len(each) < 2 or each[0] not in "+-" or any(part.isspace() for part in each):
            raise CommandError(f"{each!r} is no change of a tag; write +{each.strip('+-') or 'vip'} or -…", Exit.USAGE)
    added = tuple(dict.fromkeys(each[1:] for each in typed if each[0] == "+"))
    removed = tuple(dict.fromkeys(each[1:] for each in typed if each[0] == "-"))
    both = {folded(each) for each in added} & {folded(each) for each in removed}
    if both or not typed:
        what = f"{sorted(both)[0]!r} is both added and removed" if both else "there is no tag"
        raise CommandError(f"{what}; write for example +vip -beta", Exit.USAGE)
    return WantedChange(add_tags=added, remove_tags=removed)


def severity_change(policy: ServicePolicy, severity: int) -> WantedChange:
    """Another severity. Raises CommandError where the policy has none such."""
    if severity not in policy.severities:
        raise CommandError(severity_sentence(policy, severity), Exit.USAGE)
    return WantedChange(severity=severity)


def severity_sentence(policy: ServicePolicy, severity: int) -> str:
    """That there is no such severity, and which there are."""
    rows = "; ".join(f"{number}: {row.meaning}" for number, row in sorted(policy.severities.items()))
    return f"there is no severity {severity}; choose one of {rows}"


def parse_status(word: str) -> Status:
    """The status that a word means, of those to which a ticket can be moved. Raises CommandError."""
    found = STATUS_OF_WORD.get(word.lower())
    if found is None or found is Status.NEW:
        raise CommandError(f"there is no status {word}; write one of {', '.join(MOVE_WORDS)}", Exit.USAGE)
    return found


def checked_files(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths of files that can be attached. Raises CommandError."""
    try:
        return tuple(str(check_file(path).path) for path in paths)
    except FileProblem as problem:
        raise CommandError(str(problem), Exit.USAGE) from problem


def refusal(change: WantedChange, ticket: Ticket, policy: ServicePolicy, *, can_hold: bool) -> str:
    """Why a ticket cannot be changed so, in one sentence; empty where it can."""
    if ticket.lifecycle is not Lifecycle.LIVE:
        return f"{ticket.id.label} cannot be changed: it was {ticket.lifecycle.value}."
    if ticket.is_locked:
        return f"{ticket.id.label} is locked: the help desk closed it for good."
    if change.status is None or change.status is ticket.status:
        return ""
    problem = move_problem(policy, ticket, change.status, can_hold=can_hold)
    return "" if problem is None else f"{problem.rstrip('.')}: no other move is allowed."


def warning(change: WantedChange, ticket: Ticket, policy: ServicePolicy) -> str:
    """What is unusual about a change, with its consequence for the clock; empty where nothing is."""
    if change.status is None or change.status is ticket.status:
        return ""
    with_reply = change.body is not None and change.is_public
    return move_warning(policy, ticket, change.status, with_reply=with_reply) or ""


def is_unchanged(change: WantedChange, ticket: Ticket) -> bool:
    """Whether the ticket is so already."""
    patch = _patch(change, ticket)
    return patch.body is None and (
        patch.status in (None, ticket.status)
        and patch.severity in (None, ticket.severity)
        and (patch.assignee_id is None or patch.assignee_id == (ticket.assignee_id or UNASSIGNED))
        and (patch.tags is None or tuple(map(OutsideText, patch.tags)) == ticket.tags)
    )


def known_operation(change: WantedChange, ticket: Ticket, policy: ServicePolicy, now: datetime) -> Operation:
    """The change of a ticket that is known: refused by the desk where the ticket has changed since."""
    patch = with_policy_status(policy, ticket, _patch(change, ticket))
    came_from = ticket.status if patch.status is not None else None
    return replace(operation_of(patch, ticket.id, now), based_on=ticket.version, came_from=came_from)


def unseen_operation(change: WantedChange, ticket_id: TicketId, now: datetime) -> Operation:
    """The change of a ticket whatever it is like now."""
    return operation_of(_patch(change, None), ticket_id, now)


def operation_of(patch: TicketPatch, ticket_id: TicketId, now: datetime) -> Operation:
    """A change of a ticket, with an id of its own."""
    return Operation(id=new_operation_id(), kind=OperationKind.UPDATE, created_at=now, ticket_id=ticket_id, patch=patch)


def _patch(change: WantedChange, ticket: Ticket | None) -> TicketPatch:
    return TicketPatch(
        status=change.status,
        severity=change.severity,
        assignee_id=change.assignee_id,
        tags=None if ticket is None or not change.is_tagging else _tags(change, ticket),
        body=change.body,
        is_public=change.is_public,
        files=change.files,
    )


def _tags(change: WantedChange, ticket: Ticket) -> tuple[str, ...]:
    """All tags afterwards: those that stay in their order, then the new ones."""
    removed = {folded(each) for each in change.remove_tags}
    kept = [tag.raw for tag in ticket.tags if folded(tag.raw) not in removed]  # outside: sent back, not shown
    there = {folded(each) for each in kept}
    return (*kept, *(each for each in change.add_tags if folded(each) not in there))
