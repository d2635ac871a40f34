"""The people whom the local copy knows."""

from collections.abc import Iterable, Mapping

from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Person
from supporttui.presentation.store_reads import StoreReads
from supporttui.store.cache import Cache


class PeopleDirectory:
    """Requesters and agents by id, each read when somebody first asks for them."""

    def __init__(self, cache: Cache, readings: StoreReads) -> None:
        self._cache = cache
        self._local_reads = readings
        self._by_id: dict[int, Person | None] = {}

    def forget(self) -> None:
        """The local copy is another one."""
        self._by_id.clear()

    def changed_since(self, revision: int) -> bool:
        """Forget who has changed since a revision; whether anybody is new or has changed."""
        changed = self._cache.people.load_changed_ids(revision)
        for person_id in changed:
            self._by_id.pop(person_id, None)
        return bool(changed)

    def all(self) -> Mapping[int, Person]:
        """Everybody."""
        return self._local_reads.tried(self._cache.people.load_all, {})

    def prepare(self, person_ids: Iterable[int]) -> None:
        """Read at once those who will be asked for."""
        unknown = {each for each in person_ids if each not in self._by_id}
        found: dict[int, Person] = self._local_reads.tried(lambda: self._cache.people.load_by_id(unknown), {})
        self._by_id.update(found)

    def find(self, person_id: int | None) -> Person | None:
        """A person; None where the local copy does not have them."""
        if person_id is None:
            return None
        if person_id not in self._by_id:
            self._local_reads.tried(lambda: self._remember(person_id), None)
        return self._by_id.get(person_id)

    def _remember(self, person_id: int) -> None:
        self._by_id[person_id] = self._cache.people.load(person_id)

    def name(self, person_id: int | None) -> OutsideText | None:
        """A person's name or address, to be shown through `safe_line`."""
        person = self.find(person_id)
        return (person.name or person.email) if person is not None else None
