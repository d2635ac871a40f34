"""The lines of a conversation's parts: messages, history, conflicts, unsent changes and drafts."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import PurePath
from typing import Final

from msgspec.structs import replace

from supporttui.domain.authorship import authorship_of
from supporttui.domain.safe_text import OutsideText, beginning, safe, safe_in_steps, safe_line
from supporttui.domain.ticket import Attachment, Conversation, HistoryEvent, Message, Person, parse_person_id
from supporttui.presentation.cell_text import cut, strip_joiners
from supporttui.presentation.patch_words import property_words
from supporttui.presentation.ticket.conversation_parts import (
    ConversationLine,
    ReadingContext,
    Speaker,
    TextRole,
    TextRun,
    person_name,
    size_text,
)
from supporttui.presentation.ticket.wrapping import iter_wrap, wrap
from supporttui.store.operations import Draft, Operation, OperationState

COMPARED_STATES: Final = frozenset({OperationState.CONFLICT, OperationState.UNKNOWN})

_MAX_MESSAGE_LINES: Final = 6


def conflict_lines(
    operation: Operation, conversation: Conversation | None, setting: ReadingContext, width: int
) -> Iterator[ConversationLine]:
    """Yield the heading `theirs`, what was written and changed since, and the heading `mine`; nothing if unchanged."""
    if operation.state not in COMPARED_STATES or conversation is None:
        return
    since = based_on_time(operation)
    messages = [each for each in conversation.messages if each.created_at > since]
    events = [each for each in conversation.history if each.at > since]
    if not messages and not events:
        return
    yield ConversationLine(Speaker.NOBODY, (("theirs, since you looked:", TextRole.PROBLEM),))
    for message in messages:
        yield from _message_lines(message, setting, width)
    for event in events:
        yield ConversationLine(Speaker.NOBODY, ((_event_text(event, setting), TextRole.BODY),))
    yield ConversationLine(Speaker.NOBODY, (("mine:", TextRole.PROBLEM),))


def based_on_time(operation: Operation) -> datetime:
    """Return the instant of the version that an operation was based on; if it has none, when it was decided."""
    try:
        stamp = datetime.fromisoformat(operation.based_on or "")
    except ValueError:
        return operation.created_at
    return stamp if stamp.tzinfo is not None else operation.created_at


def _message_lines(message: Message, setting: ReadingContext, width: int) -> Iterator[ConversationLine]:
    author = person_name(setting.people, message.author_id)
    kind = "" if message.is_public else f", {note_words(message)}"
    yield ConversationLine(
        Speaker.NOBODY, ((f"{author}, {message.created_at.astimezone(setting.zone):%H:%M}{kind}", TextRole.AUTHOR),)
    )
    texts = first_lines(message.body, width, _MAX_MESSAGE_LINES)
    for text in texts[:_MAX_MESSAGE_LINES]:
        yield ConversationLine(Speaker.NOBODY, ((text, TextRole.BODY),))
    if len(texts) > _MAX_MESSAGE_LINES:
        yield ConversationLine(Speaker.NOBODY, (("…", TextRole.FAINT),))


def first_lines(text: OutsideText, width: int, count: int) -> list[str]:
    """Return the first lines of a text, and one more if there are more, without processing all of it."""
    shown = strip_joiners(safe(beginning(text, (count + 1) * width * 8))).strip("\n")
    return list(islice(iter_wrap(shown, width), count + 1))


def _event_text(event: HistoryEvent, setting: ReadingContext) -> str:
    before, after = (_event_value(event, value, setting) for value in (event.before, event.after))
    who = person_name(setting.people, event.author_id)
    return f"{who}, {event.at.astimezone(setting.zone):%H:%M}: {event.field} {before} → {after}"


def _event_value(event: HistoryEvent, value: OutsideText | None, setting: ReadingContext) -> str:
    if not value:
        return "nothing"
    return _property_text(event.field, value, setting) if event.field in ("assignee", "status") else safe_line(value)


_MAX_DRAFT_LINES: Final = 4

PROBLEM_STATES: Final = frozenset({OperationState.CONFLICT, OperationState.REJECTED, OperationState.UNKNOWN})

_STATE_SENTENCES: Final = {
    OperationState.HELD: "sends in a few seconds",
    OperationState.QUEUED: "waiting to be sent…",
    OperationState.IN_FLIGHT: "sending…",
    OperationState.UNKNOWN: "may or may not have arrived",
    OperationState.CONFLICT: "not sent: the ticket has changed",
    OperationState.REJECTED: "not sent: refused by the help desk",
}


def unsent_lines(operation: Operation, setting: ReadingContext, width: int) -> Iterator[ConversationLine | None]:
    """Yield the lines of an unsent change: its state, its text and, if it failed, why and what can be done.

    None is no line; it is yielded so that the caller can pause while a long text is processed.
    """
    message_kind = Speaker.UNSENT_REPLY if operation.patch.is_public else Speaker.UNSENT_NOTE
    is_problem = operation.state in PROBLEM_STATES
    what = unsent_title(operation, setting)
    state = ("✗ " if is_problem else "") + _STATE_SENTENCES.get(operation.state, operation.state.value)
    if operation.state is OperationState.HELD:
        state += f" · {setting.key('app-undo')} undoes"
    yield ConversationLine(
        message_kind,
        (
            (what, TextRole.AUTHOR),
            (" · ", TextRole.FAINT),
            (state, TextRole.PROBLEM if is_problem else TextRole.PENDING),
        ),
    )
    if operation.patch.body:
        for text in body_lines(OutsideText(operation.patch.body), width):
            yield None if text is None else ConversationLine(message_kind, ((text, TextRole.BODY),))
    for path in operation.patch.files:
        name = safe_line(OutsideText(PurePath(path).name))
        yield ConversationLine(message_kind, (("▤ ", TextRole.FILE), (cut(name, width - 2), TextRole.FILE)))
    if operation.error:
        for text in wrap(safe_line(operation.error), width):
            yield ConversationLine(message_kind, ((text, TextRole.PROBLEM if is_problem else TextRole.PENDING),))
    if is_problem:
        edit = f"   {setting.key('ticket-edit-unsent')} edit" if operation.patch.body else ""
        retry, discard = setting.key("ticket-retry"), setting.key("ticket-discard-unsent")
        yield ConversationLine(message_kind, ((f"{retry} retry{edit}   {discard} discard", TextRole.KEYS),))
    yield ConversationLine(Speaker.NOBODY)


def draft_lines(draft: Draft, setting: ReadingContext, width: int) -> Iterator[ConversationLine]:
    """Yield the beginning of a draft, and how to continue it."""
    message_kind = Speaker.UNSENT_REPLY if draft.is_public else Speaker.UNSENT_NOTE
    kind = "your draft of a public reply" if draft.is_public else "your draft of an internal note"
    yield ConversationLine(message_kind, ((kind, TextRole.AUTHOR), (" · kept, not sent", TextRole.FAINT)))
    texts = first_lines(OutsideText(draft.body), width, _MAX_DRAFT_LINES)
    for text in texts[:_MAX_DRAFT_LINES]:
        yield ConversationLine(message_kind, ((text, TextRole.FAINT),))
    if len(texts) > _MAX_DRAFT_LINES:
        yield ConversationLine(message_kind, (("…", TextRole.FAINT),))
    go_on, discard = setting.key("ticket-reply"), setting.key("ticket-discard-unsent")
    yield ConversationLine(message_kind, ((f"{go_on} go on   {discard} discard", TextRole.KEYS),))
    yield ConversationLine(Speaker.NOBODY)


def unsent_title(operation: Operation, setting: ReadingContext) -> str:
    """Return what an unsent operation does, in a few words: `your public reply, as Open`."""
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


def day_heading(day: date, today: date) -> str:
    """Return `Monday 23 November · today`; the year only if it is not the present one."""
    text = f"{day:%A} {day.day} {day:%B}"
    if day.year != today.year:
        text += f" {day.year}"
    if day == today:
        return f"{text} · today"
    return f"{text} · yesterday" if day == today - timedelta(days=1) else text


def remark_lines(text: str, role: TextRole) -> tuple[ConversationLine, ConversationLine]:
    """Return a remark between messages, and an empty line below it."""
    return ConversationLine(Speaker.NOBODY, ((text, role),)), ConversationLine(Speaker.NOBODY)


def body_lines(body: OutsideText, width: int) -> Iterator[str | None]:
    """Yield the drawn lines of a message; None from time to time while none is ready, so that the caller can pause."""
    steps = safe_in_steps(body)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            shown: str = end.value
            break
        yield None
    yield from iter_wrap(strip_joiners(shown).strip("\n"), width)


def kind_of_message(message: Message, requester_id: int, people: Mapping[int, Person]) -> Speaker:
    """Return whether a message is a note, automatic, our reply or the customer's, by the rule that clocks use."""
    if not message.is_public:
        return Speaker.NOTE
    if message.is_automatic:
        return Speaker.AUTOMATIC
    return Speaker.REPLY if authorship_of(message, requester_id, people).is_our_reply else Speaker.CUSTOMER


