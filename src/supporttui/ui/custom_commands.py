"""Runs the user's own programs on the current ticket: on the terminal, or in the background."""

import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Final

from textual.app import App, SuspendNotSupported
from textual.binding import Binding

from supporttui.config.child_environment import child_environment
from supporttui.config.command_settings import CustomCommand
from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.domain.ticket import Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.ticket_fields import FieldRefused, filled_arguments, ticket_fields, ticket_variables
from supporttui.sync.engine import EngineEnded
from supporttui.ui.live import LiveScreen
from supporttui.ui.messages import ShowNotice
from supporttui.ui.programs import ended_sentence, run_on_terminal

MAX_SAID: Final = 2_000
"""Bytes kept of a background program's output; its last line is shown."""
_NO_TICKET: Final = "There is no ticket under the cursor."


class CustomCommands:
    """The commands of `[commands]`."""

    def __init__(self, app: App[Any], model: BoardModel) -> None:
        """Bind the keys in the app, where they act unless a screen or a field uses them."""
        self._app = app
        self._model = model
        self._commands = {command.name: command for command in model.app_context.commands}
        self._running: set[tuple[str, TicketId]] = set()
        """The programs running in the background."""

        for command in self._commands.values():
            for key in command.keys.split(","):
                app._bindings._add_binding(Binding(key, f"run_command('{command.name}')", command.label, id=command.id))

    def is_offered(self, name: str) -> bool:
        """Whether a key runs this command: of several on one key, the first that fits the current ticket's tags.

        If none fits, the first is offered, and says so.
        """
        command, ticket = self._commands[name], self._ticket()
        rivals = [each for each in self._commands.values() if set(each.keys.split(",")) & set(command.keys.split(","))]
        meant = [each for each in rivals if ticket is not None and _is_for(each, ticket)]
        meant.sort(key=lambda each: not each.when_tag)
        return command is (meant or rivals)[0]

    def run(self, name: str) -> None:
        """Run a command, then refresh its ticket from the desk."""
        command, ticket = self._commands[name], self._ticket()
        if ticket is None:
            self._say(_NO_TICKET)
            return
        if not _is_for(command, ticket):
            self._say(f"{command.name} is for tickets with the tag {command.when_tag}; {ticket.id.label} has it not.")
            return
        fields = ticket_fields(self._model, ticket)
        try:
            arguments = filled_arguments(command.run, fields)
        except FieldRefused as refusal:
            self._say(str(refusal))
            return
        environment = child_environment(os.environ) | ticket_variables(fields)
        if command.is_background:
            self._run_behind(command, ticket.id, arguments, environment)
        else:
            self._run_in_front(command, ticket.id, arguments, environment)

    def _ticket(self) -> Ticket | None:
        screens = (screen for screen in reversed(self._app.screen_stack) if isinstance(screen, LiveScreen))
        ticket_id = next((screen.ticket_at_hand for screen in screens), None)
        row = None if ticket_id is None else self._model.row(ticket_id)
        return None if row is None else row.ticket

    def _say(self, sentence: str) -> None:
        """Show a sentence after pending messages; from any thread."""
        self._app.post_message(ShowNotice(sentence))

    def _refresh(self, ticket_id: TicketId) -> None:
        with suppress(EngineEnded):  # the app is quitting
            self._model.engine.want_conversation(ticket_id)

    # -- on the terminal ----------------------------------------------------------------------------------------

    def _run_in_front(
        self, command: CustomCommand, ticket_id: TicketId, arguments: Sequence[str], environment: dict[str, str]
    ) -> None:
        try:
            said = run_on_terminal(self._app, command.name, arguments, environment)
        except SuspendNotSupported:
            self._say("This terminal cannot be handed to another program; set background = true for it.")
            return
        except OSError as problem:
            said = _not_started(command, problem)
        self._refresh(ticket_id)
        self._say(said)

    # -- in the background --------------------------------------------------------------------------------------

    def _run_behind(
        self, command: CustomCommand, ticket_id: TicketId, arguments: Sequence[str], environment: dict[str, str]
    ) -> None:
        job = (command.name, ticket_id)
        if job in self._running:
            self._say(f"{command.name} is still running on {ticket_id.label}.")
            return
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - the thread closes it
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own program, as a list: no shell reads it
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                env=environment,
            )
        except OSError as problem:
            errors.close()
            self._say(_not_started(command, problem))
            return
        self._running.add(job)
        self._say(f"{command.name} is running on {ticket_id.label}.")

        def wait() -> None:
            code = process.wait()
            said = ended_sentence(command.name, code, _last_line(errors))
            self._running.discard(job)
            self._refresh(ticket_id)
            self._say(f"{ticket_id.label}: {said}")

        threading.Thread(target=wait, name=f"command {command.name}", daemon=True).start()


def _is_for(command: CustomCommand, ticket: Ticket) -> bool:
    """Whether a command applies to a ticket, by its tags."""
    wanted = command.when_tag.casefold()
    return not wanted or any(safe_line(tag).casefold() == wanted for tag in ticket.tags)


def _not_started(command: CustomCommand, problem: OSError) -> str:
    program = safe_line(OutsideText(command.run[0]))
    return f"{program} could not be started ({problem.strerror}); check run below [commands.{command.name}]."


def _last_line(errors: IO[bytes]) -> SafeText:
    """The last line that is not blank, safe to draw; closes the file."""
    with errors:
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - MAX_SAID))
        lines = errors.read(MAX_SAID).decode("utf-8", "replace").split("\n")
    return safe_line(OutsideText(next((line.strip() for line in reversed(lines) if line.strip()), "")))
