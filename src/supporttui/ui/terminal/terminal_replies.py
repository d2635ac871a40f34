"""Separates the terminal's reply to the background colour query from keys."""

import re
import time
from collections.abc import Callable
from typing import Final

BACKGROUND_QUERY: Final = "\x1b]11;?\x1b\\"
EXPECTED_S: Final = 30.0
"""Seconds after the query in which a reply is expected."""
LONE_ESCAPE_S: Final = 2.0
"""Seconds after the query in which an escape at the end of the input may begin the reply."""
REST_S: Final = 0.1
"""Seconds to wait for the rest of a reply before its beginning counts as keys."""
_MAX_ANSWER: Final = 64

_ANSWER: Final = re.compile(r"\x1b\]11;([^\x07\x1b]*)(?:\x07|\x1b\\)")
_BEGUN: Final = re.compile(r"\x1b(?:\](?:1(?:1(?:;[^\x07\x1b]{0,64}\x1b?)?)?)?)?\Z")
_COLOUR: Final = re.compile(r"rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})(?:/[0-9a-fA-F]{1,4})?")


class ReplyReader:
    """Extracts replies from the terminal's input. Used on the thread that reads the terminal only."""

    def __init__(self, on_background: Callable[[bool], None], now: Callable[[], float] = time.monotonic) -> None:
        """on_background: called with whether the background is light."""
        self._on_background = on_background
        self._now = now
        self._asked_at = float("-inf")
        self._kept = ""
        self._kept_since = 0.0

    def expect(self) -> None:
        """Expect a reply, as the query is about to be sent."""
        self._asked_at = self._now()

    def take(self, text: str) -> str:
        """Return the input without replies, holding back the beginning of one at its end."""
        text, self._kept = self._kept + text, ""
        waited_s = self._now() - self._asked_at
        if waited_s > EXPECTED_S or "\x1b" not in text:
            return text
        text = _ANSWER.sub(self._answered, text)
        begun = _BEGUN.search(text)
        if begun is not None and (begun.group() != "\x1b" or waited_s < LONE_ESCAPE_S):
            self._kept, self._kept_since = begun.group(), self._now()
            text = text[: begun.start()]
        return text

    def overdue(self) -> str:
        """Return input held back for a reply that has not come: it counts as keys."""
        if not self._kept or self._now() - self._kept_since < REST_S:
            return ""
        kept, self._kept = self._kept, ""
        return kept

    def _answered(self, found: re.Match[str]) -> str:
        is_light = is_light_colour(found.group(1))
        if is_light is not None:
            self._on_background(is_light)
        return ""


def is_light_colour(answer: str) -> bool | None:
    """Whether `rgb:ffff/ffff/ffff` is perceived as nearer to white than to black; None if it is not a colour."""
    found = _COLOUR.fullmatch(answer[:_MAX_ANSWER])
    if found is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups())
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue > _MIDDLE)


_MIDDLE: Final = 0.5
