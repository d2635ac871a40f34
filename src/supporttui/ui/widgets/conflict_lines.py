"""What others did on a ticket since a change of ours was decided, beside that change: theirs and mine."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from supporttui.domain.safe_text import safe, safe_line
from supporttui.domain.ticket import Conversation, HistoryEvent, Message
from supporttui.store.operations import Operation, OperationState
from supporttui.ui.drawing import steady
from supporttui.ui.widgets.conversation_parts import Ink, Line, Setting, Voice, person_name
from supporttui.ui.widgets.wrapping import wrap

COMPARED: Final = frozenset({OperationState.CONFLICT, OperationState.UNKNOWN})

_TEXT_LINES: Final = 6


def theirs_lines(
    operation: Operation, conversation: Conversation | None, setting: Setting, width: int
) -> Iterator[Line]:
    """The heading `theirs`, what was written and changed since, and the heading `mine`; nothing where nothing was."""
    if operation.state not in COMPARED or conversation is None:
        return
    since = decided_on(operation)
    messages = [each for each in conversation.messages if each.created_at > since]
    events = [each for each in conversation.history if each.at > since]
    if not messages and not events:
        return
    yield Line(Voice.NOBODY, (("theirs, since you looked:", Ink.PROBLEM),))
    for message in messages:
        yield from _message_lines(message, setting, width)
    for event in events:
        yield Line(Voice.NOBODY, ((_event_text(event, setting), Ink.BODY),))
    yield Line(Voice.NOBODY, (("mine:", Ink.PROBLEM),))


def decided_on(operation: Operation) -> datetime:
    """The instant of the version that it was decided on; where that is none, when it was decided."""
    try:
        stamp = datetime.fromisoformat(operation.based_on or "")
    except ValueError:
        return operation.created_at
    return stamp if stamp.tzinfo is not None else operation.created_at


def _message_lines(message: Message, setting: Setting, width: int) -> Iterator[Line]:
    author = person_name(setting.people, message.author_id)
    kind = "" if message.is_public else ", internal note"
    yield Line(Voice.NOBODY, ((f"{author}, {message.created_at.astimezone(setting.zone):%H:%M}{kind}", Ink.AUTHOR),))
    texts = wrap(steady(safe(message.body)).strip("\n"), width)
    for text in texts[:_TEXT_LINES]:
        yield Line(Voice.NOBODY, ((text, Ink.BODY),))
    if len(texts) > _TEXT_LINES:
        yield Line(Voice.NOBODY, (("…", Ink.FAINT),))


def _event_text(event: HistoryEvent, setting: Setting) -> str:
    before = safe_line(event.before) if event.before else "nothing"
    after = safe_line(event.after) if event.after else "nothing"
    who = person_name(setting.people, event.author_id)
    return f"{who}, {event.at.astimezone(setting.zone):%H:%M}: {event.field} {before} → {after}"
