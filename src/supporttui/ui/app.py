"""The application: it holds the screens, tells them what changed, and hands decisions to the engine."""

import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.screen import Screen

from supporttui.domain.workflow import move_problem
from supporttui.presentation.app_context import AppContext
from supporttui.presentation.board.board_model import BoardChanges
from supporttui.presentation.undo import (
    assign_operation,
    decision_sentence,
    is_refused,
    last_run_summary,
    move_operation,
    quit_warning,
    with_undo_window,
)
from supporttui.sync.status import LinkState
from supporttui.ui.live import LiveScreen
from supporttui.ui.looks import Looks, fallback_variables
from supporttui.ui.messages import (
    AssignToMe,
    MoveTicket,
    OpenTicket,
    ShowNotice,
    SubmitOperation,
    TicketsChanged,
    WriteNewTicket,
)
from supporttui.ui.navigation import ScreenNavigator
from supporttui.ui.startup.first_picture import LoadedBoard
from supporttui.ui.startup.key_buffer import KeyBuffer, KeyHandled
from supporttui.ui.startup.key_priority import KeyPriority
from supporttui.ui.startup.later_screens import LaterScreens
from supporttui.ui.stylesheets import BOARD_SHEETS, SCREENS_WITHOUT_LATER_SHEETS, SHEETS, stylesheet_paths
from supporttui.ui.terminal.framed_app import FramedApp
from supporttui.ui.undo_action import UndoHistory

if TYPE_CHECKING:
    from supporttui.ui.dialogs.key_list import KeyEntry
    from supporttui.ui.startup.early_screen import EarlyScreen

MAX_PASTED_BEFORE_CHECK = 1_000
"""Characters of a paste that any field has room for."""

PAUSE_BETWEEN_STEPS_S = 0.005
"""Between two shares of much news."""

TICK_MARGIN_S = 0.003
"""A tick comes this much after the second, so that it never sees the one before."""


