"""Completes the addresses of people whom the desk knows."""

from collections.abc import Iterable

from textual.suggester import Suggester

from supporttui.domain.safe_text import safe_line
from supporttui.domain.ticket import Person, Role


class PeopleSuggester(Suggester):
    """Suggests the first known address that begins with what was typed; customers before agents."""

    def __init__(self, people: Iterable[Person]) -> None:
        super().__init__(use_cache=False, case_sensitive=False)
        known = sorted(
            people, key=lambda person: (person.role is not Role.END_USER, safe_line(person.email).casefold())
        )
        self._addresses = [safe_line(person.email) for person in known if person.email]

    async def get_suggestion(self, value: str) -> str | None:
        """The whole address, or None."""
        if not value.strip():
            return None
        return next((address for address in self._addresses if address.casefold().startswith(value)), None)
