"""The palette's sources of tickets and people, from the local copy."""

from collections.abc import Callable, Sequence
from contextlib import closing

from supporttui.domain.query.selection import View
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Person, Ticket
from supporttui.domain.ticket_id import BadTicketId, TicketId, parse_ticket_id
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.cell_text import strip_joiners
from supporttui.presentation.palette import FOUND_LIMIT, PaletteEntry
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem

OpenTicketCall = Callable[[TicketId], object]

TICKET_KEY = "ticket:"
PERSON_KEY = "person:"
VIEW_KEY = "view:"


class TicketEntries:
    """Makes entries for tickets, and finds a ticket by its number or key."""

    is_slow = False

    def __init__(self, model: BoardModel, open_ticket: OpenTicketCall) -> None:
        self._model = model
        self._open_ticket = open_ticket

    def find(self, typed: str) -> Sequence[PaletteEntry]:
        """Return the ticket with this number or key."""
        try:
            ticket_id = parse_ticket_id(typed, self._model.app_context.files.desk)
        except BadTicketId:
            return ()
        ticket = self._model.ticket(ticket_id)
        return () if ticket is None else (self.entry(ticket),)

    def recall(self, key: str) -> PaletteEntry | None:
        """Return the ticket in its current state."""
        if not key.startswith(TICKET_KEY):
            return None
        ticket = self._model.ticket(TicketId(self._model.app_context.files.desk, key.removeprefix(TICKET_KEY)))
        return None if ticket is None else self.entry(ticket)

    def entry(self, ticket: Ticket) -> PaletteEntry:
        """Return the entry of a ticket."""
        title = self._model.app_context.policy.statuses[ticket.status].title
        return PaletteEntry(
            key=f"{TICKET_KEY}{ticket.id.id}",
            label=f"{safe_line(OutsideText(ticket.id.label))} {strip_joiners(safe_line(ticket.subject))}",
            kind=title,
            run=lambda: self._open_ticket(ticket.id),
        )


def view_entries(model: BoardModel, use: Callable[[str], object]) -> list[PaletteEntry]:
    """Return entries for all views, including the desk's as last fetched; `use` is called with a view's key."""

    def entry(view: View) -> PaletteEntry:
        return PaletteEntry(
            key=f"{VIEW_KEY}{view.key}",
            label=strip_joiners(safe_line(OutsideText(f"View: {view.name}"))),
            kind="view of the desk" if view.desk_id else "view",
            words=safe_line(OutsideText(view.query.text)),
            run=lambda: use(view.key),
        )

    return [entry(view) for view in model.choices.views]


class TicketSearch:
    """Finds tickets by words of their subjects and conversations; called on a thread, with its own connection."""

    is_slow = True

    def __init__(self, model: BoardModel, tickets: TicketEntries) -> None:
        self._files = model.app_context.files
        self._tickets = tickets

    def find(self, typed: str) -> Sequence[PaletteEntry]:
        """Return the best matches; none if the local copy cannot be read now."""
        words = typed.replace("#", " ").split()
        if not words:
            return ()
        try:
            with closing(Cache(self._files.cache, self._files.desk)) as cache:
                ticket_ids = cache.board.search(words, FOUND_LIMIT)
                found = {ticket.id: ticket for ticket in cache.load_tickets_by_id(ticket_ids)}
        except StoreProblem:
            return ()
        return [self._tickets.entry(found[each]) for each in ticket_ids if each in found]

    def recall(self, key: str) -> PaletteEntry | None:
        """Return None: tickets are recalled by `TicketEntries`."""


class PeopleSearch:
    """Finds people by name, address and organisation; choosing one lists their open tickets."""

    is_slow = True

    def __init__(self, model: BoardModel, tickets: TicketEntries) -> None:
        self._model = model
        self._files = model.app_context.files
        self._tickets = tickets
        self._known: list[tuple[str, Person]] | None = None

    def forget(self) -> None:
        """Discard the people read so far, so that the next `find` reads them again."""
        self._known = None

    def find(self, typed: str) -> Sequence[PaletteEntry]:
        """Return the first people who match."""
        words = typed.casefold().split()
        if not words:
            return ()
        if self._known is None:
            try:
                with closing(Cache(self._files.cache, self._files.desk)) as cache:
                    self._known = [(_searched(each), each) for each in cache.people.load_all().values()]
            except StoreProblem:
                return ()
        found = [person for text, person in self._known if all(word in text for word in words)]
        return [self._entry(person) for person in found[:FOUND_LIMIT]]

    def recall(self, key: str) -> PaletteEntry | None:
        """Return the person as currently known."""
        number = key.removeprefix(PERSON_KEY)
        if not key.startswith(PERSON_KEY) or not number.isdecimal():
            return None
        person = self._model.people.find(int(number))
        return None if person is None else self._entry(person)

    def _entry(self, person: Person) -> PaletteEntry:
        name, email = safe_line(person.name), safe_line(person.email)
        shown = " ".join(part for part in (name, f"<{email}>" if email else "") if part)
        where = safe_line(person.organization) if person.organization else ""
        return PaletteEntry(
            key=f"{PERSON_KEY}{person.id}",
            label=strip_joiners(f"{shown}  {where}".rstrip()),
            kind=person.role.value.replace("_", " "),
            more=lambda: [self._tickets.entry(each) for each in self._model.open_tickets_of(person.id)],
        )


def _searched(person: Person) -> str:
    """The text in which a person is searched."""
    parts = (person.name, person.email, person.organization)
    return " ".join(safe_line(part) for part in parts if part).casefold()
