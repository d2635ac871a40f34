"""A conversation as lines of so many cells: who wrote what, when, to whom, and what has not been sent yet."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from supporttui.domain.safe_text import OutsideText, safe, safe_line
from supporttui.domain.ticket import Attachment, Conversation, HistoryEvent, Message, Person, Role
from supporttui.store.operations import Operation
from supporttui.ui.drawing import cut, steady
from supporttui.ui.widgets.conflict_lines import theirs_lines
from supporttui.ui.widgets.conversation_parts import (
    BAR_CELLS,
    MEASURE_CELLS,
    Ink,
    Line,
    Run,
    Setting,
    Voice,
    person_name,
    size_text,
)
from supporttui.ui.widgets.unsent_lines import draft_lines, unsent_lines
from supporttui.ui.widgets.wrapping import wrap


def day_text(day: date, today: date) -> str:
    """`Monday 23 November · today`; the year only where it is another one."""
    text = f"{day:%A} {day.day} {day:%B}"
    if day.year != today.year:
        text += f" {day.year}"
    if day == today:
        return f"{text} · today"
    return f"{text} · yesterday" if day == today - timedelta(days=1) else text


class ConversationLayout:
    """Lays out one ticket's conversation, and remembers wrapped messages for as long as the width stays."""

    def __init__(self) -> None:
        self._width = 0
        self._bodies: dict[int, tuple[OutsideText, list[str]]] = {}

    def lines(
        self, conversation: Conversation | None, unsent: Sequence[Operation], setting: Setting, width_cells: int
    ) -> list[Line]:
        """The whole conversation, oldest first, what is unsent at its end."""
        width = max(min(width_cells - BAR_CELLS, MEASURE_CELLS), 8)
        if width != self._width:
            self._width = width
            self._bodies.clear()
        lines: list[Line] = []
        day: date | None = None
        first_new = _first_new(conversation, setting)
        entries = _in_order(conversation)
        for entry, following in zip(entries, [*entries[1:], None], strict=False):
            at = _instant(entry).astimezone(setting.zone)
            if at.date() != day:
                day = at.date()
                lines.extend(_day_lines(day, setting.today))
            if entry is first_new:
                lines.extend((Line(Voice.NOBODY, (("new since you looked", Ink.UNREAD),)), Line(Voice.NOBODY)))
            if isinstance(entry, Message):
                is_description = conversation is not None and entry is conversation.messages[0]
                lines.extend(self._message_lines(entry, at, setting, is_description=is_description))
            else:
                lines.append(_history_line(entry, at, setting, width))
                if not isinstance(following, HistoryEvent):
                    lines.append(Line(Voice.NOBODY))
        if setting.standing:
            lines.extend((Line(Voice.NOBODY, ((setting.standing, Ink.FAINT),)), Line(Voice.NOBODY)))
        for operation in unsent:
            lines.extend(theirs_lines(operation, conversation, setting, width))
            lines.extend(unsent_lines(operation, setting, width))
        if setting.draft is not None:
            lines.extend(draft_lines(setting.draft, width))
        return lines

    def _message_lines(
        self, message: Message, at: datetime, setting: Setting, *, is_description: bool
    ) -> Iterator[Line]:
        voice = voice_of(message, setting.people)
        header = _header_runs(message, voice, setting)
        if is_description and voice is Voice.REPLY:
            voice, header = Voice.CUSTOMER, _entered_for_runs(message, setting)
        yield Line(voice, header, (f"{at:%H:%M}", Ink.FAINT))
        ink = Ink.FAINT if voice is Voice.AUTOMATIC else Ink.BODY
        for text in self._wrapped(message):
            yield Line(voice, ((text, ink),))
        for attachment in message.attachments:
            yield Line(voice, _attachment_runs(attachment, self._width))
        yield Line(Voice.NOBODY)

    def _wrapped(self, message: Message) -> list[str]:
        known = self._bodies.get(message.id)
        if known is None or known[0] != message.body:
            known = (message.body, wrap(steady(safe(message.body)).strip("\n"), self._width))
            self._bodies[message.id] = known
        return known[1]


def voice_of(message: Message, people: Mapping[int, Person]) -> Voice:
    """Whether a message is a note, an automatic reply, our reply, or the customer's."""
    if not message.is_public:
        return Voice.NOTE
    if message.is_automatic:
        return Voice.AUTOMATIC
    author = people.get(message.author_id)
    return Voice.REPLY if author is not None and author.role is not Role.END_USER else Voice.CUSTOMER


