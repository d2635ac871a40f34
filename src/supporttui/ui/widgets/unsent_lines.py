"""What was decided or typed on a ticket and is not the desk's yet, as lines below its conversation."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from msgspec.structs import replace

from supporttui.domain.safe_text import OutsideText, safe, safe_line
from supporttui.presentation.patch_words import property_words
from supporttui.store.operations import Draft, Operation, OperationState
from supporttui.ui.drawing import cut, steady
from supporttui.ui.widgets.conversation_parts import Ink, Line, Setting, Voice, person_name
from supporttui.ui.widgets.wrapping import wrap

_DRAFT_LINES: Final = 4

PROBLEM_STATES: Final = frozenset({OperationState.CONFLICT, OperationState.REJECTED, OperationState.UNKNOWN})

_PENDING_WORDS: Final = {
    OperationState.HELD: "sends in a few seconds · u undoes",
    OperationState.QUEUED: "waiting to be sent…",
    OperationState.IN_FLIGHT: "sending…",
    OperationState.UNKNOWN: "may or may not have arrived",
    OperationState.CONFLICT: "not sent: the ticket has changed",
    OperationState.REJECTED: "not sent: refused by the help desk",
}


def unsent_lines(operation: Operation, setting: Setting, width: int) -> Iterator[Line]:
    """A change of ours, its state, its text, and where it failed why and what can be done."""
    voice = Voice.UNSENT_REPLY if operation.patch.is_public else Voice.UNSENT_NOTE
    is_problem = operation.state in PROBLEM_STATES
    what = unsent_title(operation, setting)
    state = ("✗ " if is_problem else "") + _PENDING_WORDS.get(operation.state, operation.state.value)
    yield Line(voice, ((what, Ink.AUTHOR), (" · ", Ink.FAINT), (state, Ink.PROBLEM if is_problem else Ink.PENDING)))
    if operation.patch.body:
        for text in wrap(steady(safe(OutsideText(operation.patch.body))).strip("\n"), width):
            yield Line(voice, ((text, Ink.BODY),))
    for path in operation.patch.files:
        name = safe_line(OutsideText(PurePath(path).name))
        yield Line(voice, (("▤ ", Ink.FILE), (cut(name, width - 2), Ink.FILE)))
    if operation.error:
        for text in wrap(safe_line(operation.error), width):
            yield Line(voice, ((text, Ink.PROBLEM if is_problem else Ink.PENDING),))
    if is_problem:
        edit = "   E edit" if operation.patch.body else ""
        yield Line(voice, ((f"R retry{edit}   X discard", Ink.KEYS),))
    yield Line(Voice.NOBODY)


def draft_lines(draft: Draft, width: int) -> Iterator[Line]:
    """The beginning of what is kept, and how to go on with it."""
    voice = Voice.UNSENT_REPLY if draft.is_public else Voice.UNSENT_NOTE
    kind = "your draft of a public reply" if draft.is_public else "your draft of an internal note"
    yield Line(voice, ((kind, Ink.AUTHOR), (" · kept, not sent", Ink.FAINT)))
    texts = wrap(steady(safe(OutsideText(draft.body)).strip("\n")), width)
    for text in texts[:_DRAFT_LINES]:
        yield Line(voice, ((text, Ink.FAINT),))
    if len(texts) > _DRAFT_LINES:
        yield Line(voice, (("…", Ink.FAINT),))
    yield Line(voice, (("r go on   X discard", Ink.KEYS),))
    yield Line(Voice.NOBODY)


def unsent_title(operation: Operation, setting: Setting) -> str:
    """What an operation of ours does, in a few words: `your public reply, as Open`."""
    patch = operation.patch
    is_me = patch.assignee_id == setting.me_id
    assignee = "you" if is_me else person_name(setting.people, patch.assignee_id or 0)
    titles = {status: known.title for status, known in setting.policy.statuses.items()}
    properties = property_words(replace(patch, status=None), titles, assignee)
    parts: list[str] = []
    if patch.body:
        parts.append("your public reply" if patch.is_public else "your internal note")
    if patch.status is not None:
        parts.append(f"as {titles[patch.status]}" if patch.body else f"your move to {titles[patch.status]}")
    return ", ".join([*parts, *properties]) or "your change"
