"""A conversation as lines: messages, conflicts, what is unsent and drafts, wrapped to a width."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Final

from msgspec.structs import replace

from supporttui.domain.authorship import authorship_of
from supporttui.domain.safe_text import OutsideText, safe, safe_line
from supporttui.domain.ticket import Attachment, Conversation, HistoryEvent, Message, Person, parse_person_id
from supporttui.presentation.cell_text import cut, strip_joiners
from supporttui.presentation.patch_words import property_words
from supporttui.presentation.ticket.conversation_parts import (
    BAR_CELLS,
    MAX_TEXT_CELLS,
    ConversationLine,
    ReadingContext,
    Speaker,
    TextRole,
    TextRun,
    person_name,
    size_text,
)
from supporttui.presentation.ticket.wrapping import wrap
from supporttui.store.operations import Draft, Operation, OperationState

COMPARED_STATES: Final = frozenset({OperationState.CONFLICT, OperationState.UNKNOWN})

_MAX_MESSAGE_LINES: Final = 6


def conflict_lines(
    operation: Operation, conversation: Conversation | None, setting: ReadingContext, width: int
) -> Iterator[ConversationLine]:
    """The heading `theirs`, what was written and changed since, and the heading `mine`; nothing where nothing was."""
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
    """The instant of the version that it was decided on; where that is none, when it was decided."""
    try:
        stamp = datetime.fromisoformat(operation.based_on or "")
    except ValueError:
        return operation.created_at
    return stamp if stamp.tzinfo is not None else operation.created_at


def _message_lines(message: Message, setting: ReadingContext, width: int) -> Iterator[ConversationLine]:
    author = person_name(setting.people, message.author_id)
    kind = "" if message.is_public else ", internal note"
    yield ConversationLine(
        Speaker.NOBODY, ((f"{author}, {message.created_at.astimezone(setting.zone):%H:%M}{kind}", TextRole.AUTHOR),)
    )
    texts = wrap(strip_joiners(safe(message.body)).strip("\n"), width)
    for text in texts[:_MAX_MESSAGE_LINES]:
        yield ConversationLine(Speaker.NOBODY, ((text, TextRole.BODY),))
    if len(texts) > _MAX_MESSAGE_LINES:
        yield ConversationLine(Speaker.NOBODY, (("…", TextRole.FAINT),))


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
    OperationState.HELD: "sends in a few seconds · u undoes",
    OperationState.QUEUED: "waiting to be sent…",
    OperationState.IN_FLIGHT: "sending…",
    OperationState.UNKNOWN: "may or may not have arrived",
    OperationState.CONFLICT: "not sent: the ticket has changed",
    OperationState.REJECTED: "not sent: refused by the help desk",
}


def unsent_lines(operation: Operation, setting: ReadingContext, width: int) -> Iterator[ConversationLine]:
    """A change of ours, its state, its text, and where it failed why and what can be done."""
    message_kind = Speaker.UNSENT_REPLY if operation.patch.is_public else Speaker.UNSENT_NOTE
    is_problem = operation.state in PROBLEM_STATES
    what = unsent_title(operation, setting)
    state = ("✗ " if is_problem else "") + _STATE_SENTENCES.get(operation.state, operation.state.value)
    yield ConversationLine(
        message_kind,
        (
            (what, TextRole.AUTHOR),
            (" · ", TextRole.FAINT),
            (state, TextRole.PROBLEM if is_problem else TextRole.PENDING),
        ),
    )
    if operation.patch.body:
        for text in wrap(strip_joiners(safe(OutsideText(operation.patch.body))).strip("\n"), width):
            yield ConversationLine(message_kind, ((text, TextRole.BODY),))
    for path in operation.patch.files:
        name = safe_line(OutsideText(PurePath(path).name))
        yield ConversationLine(message_kind, (("▤ ", TextRole.FILE), (cut(name, width - 2), TextRole.FILE)))
    if operation.error:
        for text in wrap(safe_line(operation.error), width):
            yield ConversationLine(message_kind, ((text, TextRole.PROBLEM if is_problem else TextRole.PENDING),))
    if is_problem:
        edit = "   E edit" if operation.patch.body else ""
        yield ConversationLine(message_kind, ((f"R retry{edit}   X discard", TextRole.KEYS),))
    yield ConversationLine(Speaker.NOBODY)


def draft_lines(draft: Draft, width: int) -> Iterator[ConversationLine]:
    """The beginning of what is kept, and how to go on with it."""
    message_kind = Speaker.UNSENT_REPLY if draft.is_public else Speaker.UNSENT_NOTE
    kind = "your draft of a public reply" if draft.is_public else "your draft of an internal note"
    yield ConversationLine(message_kind, ((kind, TextRole.AUTHOR), (" · kept, not sent", TextRole.FAINT)))
    texts = wrap(strip_joiners(safe(OutsideText(draft.body)).strip("\n")), width)
    for text in texts[:_MAX_DRAFT_LINES]:
        yield ConversationLine(message_kind, ((text, TextRole.FAINT),))
    if len(texts) > _MAX_DRAFT_LINES:
        yield ConversationLine(message_kind, (("…", TextRole.FAINT),))
    yield ConversationLine(message_kind, (("r go on   X discard", TextRole.KEYS),))
    yield ConversationLine(Speaker.NOBODY)


def unsent_title(operation: Operation, setting: ReadingContext) -> str:
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


def day_heading(day: date, today: date) -> str:
    """`Monday 23 November · today`; the year only where it is another one."""
    text = f"{day:%A} {day.day} {day:%B}"
    if day.year != today.year:
        text += f" {day.year}"
    if day == today:
        return f"{text} · today"
    return f"{text} · yesterday" if day == today - timedelta(days=1) else text


def _remark_lines(text: str, role: TextRole) -> tuple[ConversationLine, ConversationLine]:
    """A line of ours between the messages, and the empty one below it."""
    return ConversationLine(Speaker.NOBODY, ((text, role),)), ConversationLine(Speaker.NOBODY)


class ConversationLayout:
    """Lays out one ticket's conversation, and remembers wrapped messages for as long as the width stays."""

    def __init__(self) -> None:
        self._width = 0
        self._bodies: dict[int, tuple[OutsideText, list[str]]] = {}

    def lines(
        self, conversation: Conversation | None, unsent: Sequence[Operation], setting: ReadingContext, width_cells: int
    ) -> list[ConversationLine]:
        """The whole conversation, oldest first, what is unsent at its end."""
        width = max(min(width_cells - BAR_CELLS, MAX_TEXT_CELLS), 8)
        if width != self._width:
            self._width = width
            self._bodies.clear()
        lines: list[ConversationLine] = []
        day: date | None = None
        first_new = _first_new(conversation, setting)
        entries = _in_order(conversation)
        for entry, following in zip(entries, [*entries[1:], None], strict=False):
            at = _entry_time(entry).astimezone(setting.zone)
            if at.date() != day:
                day = at.date()
                lines.extend(_day_lines(day, setting.today))
            if entry is first_new:
                lines.extend(_remark_lines("new since you looked", TextRole.UNREAD))
            if isinstance(entry, Message):
                is_description = conversation is not None and entry is conversation.messages[0]
                lines.extend(self._message_lines(entry, at, setting, is_description=is_description))
            else:
                lines.append(_history_line(entry, at, setting, width))
                if not isinstance(following, HistoryEvent):
                    lines.append(ConversationLine(Speaker.NOBODY))
        if setting.standing:
            lines.extend(_remark_lines(setting.standing, TextRole.FAINT))
        for operation in unsent:
            lines.extend(conflict_lines(operation, conversation, setting, width))
            lines.extend(unsent_lines(operation, setting, width))
        if setting.draft is not None:
            lines.extend(draft_lines(setting.draft, width))
        return lines

    def _message_lines(
        self, message: Message, at: datetime, setting: ReadingContext, *, is_description: bool
    ) -> Iterator[ConversationLine]:
        message_kind = kind_of_message(message, setting.requester_id, setting.people)
        header = _header_runs(message, message_kind, setting)
        if is_description and message_kind is Speaker.REPLY:
            message_kind, header = Speaker.CUSTOMER, _entered_for_runs(message, setting)
        yield ConversationLine(message_kind, header, (f"{at:%H:%M}", TextRole.FAINT))
        text_role = TextRole.FAINT if message_kind is Speaker.AUTOMATIC else TextRole.BODY
        for text in self._wrapped(message):
            yield ConversationLine(message_kind, ((text, text_role),))
        for attachment in message.attachments:
            yield ConversationLine(message_kind, _attachment_runs(attachment, self._width))
        yield ConversationLine(Speaker.NOBODY)

    def _wrapped(self, message: Message) -> list[str]:
        known = self._bodies.get(message.id)
        if known is None or known[0] != message.body:
            known = (message.body, wrap(strip_joiners(safe(message.body)).strip("\n"), self._width))
            self._bodies[message.id] = known
        return known[1]


