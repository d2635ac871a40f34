"""How much of a conversation is kept: the newest messages, up to a number of bytes."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from supporttui.domain.safe_text import MAX_LENGTH, OutsideText
from supporttui.domain.ticket import Conversation, HistoryEvent, Message

KEPT_BYTES: Final = 1024 * 1024
"""Of a conversation that somebody opens."""

PREFETCHED_BYTES: Final = 256 * 1024
"""Of one that nobody has opened yet."""

MAX_KEPT_BYTES: Final = 16 * 1024 * 1024
"""Of one whose older messages were asked for, again and again."""

KEPT_EVENTS: Final = 2_000
"""Events of a history, beside those of status and severity, which the clocks need."""

_MESSAGE_BYTES: Final = 200
_FILE_BYTES: Final = 300
_CLOCK_FIELDS: Final = frozenset({"status", "severity"})


def bounded_text(text: str, most: int = MAX_LENGTH) -> OutsideText:
    """A text from outside with at most one character more than is ever shown, which says that there was more."""
    return OutsideText(text if len(text) <= most else text[: most + 1])


def text_bytes(text: str) -> int:
    """The most bytes that a text takes in memory and on disk."""
    return len(text) * (1 if text.isascii() else 4)


def message_bytes(message: Message) -> int:
    """About what a message takes."""
    files = sum(_FILE_BYTES + text_bytes(each.file_name.raw) + text_bytes(each.url.raw) for each in message.attachments)
    return _MESSAGE_BYTES + text_bytes(message.body.raw) + files


def newest_within(messages: Sequence[Message], max_bytes: int) -> tuple[Message, ...]:
    """The messages, oldest first as given, of which those that exceed the budget are kept without text and files.

    The newest one is always kept. Who wrote the others, and when, is kept too: the clocks depend on it.
    """
    kept: list[Message] = []
    left, is_full = max_bytes, False
    for message in reversed(messages):
        left -= message_bytes(message)
        is_full = is_full or message.is_omitted or (left < 0 and bool(kept))
        kept.append(without_text(message) if is_full else message)
    return tuple(reversed(kept))


def without_text(message: Message) -> Message:
    """A message of which only author and time are kept."""
    if message.is_omitted:
        return message
    return replace(message, body=OutsideText(""), attachments=(), channel=None, is_omitted=True)


def within_budget(conversation: Conversation, max_bytes: int) -> Conversation:
    """The conversation with its newest messages within the budget, and a bounded history."""
    messages = newest_within(conversation.messages, max_bytes)
    history = _newest_events(conversation.history)
    if history is conversation.history and all(a is b for a, b in zip(messages, conversation.messages, strict=True)):
        return conversation
    return replace(conversation, messages=messages, history=history)


def _newest_events(history: tuple[HistoryEvent, ...]) -> tuple[HistoryEvent, ...]:
    if len(history) <= KEPT_EVENTS:
        return history
    others = [number for number, event in enumerate(history) if event.field not in _CLOCK_FIELDS]
    dropped = set(others[:-KEPT_EVENTS])
    return tuple(event for number, event in enumerate(history) if number not in dropped) if dropped else history
