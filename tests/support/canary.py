"""Marks every secret that a test creates, and searches files and outputs for leaked marks."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from support.canary_site.sitecustomize import MARK, UPLOAD_MARK

CHUNK_BYTES: Final = 1 << 22
"""Bytes of a file that are looked at together."""

ALLOWED_STORES: Final = {
    MARK: (
        (r"/supporttui/logins/[0-9a-f]{16}\.json$", "`supporttui login --file` keeps the token there"),
        (r"/keyring\.json$", "the keyring of the tests"),
        (r"/card\.json$", "the embedded desk's own user finds it by this card, 0600 in a 0700 folder"),
        (r"\.toml$", "a configuration that the test wrote with a token in it"),
        (r"/secret$", "what the test's `token_command` reads, or the other end of its ssh"),
    ),
    UPLOAD_MARK: (
        (r"\.db(-wal)?$", "the desk knows an upload by it, and the outbox sends it again after a broken link"),
    ),
}
"""Where a mark may stand in a file, and why."""


@dataclass(frozen=True, slots=True)
class LeakedSecret:
    """A mark where it has no business."""

    where: str
    form: str

    def __str__(self) -> str:
        return f"a canary token stands {self.form} in {self.where}"


@dataclass(slots=True)
class SearchResult:
    """What was looked at, and what was found."""

    files: int = 0
    size_bytes: int = 0
    texts: int = 0
    """Terminals, outputs, logs."""
    found: list[LeakedSecret] = field(default_factory=list)

    def add(self, other: "SearchResult") -> None:
        """Count another search into this one."""
        self.files += other.files
        self.size_bytes += other.size_bytes
        self.texts += other.texts
        self.found += other.found


CAPTURED: Final = SearchResult()
"""What was captured since the last look: every terminal and every command of the tests adds to it."""


def secret(name: str) -> str:
    """A token that a test invents. Its end has to be quoted in an address and in base64."""
    return f"{MARK}-{name}+/=="


@cache
def encodings_of(mark: str) -> dict[bytes, str]:
    """The bytes by which a mark is known, with the name of the encoding."""
    raw = mark.encode()
    wanted = {raw: "as it is", mark.encode("utf-16-le"): "in UTF-16"}
    wanted |= dict.fromkeys((raw.hex().encode(), raw.hex().upper().encode()), "in hexadecimal")
    for digits in ("%{:02X}", "%{:02x}"):
        wanted["".join(map(digits.format, raw)).encode()] = "URL-encoded"
    for before in range(3):
        packed = base64.b64encode(bytes(before) + raw)
        inner = packed[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        wanted |= dict.fromkeys((inner, inner.replace(b"+", b"-").replace(b"/", b"_")), "in base64")
    return wanted


LONGEST_ENCODING: Final = max(map(len, encodings_of(MARK)))


def encodings_in(content: bytes | bytearray, mark: str = MARK) -> list[str]:
    """In which encodings a mark stands there; in an address, what follows it may be quoted as it likes."""
    return sorted({name for form, name in encodings_of(mark).items() if form in content})


def check_text(where: str, content: bytes | bytearray | str) -> None:
    """Note what a person or another program would have seen."""
    seen = content.encode("utf-8", "replace") if isinstance(content, str) else content
    CAPTURED.texts += 1
    CAPTURED.size_bytes += len(seen)
    CAPTURED.found += [LeakedSecret(where, form) for mark in ALLOWED_STORES for form in encodings_in(seen, mark)]


def check_process_arguments() -> None:
    """No command line of the product may hold a secret: everybody on the machine can read it."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it has ended
            if b"supporttui" in command:
                check_text(f"the command line of process {folder.name}", command)


def take_captured() -> SearchResult:
    """What was noted since the last time."""
    before = SearchResult(CAPTURED.files, CAPTURED.size_bytes, CAPTURED.texts, list(CAPTURED.found))
    CAPTURED.files = CAPTURED.size_bytes = CAPTURED.texts = 0
    CAPTURED.found.clear()
    return before


def search_file(path: Path) -> SearchResult:
    """Look through one file, however large, for what is not in its own store there."""
    looked = SearchResult(files=1)
    marks = [mark for mark in ALLOWED_STORES if not _is_allowed(path, mark)]
    forms_found: set[str] = set()
    for piece in _overlapping_chunks(path):
        looked.size_bytes += len(piece)
        forms_found |= {form for mark in marks for form in encodings_in(piece, mark)}
    looked.found = [LeakedSecret(str(path), form) for form in sorted(forms_found)]
    return looked


def check_folder(folder: Path) -> None:
    """Look through a folder that is removed before its test has ended."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            CAPTURED.add(search_file(path))


def _is_allowed(path: Path, mark: str) -> bool:
    return any(re.search(pattern, str(path)) for pattern, _reason in ALLOWED_STORES[mark])


def _overlapping_chunks(path: Path) -> Iterator[bytes]:
    """The file piece by piece, each with the end of the one before: no mark is cut in two."""
    kept = b""
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            yield kept + piece
            kept = piece[-LONGEST_ENCODING:]