def kind_of_message(message: Message, requester_id: int, people: Mapping[int, Person]) -> Speaker:
    """Whether a message is a note, an automatic reply, our reply, or the customer's, by the rule that clocks follow."""
    if not message.is_public:
        return Speaker.NOTE
    if message.is_automatic:
        return Speaker.AUTOMATIC
    return Speaker.REPLY if authorship_of(message, requester_id, people).is_our_reply else Speaker.CUSTOMER


def _in_order(conversation: Conversation | None) -> list[Message | HistoryEvent]:
    if conversation is None:
        return []
    shown = [event for event in conversation.history if event.field in _FIELD_WORDS]
    return sorted(
        [*conversation.messages, *shown], key=lambda entry: (_entry_time(entry), isinstance(entry, HistoryEvent))
    )


def _first_new(conversation: Conversation | None, setting: ReadingContext) -> Message | None:
    """The first message of a customer that came after the reader last looked."""
    if conversation is None or setting.unread_after is None:
        return None
    for message in conversation.messages:
        if (
            message.created_at > setting.unread_after
            and kind_of_message(message, setting.requester_id, setting.people) is Speaker.CUSTOMER
        ):
            return message
    return None


def _entry_time(entry: Message | HistoryEvent) -> datetime:
    return entry.created_at if isinstance(entry, Message) else entry.at


