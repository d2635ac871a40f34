"""The line of `supporttui tour` above the screens: says what to press next, and recognises when it was done."""

from typing import Final

from textual.content import Content
from textual.widgets import Input, Static, TextArea

from supporttui.presentation.tour import Tour, TourView
from supporttui.store.operations import Operation, OperationState
from supporttui.ui.app import SupportApp
from supporttui.ui.live import LiveScreen
from supporttui.ui.panes.status_pane import StatusPane

LOOK_EVERY_S: Final = 0.2


class TourLine(Static):
    """The instruction of the present step."""

    def __init__(self, words: str) -> None:
        super().__init__(Content(words), markup=False, classes="tour-line")
        self.words = words

    def say(self, words: str) -> None:
        """Show a text; redraws only if it has changed."""
        if words != self.words:
            self.words = words
            self.update(Content(words))


class TourGuide:
    """Guides through one app. It only observes: all keys keep their effect."""

    def __init__(self, app: SupportApp) -> None:
        self._app = app
        self._tour = Tour(app.app_context.keymap)
        self._seen: dict[str, Operation] = {}
        """Every change decided in this window, as last seen."""

    def begin(self) -> None:
        """Show the first step and start observing."""
        self.look()
        self._app.set_interval(LOOK_EVERY_S, self.look)

    def look(self) -> None:
        """Show what to press next on the topmost screen that can."""
        words = self._tour.words(self._view())
        for screen in self._app.screen_stack:
            if isinstance(screen, LiveScreen) and screen.is_mounted:
                line = next(iter(screen.query(TourLine)), None)
                if line is None:
                    screen.mount(TourLine(words), before=0)
                else:
                    line.say(words)

    def _view(self) -> TourView:
        app, focused = self._app, self._app.focused
        for operation in app.model.outbox_view.all():
            self._seen[operation.id] = operation
        gone = self._seen.keys() - {operation.id for operation in app.model.outbox_view.all()}
        is_withdrawn = [self._was_withdrawn(each, id_ in gone) for id_, each in self._seen.items()]
        kept = [each for each, is_back in zip(self._seen.values(), is_withdrawn, strict=True) if not is_back]
        pane = focused if isinstance(focused, StatusPane) else None
        return TourView(
            screens=tuple(type(screen).__name__ for screen in app.screen_stack),
            pane=pane.status.value if pane is not None else "",
            cursor_id=pane.view.cursor_id if pane is not None else None,
            is_writing=isinstance(focused, Input | TextArea),
            replies=sum(each.patch.body is not None for each in kept),
            withdrawn=sum(is_withdrawn),
            moves=sum(each.patch.status is not None and each.patch.body is None for each in kept),
        )

    @staticmethod
    def _was_withdrawn(operation: Operation, is_gone: bool) -> bool:
        """Whether a change was undone: one that leaves the outbox while held was, one that was queued was sent."""
        return operation.state is OperationState.WITHDRAWN or (is_gone and operation.state is OperationState.HELD)