def in_order(conversation: Conversation | None) -> list[Message | HistoryEvent]:
    """Return messages and the visible events, oldest first."""
    if conversation is None:
        return []
    shown = [event for event in conversation.history if event.field in _FIELD_WORDS]
    return sorted(
        [*conversation.messages, *shown], key=lambda entry: (entry_time(entry), isinstance(entry, HistoryEvent))
    )


def first_new(conversation: Conversation | None, setting: ReadingContext) -> Message | None:
    """Return the first message of the other side after the reader last looked; None if there is none."""
    if conversation is None or setting.unread_after is None:
        return None
    for message in conversation.messages:
        kind = kind_of_message(message, setting.requester_id, setting.people)
        if message.created_at > setting.unread_after and kind is setting.other_side:
            return message
    return None


def entry_time(entry: Message | HistoryEvent) -> datetime:
    """Return the instant of a message or an event."""
    return entry.created_at if isinstance(entry, Message) else entry.at


def day_lines(day: date, today: date) -> list[ConversationLine]:
    """Return the lines of a day's heading."""
    return [
        ConversationLine(Speaker.NOBODY, ((day_heading(day, today), TextRole.DAY),)),
        ConversationLine(Speaker.NOBODY),
    ]


def header_runs(message: Message, message_kind: Speaker, setting: ReadingContext) -> tuple[TextRun, ...]:
    """Return the first line of a message: its author and kind."""
    if "message" in message.unreadable:
        return ((UNREADABLE_MESSAGE, TextRole.PROBLEM),)
    return (*_author_runs(message, message_kind, setting), *_unreadable_runs(message))


