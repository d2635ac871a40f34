"""Edits a text in the user's own editor while the app is suspended."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from supporttui.config.child_environment import child_environment


class EditorError(Exception):
    """The editor failed; `str()` is one sentence with the remedy. The text is unchanged."""


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """Return the editor named by the environment. Raises EditorError if there is none."""
    for variable in ("VISUAL", "EDITOR"):
        try:
            command = shlex.split(environ.get(variable, ""))
        except ValueError as problem:
            raise EditorError(f"${variable} cannot be understood; check its quotes.") from problem
        if command:
            return command
    raise EditorError("No external editor is set: export EDITOR, for example EDITOR=vim.")


def edit_text(text: str, command: list[str]) -> str:
    """Return the text after the editor was closed. The terminal must be free. Raises EditorError."""
    descriptor, name = tempfile.mkstemp(prefix="reply-", suffix=".txt")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            # The command is the user's own and is run as a list, without a shell.
            environment = child_environment(os.environ)
            done = subprocess.run([*command, name], check=False, env=environment)  # noqa: S603 - the user's own editor
        except OSError as problem:
            raise EditorError(f"{command[0]} could not be started; check EDITOR.") from problem
        if done.returncode != 0:
            raise EditorError(f"{command[0]} ended with code {done.returncode}; the text is as it was.")
        return path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
    finally:
        path.unlink(missing_ok=True)