class SupportApp(FramedApp):
    """The board, or the wall, of one help desk."""

    TITLE = "supporttui"
    ENABLE_COMMAND_PALETTE = False
    """The list of commands is our own: it has every action of the screen, with its key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "keys and marks", id="app-help"),
        Binding("u", "undo", "take back the latest change", id="app-undo"),
        Binding("O", "outbox", "what is unsent, and drafts", id="app-outbox"),
        Binding("ctrl+p", "commands", "all commands", id="app-commands", priority=True),
        Binding("q", "quit", "quit", id="app-quit"),
        Binding("ctrl+z", "suspend_process", "to the shell; fg comes back", id="app-stop"),
        Binding("ctrl+c", "quit", "quit", id="app-interrupt", show=False, system=True),
    ]

    def __init__(
        self, app_context: AppContext, opened: LoadedBoard | None = None, early: "EarlyScreen | None" = None
    ) -> None:
        """Read the local copy, where it is not `opened`; nothing is asked of the desk before the first screen is shown.

        early: the first picture, where it is on the terminal already.

        Raises:
            SheetMissing: the installation is not whole.
            StoreProblem: the local files cannot be read.
        """
        super().__init__(
            css_path=stylesheet_paths(SHEETS if app_context.is_wall else BOARD_SHEETS),
            line=app_context.line,
            early=early,
        )
        self._early_screen = early
        self.looks = Looks(self, app_context.line, self.say)
        self.app_context = app_context
        opened = opened or LoadedBoard(app_context)
        opened.on_news = self._announce
        self.engine, self.model = opened.engine, opened.model
        self._undo_history = UndoHistory(self.model)
        self.navigator = ScreenNavigator(self, self.model)
        self._quit_warning = ""
        self._sentence_holds: Callable[[], bool] | None = None
        """Whether what was said last is still true."""
        self._has_news = False
        self._is_engine_started = False
        self._key_priority = KeyPriority()
        self._key_buffer = KeyBuffer(self, self._act_on_input)
        self._later_screens = LaterScreens(self, self._key_priority.should_defer)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of urgency for themes that have none of their own."""
        return fallback_variables()

    def get_default_screen(self) -> Screen[Any]:
        """The board or the wall."""
        if self.app_context.is_wall:
            from supporttui.ui.wall.screen import WallScreen

            return WallScreen(self.model)
        from supporttui.ui.board.screen import BoardScreen

        board = BoardScreen(self.model, cursor_id=self._early_screen.cursor_id if self._early_screen else None)
        self._key_buffer.wait_for(board)
        return board

    def on_mount(self) -> None:
        """Begin to tick, and start the engine once the local copy is on the screen."""
        self._wait_for_second()
        self.call_after_refresh(self._start_engine)
        if not self.app_context.is_wall:
            left = last_run_summary(self.model)
            self.call_after_refresh(self.say, left, lambda: last_run_summary(self.model) == left)

    def _start_engine(self) -> None:
        if self.is_drawing_paused:
            self._tick_screens(self.model.now())
            self.resume_drawing()
        if self.app_context.on_ready is not None:
            self.app_context.on_ready()
            self.exit()
        elif not self._is_engine_started:
            self._is_engine_started = True
            self.app_context.before_engine()
            self.engine.start()
            if not self.app_context.is_wall:
                self._later_screens.prepare_soon()
        self._key_priority.first_screen_drawn()

    def run(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Textual's own signature
        """Run until the user quits; then the engine gets a moment to send what is committed."""
        self.engine.leave_on_signals(self.restore_terminal)
        self._key_priority.own_process()
        try:
            super().run(*args, **kwargs)
        finally:
            if self._is_engine_started:
                self.engine.stop()

    # -- keys ---------------------------------------------------------------------------------------------------

    def push_screen(self, screen: Screen[Any] | str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Textual's
        """Show a screen, with all sheets from now on; what is typed until it is drawn waits for it."""
        if isinstance(screen, Screen) and type(screen).__name__ not in SCREENS_WITHOUT_LATER_SHEETS:
            self._later_screens.read_sheets()
        if isinstance(screen, Screen):
            self._key_buffer.wait_for(screen)
        return super().push_screen(screen, *args, **kwargs)

    def note_key_read(self) -> None:
        """Begin nothing any more that has time."""
        self._key_priority.note_key(time.monotonic())

    async def on_event(self, event: events.Event) -> None:
        """Keep keys and pastes in their order, each for the screen that it was typed for."""
        if isinstance(event, events.Key) and event.is_forwarded and not self.screen_stack:
            return  # it came back from a screen that was closed meanwhile, as when leaving
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._key_priority.note_key(time.monotonic())
            await self._key_buffer.take(event)
        else:
            await super().on_event(event)

    async def _act_on_input(self, event: events.Key | events.Paste) -> None:
        """Take back what was said, and hand the key to the screen."""
        if isinstance(event, events.Key):
            self.say("")
            if event.key not in ("q", "ctrl+c"):
                self._quit_warning = ""
        elif len(event.text) > MAX_PASTED_BEFORE_CHECK:
            self._refuse_large_paste(event)
        await super().on_event(event)

    def _refuse_large_paste(self, event: events.Paste) -> None:
        """Paste nothing into a field of one line that has no room for it; a text area checks this itself."""
        from supporttui.ui.typing_area import refuse_large_paste

        self.say(refuse_large_paste(self.focused, event))

    @on(KeyHandled)
    async def go_on_with_keys(self, event: KeyHandled) -> None:
        """Act on the key that follows."""
        await self._key_buffer.handled(event)

    # -- what changes by itself ---------------------------------------------------------------------------------

    def _announce(self) -> None:
        """The engine has news; called on its thread. At most one message is under way."""
        if not self._has_news:
            self._has_news = True
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is there to be told
                self.post_message(TicketsChanged())

    @on(TicketsChanged)
    def show_news(self) -> None:
        """Read what is new and tell every screen."""
        if self._key_priority.should_defer(time.monotonic()):
            self.set_timer(PAUSE_BETWEEN_STEPS_S, self.show_news)
            return
        self._has_news = False
        changes = self.model.reload()
        if self.model.status.link in (LinkState.LIVE, LinkState.POLLING):
            self._key_priority.linked()
        self._tell(changes)
        self._drop_untrue_sentence()
        said = self._undo_history.outcome()
        if said:
            self.say(said)
        elif self._quit_warning:
            self._quit_warning = quit_warning(self.model)
            self.say(self._quit_warning)

    def _tell(self, changes: BoardChanges) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, LiveScreen) and screen.is_mounted:
                screen.show_changes(changes)

    def _wait_for_second(self) -> None:
        """One timer for every countdown, aligned to the desk's second."""
        into_second_s = self.model.now().microsecond / 1_000_000
        self.set_timer(1.0 - into_second_s + TICK_MARGIN_S, self._tick)

    def _tick(self) -> None:
        self._wait_for_second()
        now = self.model.now()
        self.model.sent_rate_text = self.byte_rate_text()
        if self.model.is_behind and not self._has_news:  # something was written that nobody announced
            self._announce()
        if now.second == 0:
            self.model.expire()
            stale = self.model.rearrange()
            if stale:
                self._tell(BoardChanges(stale))
        self._drop_untrue_sentence()
        self.looks.tick()
        self._tick_screens(now)

    def _tick_screens(self, now: datetime) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, LiveScreen) and screen.is_mounted:
                screen.tick(now)

    # -- what is asked for --------------------------------------------------------------------------------------

    @on(OpenTicket)
    def open_ticket(self, event: OpenTicket) -> None:
        """Show a ticket."""
        if self.model.ticket(event.ticket_id) is None:
            self.say(f"{event.ticket_id.label} is not in the local copy.")
        else:
            self.navigator.open_ticket(event.ticket_id, event.writing)

    @on(WriteNewTicket)
    def write_new_ticket(self) -> None:
        """Show the form for a new ticket."""
        self.navigator.open_new_ticket()

    @on(MoveTicket)
    def move_ticket(self, event: MoveTicket) -> None:
        """Decide a move, or say why it is not allowed."""
        row = self.model.row(event.ticket_id)
        if row is None:
            self.say(f"{event.ticket_id.label} is not on the board any more.")
            return
        problem = move_problem(self.app_context.policy, row.ticket, event.to, can_hold=self.model.can.can_hold)
        if problem is not None:
            self.say(problem)
            return
        self.submit(SubmitOperation(move_operation(row.ticket, event.to, self.model.now())))

    @on(AssignToMe)
    def assign_to_me(self, event: AssignToMe) -> None:
        """Decide to take a ticket."""
        row, my_id = self.model.row(event.ticket_id), self.model.my_id
        if row is None or my_id is None:
            self.say("The help desk has not said yet who you are.")
        elif row.ticket.assignee_id == my_id:
            self.say(f"{event.ticket_id.label} is yours already.")
        else:
            self.submit(SubmitOperation(assign_operation(self.app_context.policy, row.ticket, my_id, self.model.now())))

    @on(SubmitOperation)
    def submit(self, event: SubmitOperation) -> None:
        """Hand a decided change to the engine and show it as pending."""
        operation = with_undo_window(event.operation, self.model)
        if operation.ticket_id is not None:
            for screen in self.screen_stack:
                if isinstance(screen, LiveScreen):
                    screen.stay_with(operation.ticket_id)
        self.model.submit(operation, event.draft_id)
        self._undo_history.note(operation)
        ticket_id = operation.ticket_id
        self._tell(BoardChanges(frozenset() if ticket_id is None else frozenset({ticket_id})))
        if operation.patch.body is None:
            self.say(decision_sentence(operation, self.model), lambda: not is_refused(operation, self.model))

    @on(ShowNotice)
    def say_briefly(self, event: ShowNotice) -> None:
        """Say one sentence on the screen in front."""
        self.say(event.sentence, event.holds)

    def _drop_untrue_sentence(self) -> None:
        if self._sentence_holds is not None and not self._sentence_holds():
            self.say("")

    def say(self, sentence: str, holds: Callable[[], bool] | None = None) -> None:
        """Show one sentence of ours on the screen in front that can, until the next key or until `holds` is False."""
        self._sentence_holds = holds
        for screen in reversed(self.screen_stack):
            if isinstance(screen, LiveScreen):
                screen.say(sentence)
                return

    def action_undo(self) -> None:
        """Take back the latest decided change."""
        undone = self._undo_history.undo()
        if undone.move_back is not None:
            self.submit(SubmitOperation(undone.move_back))
        for screen in self.screen_stack:
            if isinstance(screen, LiveScreen) and undone.ticket_id is not None:
                screen.return_to(undone.ticket_id)
        self.say(undone.sentence)

    def action_outbox(self) -> None:
        """List what is unsent, and the drafts."""
        self.navigator.open_outbox()

    async def action_quit(self) -> None:
        """Leave; with something unsent, say so first."""
        unsent = "" if self.app_context.is_wall else quit_warning(self.model)
        if unsent and unsent != self._quit_warning:
            self._quit_warning = unsent
            self.say(unsent)
            return
        self.exit()

    def action_suspend_process(self) -> None:
        """Stop the job and leave the terminal to the shell, until it is continued."""
        from supporttui.ui.terminal.terminal_driver import can_be_stopped, stop_process_group

        if self.is_headless or not can_be_stopped():
            self.say("No shell is there that could continue this window; q leaves it.")
            return
        self._suspend_signal()
        stop_process_group()

    def action_help(self) -> None:
        """List the keys of the screen in front."""
        from supporttui.ui.dialogs.help import HelpScreen
        from supporttui.ui.dialogs.key_list import all_entries

        self.push_screen(HelpScreen(all_entries(self.screen, self.keymap)))

    def action_commands(self) -> None:
        """List every action of the screen in front, and run the one that is chosen."""
        from supporttui.ui.dialogs.commands import CommandsScreen
        from supporttui.ui.dialogs.key_list import KeyEntry, active_entries

        if not isinstance(self.screen, LiveScreen):
            return
        entries = [entry for entry in active_entries(self.screen) if entry.action != "commands"]
        more = (("Choose other colours", "change_theme"), ("Save the screen as an SVG picture", "save_picture"))
        entries += [KeyEntry("", word, "Everywhere", action, self) for word, action in more]
        self.push_screen(CommandsScreen(entries), self._run_chosen)

    def _run_chosen(self, entry: "KeyEntry | None") -> None:
        if entry is not None and entry.node is not None:
            self.call_next(self.run_action, entry.action, entry.node)

    def action_change_theme(self) -> None:
        """Choose other colours, for as long as this window is open."""
        self.looks.choose()

    def note_background(self, is_light: bool) -> None:
        """Dark or light colours, by the terminal's background."""
        self.call_later(self.looks.follow_background, is_light)

    def action_save_picture(self) -> None:
        """Save the screen beside the files of tickets."""
        from supporttui.ui.screenshot import save_screenshot

        self.say(save_screenshot(self.export_screenshot(), Path(self.app_context.files.downloads), self.model.now()))
