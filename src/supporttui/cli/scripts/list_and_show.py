"""`supporttui list` and `supporttui show`: tickets from the local copy, which is brought up to date where it is old."""

from collections.abc import Sequence
from dataclasses import dataclass

from supporttui.cli.desk_selection import select_desk
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.scripts.local_copy import LocalCopy, open_local_copy, parse_filter, parse_typed_id
from supporttui.cli.scripts.output import message_lines, print_json, say_age, ticket_line, ticket_lines
from supporttui.domain.query.selection import SortBy
from supporttui.domain.ticket import Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import DeskError, Unauthorised
from supporttui.presentation.ticket_facts import Facts, instant, message_facts, ticket_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class ListArguments:
    """What is to be listed, as typed."""

    words: Sequence[str]
    """The filter."""
    sort: str
    limit: int
    """0 for no limit."""
    is_live: bool
    as_json: bool


def list_tickets(scope: GlobalOptions, typed: ListArguments) -> int:
    """Print the tickets that match a filter."""
    query, sort_by = parse_filter(typed.words), _sort_by(typed.sort)
    target = select_desk(scope)
    with open_local_copy(target) as copy:
        problem = copy.refresh_if_old(is_live=typed.is_live, query=query)
        found = copy.find(query, sort_by, is_live=typed.is_live)
        shown = found[: typed.limit] if typed.limit else found
        listed = facts_of(copy, shown)
        say_age(copy.age(), problem)
        freshness = _freshness(copy)
    if typed.as_json:
        print_json(
            {"filter": query.text, "total": len(found), "is_current": problem is None, **freshness, "tickets": listed}
        )
    else:
        for each in listed:
            print(ticket_line(each, target.policy))
    return Exit.OK


def show_ticket(scope: GlobalOptions, typed_id: str, *, as_json: bool) -> int:
    """Print a ticket with its conversation."""
    target = select_desk(scope)
    ticket_id = parse_typed_id(typed_id, target)
    with open_local_copy(target) as copy:
        ticket, problem = _current_ticket(copy, ticket_id)
        conversation = copy.cache.load_conversation(ticket_id)
        people = copy.people([ticket], conversation)
        facts = ticket_facts(ticket, copy.clocks([ticket])[ticket_id], people, copy.desk_now())
        messages = [] if conversation is None else message_facts(conversation, people)
        say_age(copy.age(), problem)
        freshness = _freshness(copy)
    if as_json:
        print_json({"is_current": problem is None, **freshness, "ticket": facts, "messages": messages})
        return Exit.OK
    lines = [*ticket_lines(facts, target.policy)]
    for message in messages:
        lines += ["", *message_lines(message)]
    print("\n".join(lines))
    return Exit.OK


def facts_of(copy: LocalCopy, tickets: Sequence[Ticket]) -> list[Facts]:
    """The facts of tickets, in order."""
    clocks, people, now = copy.clocks(tickets), copy.people(tickets), copy.desk_now()
    return [ticket_facts(each, clocks[each.id], people, now) for each in tickets]


def _current_ticket(copy: LocalCopy, ticket_id: TicketId) -> tuple[Ticket, DeskError | None]:
    """The ticket with its conversation, and why they are not the desk's latest. Raises DeskError."""
    try:
        return copy.fetch_conversation(ticket_id), None
    except Unauthorised:
        raise
    except DeskError as error:
        known = copy.ticket(ticket_id)
        if known is None or not is_unreachable(error):
            raise
        return known, error


def is_unreachable(error: DeskError) -> bool:
    """Whether the desk has not answered, so that what is known must do."""
    from supporttui.helpdesks.base import Interrupted, RateLimited, Unreachable

    return isinstance(error, Unreachable | Interrupted | RateLimited)


def _freshness(copy: LocalCopy) -> Facts:
    age = copy.age()
    return {
        "synced_at": instant(copy.status.last_sync_at),
        "age_s": None if age is None else int(age.total_seconds()),
    }


def _sort_by(word: str) -> SortBy:
    try:
        return SortBy(word)
    except ValueError:
        known = ", ".join(each.value for each in SortBy)
        raise CommandError(f"there is no order {word!r}; write one of {known}", Exit.USAGE) from None
