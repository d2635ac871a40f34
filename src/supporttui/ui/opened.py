"""The local copy, read, before there is anything to show it with."""

from collections.abc import Callable

from supporttui.ui.board_model import BoardModel
from supporttui.ui.sources import Sources


class OpenedBoard:
    """What the first picture is drawn from, and an engine that has not begun."""

    def __init__(self, sources: Sources) -> None:
        """Read the local copy; nothing is asked of the desk. Raises StoreProblem."""
        self.sources = sources
        self.on_news: Callable[[], None] = lambda: None
        """Called on the engine's thread when it has news."""
        self.engine = sources.connect(lambda: self.on_news())
        self.model = BoardModel(sources, self.engine)
        self.model.load()
