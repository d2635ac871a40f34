"""The standard streams of a command: closed ones get a stand-in, and what was done is reported on a best effort."""

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Final, TextIO

from supporttui.cli.exits import CommandError, Exit, OutputRefused
from supporttui.domain.safe_text import OutsideText, safe_line

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_UNUSABLE: Final = (("stdin", os.O_WRONLY), ("stdout", os.O_RDONLY), ("stderr", os.O_RDONLY))
"""The streams by descriptor, and the mode in which /dev/null refuses their use with EBADF, as a closed one does."""


class _StandardOutput(io.FileIO):
    """The descriptor of standard output, whose errors can be told from those of other files."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as problem:
            raise OutputRefused(problem.errno, problem.strerror) from None


def prepare_standard_streams() -> None:
    """Occupy the standard descriptors that are closed, and have standard output raise `OutputRefused`.

    Otherwise the next file that is opened, such as a database or a socket, gets the number of standard output, and
    child processes inherit it as such. The interpreter's stream objects, None until now, get one that can be asked
    `isatty()` and fails with OSError when it is used.
    """
    for descriptor, (name, mode) in enumerate(_UNUSABLE):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)  # the lowest free number, which is this one
            os.set_inheritable(descriptor, True)
        if getattr(sys, name) is None:
            how = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(descriptor, how, encoding="utf-8", errors="backslashreplace", closefd=False))
    usual, output = sys.stdout, io.BufferedWriter(_StandardOutput(1, "w", closefd=False))
    is_lined = usual.isatty()
    sys.stdout = io.TextIOWrapper(output, usual.encoding, usual.errors, line_buffering=is_lined)


def report_done(sentence: str) -> None:
    """Print what a command has done. Where standard output takes nothing, standard error is tried.

    What was done is done: neither decides the exit code.
    """
    try:
        print(sentence, flush=True)
    except OSError:
        discard(sys.stdout)
        say_error(sentence)


def say_error(sentence: str) -> None:
    """Write one line to standard error, or to standard output if it is a terminal and standard error takes nothing.

    Whatever the sentence quotes is made safe first. Never fails.
    """
    line = f"supporttui: {safe_line(OutsideText(sentence))}\n"
    if not _is_written(sys.stderr, line) and sys.stdout.isatty():
        _is_written(sys.stdout, line)


MAX_INPUT_BYTES: Final = 10_000_000
"""Far more than any text that a person or a script sends."""


def read_standard_input(prompt: str = "") -> str:
    """All of standard input as text, after a prompt where a person types it. Raises CommandError."""
    if prompt and sys.stdin.isatty() and sys.stderr.isatty():
        _is_written(sys.stderr, f"{prompt}\n")
    try:
        data = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
    except OSError as problem:
        raise CommandError(
            f"standard input cannot be read ({problem.strerror}); pipe the text in", Exit.USAGE
        ) from None
    if len(data) > MAX_INPUT_BYTES:
        raise CommandError(f"standard input holds more than {MAX_INPUT_BYTES // 10**6} MB; send less", Exit.USAGE)
    return data.decode("utf-8", "replace")


def discard_refused() -> None:
    """Drop what the standard streams cannot write, so that nothing tries once more at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            discard(stream)


def discard(stream: TextIO) -> None:
    """Drop what a stream holds and all that is written to it from now on."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, stream.fileno())
        with contextlib.suppress(OSError):
            stream.flush()
    finally:
        os.close(null)


def _is_written(stream: TextIO, line: str) -> bool:
    try:
        stream.write(line)
        stream.flush()
    except OSError:
        discard(stream)
        return False
    return True
