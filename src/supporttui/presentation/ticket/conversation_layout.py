"""Lays out a conversation as lines, newest message first, in steps of bounded work."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from supporttui.domain.links import is_written_in
from supporttui.domain.safe_text import STEP_CHARACTERS, OutsideText
from supporttui.domain.ticket import Conversation, HistoryEvent, Message
from supporttui.presentation.cell_text import cell_len
from supporttui.presentation.ticket.conversation_lines import (
    attachment_runs,
    body_lines,
    conflict_lines,
    day_lines,
    draft_lines,
    entered_for_runs,
    entry_time,
    first_new,
    header_runs,
    history_line,
    in_order,
    kind_of_message,
    remark_lines,
    unreadable_sentences,
    unsent_lines,
)
from supporttui.presentation.ticket.conversation_parts import (
    BAR_CELLS,
    MAX_TEXT_CELLS,
    ConversationLine,
    ReadingContext,
    Speaker,
    TextRole,
)
from supporttui.presentation.ticket.shown_links import links_on_line
from supporttui.presentation.ticket.wrapping import wrap
from supporttui.store.operations import Operation

FIRST_SHARE: Final = 6_000
"""The work done at once when a ticket is opened, about 30 ms; enough for most tickets as a whole."""

NEXT_SHARE: Final = 2_500
"""The work done between two keys, about 12 ms."""

_LINE_COST: Final = 12
"""The work of a line in addition to its characters."""

_ASCII_CHARACTERS: Final = 8
"""The number of ASCII characters that take the work of one other character."""

TIME_CELLS: Final = 6
"""The time at the right end of a message's first line, and the blank before it."""

MAX_REMEMBERED_BODIES: Final = 2_000
"""The number of wrapped messages that are cached."""

MORE_TO_COME: Final = ConversationLine(Speaker.NOBODY, (("earlier messages are being laid out…", TextRole.FAINT),))

EMPTY_LINE: Final = ConversationLine(Speaker.NOBODY)


def older_sentence(omitted: int, key: str) -> str:
    """Return the line above the first loaded message if there are older ones; an empty `key` is not mentioned."""
    keys = f"   {key} load older ones" if key else ""
    return f"{omitted:,} older {'message' if omitted == 1 else 'messages'} not loaded{keys}"


def line_cost(text: str) -> int:
    """Return the work of laying out a line, in units of one non-ASCII character, about 5 µs."""
    return _LINE_COST + (len(text) // _ASCII_CHARACTERS if text.isascii() else len(text))


class _Texts(Sequence[ConversationLine]):
    """The lines of a message's text, kept as strings until they are drawn."""

    __slots__ = ("_body", "_message_kind", "_role", "texts")

    def __init__(self, message_kind: Speaker, role: TextRole, texts: list[str], body: OutsideText) -> None:
        self._message_kind = message_kind
        self._role = role
        self._body = body
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, index: int) -> ConversationLine:  # type: ignore[override]  # it is never sliced
        links = links_on_line(self.texts, index, self._body) if is_written_in("://", self._body) else ()
        return ConversationLine(self._message_kind, ((self.texts[index], self._role),), links=links)


_Block = Sequence[ConversationLine]
_Work = Iterator[_Block | int]
"""Yields blocks from the last line upwards and, between them, the work done so far without a block."""