def _in_order(conversation: Conversation | None) -> list[Message | HistoryEvent]:
    if conversation is None:
        return []
    shown = [event for event in conversation.history if event.field in _FIELD_WORDS]
    return sorted(
        [*conversation.messages, *shown], key=lambda entry: (_instant(entry), isinstance(entry, HistoryEvent))
    )


def _first_new(conversation: Conversation | None, setting: Setting) -> Message | None:
    """The first message of a customer that came after the reader last looked."""
    if conversation is None or setting.unread_after is None:
        return None
    for message in conversation.messages:
        if message.created_at > setting.unread_after and voice_of(message, setting.people) is Voice.CUSTOMER:
            return message
    return None


def _instant(entry: Message | HistoryEvent) -> datetime:
    return entry.created_at if isinstance(entry, Message) else entry.at


def _day_lines(day: date, today: date) -> list[Line]:
    return [Line(Voice.NOBODY, ((day_text(day, today), Ink.DAY),)), Line(Voice.NOBODY)]


def _header_runs(message: Message, voice: Voice, setting: Setting) -> tuple[Run, ...]:
    author = "you" if message.author_id == setting.me_id else person_name(setting.people, message.author_id)
    if voice is Voice.NOTE:
        return ("internal note", Ink.NOTE_LABEL), (" · not visible to the customer · ", Ink.FAINT), (author, Ink.AUTHOR)
    if voice is Voice.AUTOMATIC:
        return ("automatic reply", Ink.AUTHOR), (" · sent by a rule of the help desk", Ink.FAINT)
    if voice is Voice.REPLY:
        return (author, Ink.AUTHOR), (" · public reply", Ink.FAINT)
    role = " · customer" if message.author_id == setting.requester_id else " · also on this ticket"
    return (author, Ink.AUTHOR), (role + _channel(message.channel), Ink.FAINT)


def _entered_for_runs(message: Message, setting: Setting) -> tuple[Run, ...]:
    """The description that one of us entered: it speaks for the requester and answers nobody."""
    if message.author_id == setting.requester_id:
        return (person_name(setting.people, message.author_id), Ink.AUTHOR), (" · description", Ink.FAINT)
    author = "you" if message.author_id == setting.me_id else person_name(setting.people, message.author_id)
    requester = person_name(setting.people, setting.requester_id)
    return (requester, Ink.AUTHOR), (f" · customer · entered by {author}", Ink.FAINT)


def _channel(channel: OutsideText | None) -> str:
    name = safe_line(channel) if channel else "api"
    return f" · by {name}" if name != "api" else ""


def _attachment_runs(attachment: Attachment, width: int) -> tuple[Run, ...]:
    is_picture = safe_line(attachment.content_type).startswith(("image/", "video/"))
    size = size_text(attachment.size_bytes)
    name = cut(safe_line(attachment.file_name), max(width - len(size) - 4, 4))
    return ("▣ " if is_picture else "▤ ", Ink.FILE), (name, Ink.FILE), (f"  {size}", Ink.FAINT)


_FIELD_WORDS: Final = {
    "status": "status",
    "severity": "severity",
    "assignee": "assignee",
    "group": "group",
    "subject": "subject",
}


def _history_line(event: HistoryEvent, at: datetime, setting: Setting, width: int) -> Line:
    who = "you" if event.author_id == setting.me_id else person_name(setting.people, event.author_id)
    before, after = (_property_text(event.field, value, setting) for value in (event.before, event.after))
    change = f"{before} → {after}" if event.before else after
    text = cut(f"{who} · {_FIELD_WORDS[event.field]}: {change}", width - 8)
    return Line(Voice.NOBODY, ((f"· {text}", Ink.FAINT),), (f"{at:%H:%M}", Ink.FAINT))


def _property_text(field: str, value: OutsideText | None, setting: Setting) -> str:
    text = safe_line(value) if value else ""
    if not text:
        return "nobody" if field == "assignee" else "none"
    if field == "assignee" and text.isdecimal() and len(text) < 20:
        return person_name(setting.people, int(text))
    if field == "status":
        titles = {status.value: known.title for status, known in setting.policy.statuses.items()}
        return titles.get(text, text)
    return text
