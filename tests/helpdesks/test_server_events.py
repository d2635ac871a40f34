"""The stream's form."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from supporttui.helpdesks.response_streams import MalformedEventStream, ServerEvent, parse_events


def parsed(*pieces: bytes) -> list[ServerEvent]:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def run() -> list[ServerEvent]:
        return [event async for event in parse_events(stream())]

    return asyncio.run(run())


def test_an_event_may_come_in_any_pieces() -> None:
    text = b": hi\n\nid: 7\nevent: change\ndata: {\ndata: }\n\n"
    expected = [ServerEvent("", "", None), ServerEvent("change", "{\n}", "7")]
    assert parsed(text) == expected
    assert parsed(*(bytes([byte]) for byte in text)) == expected
    assert parsed(text.replace(b"\n", b"\r\n")) == expected


def test_an_event_that_is_cut_short_is_none() -> None:
    assert parsed(b"id: 7\ndata: x\n") == []


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(MalformedEventStream):
        parsed(*[b"x" * 10_000] * 10)