class ConversationLayout:
    """Lays out one ticket's conversation from its end, and caches wrapped messages while the width stays the same.

    Call `begin` with the conversation, then `advance` until done. Line indexes count from the top of what is laid out.
    """

    def __init__(self) -> None:
        self._width = 0
        self._bodies: dict[int, tuple[OutsideText, list[str]]] = {}
        self._blocks: list[_Block] = []
        self._ends: list[int] = []
        """For each block, the number of lines from its first line to the end of the conversation."""
        self._work: _Work = iter(())
        self.is_complete = True

    def successor(self) -> "ConversationLayout":
        """Return a new layout with the same cache, to be filled while this one is still shown."""
        other = ConversationLayout()
        other._width, other._bodies = self._width, self._bodies
        return other

    def begin(
        self, conversation: Conversation | None, unsent: Sequence[Operation], setting: ReadingContext, width_cells: int
    ) -> None:
        """Start the layout of a conversation; no lines are laid out yet."""
        width = max(min(width_cells - BAR_CELLS, MAX_TEXT_CELLS), 8)
        if width != self._width or len(self._bodies) > MAX_REMEMBERED_BODIES:
            self._width = width
            self._bodies = {}
        self._blocks, self._ends, self.is_complete = [], [], False
        self._work = self._upwards(conversation, unsent, setting)

    def advance(self, work: int) -> None:
        """Lay out further lines upwards, for about `work` units."""
        while work > 0 and not self.is_complete:
            done = next(self._work, None)
            if done is None:
                self.is_complete = True
            elif isinstance(done, int):
                work -= done
            elif done:
                self._blocks.append(done)
                self._ends.append(len(done) + (self._ends[-1] if self._ends else 0))

    def __len__(self) -> int:
        """The number of lines laid out, plus one if older lines are still to be laid out."""
        return (self._ends[-1] if self._ends else 0) + (not self.is_complete)

    def line(self, index: int) -> ConversationLine:
        """Return a line by its index from the top."""
        if index == 0 and not self.is_complete:
            return MORE_TO_COME
        from_end = len(self) - 1 - index
        number = bisect_right(self._ends, from_end)
        return self._blocks[number][self._ends[number] - 1 - from_end]

    def lines(
        self, conversation: Conversation | None, unsent: Sequence[Operation], setting: ReadingContext, width_cells: int
    ) -> list[ConversationLine]:
        """Return the whole conversation at once, oldest first, with unsent messages at the end."""
        self.begin(conversation, unsent, setting, width_cells)
        while not self.is_complete:
            self.advance(NEXT_SHARE)
        return [self.line(index) for index in range(len(self))]

    def _upwards(
        self, conversation: Conversation | None, unsent: Sequence[Operation], setting: ReadingContext
    ) -> _Work:
        if setting.draft is not None:
            yield from _collected(_without_keys(draft_lines(setting.draft, setting, self._width), setting))
        for operation in reversed(unsent):
            yield from _collected(_without_keys(unsent_lines(operation, setting, self._width), setting))
            yield from _collected(conflict_lines(operation, conversation, setting, self._width))
        if setting.standing:
            texts = wrap(setting.standing, self._width)
            yield [*(ConversationLine(Speaker.NOBODY, ((text, TextRole.FAINT),)) for text in texts), EMPTY_LINE]
        if conversation is not None:
            yield from self._entries(conversation, setting)

    def _entries(self, conversation: Conversation, setting: ReadingContext) -> _Work:
        """Messages and history from the newest to the oldest, with each day's heading above its first entry."""
        for sentence in reversed(unreadable_sentences(conversation)):
            texts = (
                ConversationLine(Speaker.NOBODY, ((text, TextRole.PROBLEM),)) for text in wrap(sentence, self._width)
            )
            yield (*texts, ConversationLine(Speaker.NOBODY))
        unread = first_new(conversation, setting)
        omitted = conversation.omitted
        entries = in_order(conversation)
        if omitted:
            first = next((each for each in conversation.messages if not each.is_omitted), None)
            entries = entries[entries.index(first) :] if first is not None else []
        description = conversation.messages[0] if conversation.messages else None
        for number in range(len(entries) - 1, -1, -1):
            entry, at = entries[number], entry_time(entries[number]).astimezone(setting.zone)
            if isinstance(entry, Message):
                yield from self._message(entry, at, setting, is_description=entry is description)
            else:
                is_last = number + 1 == len(entries) or not isinstance(entries[number + 1], HistoryEvent)
                line = history_line(entry, at, setting, self._width)
                yield (line, ConversationLine(Speaker.NOBODY)) if is_last else (line,)
            if entry is unread:
                yield remark_lines("new since you looked", TextRole.UNREAD)
            before = entry_time(entries[number - 1]).astimezone(setting.zone).date() if number else None
            if before != at.date():
                yield day_lines(at.date(), setting.today)
            yield 2 * _LINE_COST
        if omitted:
            key = setting.key("ticket-older") if setting.names_keys else ""
            yield remark_lines(older_sentence(omitted, key), TextRole.KEYS)

    def _message(self, message: Message, at: datetime, setting: ReadingContext, *, is_description: bool) -> _Work:
        """One message, from its attachments up to its first line."""
        message_kind = kind_of_message(message, setting.requester_id, setting.people)
        header = header_runs(message, message_kind, setting)
        if message_kind is Speaker.NOTE and sum(cell_len(text) for text, _ in header) > self._width - TIME_CELLS:
            header = (header[0], (" · ", TextRole.FAINT), header[-1])
        if is_description and message_kind is Speaker.REPLY:
            message_kind, header = Speaker.CUSTOMER, entered_for_runs(message, setting)
        files = (ConversationLine(message_kind, attachment_runs(each, self._width)) for each in message.attachments)
        text_role = TextRole.FAINT if message_kind is Speaker.AUTOMATIC else TextRole.BODY
        yield (ConversationLine(Speaker.NOBODY),)
        yield from _collected(files)
        known = self._bodies.get(message.id)
        texts = known[1] if known is not None and known[0] == message.body else []
        if not texts:
            for text in body_lines(message.body, self._width):
                if text is not None:
                    texts.append(text)
                yield STEP_CHARACTERS if text is None else line_cost(text)
            self._bodies[message.id] = (message.body, texts)
        yield _Texts(message_kind, text_role, texts, message.body)
        yield (ConversationLine(message_kind, header, (f"{at:%H:%M}", TextRole.FAINT)),)


def _without_keys(
    lines: Iterable[ConversationLine | None], setting: ReadingContext
) -> Iterable[ConversationLine | None]:
    """The lines without those that mention keys, unless the keys are available here."""
    if setting.names_keys:
        return lines
    return (line for line in lines if line is None or not line.runs or line.runs[0][1] is not TextRole.KEYS)


def _collected(lines: Iterable[ConversationLine | None]) -> _Work:
    """One block of these lines, preceded by the work that each line takes."""
    block: list[ConversationLine] = []
    for line in lines:
        if line is not None:
            block.append(line)
        yield STEP_CHARACTERS if line is None else line_cost("".join(text for text, _ in line.runs))
    yield block
