"""The application: holds the screens, tells them about changes, and hands decisions to the engine."""

import contextlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.screen import Screen

from supporttui.presentation.app_context import AppContext
from supporttui.presentation.board.board_model import BoardChanges
from supporttui.presentation.undo import (
    decision_sentence,
    is_refused,
    last_run_summary,
    quit_warning,
    requested_assignment,
    requested_move,
    with_undo_window,
)
from supporttui.store.operations import Operation
from supporttui.sync.status import LinkState
from supporttui.ui.key_sequences import KeySequences
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
    from supporttui.ui.startup.early_screen import EarlyScreen

MAX_PASTED_BEFORE_CHECK = 1_000
"""Longer pastes are checked against the field; any field has room for this many characters."""

PAUSE_BETWEEN_STEPS_S = 0.005
"""Seconds between the steps in which a large change is drawn."""

TICK_MARGIN_S = 0.003
"""Seconds after the full second at which a tick comes, so that it never falls into the second before."""


class SupportApp(FramedApp):
    """The app of one help desk: the board, or the wall."""

    TITLE = "supporttui"
    ENABLE_COMMAND_PALETTE = False
    """The command palette is our own: it lists every action of the screen with its key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "keys and marks", id="app-help", priority=True),
        Binding("u", "undo", "take back the latest change", id="app-undo"),
        Binding("O", "outbox", "what is unsent, and drafts", id="app-outbox"),
        Binding("ctrl+p,colon", "commands", "all actions, tickets, people", id="app-commands", priority=True),
        Binding("T,alt+m", "toggle_mouse", "mouse to the terminal, and back", id="app-mouse", priority=True),
        Binding("q", "quit", "quit", id="app-quit"),
        Binding("ctrl+z", "suspend_process", "to the shell; fg comes back", id="app-stop"),
        Binding("ctrl+c", "quit", "quit", id="app-interrupt", show=False, system=True),
    ]

    def __init__(
        self, app_context: AppContext, opened: LoadedBoard | None = None, early: "EarlyScreen | None" = None
    ) -> None:
        """Read the local copy unless it is `opened`; the desk is not contacted before the first screen is shown.

        early: the first picture, if it is on the terminal already.

        Raises: StylesheetMissing: the installation is incomplete. StoreProblem: the local files cannot be read.
        """
        sheets = SHEETS if app_context.is_wall else BOARD_SHEETS
        super().__init__(css_path=stylesheet_paths(sheets), line=app_context.line, early=early)
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
        """Whether the sentence on show is still true."""
        self._has_news = False
        self._is_engine_started = False
        self._key_priority = KeyPriority()
        self._sequences = KeySequences(self, self.say)
        self._key_buffer = KeyBuffer(self, self._act_on_input, self._sequences.read)
        self._commands = self.navigator.bind_commands()
        if app_context.keymap or app_context.commands:
            self.set_keymap(app_context.keymap)
        self._later_screens = LaterScreens(self, self._key_priority.should_defer)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the urgency colours for themes that define none."""
        return fallback_variables()

    def get_default_screen(self) -> Screen[Any]:
        """Return the board or the wall."""
        if self.app_context.is_wall:
            from supporttui.ui.wall.screen import WallScreen

            return WallScreen(self.model)
        from supporttui.ui.board.screen import BoardScreen

        board = BoardScreen(self.model, cursor_id=self._early_screen.cursor_id if self._early_screen else None)
        self._key_buffer.wait_for(board)
        return board

    def on_mount(self) -> None:
        """Start the timer, and start the engine once the local copy is on the screen."""
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
        """Run until the user quits; then give the engine a moment to send what is committed."""
        self.engine.leave_on_signals(self.restore_terminal)
        self._key_priority.own_process()
        try:
            super().run(*args, **kwargs)
        finally:
            if self._is_engine_started:
                self.engine.stop()

    # -- keys ---------------------------------------------------------------------------------------------------

    def push_screen(self, screen: Screen[Any] | str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Textual's
        """Show a screen, with all stylesheets loaded; keys typed until it is drawn are kept for it."""
        if isinstance(screen, Screen) and type(screen).__name__ not in SCREENS_WITHOUT_LATER_SHEETS:
            self._later_screens.read_sheets()
        if isinstance(screen, Screen):
            self._key_buffer.wait_for(screen)
        return super().push_screen(screen, *args, **kwargs)

    def note_key_read(self) -> None:
        """Defer work that can wait, as a key was read."""
        self._key_priority.note_key(time.monotonic())

    async def on_event(self, event: events.Event) -> None:
        """Queue keys and pastes in order, each for the screen it was typed for."""
        if isinstance(event, events.Key) and event.is_forwarded and not self.screen_stack:
            return  # re-sent by a screen that has since closed, as when quitting
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._key_priority.note_key(time.monotonic())
            await self._key_buffer.take(event)
        else:
            if isinstance(event, events.MouseDown):
                self._sequences.cancel()
            await super().on_event(event)

    async def _act_on_input(self, event: events.Key | events.Paste) -> None:
        """Clear the sentence on show and pass the key to the screen."""
        if isinstance(event, events.Key):
            self.say("")
            if event.key not in self.keys_of("app-quit") | self.keys_of("app-interrupt"):
                self._quit_warning = ""
        elif len(event.text) > MAX_PASTED_BEFORE_CHECK:
            from supporttui.ui.typing_area import refuse_large_paste  # not at start

            self.say(refuse_large_paste(self.focused, event))
        await super().on_event(event)

    @on(KeyHandled)
    async def go_on_with_keys(self, event: KeyHandled) -> None:
        """Process the next key."""
        await self._key_buffer.handled(event)

    # -- updates ------------------------------------------------------------------------------------------------

    def _announce(self) -> None:
        """Post TicketsChanged; called on the engine's thread. At most one message is pending."""
        if not self._has_news:
            self._has_news = True
            with contextlib.suppress(RuntimeError):  # the loop has ended and needs no message
                self.post_message(TicketsChanged())

    @on(TicketsChanged)
    def show_news(self) -> None:
        """Read what has changed and tell every screen."""
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
        """Start the timer for all countdowns, aligned to the desk's full second."""
        into_second_s = self.model.now().microsecond / 1_000_000
        self.set_timer(1.0 - into_second_s + TICK_MARGIN_S, self._tick)

    def _tick(self) -> None:
        self._wait_for_second()
        now = self.model.now()
        self.model.sent_rate_text = self.byte_rate_text()
        if self.model.is_behind and not self._has_news:  # a change was written without a notification
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

    # -- requests -----------------------------------------------------------------------------------------------

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
        """Submit a move, or say why it is not allowed."""
        self._decide(requested_move(self.model, event.ticket_id, event.to))

    @on(AssignToMe)
    def assign_to_me(self, event: AssignToMe) -> None:
        """Submit the assignment of a ticket to the user."""
        self._decide(requested_assignment(self.model, event.ticket_id))

    def _decide(self, decided: Operation | str) -> None:
        """Submit an operation, or show the sentence saying why it is not allowed."""
        if isinstance(decided, str):
            self.say(decided)
        else:
            self.submit(SubmitOperation(decided))

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
        """Show a sentence on the topmost screen."""
        self.say(event.sentence, event.holds)

    def _drop_untrue_sentence(self) -> None:
        if self._sentence_holds is not None and not self._sentence_holds():
            self.say("")

    def say(self, sentence: str, holds: Callable[[], bool] | None = None) -> None:
        """Show a sentence on the topmost screen that can, until the next key or until `holds` returns False."""
        self._sentence_holds = holds
        for screen in reversed(self.screen_stack):
            if isinstance(screen, LiveScreen):
                screen.say(sentence)
                return

    def action_undo(self) -> None:
        """Undo the latest decided change."""
        undone = self._undo_history.undo()
        if undone.move_back is not None:
            self.submit(SubmitOperation(undone.move_back))
        for screen in self.screen_stack:
            if isinstance(screen, LiveScreen) and undone.ticket_id is not None:
                screen.return_to(undone.ticket_id)
        self.say(undone.sentence)

    def action_outbox(self) -> None:
        """List the unsent changes and the drafts."""
        self.navigator.open_outbox()

    async def action_quit(self) -> None:
        """Quit; with unsent changes, warn first."""
        unsent = "" if self.app_context.is_wall else quit_warning(self.model)
        if unsent and unsent != self._quit_warning:
            self._quit_warning = unsent
            self.say(unsent)
            return
        self.exit()

    def action_suspend_process(self) -> None:
        """Suspend the process and give the terminal to the shell until it is continued."""
        self.say(self.stop_job())

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        """Set other keys, by binding id."""
        super().set_keymap(keymap)
        named = [*keymap.values(), *(command.keys for command in self.app_context.commands)]
        self._sequences.are_there = any(" " in key for key in named)

    def action_help(self) -> None:
        """List all keys, those of the topmost screen first."""
        self.navigator.open_help()

    def action_commands(self) -> None:
        """Open the command palette."""
        self.navigator.open_palette()

    def action_toggle_mouse(self) -> None:
        """Release the mouse to the terminal, which then selects text with it, or take it back."""
        self.say(self.toggle_mouse())

    def action_change_theme(self) -> None:
        """Choose another theme for this window."""
        self.looks.choose()

    def note_background(self, is_light: bool) -> None:
        """Choose the dark or the light theme by the terminal's background."""
        self.call_later(self.looks.follow_background, is_light)

    def action_save_picture(self) -> None:
        """Save a screenshot in the folder for downloads."""
        from supporttui.ui.screenshot import save_screenshot

        self.say(save_screenshot(self.export_screenshot(), Path(self.app_context.files.downloads), self.model.now()))

    def action_run_command(self, name: str) -> None:
        """Run one of the user's own programs on the current ticket."""
        if self._commands is not None:
            self._commands.run(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable a second list of keys; of several commands on one key, enable the one for the current ticket."""
        if action in ("commands", "help"):
            return not getattr(self.screen, "lists_actions", False)
        return action != "run_command" or self._commands is None or self._commands.is_offered(str(parameters[0]))
