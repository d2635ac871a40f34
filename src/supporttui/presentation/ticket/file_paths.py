"""Checks paths of files to attach, and completes them as they are typed."""

import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.presentation.ticket.conversation_parts import size_text

MAX_FILE_BYTES: Final = 50_000_000
"""https://support.zendesk.com/hc/en-us/articles/4408832757146: 50 MB a file."""


MAX_ENTRIES: Final = 20_000
"""The maximum number of a folder's entries considered for completion."""


class FileProblem(Exception):
    """A file cannot be attached; `str()` is one sentence that names it and the remedy, safe to draw."""


@dataclass(frozen=True, slots=True)
class AttachableFile:
    """A file that is readable and small enough."""

    path: Path
    size_bytes: int

    @property
    def label(self) -> str:
        """Its name and size, safe to draw."""
        return f"{displayed_path(self.path.name)}  {size_text(self.size_bytes)}"


def displayed_path(text: str) -> str:
    """Return a local name or path, safe to draw."""
    return safe_line(OutsideText(text))


def short_path(path: str) -> str:
    """The path with `~` for the user's home."""
    home = os.path.expanduser("~")  # noqa: PTH111 - where there is no home it stays as it is
    is_below = home not in ("~", "/") and (path == home or path.startswith(f"{home}/"))
    return f"~{path.removeprefix(home)}" if is_below else path


def complete_path(typed: str) -> str:
    """Complete a path by the common prefix of all matching entries; a folder ends in a slash."""
    try:
        folder = Path(os.path.dirname(typed) or ".").expanduser()  # noqa: PTH120 - pathlib drops the slash at the end
        prefix = os.path.basename(typed)  # noqa: PTH119 - as above
        with os.scandir(folder) as entries:
            found = {each.name: each.is_dir() for each in itertools.islice(entries, MAX_ENTRIES)}
    except (OSError, ValueError, RuntimeError):
        return typed
    names = [name for name in found if name.startswith(prefix) and (prefix or not name.startswith("."))]
    common = os.path.commonprefix(names)  # noqa: RUF071 - names of one folder, character by character
    if not common:
        return typed
    is_folder = names == [common] and found[common]
    return typed.removesuffix(prefix) + common + ("/" if is_folder else "")


def check_file(typed: str) -> AttachableFile:
    """Check a typed path, with `~` expanded. Raises FileProblem if it cannot be attached."""
    text = typed.strip().strip("'\"")
    if not text:
        raise FileProblem("Type the path of a file first.")
    try:
        path = Path(text).expanduser().absolute()
        is_file, is_there = path.is_file(), path.exists()
        size = path.stat().st_size if is_file else 0
    except (OSError, ValueError, RuntimeError) as problem:
        raise FileProblem(f"{displayed_path(text)} cannot be read: {displayed_path(_reason(problem))}.") from problem
    if not is_there:
        raise FileProblem(f"{displayed_path(text)} does not exist; check the path.")
    if not is_file:
        raise FileProblem(f"{displayed_path(text)} is not a file; name a file.")
    if not os.access(path, os.R_OK):
        raise FileProblem(f"{displayed_path(text)} may not be read by you; check its permissions.")
    if size > MAX_FILE_BYTES:
        limit = size_text(MAX_FILE_BYTES)
        raise FileProblem(
            f"{displayed_path(path.name)} has {size_text(size)}; the help desk takes {limit}: compress it."
        )
    if size == 0:
        raise FileProblem(f"{displayed_path(path.name)} is empty; check that it is the right file.")
    return AttachableFile(path, size)


def _reason(problem: Exception) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
