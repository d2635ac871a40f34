"""How much one person may upload without attaching it to a comment, with what is still arriving."""

from collections import Counter
from typing import Final

from supporttui.server.api_errors import RecordInvalid

UPLOAD_MAX_BYTES: Final = 50 * 1024 * 1024
WAITING_MAX_BYTES: Final = 20 * UPLOAD_MAX_BYTES
"""Bytes of uploads that one person may have without a comment..."""

WAITING_MAX: Final = 500
"""... and the number of files."""


def too_many_waiting() -> RecordInvalid:
    """The error for one who has reached a limit."""
    return RecordInvalid("filename", "Filename: too many of your uploads wait for a comment; send them or wait a day")


class ArrivingUploads:
    """The bytes of each person's uploads that are being received: they count towards the limit before they are stored.

    Used in the event loop alone.
    """

    def __init__(self) -> None:
        self._bytes: Counter[int] = Counter()

    def add(self, person_id: int, size_bytes: int, stored_bytes: int) -> None:
        """Count what has arrived. Raises RecordInvalid where it is more, with what is stored, than one may have."""
        self._bytes[person_id] += size_bytes
        if self._bytes[person_id] + stored_bytes > WAITING_MAX_BYTES:
            raise too_many_waiting()

    def end(self, person_id: int, size_bytes: int) -> None:
        """An upload of this size was stored or removed."""
        self._bytes[person_id] -= size_bytes
        if not self._bytes[person_id]:
            del self._bytes[person_id]
