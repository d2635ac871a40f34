"""`supporttui context`: what is under the cursor of the running board."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.scripts.output import print_json, ticket_lines
from supporttui.cli.selected_desk import settings_of
from supporttui.config import Folders
from supporttui.server.desk_paths import UnsafeFolder, choose_socket, make_private

ANSWER_WITHIN_S: Final = 3.0
MAX_ANSWER_BYTES: Final = 4_000_000
_LONGEST_NAME: Final = "board-4194304"  # the highest number of a process


def board_socket() -> Path:
    """The socket of the board that this process shows. Raises UnsafeFolder, ConfigProblem, OSError."""
    return _folder() / f"board-{os.getpid()}.sock"


def _folder() -> Path:
    """Where the sockets of this user's boards lie, by paths that are short enough for sockets."""
    longest = choose_socket(Folders.of_user().runtime / "boards", _LONGEST_NAME)
    if longest.stem == _LONGEST_NAME:
        return longest.parent
    folder = longest.with_suffix("")  # as unique as the name that was made of the long path
    make_private(folder)
    return folder


def print_context(scope: GlobalOptions, *, as_json: bool) -> int:
    """Print the ticket under the cursor of the board that was used last. Raises CommandError where none runs."""
    answers = [*_answers()]
    if not answers:
        raise CommandError(
            "no board of yours is running; start one in another terminal with `supporttui`", Exit.NO_BOARD
        )
    found = max(answers, key=lambda each: each["last_key_at"])
    del found["last_key_at"]
    if as_json:
        print_json(found)
    elif found["ticket"] is None:
        print("There is no ticket under the cursor.")
    else:
        print("\n".join(ticket_lines(found["ticket"], settings_of(scope).policy)))
    return Exit.OK


def _answers() -> Iterator[dict[str, Any]]:
    """What the boards of this user say. A socket that nobody listens on is removed: its board was killed."""
    try:
        paths = sorted(_folder().glob("board-*.sock"))
    except (OSError, UnsafeFolder):
        return
    for path in paths:
        try:
            told = json.loads(_read(path))
        except ConnectionRefusedError:
            with contextlib.suppress(OSError):
                path.unlink()
        except (OSError, ValueError, RecursionError):
            continue  # it is leaving, or its terminal blocks it
        else:
            if isinstance(told, dict) and "last_key_at" in told:
                yield told


def _read(path: Path) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_WITHIN_S)
        connection.connect(str(path))
        parts, size = list[bytes](), 0
        while part := connection.recv(65_536):
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise ValueError("the answer is too long")
        return b"".join(parts)
