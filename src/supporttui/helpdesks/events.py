"""Server-sent events, as far as a stream of changes uses them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

LONGEST_LINE: Final = 64 * 1024
MOST_LINES: Final = 64
"""Of one event's content."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event, or with no name a mere comment, by which the desk shows that it lives."""

    event: str
    data: str
    id: str | None


class StreamGarbled(Exception):
    """The stream is not one of events."""


async def parse_events(pieces: AsyncIterator[bytes]) -> AsyncIterator[ServerEvent]:
    """The events of a stream, and its comments. Raises StreamGarbled on a line without end."""
    name, data, event_id = "message", list[str](), None
    async for line in _lines(pieces):
        if line.startswith(":"):
            yield ServerEvent("", "", None)
        elif not line:
            if data:
                yield ServerEvent(name, "\n".join(data), event_id)
            name, data = "message", []
        else:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
                if len(data) > MOST_LINES:
                    raise StreamGarbled("an event of the stream of changes has no end")
            elif field == "id":
                event_id = value


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    waiting = b""
    async for piece in pieces:
        *whole, waiting = (waiting + piece.replace(b"\r\n", b"\n")).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r")
        if len(waiting) > LONGEST_LINE:
            raise StreamGarbled("a line of the stream of changes has no end")
