"""The ticket screen: the conversation, the facts, the explanation of the clock, and the composer."""

from datetime import datetime
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from supporttui.domain.ticket import Lifecycle
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardChanges, BoardModel
from supporttui.presentation.requester_side import TICKET_ACTION_NEEDS, is_offered
from supporttui.presentation.ticket.ticket_trail import TicketFetcher, TicketTrail
from supporttui.presentation.ticket.ticket_view import ticket_notice
from supporttui.presentation.undo import is_refused, is_withdrawable, sending_sentence
from supporttui.ui.key_line import KeyLine, active_hints
from supporttui.ui.live import LiveScreen
from supporttui.ui.messages import ComposeKind, ShowNotice, TicketsChanged
from supporttui.ui.panes.status_pane import StatusPane
from supporttui.ui.reply_area import ReplyArea
from supporttui.ui.ticket.ticket_actions import TICKET_ACTIONS
from supporttui.ui.ticket.ticket_body import CONVERSATION, TicketBody
from supporttui.ui.ticket.unsent_actions import UnsentActions
from supporttui.ui.visits import visit_bindings

HINTS: Final = (
    ("composer-send", "send"),
    ("composer-status", "status"),
    ("composer-kind", "reply or note"),
    ("composer-leave", "keep and leave"),
    ("composer-attach", "attach"),
    ("composer-detach", "detach"),
    ("composer-editor", "editor"),
    ("ticket-reply", "reply"),
    ("ticket-note", "note"),
    ("ticket-move", "move"),
    ("ticket-assign-me", "take"),
    ("ticket-next", "next"),
    ("ticket-previous", "previous"),
    ("ticket-back", "back"),
    ("ticket-severity", "severity"),
    ("ticket-files", "files"),
    ("ticket-why", "why"),
    ("ticket-properties", "properties"),
    ("ticket-links", "links"),
    ("ticket-copy", "copy"),
    ("app-undo", "undo"),
    ("app-help", "keys"),
)
"""The bindings named in the footer, most important first."""


SCROLL_KEYS: Final = frozenset({"up", "down", "pageup", "pagedown", "home", "end", "ctrl+home", "ctrl+end"})
"""Keys that scroll the conversation while an answer is being written, if the mouse has put the focus there."""

_OWN_ACTIONS: Final = frozenset({"back", "go", "write", "ask", "panel", "unsent", "load_older", "visit", "move_focus"})


