"""The styles of the parts that a widget draws itself, worked out once for all widgets of its kind.

As component classes they would be worked out for each widget anew whenever it is mounted, its screen is shown, or a
class of one of its parents changes: of the 320 applications of the sheets with which a ticket was opened, 240.
"""

from typing import Final
from weakref import WeakKeyDictionary

from rich.style import Style
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.widget import Widget


class _KnownStyles:
    """What the sheets say of the parts of each kind of widget."""

    def __init__(self, rules: object) -> None:
        self.rules = rules
        """The rules that they were worked out from; a new theme or another sheet makes new ones."""
        self.by_part: dict[tuple[type[Widget], str], Style] = {}


_KNOWN: Final[WeakKeyDictionary[Stylesheet, _KnownStyles]] = WeakKeyDictionary()


def part_style(widget: Widget, part: str) -> Style:
    """What the sheets say of a part, by its class, of every widget of this kind: not of those in some state."""
    sheets = widget.app.stylesheet
    known = _KNOWN.get(sheets)
    if known is None or known.rules is not sheets.rules:
        known = _KNOWN[sheets] = _KnownStyles(sheets.rules)
    found = known.by_part.get((type(widget), part))
    if found is None:
        found = known.by_part[type(widget), part] = computed_part_style(widget, part)
    return found


def computed_part_style(widget: Widget, part: str) -> Style:
    """What the sheets say of a part of this very widget as it is now."""
    node = DOMNode(classes=part)
    node._attach(widget)
    widget.app.stylesheet.apply(node, animate=False)
    return node.styles.partial_rich_style
