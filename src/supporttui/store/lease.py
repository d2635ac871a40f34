"""Leases that decide which of several windows sends and which polls: file locks, released when the holder ends."""

import contextlib
import fcntl
import os
from pathlib import Path

from supporttui.store.database import StoreProblem


class Lease:
    """A file lock that the kernel releases when its holder dies.

    It is bound to this object, not to the process: two engines in one process exclude each other as well.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lease."""
        return self._descriptor is not None

    def acquire(self) -> bool:
        """Take the lease if it is free, without waiting. Returns whether it is held now. Raises StoreProblem."""
        if self._descriptor is not None:
            return True
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(self._path, flags, 0o600)
        except OSError as problem:
            raise StoreProblem(f"Cannot open {self._path}: {problem.strerror}. Check its permissions.") from problem
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let another one have it."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None


class SenderLease(Lease):
    """The right to send what is in an outbox; what is in flight must be settled before it is released."""

    def __init__(self, outbox: Path | str) -> None:
        super().__init__(f"{outbox}.sender")


class PollerLease(Lease):
    """The right to ask the desk regularly; the others read what it brings."""

    def __init__(self, cache: Path | str) -> None:
        super().__init__(f"{cache}.poller")


class DraftLease(Lease):
    """The right to write on a draft; another window that has it keeps its text in a draft of its own."""

    def __init__(self, outbox: Path | str, draft_id: str) -> None:
        from hashlib import sha256  # only needed once somebody writes

        super().__init__(f"{outbox}.draft-{sha256(draft_id.encode()).hexdigest()[:16]}")

    def acquire(self) -> bool:
        """Take the lease if it is free. A lock on a file that was removed meanwhile does not count."""
        if super().acquire() and self._descriptor is not None and not os.fstat(self._descriptor).st_nlink:
            super().release()
        return self.is_held

    def release(self) -> None:
        """Release the lease and remove its file."""
        if self.is_held:
            with contextlib.suppress(OSError):
                Path(self._path).unlink()
        super().release()
