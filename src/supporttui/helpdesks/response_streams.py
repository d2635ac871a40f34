"""Reads response bodies as they arrive: decompression, size limits, and server-sent events."""

import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

_CHUNK: Final = 256 * 1024
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


class BodyTooLarge(Exception):
    """The decompressed body exceeds the limit."""


class BodyUnreadable(Exception):
    """The body's encoding is not supported, or it is truncated."""


async def decompressed(raw: AsyncIterator[bytes], encoding: str, max_bytes: int) -> AsyncIterator[bytes]:
    """Yield the decompressed body in small pieces, so that a small body cannot expand in memory.

    Raises BodyTooLarge as soon as the limit is exceeded, BodyUnreadable at the end of a truncated body.
    """
    if encoding not in ("", "identity", "gzip", "deflate"):
        raise BodyUnreadable(f"its body is packed as {encoding!a}")
    total = 0
    pieces = _identity(raw) if encoding in ("", "identity") else _inflated(raw)
    async for piece in pieces:
        total += len(piece)
        if total > max_bytes:
            raise BodyTooLarge(f"it is larger than {max_bytes:,} bytes")
        yield piece


async def _identity(raw: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in raw:
        yield piece


async def _inflated(raw: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    machine = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        async for packed in raw:
            waiting = packed
            while waiting:
                yield machine.decompress(waiting, _CHUNK)
                waiting = machine.unconsumed_tail
    except zlib.error as problem:
        raise BodyUnreadable("its packed body is damaged") from problem
    if not machine.eof:
        raise BodyUnreadable("its packed body was cut short")


def check_length(length: str | None, max_bytes: int) -> None:
    """Raise BodyTooLarge by the Content-Length, before anything is read."""
    if length is not None and length.isascii() and length.isdigit() and int(length[:20]) > max_bytes:
        raise BodyTooLarge(f"it is larger than {max_bytes:,} bytes")


async def join_pieces(pieces: AsyncIterator[bytes]) -> bytes:
    """Return the whole body."""
    return b"".join([piece async for piece in pieces])


MAX_LINE_BYTES: Final = 64 * 1024
MAX_DATA_LINES: Final = 64
"""The maximum number of data lines of one event."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event; a comment (a heartbeat) has no name."""

    event: str
    data: str
    id: str | None


class MalformedEventStream(Exception):
    """The stream is not in the format of server-sent events."""


async def parse_events(pieces: AsyncIterator[bytes]) -> AsyncIterator[ServerEvent]:
    """Yield the events and comments of a stream. Raises MalformedEventStream for a line that is too long."""
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
                if len(data) > MAX_DATA_LINES:
                    raise MalformedEventStream("an event of the stream of changes has no end")
            elif field == "id":
                event_id = value


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    waiting = b""
    async for piece in pieces:
        *whole, waiting = (waiting + piece.replace(b"\r\n", b"\n")).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r")
        if len(waiting) > MAX_LINE_BYTES:
            raise MalformedEventStream("a line of the stream of changes has no end")
