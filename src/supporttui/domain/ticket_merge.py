"""What a merge tells on the ticket that stays: the requester's text publicly, everything else as a note."""

from collections.abc import Iterable, Mapping
from typing import Final

from supporttui.domain.patch import MergePlan
from supporttui.domain.ticket import Conversation, Message, Person, Ticket

TEXT_MAX: Final = 60_000
"""Characters of each of the two texts; the desks take 65,535."""


def plan_merge(source: Ticket, conversation: Conversation, into: Ticket, people: Mapping[int, Person]) -> MergePlan:
    """Return how to merge a source, from its whole conversation.

    The requester's public messages are public there only if both tickets have the same requester: otherwise one
    customer would read what another wrote.
    """
    is_same = source.requester_id == into.requester_id
    theirs = [each for each in conversation.messages if is_same and _is_requesters(each, source)]
    others = [each for each in conversation.messages if each not in theirs]
    heading = f"From ticket {source.id.label}, {source.subject.raw}:"
    return MergePlan(
        into=into.id,
        reply=_text(heading, theirs, people) if theirs else None,
        requester_id=source.requester_id if theirs else None,
        note=_text(f"Merged from ticket {source.id.label}, {source.subject.raw}.", others, people),
    )


def _is_requesters(message: Message, source: Ticket) -> bool:
    """Whether it is a public message by the requester in person, of which everything could be read."""
    is_plain = message.is_public and not message.is_automatic and not message.unreadable and not message.is_omitted
    return is_plain and message.author_id == source.requester_id


def _text(heading: str, messages: Iterable[Message], people: Mapping[int, Person]) -> str:
    """Return the messages below a heading, oldest first. If some do not fit, a line at the end says so."""
    text = heading
    for number, message in enumerate(messages):
        author = people.get(message.author_id)
        name = "somebody" if author is None else author.name.raw
        kind = "" if message.is_public else ", internal note"
        files = "".join(f"\n[file on the merged ticket: {each.file_name.raw}]" for each in message.attachments)
        part = f"\n\n{name}, {message.created_at:%Y-%m-%d %H:%M} UTC{kind}:\n{message.body.raw}{files}"
        if len(text) + len(part) > TEXT_MAX:
            return f"{text}\n\n[{'More' if number else 'All of it'} is on the merged ticket.]"
        text += part
    return text
