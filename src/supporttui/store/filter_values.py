"""Which values the terms of a filter may have: people, organisations, groups and tags of the cached tickets."""

import sqlite3
from collections.abc import Mapping
from typing import Final

from supporttui.domain.query.query import Field
from supporttui.domain.safe_text import OutsideText
from supporttui.store.blobs import decode_person, decode_ticket
from supporttui.store.cache_file import CacheFile

MOST_VALUES: Final = 12

_ASSIGNEES: Final = """
SELECT record FROM person WHERE instr(name_key, :text) AND id IN (
    WITH RECURSIVE assignee (id) AS (
        SELECT min(assignee_id) FROM ticket INDEXED BY ticket_by_assignee WHERE is_live
        UNION ALL
        SELECT (SELECT min(assignee_id) FROM ticket INDEXED BY ticket_by_assignee
            WHERE is_live AND assignee_id > assignee.id)
        FROM assignee WHERE assignee.id IS NOT NULL
    ) SELECT id FROM assignee
) ORDER BY name_key LIMIT :limit
"""
_PEOPLE: Final = "SELECT record FROM person WHERE instr(name_key, :text) LIMIT :limit"
_ORGANIZATIONS: Final = """
SELECT DISTINCT organization FROM person INDEXED BY person_by_organization
WHERE organization IS NOT NULL AND instr(organization_key, :text) LIMIT :limit
"""
_GROUPS: Final = """
WITH RECURSIVE named (group_key) AS (
    SELECT min(group_key) FROM ticket INDEXED BY ticket_by_group WHERE is_live
    UNION ALL
    SELECT (SELECT min(group_key) FROM ticket INDEXED BY ticket_by_group
        WHERE is_live AND group_key > named.group_key)
    FROM named WHERE named.group_key IS NOT NULL
)
SELECT (SELECT record FROM ticket INDEXED BY ticket_by_group WHERE is_live AND ticket.group_key = named.group_key)
FROM named WHERE group_key IS NOT NULL AND instr(group_key, :text) LIMIT :limit
"""
_TAGS: Final = """
WITH RECURSIVE named (tag) AS (
    SELECT min(tag) FROM tag WHERE tag >= :text
    UNION ALL
    SELECT (SELECT min(tag) FROM tag WHERE tag > named.tag) FROM named WHERE named.tag IS NOT NULL
)
SELECT tag FROM named WHERE substr(tag, 1, length(:text)) = :text LIMIT :limit
"""
_STATEMENTS: Final[Mapping[Field, str]] = {
    Field.ASSIGNEE: _ASSIGNEES,
    Field.REQUESTER: _PEOPLE,
    Field.ORGANIZATION: _ORGANIZATIONS,
    Field.GROUP: _GROUPS,
    Field.TAG: _TAGS,
}


class FilterValues:
    """Answers what may be typed behind the name of a term. May raise `StoreProblem`."""

    def __init__(self, file: CacheFile) -> None:
        self._file = file

    def find(self, field: Field, text: str) -> list[OutsideText]:
        """A few values of a field with this folded text in them (of a tag: at its beginning), as they are written."""
        statement = _STATEMENTS.get(field)
        if statement is None:
            return []

        def load(database: sqlite3.Connection) -> list[OutsideText]:
            rows = database.execute(statement, {"text": text, "limit": MOST_VALUES})
            found = [_written(field, row[0]) for row in rows if row[0] is not None]
            return [each for each in dict.fromkeys(found) if each is not None]

        return self._file.read(load)


def _written(field: Field, value: str | bytes) -> OutsideText | None:
    """A stored value as the desk writes it."""
    if isinstance(value, str):
        return OutsideText(value)
    if field is Field.GROUP:
        return decode_ticket(value).group
    person = decode_person(value)
    return person.name or person.email
