"""Opening the screens that are not needed for the first picture; each is imported when it is first wanted.

They are pushed within the key's own action, so that a key that was typed ahead finds them there.
"""

from typing import Any

from textual.app import App

from supporttui.domain.ticket import Status, Ticket
from supporttui.ui.board_model import BoardModel
from supporttui.ui.messages import MoveTicket, SayBriefly, Writing


def open_ticket(app: App[Any], model: BoardModel, ticket_id: int, writing: Writing | None) -> None:
    """Show a ticket, ready to write where that is said."""
    from supporttui.ui.screens.ticket import TicketScreen

    screen = TicketScreen(model, ticket_id, writing)
    screen.wants_typing = writing is not None
    app.push_screen(screen)


def open_new_ticket(app: App[Any], model: BoardModel) -> None:
    """Show the form for a new ticket."""
    from supporttui.ui.screens.new_ticket import NewTicketScreen

    screen = NewTicketScreen(model)
    screen.wants_typing = True
    app.push_screen(screen)


def open_outbox(app: App[Any], model: BoardModel) -> None:
    """List what is unsent and the drafts, and open what is chosen."""
    from supporttui.ui.screens.outbox import OutboxScreen, entries_of

    def show(entry: int | None) -> None:
        if entry == 0:
            open_new_ticket(app, model)
        elif entry is not None:
            open_ticket(app, model, entry, None)

    entries = entries_of(model)
    if entries:
        app.push_screen(OutboxScreen(entries), show)
    else:
        app.post_message(SayBriefly("Nothing is unsent, and there are no drafts."))


def ask_move(app: App[Any], model: BoardModel, ticket: Ticket) -> None:
    """Ask where to move a ticket, and have it moved there."""
    from supporttui.ui.screens.move import MoveScreen

    def move(to: Status | None) -> None:
        if to is not None:
            app.post_message(MoveTicket(ticket.id, to))

    app.push_screen(MoveScreen(model, ticket), move)


def ask_agenda(app: App[Any], model: BoardModel) -> None:
    """Show what to do first, and open the ticket that is chosen there."""
    from supporttui.ui.screens.agenda import AgendaScreen

    def open_chosen(ticket_id: int | None) -> None:
        if ticket_id is not None:
            open_ticket(app, model, ticket_id, None)

    app.push_screen(AgendaScreen(model), open_chosen)
