"""Limits on a person's uploads that are not attached to a comment, including those being received."""

from collections import Counter
from typing import Final

from supporttui.server.api_errors import RecordInvalid

UPLOAD_MAX_BYTES: Final = 50 * 1024 * 1024
WAITING_MAX_BYTES: Final = 20 * UPLOAD_MAX_BYTES
"""The size of uploads that one person may have without a comment..."""

WAITING_MAX: Final = 500
"""... and the number of files."""


def too_many_waiting() -> RecordInvalid:
    """Return the error for a person who has reached a limit."""
    return RecordInvalid("filename", "Filename: too many of your uploads wait for a comment; send them or wait a day")


class ArrivingUploads:
    """The bytes of each person's uploads being received, which count towards the limit before they are stored.

    Used on the event loop only.
    """

    def __init__(self) -> None:
        self._bytes: Counter[int] = Counter()

    def add(self, person_id: int, size_bytes: int, stored_bytes: int) -> None:
        """Count received bytes. Raises RecordInvalid if they and the stored ones exceed the limit."""
        self._bytes[person_id] += size_bytes
        if self._bytes[person_id] + stored_bytes > WAITING_MAX_BYTES:
            raise too_many_waiting()

    def end(self, person_id: int, size_bytes: int) -> None:
        """Stop counting an upload of this size, after it was stored or removed."""
        self._bytes[person_id] -= size_bytes
        if not self._bytes[person_id]:
            del self._bytes[person_id]
