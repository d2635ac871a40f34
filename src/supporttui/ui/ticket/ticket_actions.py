"""The dialogs of the ticket screen's keys, and what is done with their results."""

import os
from collections.abc import Callable
from typing import Final

from supporttui.domain.effects import effect_of
from supporttui.domain.links import links_in
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText, safe, safe_line
from supporttui.domain.ticket import Ticket
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.ticket.ticket_view import TicketView
from supporttui.presentation.undo import severity_operation
from supporttui.ui.live import LiveScreen
from supporttui.ui.messages import AssignToMe, SubmitOperation
from supporttui.ui.terminal.framed_app import FramedApp
from supporttui.ui.ticket.attachments import AttachmentsScreen, FileChosen, save_chosen
from supporttui.ui.ticket.link_opening import link_program, open_link
from supporttui.ui.ticket.links import LinkChosen, LinksScreen
from supporttui.ui.ticket.severity import SeverityScreen

TicketAction = Callable[[LiveScreen[None], TicketView], None]


def ask_target_status(screen: LiveScreen[None], view: TicketView) -> None:
    """Ask for the status to move a ticket to."""
    if view.row is not None:
        screen.navigator.ask_move(view.row.ticket)


def assign_to_me(screen: LiveScreen[None], view: TicketView) -> None:
    """Assign a ticket to the user, without a dialog."""
    screen.post_message(AssignToMe(view.ticket_id))


def ask_severity(screen: LiveScreen[None], view: TicketView) -> None:
    """Ask for a severity; the clock keeps its start and gets the new target."""
    if view.row is None:
        return
    ticket, model = view.row.ticket, screen.model

    def change(severity: int | None) -> None:
        if severity is not None and severity != ticket.severity:
            screen.post_message(SubmitOperation(severity_operation(ticket, severity, model.now())))

    effects = {number: _effects(model, ticket, number) for number in model.app_context.policy.severities}
    screen.app.push_screen(SeverityScreen(ticket.id, ticket.severity, model.app_context.policy, effects), change)


def _effects(model: BoardModel, ticket: Ticket, severity: int) -> str:
    """The effect of a severity on every clock; empty if it is the present one."""
    if severity == ticket.severity:
        return ""
    effects = effect_of(ticket, model.app_context.policy, model.calendars, TicketPatch(severity=severity), model.now())
    return "; ".join(effect.sentence for effect in effects)


def ask_file(screen: LiveScreen[None], view: TicketView) -> None:
    """Which file to save, and whether to open it; the folder that is chosen stays chosen in this window."""
    navigator, app_context = screen.navigator, screen.model.app_context

    def save(chosen: FileChosen | None) -> None:
        if chosen is not None:
            navigator.files_folder = chosen.folder
            save_chosen(screen, chosen)

    if view.attachments:
        folder = navigator.files_folder or app_context.file_settings.downloads or app_context.files.downloads
        screen.app.push_screen(AttachmentsScreen(view.attachments, folder), save)
    else:
        screen.say("This conversation has no files.")


def ask_link(screen: LiveScreen[None], view: TicketView) -> None:
    """Ask which link to open or, over SSH, to copy. Its complete address is shown first."""
    program = link_program(os.environ)

    def follow(chosen: LinkChosen | None) -> None:
        if chosen is None:
            return
        if chosen.is_copy or program is None:
            screen.say(_copied(screen, chosen.link.shown, "the address"))
        else:
            is_open, key = open_link(chosen.link, program), screen.model.app_context.key("links-copy")
            screen.say(
                f"Opened {chosen.link.shown}" if is_open else f"{program} could not be started; {key} copies a link."
            )

    links = links_in(message.body for message in view.conversation.messages) if view.conversation else ()
    if links:
        screen.app.push_screen(LinksScreen(links, can_open=program is not None), follow)
    else:
        screen.say("This conversation has no links.")


def copy_reference(screen: LiveScreen[None], view: TicketView) -> None:
    """Copy number and subject to the clipboard, or the user's text if the disk could not save it."""
    unsaved = screen.model.outbox_view.unsaved() if screen.model.status.unsaved else []
    if unsaved:
        text = fit_to_copy("\n\n".join(unsaved))
        screen.say(_copied(screen, text, "what could not be written to disk"))
    elif view.row is not None:
        text = f"{safe_line(OutsideText(view.ticket_id.label))} {safe_line(view.row.ticket.subject)}"
        screen.say(_copied(screen, text, f"the number and the subject of {view.ticket_id.label}"))


def _copied(screen: LiveScreen[None], text: str, what: str) -> str:
    """Send text to the clipboard; return the sentence to show."""
    return screen.app.copy_text(text, what) if isinstance(screen.app, FramedApp) else ""


def fit_to_copy(text: str) -> str:
    """Return the user's own text without characters that a terminal could take for a command."""
    return safe(OutsideText(text))


TICKET_ACTIONS: Final[dict[str, TicketAction]] = {
    "move": ask_target_status,
    "assign": assign_to_me,
    "severity": ask_severity,
    "file": ask_file,
    "link": ask_link,
    "copy": copy_reference,
}
