"""Bodies of answers: read as they arrive, unpacked here, and never beyond a cap."""

import zlib
from collections.abc import AsyncIterator
from typing import Final

_CHUNK: Final = 256 * 1024
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


class BodyTooLarge(Exception):
    """More bytes than were allowed, counted after unpacking."""


class BodyUnreadable(Exception):
    """Packed in a way that was not asked for, or cut short."""


async def unpacked(raw: AsyncIterator[bytes], encoding: str, max_bytes: int) -> AsyncIterator[bytes]:
    """The body's bytes in small pieces. A small packed body cannot become a huge one: it is unpacked a piece a time.

    Raises BodyTooLarge as soon as the cap is exceeded, BodyUnreadable at the end of a packed body that is cut short.
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
    """Refuse a body that says itself that it is too large, before a byte of it is read. Raises BodyTooLarge."""
    if length is not None and length.isascii() and length.isdigit() and int(length[:20]) > max_bytes:
        raise BodyTooLarge(f"it is larger than {max_bytes:,} bytes")


async def collected(pieces: AsyncIterator[bytes]) -> bytes:
    """The whole body."""
    return b"".join([piece async for piece in pieces])