UNREADABLE_MESSAGE: Final = "a message that could not be read"


def note_words(message: Message) -> str:
    """Return the name of a message's kind if it is not known to be public."""
    return "note of unknown visibility" if "visibility" in message.unreadable else "internal note"


def _unreadable_runs(message: Message) -> tuple[TextRun, ...]:
    lost = [part for part in message.unreadable if part != "visibility"]
    return ((f" · its {', '.join(lost)} could not be read", TextRole.PROBLEM),) if lost else ()


def _author_runs(message: Message, message_kind: Speaker, setting: ReadingContext) -> tuple[TextRun, ...]:
    author = "you" if message.author_id == setting.me_id else person_name(setting.people, message.author_id)
    if message_kind is Speaker.NOTE:
        is_known = "visibility" not in message.unreadable
        sees = "not visible to the customer" if is_known else "nobody can tell whether the customer sees it"
        return (
            (note_words(message), TextRole.NOTE_LABEL),
            (f" · {sees} · ", TextRole.FAINT),
            (author, TextRole.AUTHOR),
        )
    if message_kind is Speaker.AUTOMATIC:
        return ("automatic reply", TextRole.AUTHOR), (" · sent by a rule of the help desk", TextRole.FAINT)
    if message_kind is Speaker.REPLY:
        return (author, TextRole.AUTHOR), (" · public reply", TextRole.FAINT)
    if message.author_id == setting.requester_id == setting.me_id:
        return (author, TextRole.AUTHOR), (_channel(message.channel), TextRole.FAINT)
    role = " · customer" if message.author_id == setting.requester_id else " · also on this ticket"
    return (author, TextRole.AUTHOR), (role + _channel(message.channel), TextRole.FAINT)


