"""Reads rows directly from the pages of a database whose b-trees are damaged.

SQLite's own recovery (`.recover` of its shell) is not part of Python's sqlite3, which reads nothing at all of a file
without its first page. A journal beside the outbox would have to take every draft again at each saving, twice a second
while somebody types, and would keep on disk what they withdrew.

After https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1. A page that SQLite has freed may still hold old
rows: the caller must not rely on the state that a row found here says.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

Cell = tuple[int, list[object]]

PAGE_BYTES: Final = 4096
"""What SQLite gives to a new file; the header, which would say it, may be what is damaged."""

_LEAF: Final = 0x0D
_HEADER_BYTES: Final = 100
_MOST_BYTES: Final = 64 * 1024 * 1024
_INTEGER_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class _NotARow(Exception):
    """The bytes are not a valid row."""


def read_rows_on_pages(path: Path) -> Iterator[Cell]:
    """Every row of every table that can be read on some page: its rowid and its columns."""
    raw = path.read_bytes()
    for number in range(len(raw) // PAGE_BYTES):
        start = number * PAGE_BYTES
        page = raw[start : start + PAGE_BYTES]
        at = _HEADER_BYTES if number == 0 else 0
        if page[at] != _LEAF:
            continue
        count = int.from_bytes(page[at + 3 : at + 5], "big")
        for index in range(min(count, PAGE_BYTES // 4)):
            pointer = at + 8 + 2 * index
            offset = int.from_bytes(page[pointer : pointer + 2], "big")
            try:
                yield _cell(raw, page, offset)
            except (_NotARow, IndexError, UnicodeDecodeError):
                continue


def _cell(raw: bytes, page: bytes, offset: int) -> Cell:
    size, offset = _varint(page, offset)
    rowid, offset = _varint(page, offset)
    if not 0 < size < _MOST_BYTES:
        raise _NotARow
    local = _local_bytes(size)
    payload = bytearray(page[offset : offset + local])
    following = int.from_bytes(page[offset + local : offset + local + 4], "big") if local < size else 0
    while len(payload) < size:
        start = (following - 1) * PAGE_BYTES
        if following < 1 or start + PAGE_BYTES > len(raw):
            raise _NotARow
        payload += raw[start + 4 : start + PAGE_BYTES][: size - len(payload)]
        following = int.from_bytes(raw[start : start + 4], "big")
    return rowid, _record(bytes(payload[:size]))


def _local_bytes(size: int) -> int:
    """The bytes of a payload that are on the leaf itself; the rest is on overflow pages."""
    longest = PAGE_BYTES - 35
    if size <= longest:
        return size
    least = (PAGE_BYTES - 12) * 32 // 255 - 23
    wanted = least + (size - least) % (PAGE_BYTES - 4)
    return wanted if wanted <= longest else least


def _record(payload: bytes) -> list[object]:
    header_size, at = _varint(payload, 0)
    if header_size > len(payload):
        raise _NotARow
    kinds = []
    while at < header_size:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return values


def _value(payload: bytes, at: int, kind: int) -> tuple[object, int]:
    if kind in (0, 8, 9):
        return (None, 0, 1)[(0, 8, 9).index(kind)], at
    if kind >= 12:
        end = at + (kind - 12) // 2
        content = payload[at:end]
        if end > len(payload):
            raise _NotARow
        return (content if kind % 2 == 0 else content.decode()), end
    if kind not in _INTEGER_BYTES:
        raise _NotARow  # a float: none of our tables has one
    end = at + _INTEGER_BYTES[kind]
    return int.from_bytes(payload[at:end], "big", signed=True), end


def _varint(source: bytes, at: int) -> tuple[int, int]:
    number = 0
    for _position in range(8):
        byte = source[at]
        number, at = number << 7 | byte & 0x7F, at + 1
        if byte < 0x80:
            return number, at
    return number << 8 | source[at], at + 1
