"""The people in the cache: requesters and agents, whom tickets and messages name by their ids."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from supporttui.domain.ticket import Person
from supporttui.store import blobs
from supporttui.store.cache_file import CacheFile
from supporttui.store.ticket_rows import batches, compared, placeholders, searchable


class PeopleTable:
    """Reads people. Every method may raise `StoreProblem`."""

    def __init__(self, file: CacheFile) -> None:
        self._file = file

    def load(self, person_id: int) -> Person | None:
        """One person, or None where they are not known."""

        def fetch(database: sqlite3.Connection) -> Person | None:
            row = database.execute("SELECT record FROM person WHERE id = ?", (person_id,)).fetchone()
            return blobs.decode_person(row[0]) if row else None

        return self._file.read(fetch)

    def load_by_id(self, person_ids: Iterable[int]) -> dict[int, Person]:
        """These people, as far as they are known, by id."""
        named = list(person_ids)
        statement = f"SELECT id, record FROM person WHERE id IN ({placeholders(len(named))})"  # noqa: S608 - question marks only

        def fetch(database: sqlite3.Connection) -> dict[int, Person]:
            return {person_id: blobs.decode_person(blob) for person_id, blob in database.execute(statement, named)}

        return self._file.read(fetch)

    def load_changed_ids(self, revision: int) -> list[int]:
        """The ids of those who are new or have changed after a revision."""

        def fetch(database: sqlite3.Connection) -> list[int]:
            return [row[0] for row in database.execute("SELECT id FROM person WHERE revision > ?", (revision,))]

        return self._file.read(fetch)

    def load_all(self, since_revision: int = 0) -> dict[int, Person]:
        """The people whom tickets and messages name, by id; where a revision is given, those changed after it."""

        def fetch(database: sqlite3.Connection) -> dict[int, Person]:
            rows = database.execute("SELECT id, record FROM person WHERE revision > ?", (since_revision,))
            return {person_id: blobs.decode_person(blob) for person_id, blob in rows}

        return self._file.read(fetch)


def put_people(database: sqlite3.Connection, named: Sequence[Person], revision: int) -> int:
    """Write people, the last of those with the same id; how many were new or have changed.

    One who is known in part only is written where nobody with this id is there.
    """
    whole = [each for each in named if not each.is_known_in_part]
    in_part = [each for each in named if each.is_known_in_part]
    return sum(
        _put_people_batch(database, {each.id: each for each in share}, revision, on_conflict)
        for people, on_conflict in ((whole, _REPLACE), (in_part, "NOTHING"))
        for share in batches(people)
    )


_REPLACE: Final = (
    "UPDATE SET revision = excluded.revision, name_key = excluded.name_key, email_key = excluded.email_key, "
    "organization_key = excluded.organization_key, organization = excluded.organization, record = excluded.record "
    "WHERE record <> excluded.record"
)


def _put_people_batch(
    database: sqlite3.Connection, people: Mapping[int, Person], revision: int, on_conflict: str
) -> int:
    rows = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(people))
    statement = f"INSERT INTO person VALUES {rows} ON CONFLICT (id) DO {on_conflict}"  # noqa: S608 - our own words
    values = [value for each in people.values() for value in _columns(each, revision)]
    return database.execute(statement, values).rowcount


def _columns(person: Person, revision: int) -> tuple[object, ...]:
    organization = None if person.organization is None else person.organization.raw
    return (
        person.id,
        revision,
        compared(person.name.raw),
        compared(person.email.raw),
        None if organization is None else compared(organization),
        None if organization is None else searchable(organization),
        blobs.encode(person),
    )
