"""Opens the screens that the first picture does not need, each imported on first use.

They are pushed within the key's own action, so that keys typed ahead reach them.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.screen import Screen

from supporttui.config.key_bindings import COMMAND_PREFIX
from supporttui.domain.ticket import Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.requester_side import KEY_WORDS, UNREAD_MARK
from supporttui.ui.live import LiveScreen
from supporttui.ui.messages import ComposeKind, MoveTicket, OpenTicket, ShowNotice

if TYPE_CHECKING:
    from supporttui.presentation.palette import PaletteEntry, PaletteSource, RecentChoices
    from supporttui.ui.custom_commands import CustomCommands
    from supporttui.ui.dialogs.key_list import KeyEntry
    from supporttui.ui.visits import TicketVisits


class ScreenNavigator:
    """Opens screens and dialogs of one app; screens know it only as `Navigator`."""

    def __init__(self, app: App[Any], model: BoardModel) -> None:
        self._app = app
        self._model = model
        self._visits: TicketVisits | None = None
        self.palette_sources: list[PaletteSource] = []
        """The palette's sources beside the actions of the screen; features such as views or macros add theirs."""
        self._recent: RecentChoices | None = None
        self.files_folder = ""
        """The folder that was chosen for files in this window; empty where none was."""

    def open_ticket(self, ticket_id: TicketId, writing: ComposeKind | None = None) -> None:
        """Show a ticket, with the composer open if `writing` is given; replaces one that is not being written on."""
        front = self._app.screen
        if writing is None and isinstance(front, LiveScreen) and front.show_here(ticket_id):
            return
        self._ticket_visits.leave_board()
        from supporttui.ui.compose.compose_panel import ComposePanel
        from supporttui.ui.ticket.screen import TicketScreen

        screen = TicketScreen(self._model, ticket_id, ComposePanel(self._model, id="writing-desk"), writing)
        screen.wants_typing = writing is not None
        self._app.push_screen(screen)

    def open_new_ticket(self) -> None:
        """Show the form for a new ticket."""
        from supporttui.ui.compose.new_ticket import NewTicketScreen

        screen = NewTicketScreen(self._model)
        screen.wants_typing = True
        self._app.push_screen(screen)

    def open_outbox(self) -> None:
        """List the unsent changes and the drafts, and open the chosen one."""
        from supporttui.ui.dialogs.outbox import OutboxEntry, OutboxScreen, outbox_entries

        def show(entry: OutboxEntry | None) -> None:
            if entry is None:
                return
            if entry.ticket_id is None:
                self.open_new_ticket()
            else:
                self.open_ticket(entry.ticket_id)

        entries = outbox_entries(self._model)
        if entries:
            self._app.push_screen(OutboxScreen(entries), show)
        else:
            self._app.post_message(ShowNotice("Nothing is unsent, and there are no drafts."))

    def ask_move(self, ticket: Ticket) -> None:
        """Ask where to move a ticket, and move it."""
        from supporttui.ui.dialogs.move import MoveScreen

        def move(to: Status | None) -> None:
            if to is not None:
                self._app.post_message(MoveTicket(ticket.id, to))

        self._app.push_screen(MoveScreen(self._model, ticket), move)

    def ask_agenda(self) -> None:
        """Show the planner, and open the ticket chosen there."""
        from supporttui.ui.dialogs.agenda import AgendaScreen

        def open_chosen(ticket_id: TicketId | None) -> None:
            if ticket_id is not None:
                self.open_ticket(ticket_id)

        self._app.push_screen(AgendaScreen(self._model), open_chosen)

    def note_visit(self, ticket_id: TicketId) -> None:
        """Record that a ticket was shown, for going back."""
        self._ticket_visits.note(ticket_id)

    def visit(self, where: str) -> None:
        """Go `back` or `forward`, open the `last` ticket again, or list the `recent` ones."""
        self._ticket_visits.act(where)

    @property
    def _ticket_visits(self) -> "TicketVisits":
        from supporttui.ui.visits import TicketVisits

        if self._visits is None:
            self._visits = TicketVisits(self._app, self._model, self.open_ticket, self._ask_recent)
        return self._visits

    def _ask_recent(self, ticket_ids: list[TicketId]) -> None:
        from supporttui.ui.dialogs.recent_tickets import RecentTicketsScreen

        def open_chosen(ticket_id: TicketId | None) -> None:
            if ticket_id is not None:
                self.open_ticket(ticket_id)

        self._app.push_screen(RecentTicketsScreen(self._model, ticket_ids), open_chosen)

    def bind_commands(self) -> "CustomCommands | None":
        """Bind the keys of the user's own commands; return None if there are none, and on the wall."""
        if self._model.app_context.is_wall or not self._model.app_context.commands:
            return None
        from supporttui.ui.custom_commands import CustomCommands

        return CustomCommands(self._app, self._model)

    def open_help(self) -> None:
        """List every key, those of the topmost screen first."""
        from supporttui.ui.dialogs.help import HelpScreen
        from supporttui.ui.dialogs.key_list import is_offered, listed_entries, section_of
        from supporttui.ui.key_catalogue import declared_bindings

        app = self._app
        here = {section_of(each.binding) for each in app.screen.active_bindings.values()}
        owners = {owner for node in app.screen.query("*") if node.can_focus for owner in node.ancestors_with_self}
        here |= {section_of(each) for owner in owners for _, each in owner._bindings}
        refused = {
            binding.id
            for node in (app.screen, *app.screen.query("*"))
            for _, binding in node._bindings
            if not is_offered(node, binding)
        }
        listed = [each for each in declared_bindings() if each.id not in refused]
        if self._model.app_context.is_requester:  # the account may lack the rights for keys of other screens
            listed = [each for each in listed if section_of(each) in here]
        own = [binding for _, binding in app._bindings if (binding.id or "").startswith(COMMAND_PREFIX)]
        keymap: Mapping[str, str] = getattr(app, "keymap", {})
        entries = listed_entries([*listed, *own], keymap, here, self._key_words)
        app.push_screen(HelpScreen(entries, UNREAD_MARK) if self._key_words else HelpScreen(entries))

    @property
    def _key_words(self) -> Mapping[str, str]:
        """What keys do, where that is something else on this side of the desk."""
        return KEY_WORDS if self._model.app_context.is_requester else {}

    def open_palette(self) -> None:
        """List the actions of the topmost screen and of those below, and find tickets, people and more."""
        from supporttui.presentation.palette import RecentChoices
        from supporttui.ui.dialogs.commands import CommandsScreen

        if self._recent is None:
            self._recent = RecentChoices(Path(self._model.app_context.files.cache).with_name("palette.json"))
            if not self._model.app_context.is_wall:  # the wall must not open anything that can be edited
                self.palette_sources += self._own_sources()
        actions = [*self._actions(), *self._views()]
        self._app.push_screen(CommandsScreen(actions, self.palette_sources, self._recent.keys), self._do_chosen)

    def _own_sources(self) -> "list[PaletteSource]":
        from supporttui.presentation.palette_sources import PeopleSearch, TicketEntries, TicketSearch

        tickets = TicketEntries(self._model, lambda ticket_id: self._app.post_message(OpenTicket(ticket_id)))
        return [tickets, TicketSearch(self._model, tickets), PeopleSearch(self._model, tickets)]

    def _views(self) -> "list[PaletteEntry]":
        """Return entries for the views; choosing one closes what is above the board."""
        from supporttui.presentation.palette_sources import view_entries

        stack = self._app.screen_stack
        board = next((each for each in stack if isinstance(each, LiveScreen) and each.place is not None), None)
        if board is None:
            return []

        def use(key: str) -> None:
            while self._app.screen is not board:
                self._app.screen.dismiss(None)
            board.use_view(key)

        return view_entries(self._model, use)

    def _actions(self) -> "list[PaletteEntry]":
        """The actions of the topmost screen; if that is a dialog, also those of the screens below."""
        from supporttui.ui.dialogs.key_list import KeyEntry, active_entries

        app = self._app
        entries: list[tuple[Screen[Any], KeyEntry]] = []
        for screen in reversed(app.screen_stack):
            entries += [(screen, each) for each in active_entries(screen, self._key_words) if each.action != "commands"]
            if not screen.is_modal:
                break
        more = (("Choose other colours", "change_theme"), ("Save the screen as an SVG picture", "save_picture"))
        entries += [(app.screen, KeyEntry(action, "", word, "Everywhere", action, app)) for word, action in more]
        return [self._action(screen, each) for screen, each in entries]

    def _action(self, screen: "Screen[Any]", entry: "KeyEntry") -> "PaletteEntry":
        from supporttui.presentation.palette import PaletteEntry

        async def run() -> None:
            while self._app.screen is not screen and self._app.screen.is_modal:
                self._app.screen.dismiss(None)
            await self._app.run_action(entry.action, entry.node)

        return PaletteEntry(
            key=f"action:{entry.id}",
            label=entry.label,
            kind=entry.keys,
            words=entry.section,
            run=lambda: self._app.call_next(run),
        )

    def _do_chosen(self, entry: "PaletteEntry | None") -> None:
        """Run the chosen entry and remember it, also for the next start."""
        if entry is None or self._recent is None:
            return
        self._recent.note(entry.key)
        threading.Thread(target=self._recent.save, name="palette").start()
        entry.run()
