"""A program watched from outside through a pty: every chunk it writes with its time, its processor time, its memory."""

import contextlib
import fcntl
import math
import os
import pty
import random
import re
import select
import shutil
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ROWS: Final = 50
COLUMNS: Final = 200
SETTLED_S: Final = 0.06
"""An answer has ended after so long a silence."""
TIGHT_S: Final = 0.012
"""The same where the end of the answer is known by a sign: frames follow each other within 8 ms."""

NO_BYTECODE: Final = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
"""With these each start would compile the program anew, which no installed one does."""

SEQUENCE: Final = re.compile(
    rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^X][^\x1b]*\x1b\\|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()*+][0-9A-Za-z]"
    rb"|\x1b[=>78cDEHM]|[\x0e\x0f]"
)
LONGEST_QUESTION: Final = 12
_MODE_QUESTION: Final = re.compile(rb"\x1b\[\?(\d+)\$p")
_ANSWERS: Final = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[0c": b"\x1b[?62;22c",
    b"\x1b[>c": b"\x1b[>41;354;0c",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[5n": b"\x1b[0n",
    b"\x1b[14t": b"\x1b[4;%d;%dt" % (ROWS * 20, COLUMNS * 10),
    b"\x1b[16t": b"\x1b[6;20;10t",
    b"\x1b[18t": b"\x1b[8;%d;%dt" % (ROWS, COLUMNS),
    b"\x1b]11;?": b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b]10;?": b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
}


def answers_to(chunk: bytes) -> bytes:
    """What an ordinary terminal with synchronized output says to the questions in a chunk."""
    said = b"".join(answer * chunk.count(question) for question, answer in _ANSWERS.items())
    for mode in _MODE_QUESTION.findall(chunk):
        said += b"\x1b[?%s;%d$y" % (mode, 2 if mode == b"2026" else 0)
    return said


def whole_sequences(sent: bytes) -> int:
    """How much of it is not the beginning of a sequence whose end has not come."""
    last = sent.rfind(b"\x1b")
    is_cut = last >= 0 and len(sent) - last < LONGEST_QUESTION and SEQUENCE.match(sent, last) is None
    return last if is_cut else len(sent)


@dataclass(frozen=True, slots=True)
class KeyTime:
    """How one key was answered."""

    settled_ms: float
    sent_bytes: int


@dataclass(slots=True)
class Watched:
    """What a program is started with."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    has_true_color: bool = True
    drained_bytes_s: float = 0.0
    """How fast the terminal takes what is sent; 0 for at once."""
    extra_descriptors: tuple[int, ...] = ()

    def with_variables(self, variables: Mapping[str, str]) -> "Watched":
        """The same program with these in its environment."""
        return replace(self, environment=dict(self.environment) | dict(variables))


class PtySession:
    """One run of a program in a pty of 200x50."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self.log = bytearray()
        self.chunks: list[tuple[float, int]] = []
        """When how many bytes arrived."""
        self.is_alive = True
        self._unheard = b""
        """The beginning of a sequence at the end of the last chunk."""
        self._may_read_at = 0.0
        program = shutil.which(watched.command[0]) or watched.command[0]
        environment = _environment(watched)
        self.started_at = time.monotonic()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            for descriptor in watched.extra_descriptors:
                os.set_inheritable(descriptor, True)
            _set_size(0)
            os.execve(program, list(watched.command), environment)
        _set_size(self._fd)
        os.set_inheritable(self._fd, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- reading ------------------------------------------------------------------------------------------------

    def pump(self, timeout_s: float) -> int:
        """Wait for output, take one chunk of it; how many bytes that were."""
        if not self.is_alive or not self._waits_for_budget(timeout_s):
            return 0
        ready, _, _ = select.select([self._fd], [], [], max(0.0, timeout_s))
        if not ready:
            return 0
        rate = self._watched.drained_bytes_s
        try:
            chunk = os.read(self._fd, max(1, int(rate * 0.02)) if rate else 65536)
        except OSError:
            chunk = b""
        if not chunk:
            self.is_alive = False
            return 0
        self._take(chunk, rate)
        return len(chunk)

    def _waits_for_budget(self, timeout_s: float) -> bool:
        """A slow line takes its time between two reads; whether it may read now."""
        now = time.monotonic()
        if now >= self._may_read_at:
            return True
        time.sleep(min(timeout_s, self._may_read_at - now))
        return time.monotonic() >= self._may_read_at

    def _take(self, chunk: bytes, rate: float) -> None:
        now = time.monotonic()
        if rate:
            self._may_read_at = max(now, self._may_read_at) + len(chunk) / rate
        self.chunks.append((now, len(chunk)))
        self.log += chunk
        heard = self._unheard + chunk
        end = whole_sequences(heard)
        self._unheard = heard[end:]
        said = answers_to(heard[:end])
        if said:
            os.write(self._fd, said)

    def quiet(self, silence_s: float = SETTLED_S, at_most_s: float = 5.0) -> bool:
        """Read until nothing came for so long; False where that did not happen in time."""
        end = time.monotonic() + at_most_s
        last = time.monotonic()
        while self.is_alive and time.monotonic() < end:
            if self.pump(silence_s / 4):
                last = time.monotonic()
            elif time.monotonic() - last >= silence_s:
                return True
        return False

    # -- what is measured ---------------------------------------------------------------------------------------

    def first_screen_ms(self, marker: str, within_s: float = 60.0) -> float:
        """From the start until the marker stands on the screen. Raises TimeoutError with what was there instead."""
        wanted, seen, end = marker.encode(), 0, self.started_at + within_s
        while self.is_alive and time.monotonic() < end:
            if not self.pump(0.02):
                continue
            if wanted in SEQUENCE.sub(b"", bytes(self.log[max(0, seen - 4096) :])):
                return (self.chunks[-1][0] - self.started_at) * 1e3
            seen = len(self.log)
        shown = SEQUENCE.sub(b" ", bytes(self.log[-800:])).decode("utf-8", "replace")
        raise TimeoutError(f"{self._watched.command[0]}: {marker!r} was not shown, but {shown!r}")

    def settled_ms(self, silence_s: float = 0.4, at_most_s: float = 10.0) -> float:
        """From the start to the last byte before a silence."""
        self.quiet(silence_s, at_most_s)
        return (self.chunks[-1][0] - self.started_at) * 1e3

    def idle(self, seconds: float) -> tuple[float, float]:
        """Bytes a second and processor per cent over a while in which nobody types."""
        mark, before_ns, began = len(self.log), self.cpu_ns(), time.monotonic()
        while self.is_alive and (left := began + seconds - time.monotonic()) > 0:
            self.pump(min(0.05, left))
        spent_s = time.monotonic() - began
        return (len(self.log) - mark) / spent_s, (self.cpu_ns() - before_ns) / 1e7 / spent_s

    def key(self, key: bytes, *, timeout_s: float = 3.0) -> KeyTime | None:
        """Type one key at a random moment and wait for the whole answer; None where there is none."""
        return self._answer(key, b"", SETTLED_S, timeout_s)

    def moving_key(self, key: bytes, sign: bytes, timeout_s: float = 5.0) -> KeyTime | None:
        """The same of a program whose screen changes by itself, too: its answer may have a sign in it.

        What comes within a short silence behind that still belongs to the answer.
        """
        return self._answer(key, sign, TIGHT_S, timeout_s)

    def _answer(self, key: bytes, sign: bytes, silence_s: float, timeout_s: float) -> KeyTime | None:
        self.quiet(at_most_s=1.5)
        end = time.monotonic() + random.random() * (0.3 if silence_s == TIGHT_S else 0.025)
        while (left := end - time.monotonic()) > 0:
            self.pump(left)
        mark, number = len(self.log), len(self.chunks)
        began = time.monotonic()
        os.write(self._fd, key)
        while self.is_alive and (len(self.chunks) == number or sign not in self.log[mark:]):
            if time.monotonic() - began > timeout_s:
                return None
            self.pump(0.01)
        self.quiet(silence_s, timeout_s)
        return KeyTime((self.chunks[-1][0] - began) * 1e3, len(self.log) - mark)

    def first_answer_ms(self, key: bytes, sign: bytes, timeout_s: float = 5.0) -> float | None:
        """Type a key and wait for the sign of its answer, whatever else is sent."""
        mark, began = len(self.log), time.monotonic()
        os.write(self._fd, key)
        while self.is_alive and sign not in self.log[mark:]:
            if time.monotonic() - began > timeout_s:
                return None
            self.pump(0.002)
        return (self.chunks[-1][0] - began) * 1e3

    def type(self, keys: bytes) -> None:
        """Type without waiting for an answer."""
        os.write(self._fd, keys)

    def cpu_ns(self) -> int:
        """Processor time of the program and all its children, in nanoseconds."""
        total = 0
        for pid in _tree(self.pid):
            for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with contextlib.suppress(OSError, IndexError):
                    total += int(path.read_text().split()[0])
        return total

    def resident_mib(self) -> float:
        """Resident memory of the program and all its children."""
        kib = 0
        for pid in _tree(self.pid):
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                kib += sum(int(line.split()[1]) for line in lines if line.startswith("Rss:"))
        return kib / 1024

    def close(self) -> None:
        """End the program, by force where it does not go by itself."""
        for number, wait_s in ((signal.SIGTERM, 1.5), (signal.SIGKILL, 3.0)):
            with contextlib.suppress(OSError):
                os.kill(self.pid, number)
            end = time.monotonic() + wait_s
            while time.monotonic() < end:
                self.pump(0.02)
                with contextlib.suppress(ChildProcessError):
                    if not os.waitpid(self.pid, os.WNOHANG)[0]:
                        continue
                os.close(self._fd)
                return


def percentile(values: Sequence[float], per_cent: float) -> float:
    """The nearest-rank percentile."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(per_cent / 100 * len(ranked)) - 1)]


def _set_size(descriptor: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))


def _environment(watched: Watched) -> dict[str, str]:
    left_out = ("LINES", "COLUMNS", "COLORTERM", "TMUX", "SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", *NO_BYTECODE)
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    kept |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"} | dict(watched.environment)
    return kept | ({"COLORTERM": "truecolor"} if watched.has_true_color else {})


def _tree(pid: int) -> list[int]:
    """A process and its descendants."""
    todo, seen = [pid], []
    while todo:
        seen.append(todo.pop())
        for path in Path(f"/proc/{seen[-1]}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                todo += [int(child) for child in path.read_text().split()]
    return seen
