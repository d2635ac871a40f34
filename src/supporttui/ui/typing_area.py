"""A text field for what our own user types or pastes: plain text, and nothing that could steer the terminal."""

import re
import unicodedata
from typing import Final

from textual import events
from textual.widgets import TextArea

_DIRECTION_OVERRIDES: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TAGS: Final = range(0xE0000, 0xE1000)
TAB_CELLS: Final = 4

_PLAIN: Final = re.compile(r"[ -~\n]*")


def plain_text(text: str) -> str:
    """The text without control characters, direction overrides and tag characters; line breaks as newlines."""
    if _PLAIN.fullmatch(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " " * TAB_CELLS)
    return "".join(character for character in text if character == "\n" or _may_stand(character))


def _may_stand(character: str) -> bool:
    return (
        unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        and character not in _DIRECTION_OVERRIDES
        and ord(character) not in _TAGS
    )


class PlainTextArea(TextArea):
    """A text area whose text is always fit to draw and to send, however it came in."""

    def __init__(self, text: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(
            plain_text(text), placeholder=placeholder, id=id, highlight_cursor_line=False, compact=True, soft_wrap=True
        )
        # A blinking cursor would send bytes to an idle terminal for ever.
        self.cursor_blink = False

    def put(self, text: str) -> None:
        """Replace the whole text; the cursor stands at its end."""
        self.load_text(plain_text(text))
        self.move_cursor(self.document.end)

    def indent_line(self) -> None:
        """Insert blanks up to the next tab stop."""
        self.insert(" " * (TAB_CELLS - self.cursor_location[1] % TAB_CELLS))

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = plain_text(event.text)
        await super()._on_paste(event)
        event.prevent_default()
        event.stop()
