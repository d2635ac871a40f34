"""Writing a text in the user's own editor while the board stands aside."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from supporttui.config.child_environment import child_environment


class EditorError(Exception):
    """The editor did not do its work; `str()` is one sentence with the remedy. The text is as it was before."""


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """The editor that the user's environment names. Raises EditorProblem where it names none."""
    for variable in ("VISUAL", "EDITOR"):
        try:
            command = shlex.split(environ.get(variable, ""))
        except ValueError as problem:
            raise EditorError(f"${variable} cannot be understood; check its quotes.") from problem
        if command:
            return command
    raise EditorError("No external editor is set: export EDITOR, for example EDITOR=vim.")


def edit_text(text: str, command: list[str]) -> str:
    """The text after the editor was closed. The terminal must be free. Raises EditorProblem."""
    descriptor, name = tempfile.mkstemp(prefix="reply-", suffix=".txt")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            # The command is the user's own choice, run as a list: no shell reads it.
            environment = child_environment(os.environ)
            done = subprocess.run([*command, name], check=False, env=environment)  # noqa: S603 - the user's own editor
        except OSError as problem:
            raise EditorError(f"{command[0]} could not be started; check EDITOR.") from problem
        if done.returncode != 0:
            raise EditorError(f"{command[0]} ended with code {done.returncode}; the text is as it was.")
        return path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
    finally:
        path.unlink(missing_ok=True)
