"""The people whom the local copy knows."""

from collections.abc import Mapping

from supporttui.domain.safetext import OutsideText
from supporttui.domain.ticket import Person
from supporttui.store.cache import Cache


class People:
    """Requesters and agents by id."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._by_id: dict[int, Person] = {}

    def load(self) -> None:
        """Read everybody."""
        self._by_id = self._cache.load_people()

    def load_since(self, revision: int) -> bool:
        """Read who is new or has changed since a revision; whether there is anybody."""
        changed = self._cache.load_people(revision)
        self._by_id.update(changed)
        return bool(changed)

    def all(self) -> Mapping[int, Person]:
        """Everybody."""
        return self._by_id

    def find(self, person_id: int | None) -> Person | None:
        """A person; None where the local copy does not have them."""
        return self._by_id.get(person_id) if person_id is not None else None

    def name(self, person_id: int | None) -> OutsideText | None:
        """A person's name or address, to be shown through `safe_line`."""
        person = self.find(person_id)
        return (person.name or person.email) if person is not None else None