class TicketScreen(LiveScreen[None]):
    """Shows one ticket after another, in the order of the pane from which the first was opened."""

    AUTO_FOCUS = ""
    """The screen sets the focus itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", priority=True, id="ticket-back"),
        Binding("J", "go(1)", "next ticket of the pane", priority=True, id="ticket-next"),
        Binding("K", "go(-1)", "ticket before", priority=True, id="ticket-previous"),
        Binding("r", "write(True)", "reply to the customer", priority=True, id="ticket-reply"),
        Binding("i", "write(False)", "write an internal note", priority=True, id="ticket-note"),
        Binding("m", "ask('move')", "move to another status", priority=True, id="ticket-move"),
        Binding("a", "ask('assign')", "assign to me", priority=True, id="ticket-assign-me"),
        Binding("S", "ask('severity')", "severity", priority=True, id="ticket-severity"),
        Binding("o", "ask('file')", "save a file", priority=True, id="ticket-files"),
        Binding("L", "ask('link')", "open or copy a link", priority=True, id="ticket-links"),
        Binding("y", "ask('copy')", "copy the number and the subject", priority=True, id="ticket-copy"),
        Binding("H", "load_older", "load older messages", priority=True, id="ticket-older"),
        Binding("t", "panel('why')", "why the clock shows this", priority=True, id="ticket-why"),
        Binding("p", "panel('facts')", "properties", priority=True, id="ticket-properties"),
        Binding("R", "unsent('retry')", "send again what was not sent", priority=True, id="ticket-retry"),
        Binding("E", "unsent('edit')", "edit what was not sent", priority=True, id="ticket-edit-unsent"),
        Binding("X", "unsent('discard')", "discard what was not sent", priority=True, id="ticket-discard-unsent"),
        *visit_bindings("ticket"),
        Binding("tab", "move_focus(1)", "next field or part", show=False, id="focus-next"),
        Binding("shift+tab", "move_focus(-1)", "field or part before", show=False, id="focus-previous"),
    ]

    def __init__(
        self, model: BoardModel, ticket_id: TicketId, reply_area: ReplyArea, writing: ComposeKind | None = None
    ) -> None:
        super().__init__(model)
        self._writing = writing
        self._reader = TicketFetcher(model, ticket_id)
        self._reading_order = TicketTrail(model.board, ticket_id)
        self._unsent_actions = UnsentActions(model)
        self._body = TicketBody(model, reply_area, self._reading_order.status)
        self._key_line = KeyLine()

    def compose(self) -> ComposeResult:
        """Yield the ticket, and the footer."""
        yield self._body
        yield self._key_line

    def on_mount(self) -> None:
        """Show the ticket, and open the composer if that was requested."""
        self.navigator.note_visit(self._reader.view.ticket_id)
        self._body.focus_reading()
        self._redraw(from_end=True)
        if self._writing is not None:
            self.action_write(self._writing is ComposeKind.REPLY)

    def on_key(self, event: events.Key) -> None:
        """Clear the sentence on show."""
        self._key_line.say("")
        if event.key != "X":
            self._unsent_actions.forget()

    def offers(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether the account has the rights for an action."""
        return is_offered(self.model.can, TICKET_ACTION_NEEDS, action, parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable keys while text is being written, and keys for which this account lacks the rights.

        Bindings are checked before any widget gets the key, so that keys typed ahead of the composer or of a dialog
        reach it.
        """
        is_free = action not in _OWN_ACTIONS or not self._body.reply_area.is_open
        return is_free and self.offers(action, parameters)

    def prepare_for(self, event: events.Key | events.Paste) -> None:
        """While something is being written, move the focus to the composer for every key except those that scroll."""
        area = self._body.reply_area
        is_text = isinstance(event, events.Paste) or event.key not in SCROLL_KEYS
        if area.is_open and is_text and not area.has_focus_within:
            self.set_focus(area.field)

    def on_descendant_focus(self) -> None:
        """Update the footer, as other keys may be active."""
        self.call_after_refresh(self._redraw)

    def tick(self, now: datetime) -> None:
        """Update what depends on the time."""
        self._body.tick(now)

    def show_changes(self, changes: BoardChanges) -> None:
        """Update after changes of this ticket."""
        self._reader.follow(changes, is_seen=self.is_current)
        self._redraw()

    def say(self, sentence: str) -> None:
        """Show a sentence until the next key."""
        self._key_line.say(sentence)

    @property
    def ticket_at_hand(self) -> TicketId | None:
        """The open ticket."""
        return self._reader.view.ticket_id

    def action_move_focus(self, step: int) -> None:
        """Move the focus between the conversation and the facts beside it."""
        self.focus_next() if step > 0 else self.focus_previous()

    def action_back(self) -> None:
        """Return from the facts to the conversation, and from there to the board."""
        if self._body.panel:
            self._body.toggle_panel(CONVERSATION)
        else:
            self.dismiss(None)

    def action_go(self, step: int) -> None:
        """Go to the next or previous ticket of the pane."""
        other = self._reading_order.neighbour(self._reader.view.ticket_id, step)
        if other is None:
            self.say("This is the last ticket of the pane." if step > 0 else "This is the first ticket of the pane.")
        else:
            self._show_ticket(other)

    def action_write(self, is_public: bool) -> None:
        """Open the composer."""
        self._reader.reload_local_changes()
        row = self._reader.view.row
        if row is None:
            self.say("The ticket is not here yet; try again in a moment.")
            return
        if row.ticket.lifecycle is not Lifecycle.LIVE:
            self.say(ticket_notice(self._reader.view, self.model))
            return
        self._body.toggle_panel(CONVERSATION)
        self._body.reply_area.begin(self._reader.view, is_public=is_public)
        self.set_focus(self._body.reply_area.field)
        self._redraw(from_end=True)

    def action_ask(self, question: str) -> None:
        """Open a dialog, and act on its result."""
        TICKET_ACTIONS[question](self, self._reader.view)

    def action_load_older(self) -> None:
        """Request older messages of a conversation that is incomplete."""
        conversation = self._reader.view.conversation
        if conversation is None or not conversation.omitted:
            self.say("All messages of this conversation are here.")
        elif self._reader.load_older():
            self.say("Loading older messages…")
        else:
            self.say("No more than these messages can be shown here; read the older ones in the desk itself.")

    def action_panel(self, panel: str) -> None:
        """Show the clock's explanation or the properties; pressed again, return to the conversation."""
        self._body.toggle_panel(panel)

    def action_unsent(self, choice: str) -> None:
        """Retry, edit or discard what was not sent."""
        view = self._reader.view
        if choice == "edit":
            refusal = self._unsent_actions.edit(view)
            self.say(refusal) if refusal else self.action_write(True)
        else:
            self.say(self._unsent_actions.retry(view) if choice == "retry" else self._unsent_actions.discard(view))
            self._reader.reload_local_changes()
            self._redraw()

    @on(StatusPane.TicketChosen)
    def open_beside(self, event: StatusPane.TicketChosen) -> None:
        """Show the ticket that was clicked, unless something is being written."""
        if not self._body.reply_area.is_open:
            self._show_ticket(event.ticket_id)

    @on(ReplyArea.Sent)
    def go_on(self, event: ReplyArea.Sent) -> None:
        """Go to the next ticket of the pane, or back to the board if there is none."""
        other = self._reading_order.next_after_sending(event.ticket_id)
        model, kind = self.model, "reply" if event.is_public else "note"
        title = model.app_context.policy.statuses[event.after].title
        operation, waits = event.operation, bool(model.app_context.undo_s)

        def holds() -> bool:
            return is_withdrawable(operation, model) if waits else not is_refused(operation, model)

        said = sending_sentence(model, kind, event.ticket_id.label, title)
        if other is None:
            self.dismiss(None)
        else:
            self._show_ticket(other)
            said += " This is the next ticket of the pane."
        self.app.post_message(ShowNotice(said, holds))

    @on(ReplyArea.Closed)
    def go_on_reading(self) -> None:
        """Return the focus to the conversation, with the draft at its end."""
        self._body.focus_reading()
        self._reader.reload_local_changes()
        self._redraw(from_end=True)
        self.app.post_message(TicketsChanged())  # its row says that there is a draft

    def show_here(self, ticket_id: TicketId) -> bool:
        """Show another ticket, with its pane beside it; not while an answer is being written."""
        if self._body.reply_area.is_open:
            return False
        self._reading_order = TicketTrail(self.model.board, ticket_id)
        self._body.show_queue(self._reading_order.status)
        self._show_ticket(ticket_id)
        return True

    def _show_ticket(self, ticket_id: TicketId) -> None:
        self.navigator.note_visit(ticket_id)
        self._body.reply_area.close()
        self._reader.start_reading(ticket_id)
        self._body.focus_reading()
        self._redraw(from_end=True)

    def _redraw(self, *, from_end: bool = False) -> None:
        self._body.show(self._reader.view, self._reader.unread_after, from_end=from_end)
        self._key_line.show(active_hints(self, HINTS), ticket_notice(self._reader.view, self.model))
