"""The people in the local copy."""

from collections.abc import Iterable, Mapping

from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Person
from supporttui.presentation.store_reads import StoreReads
from supporttui.store.cache import Cache


class PeopleDirectory:
    """Requesters and agents by id, each read on first access."""

    def __init__(self, cache: Cache, readings: StoreReads) -> None:
        self._cache = cache
        self._local_reads = readings
        self._by_id: dict[int, Person | None] = {}

    def forget(self) -> None:
        """Clear what was read, after the local copy was rebuilt."""
        self._by_id.clear()

    def changed_since(self, revision: int) -> bool:
        """Discard people changed since a revision; return whether anybody was added or changed."""
        changed = self._cache.people.load_changed_ids(revision)
        for person_id in changed:
            self._by_id.pop(person_id, None)
        return bool(changed)

    def all(self) -> Mapping[int, Person]:
        """Return everybody."""
        return self._local_reads.tried(self._cache.people.load_all, {})

    def prepare(self, person_ids: Iterable[int]) -> None:
        """Read these people in one go."""
        unknown = {each for each in person_ids if each not in self._by_id}
        found: dict[int, Person] = self._local_reads.tried(lambda: self._cache.people.load_by_id(unknown), {})
        self._by_id.update(found)

    def find(self, person_id: int | None) -> Person | None:
        """Return a person; None if the local copy does not have them."""
        if person_id is None:
            return None
        if person_id not in self._by_id:
            self._local_reads.tried(lambda: self._remember(person_id), None)
        return self._by_id.get(person_id)

    def _remember(self, person_id: int) -> None:
        self._by_id[person_id] = self._cache.people.load(person_id)

    def name(self, person_id: int | None) -> OutsideText | None:
        """Return a person's name or address, to be shown through `safe_line`."""
        person = self.find(person_id)
        return (person.name or person.email) if person is not None else None