def unreadable_sentences(conversation: Conversation) -> list[str]:
    """Return a sentence for each part of a conversation that is missing or unreadable."""
    said = []
    if conversation.is_ticket_unreadable:
        said.append("Some of this ticket's properties could not be read; those that were known are shown.")
    messages = sum(bool(each.unreadable) for each in conversation.messages)
    if messages:
        said.append(f"{_counted(messages, 'message')} could not be read whole.")
    if conversation.is_cut_short:
        said.append("The help desk broke off its list of messages: later ones are missing here.")
    if conversation.is_history_unreadable:
        is_written_whole = not messages and not conversation.is_cut_short
        said.append(HISTORY_UNREADABLE if is_written_whole else "The history of this ticket could not be read whole.")
    if conversation.unreadable_changes:
        said.append(
            f"{_counted(conversation.unreadable_changes, 'entry', 'entries')} of the history could not be read: "
            "the clocks may miss a change of status or severity."
        )
    return said


HISTORY_UNREADABLE: Final = "The history of this ticket could not be read whole; what was written is complete."


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def entered_for_runs(message: Message, setting: ReadingContext) -> tuple[TextRun, ...]:
    """Return the remark for a description that an agent entered for the requester; it does not count as an answer."""
    author = "you" if message.author_id == setting.me_id else person_name(setting.people, message.author_id)
    requester = person_name(setting.people, setting.requester_id)
    return (requester, TextRole.AUTHOR), (f" · customer · entered by {author}", TextRole.FAINT)


def _channel(channel: OutsideText | None) -> str:
    name = safe_line(channel) if channel else "api"
    return f" · by {name}" if name != "api" else ""


def attachment_runs(attachment: Attachment, width: int) -> tuple[TextRun, ...]:
    """Return the line of an attachment below its message."""
    is_picture = safe_line(attachment.content_type).startswith(("image/", "video/"))
    size = size_text(attachment.size_bytes)
    name = cut(safe_line(attachment.file_name), max(width - len(size) - 4, 4))
    return ("▣ " if is_picture else "▤ ", TextRole.FILE), (name, TextRole.FILE), (f"  {size}", TextRole.FAINT)


_FIELD_WORDS: Final = {
    "status": "status",
    "severity": "severity",
    "assignee": "assignee",
    "group": "group",
    "subject": "subject",
}


def history_line(event: HistoryEvent, at: datetime, setting: ReadingContext, width: int) -> ConversationLine:
    """Return the line of a change of a property."""
    who = "you" if event.author_id == setting.me_id else person_name(setting.people, event.author_id)
    before, after = (_property_text(event.field, value, setting) for value in (event.before, event.after))
    change = f"{before} → {after}" if event.before else after
    text = cut(f"{who} · {_FIELD_WORDS[event.field]}: {change}", width - 8)
    return ConversationLine(Speaker.NOBODY, ((f"· {text}", TextRole.FAINT),), (f"{at:%H:%M}", TextRole.FAINT))


def _property_text(field: str, value: OutsideText | None, setting: ReadingContext) -> str:
    text = safe_line(value) if value else ""
    if not text:
        return "nobody" if field == "assignee" else "none"
    if field == "assignee" and (person_id := parse_person_id(text)) is not None:
        return person_name(setting.people, person_id)
    if field == "status":
        titles = {status.value: known.title for status, known in setting.policy.statuses.items()}
        return titles.get(text, text)
    return text
