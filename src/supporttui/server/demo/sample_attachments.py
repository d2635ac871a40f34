"""The demonstration's attachments: small logs, and a generated screenshot."""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

SCREENSHOT: Final = "screenshot"

_WIDTH_PX: Final = 160
_HEIGHT_PX: Final = 96
_STAMPS: Final = 8
_STAMP_EVERY: Final = timedelta(seconds=11)

_GROUND: Final = (244, 244, 240)
_BAR: Final = (58, 74, 102)
_NOTE: Final = (238, 204, 110)
_FRAME: Final = (196, 78, 72)


@dataclass(frozen=True, slots=True)
class DemoFile:
    """A file with its content."""

    name: str
    content_type: str
    content: bytes


def make_file(kind: str, texts: Mapping[str, Any], written_at: datetime) -> DemoFile:
    """Return an attachment of a kind, dated shortly before `written_at`."""
    if kind == SCREENSHOT:
        return DemoFile("screenshot.png", "image/png", draw_screenshot())
    entry = texts[kind]
    stamps = [_stamp(written_at - _STAMP_EVERY * (_STAMPS - number)) for number in range(_STAMPS)]
    text = str(entry["text"]).lstrip("\n").format(*stamps)
    return DemoFile(entry["name"], entry["type"], text.encode())


def draw_screenshot() -> bytes:
    """Draw a small PNG of a board: a bar, three notes, and one that is marked."""
    rows = (bytes([0, *(value for x in range(_WIDTH_PX) for value in _pixel(x, y))]) for y in range(_HEIGHT_PX))
    header = struct.pack(">IIBBBBB", _WIDTH_PX, _HEIGHT_PX, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"".join(rows))) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _pixel(x: int, y: int) -> tuple[int, int, int]:
    if y < 12:
        return _BAR
    column, row = x // 52, y // 40
    in_note = 8 <= x % 52 < 44 and 20 <= y < 60
    if column == 2 and in_note and not (11 <= x % 52 < 41 and 23 <= y < 57):
        return _FRAME
    return _NOTE if in_note and row < 2 else _GROUND


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
