"""The standard streams of a command: closed ones get a stand-in, and what was done is reported on a best effort."""

import codecs
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


class _StandardText(io.TextIOWrapper):
    """Text for standard output or standard error, in characters that its reader is known to take.

    Where that is not all of Unicode, our own marks become ASCII, and every other character an escape that JSON and
    Python read as that character.
    """

    has_ascii_marks = False
    """The user wants our marks in ASCII, whatever the reader takes."""

    def write(self, text: str, /) -> int:
        """Write it; the number of characters is that of the text before."""
        super().write(text if text.isascii() else self._fitted(text))
        return len(text)

    def _fitted(self, text: str) -> str:
        from supporttui.presentation.ascii_glyphs import with_ascii_glyphs

        encoding = self._taken_encoding()
        if encoding == _UTF8:
            return with_ascii_glyphs(text) if self.has_ascii_marks else text
        return with_ascii_glyphs(text).encode(encoding, _ESCAPED).decode(encoding)

    def _taken_encoding(self) -> str:
        """The stream's own, but ASCII where Python took UTF-8 for a locale that has no encoding beyond ASCII."""
        from supporttui.presentation.terminal_options import locale_is_utf8

        encoding = codecs.lookup(self.encoding).name
        is_asked_for = bool(os.environ.get("PYTHONIOENCODING")) or os.environ.get("PYTHONUTF8") == "1"
        return encoding if encoding != _UTF8 or is_asked_for or locale_is_utf8(os.environ) else "ascii"


def _as_escapes(problem: UnicodeError) -> tuple[str, int]:
    """The characters that an encoding lacks, as JSON escapes them."""
    assert isinstance(problem, UnicodeEncodeError)
    units = problem.object[problem.start : problem.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2)), problem.end


_UTF8: Final = "utf-8"
_ESCAPED: Final = "supporttui-escaped"
codecs.register_error(_ESCAPED, _as_escapes)


def use_ascii_marks() -> None:
    """Print our own marks in ASCII from now on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, _StandardText):
            stream.has_ascii_marks = True


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
    sys.stdout = _StandardText(output, usual.encoding, usual.errors, line_buffering=usual.isatty())
    errors = sys.stderr
    assert isinstance(errors, io.TextIOWrapper)
    encoding, handler = errors.encoding, errors.errors
    buffer = errors.buffer if errors is sys.__stderr__ else errors.detach()  # a stand-in would close it behind itself
    sys.stderr = _StandardText(buffer, encoding, handler, line_buffering=True)


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
