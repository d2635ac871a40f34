"""The styles of parts that widgets draw themselves, computed once for each kind of widget.

Textual would compute component classes for each widget whenever it is mounted, its screen is shown, or a class of a
parent changes: 240 of the 320 style computations when a ticket was opened.
"""

from typing import Final
from weakref import WeakKeyDictionary

from rich.style import Style
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.widget import Widget


class _KnownStyles:
    """The computed styles of the parts of each kind of widget."""

    def __init__(self, rules: object) -> None:
        self.rules = rules
        """The rules that the styles were computed from; a new theme or stylesheet replaces them."""
        self.by_part: dict[tuple[type[Widget], str], Style] = {}


_KNOWN: Final[WeakKeyDictionary[Stylesheet, _KnownStyles]] = WeakKeyDictionary()


def part_style(widget: Widget, part: str) -> Style:
    """Return the style of a part by its class, for all widgets of this kind regardless of their state."""
    sheets = widget.app.stylesheet
    known = _KNOWN.get(sheets)
    if known is None or known.rules is not sheets.rules:
        known = _KNOWN[sheets] = _KnownStyles(sheets.rules)
    found = known.by_part.get((type(widget), part))
    if found is None:
        found = known.by_part[type(widget), part] = computed_part_style(widget, part)
    return found


def computed_part_style(widget: Widget, part: str) -> Style:
    """Return the style of a part of this widget in its present state."""
    node = DOMNode(classes=part)
    node._attach(widget)
    widget.app.stylesheet.apply(node, animate=False)
    return node.styles.partial_rich_style
