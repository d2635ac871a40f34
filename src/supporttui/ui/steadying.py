"""Which rows do not keep their place by themselves, and must be looked at again."""

from supporttui.domain.board import Row
from supporttui.domain.support_calendar import SupportCalendar


class Steadying:
    """Notes them as rows are made; a row that is made again is noted anew."""

    def __init__(self, desk: SupportCalendar) -> None:
        self._desk = desk
        self.drifting: set[int] = set()
        """Tickets whose worst clock, or the place of it, may become another as time goes by."""
        self._paused: set[int] = set()

    @property
    def ids(self) -> set[int]:
        """All whose place a later start must not believe: also those that a status keeps still."""
        return self.drifting | self._paused

    def note(self, row: Row) -> None:
        """A row was made."""
        ticket_id = row.ticket.id
        has_paused = any(clock.is_paused_by_status for clock in row.clocks)
        counts = any(clock.quota_us is not None for clock in row.clocks)
        _set(self._paused, ticket_id, has_paused)
        _set(self.drifting, ticket_id, self.is_elsewhere(row) or (has_paused and counts))

    def is_elsewhere(self, row: Row) -> bool:
        """Whether one of its clocks runs by another calendar than the desk's."""
        return any(clock.calendar is not self._desk for clock in row.clocks)


def _set(ids: set[int], ticket_id: int, is_in: bool) -> None:
    if is_in:
        ids.add(ticket_id)
    else:
        ids.discard(ticket_id)
