"""Files that a person names for attaching: looked at before anything is promised."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.presentation.ticket.conversation_parts import size_text

MAX_FILE_BYTES: Final = 50_000_000
"""https://support.zendesk.com/hc/en-us/articles/4408832757146: 50 MB a file."""


class FileProblem(Exception):
    """A file cannot be attached; `str()` is one sentence that names it and the remedy, fit to draw."""


@dataclass(frozen=True, slots=True)
class AttachableFile:
    """A file that can be read and is small enough."""

    path: Path
    size_bytes: int

    @property
    def label(self) -> str:
        """Its name and size, fit to draw."""
        return f"{displayed_path(self.path.name)}  {size_text(self.size_bytes)}"


def displayed_path(text: str) -> str:
    """A name or path of this machine, fit to draw."""
    return safe_line(OutsideText(text))


def check_file(typed: str) -> AttachableFile:
    """The file that was typed, `~` expanded. Raises FileProblem where it cannot be attached."""
    text = typed.strip().strip("'\"")
    if not text:
        raise FileProblem("Type the path of a file, or press esc.")
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
