"""The text area for the user's text: plain text without anything that could control the terminal."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, cast

from rich.containers import Lines
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, TextArea

from supporttui.ui.keyed_widgets import TEXT_AREA_BINDINGS
from supporttui.ui.messages import ShowNotice

_DIRECTION_OVERRIDES: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TAGS: Final = range(0xE0000, 0xE1000)
TAB_CELLS: Final = 4

MAX_TEXT: Final = 65_535
"""Characters of a message: Zendesk takes no more, nor does the embedded desk.

https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

MAX_FIELD: Final = 2_000
"""The maximum length of a paste into a one-line field."""

LONG_LINE: Final = 500
"""The length from which a line is drawn as a `LongLine`."""

_PLAIN: Final = re.compile(r"[ -~\n]*")


def plain_text(text: str) -> str:
    """Return the text without control, direction override and tag characters; line breaks become newlines."""
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


def refused_paste(length: int, most: int) -> str:
    """Return why a paste was refused."""
    return (
        f"Not pasted: that makes {length:,} characters, and {most:,} fit here. "
        "What was typed is as it was; attach a long text as a file."
    )


def refuse_large_paste(focused: Widget | None, event: events.Paste) -> str:
    """Empty a paste that is too long for a one-line field; return why, or an empty text if it is not."""
    if not isinstance(focused, Input) or len(event.text) <= MAX_FIELD:
        return ""
    sentence = refused_paste(len(event.text), MAX_FIELD)
    event.text = ""
    return sentence


class _Sections:
    """The wrapped lines of a long line; `TextArea` draws only the first that it asks for."""

    def __init__(self, line: "LongLine", offsets: Sequence[int]) -> None:
        self._line = line
        self._edges = [0, *offsets, len(line)]
        self._is_drawn = False

    def __getitem__(self, index: int) -> Text:
        """The wrapped line; for later requests, which only count tabs, an empty text, as ours have none."""
        if self._is_drawn:
            return _NO_TABS
        self._is_drawn = True
        return self._line.section(self._edges[index], self._edges[index + 1])


class LongLine(Text):
    """A line that is cut where it is drawn instead of as a whole for each wrapped line.

    With Rich's own text, a key in a line of 65,535 emoji takes 0.8 s: each visible line checks and divides all of it.
    """

    def __init__(self, text: str) -> None:
        super().__init__("", end="", no_wrap=True)
        self._text = [text]
        self._length = len(text)

    def set_length(self, new_length: int) -> None:
        """Add blanks at the end."""
        missing = new_length - self._length
        if missing > 0:
            self._text = ["".join(self._text) + " " * missing]
            self._length = new_length

    def divide(self, offsets: Iterable[int]) -> Lines:
        """Return the parts between the offsets, each created on demand."""
        return cast("Lines", _Sections(self, list(offsets)))

    def section(self, start: int, end: int) -> Text:
        """Return a part of the line with its styles."""
        part = Text("".join(self._text)[start:end], end="", no_wrap=True)
        for span in self.spans:
            if span.start < end and span.end > start:
                part.stylize(span.style, max(span.start - start, 0), min(span.end, end) - start)
        return part


_NO_TABS: Final = Text("")


class PlainTextArea(TextArea, inherit_bindings=False):
    """A text area whose text is always safe to draw and to send, whatever its source.

    A paste that would make the text longer than a message may be is refused.
    """

    BINDINGS: ClassVar[list[BindingType]] = TEXT_AREA_BINDINGS

    def __init__(self, text: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(
            plain_text(text), placeholder=placeholder, id=id, highlight_cursor_line=False, compact=True, soft_wrap=True
        )
        # A blinking cursor would keep sending bytes while idle.
        self.cursor_blink = False

    def put(self, text: str) -> None:
        """Replace the whole text; the cursor moves to its end."""
        self.load_text(plain_text(text))
        self.move_cursor(self.document.end)

    def indent_line(self) -> None:
        """Insert blanks up to the next tab stop."""
        self.insert(" " * (TAB_CELLS - self.cursor_location[1] % TAB_CELLS))

    def get_line(self, line_index: int) -> Text:
        """Return a line as drawn."""
        line = self.document.get_line(line_index)
        return LongLine(line) if len(line) > LONG_LINE else super().get_line(line_index)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        length = len(self.text) - len(self.selected_text) + len(event.text)
        if len(event.text) > 1 and length > MAX_TEXT:
            self.app.post_message(ShowNotice(refused_paste(length, MAX_TEXT)))
            return
        event.text = plain_text(event.text)
        await super()._on_paste(event)