def _day_lines(day: date, today: date) -> list[ConversationLine]:
    return [
        ConversationLine(Speaker.NOBODY, ((day_heading(day, today), TextRole.DAY),)),
        ConversationLine(Speaker.NOBODY),
    ]


def _header_runs(message: Message, message_kind: Speaker, setting: ReadingContext) -> tuple[TextRun, ...]:
    author = "you" if message.author_id == setting.me_id else person_name(setting.people, message.author_id)
    if message_kind is Speaker.NOTE:
        return (
            ("internal note", TextRole.NOTE_LABEL),
            (" · not visible to the customer · ", TextRole.FAINT),
            (author, TextRole.AUTHOR),
        )
    if message_kind is Speaker.AUTOMATIC:
        return ("automatic reply", TextRole.AUTHOR), (" · sent by a rule of the help desk", TextRole.FAINT)
    if message_kind is Speaker.REPLY:
        return (author, TextRole.AUTHOR), (" · public reply", TextRole.FAINT)
    role = " · customer" if message.author_id == setting.requester_id else " · also on this ticket"
    return (author, TextRole.AUTHOR), (role + _channel(message.channel), TextRole.FAINT)


def _entered_for_runs(message: Message, setting: ReadingContext) -> tuple[TextRun, ...]:
    """The description that one of us entered: it speaks for the requester and answers nobody."""
    author = "you" if message.author_id == setting.me_id else person_name(setting.people, message.author_id)
    requester = person_name(setting.people, setting.requester_id)
    return (requester, TextRole.AUTHOR), (f" · customer · entered by {author}", TextRole.FAINT)


def _channel(channel: OutsideText | None) -> str:
    name = safe_line(channel) if channel else "api"
    return f" · by {name}" if name != "api" else ""


def _attachment_runs(attachment: Attachment, width: int) -> tuple[TextRun, ...]:
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


def _history_line(event: HistoryEvent, at: datetime, setting: ReadingContext, width: int) -> ConversationLine:
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
