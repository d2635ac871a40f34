"""Rows of the board, made from what the desk reported and what was decided here."""

from datetime import datetime

from supporttui.domain.board import Row, has_unread_reply, with_decided
from supporttui.domain.calendars import Calendars
from supporttui.domain.judgement import Judgement, new_judgements, policy_key
from supporttui.domain.metrics import Metric
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.sla import Clock, ticket_clocks, worst
from supporttui.domain.ticket import Ticket
from supporttui.store.cache import Cache
from supporttui.ui.decisions import Decisions


class Rows:
    """Makes rows; keeps the clocks of tickets that are still the same, and what was read."""

    def __init__(self, cache: Cache, decisions: Decisions, policy: ServicePolicy, calendars: Calendars) -> None:
        self._cache = cache
        self._decisions = decisions
        self._policy = policy
        self._calendars = calendars
        self._clocks: dict[int, tuple[Ticket, tuple[Clock, ...]]] = {}
        self._read_at: dict[int, datetime] = {}
        self._policy_key = policy_key(policy)
        self._judged: dict[int, dict[Metric, Judgement]] = {}
        """What finished clocks were judged by: another policy does not change that."""
        self._unsaved: dict[int, list[Judgement]] = {}

    def load_judgements(self) -> None:
        """Read what finished clocks were judged by."""
        self._judged = self._cache.load_judgements()

    def save_judgements(self) -> None:
        """Keep what the clocks were judged by that have finished since."""
        if self._unsaved:
            self._cache.save_judgements(self._unsaved)
            self._unsaved = {}

    def load_read_marks(self) -> set[int]:
        """Read up to where tickets were read, in whichever window; those for which that is new."""
        before, self._read_at = self._read_at, self._cache.load_read_marks()
        for ticket_id, at in before.items():
            if at > self._read_at.get(ticket_id, at):
                self._read_at[ticket_id] = at
        return {ticket_id for ticket_id, at in self._read_at.items() if before.get(ticket_id) != at}

    def note_read(self, ticket_id: int, at: datetime) -> None:
        """A ticket was read."""
        self._read_at[ticket_id] = at

    def read_at(self, ticket_id: int) -> datetime | None:
        """Up to which instant a ticket was read; None where it never was."""
        return self._read_at.get(ticket_id)

    def row(self, ticket: Ticket, now: datetime) -> Row:
        """The ticket with the decided changes, its clocks as they stand now, and its marks."""
        changed, mark = with_decided(ticket, self._decisions.decided(ticket.id))
        is_unread = has_unread_reply(ticket, self._read_at.get(ticket.id))
        clocks = self._all_clocks(changed, is_reported=changed is ticket)
        return Row(changed, clocks[0] if len(clocks) == 1 else worst(clocks, now), mark, is_unread, clocks)

    def _all_clocks(self, ticket: Ticket, *, is_reported: bool) -> tuple[Clock, ...]:
        known = self._clocks.get(ticket.id)
        if known is None or known[0] is not ticket:
            judged = self._judged.get(ticket.id, {})
            clocks = ticket_clocks(ticket, self._policy, self._calendars, judged)
            known = self._clocks[ticket.id] = (ticket, clocks)
            fresh = new_judgements(clocks, self._policy_key) if is_reported else []
            if fresh:
                self._unsaved[ticket.id] = fresh
                self._judged[ticket.id] = judged | {each.metric: each for each in fresh}
        return known[1]
