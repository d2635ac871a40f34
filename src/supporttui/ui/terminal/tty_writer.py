"""Writes to the terminal on a thread of its own, so that a terminal that does not read blocks nothing else."""

import os
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue


class TtyWriter:
    """Writes pieces of text in order, each completely."""

    def __init__(self, fd: int, in_glyphs: Callable[[str], str] | None = None) -> None:
        """in_glyphs: converts text to characters that the terminal supports; None leaves it unchanged."""
        self._fd = fd
        self._in_glyphs = in_glyphs
        self.on_written: Callable[[], None] = lambda: None
        """Called on the thread after each piece written with `tells`."""
        self._pieces: SimpleQueue[tuple[bytes, bool] | threading.Event] = SimpleQueue()
        self._is_finished = False
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._thread.start()

    def write(self, text: str, *, tells: bool = False) -> None:
        """Queue text to be written; from any thread."""
        shown = text if self._in_glyphs is None else self._in_glyphs(text)
        self._pieces.put((shown.encode("utf-8", "replace"), tells))

    def drain(self, within_s: float) -> bool:
        """Wait at most `within_s` until everything is written; return whether it is."""
        written = threading.Event()
        self._pieces.put(written)
        return written.wait(within_s)

    def finish(self, within_s: float) -> bool:
        """Like `drain`, and ignore all further text."""
        is_written = self.drain(within_s)
        self._is_finished = True
        return is_written

    def _run(self) -> None:
        # A hang-up sends SIGHUP and SIGCONT together: delivered to this thread, they would not wake the main thread, in
        # which Python runs its handlers. No child process is started here that could inherit the mask.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            piece = self._pieces.get()
            if isinstance(piece, threading.Event):
                piece.set()
                continue
            data, tells = piece
            if self._is_finished or not self._write(data):
                return
            if tells:
                self.on_written()

    def _write(self, data: bytes) -> bool:
        """Write all of it; return False if the terminal is gone."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:  # another process made the tty non-blocking
                _wait_writable(self._fd)
            except OSError:
                return False
        return True


def _wait_writable(fd: int) -> None:
    import select

    select.select([], [fd], [])
