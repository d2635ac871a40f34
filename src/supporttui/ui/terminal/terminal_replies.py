"""The terminal's answer to the question for its background colour, told apart from keys."""

import re
import time
from collections.abc import Callable
from typing import Final

BACKGROUND_QUERY: Final = "\x1b]11;?\x1b\\"
EXPECTED_S: Final = 30.0
"""How long after the question an answer is looked for."""
LONE_ESCAPE_S: Final = 2.0
"""How long after the question an escape at the end of what was read may be the begin of the answer."""
REST_S: Final = 0.1
"""How long the rest of an answer is waited for before what is there counts as keys."""
_MAX_ANSWER: Final = 64

_ANSWER: Final = re.compile(r"\x1b\]11;([^\x07\x1b]*)(?:\x07|\x1b\\)")
_BEGUN: Final = re.compile(r"\x1b(?:\](?:1(?:1(?:;[^\x07\x1b]{0,64}\x1b?)?)?)?)?\Z")
_COLOUR: Final = re.compile(r"rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})(?:/[0-9a-fA-F]{1,4})?")


class ReplyReader:
    """Takes answers out of what the terminal sends. Belongs to the thread that reads the terminal."""

    def __init__(self, on_background: Callable[[bool], None], now: Callable[[], float] = time.monotonic) -> None:
        """on_background: called with whether the background is light."""
        self._on_background = on_background
        self._now = now
        self._asked_at = float("-inf")
        self._kept = ""
        self._kept_since = 0.0

    def expect(self) -> None:
        """The question is about to be asked."""
        self._asked_at = self._now()

    def take(self, text: str) -> str:
        """What was read without the answers in it, and without the begin of one at its end."""
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
        """What was held back for the rest of an answer that has not come: keys."""
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
    """Whether `rgb:ffff/ffff/ffff` is nearer to white than to black for the eye; None where it is no colour."""
    found = _COLOUR.fullmatch(answer[:_MAX_ANSWER])
    if found is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups())
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue > _MIDDLE)


_MIDDLE: Final = 0.5
