"""Parsing of people in Zendesk's responses, with the names of their organisations, fetched by id where needed.

https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#show-many-organizations
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from supporttui.domain.conversation_budget import bounded_text
from supporttui.domain.ticket import Person
from supporttui.helpdesks.base import DeskError, Forbidden, NotFound, Rejected
from supporttui.helpdesks.zendesk.client import ZendeskClient
from supporttui.helpdesks.zendesk.translation import MAX_NAME, is_id, parse_person
from supporttui.zendesk_api import responses
from supporttui.zendesk_api.organizations import OrganizationsPage

_SHOW_MANY: Final = "/api/v2/organizations/show_many.json"
_MOST_IDS: Final = 100


class PeopleReader:
    """Parses the people of one account's responses; caches the names of organisations by id."""

    def __init__(self, client: ZendeskClient) -> None:
        self._client = client
        self._names: dict[int, str] = {}
        """Empty for an organisation whose name this account cannot read."""

    async def read(self, users: object, organizations: object = None) -> tuple[Person, ...]:
        """Parse the people of a response and fetch unknown organisation names. Either list may be missing."""
        self._note(organizations)
        if isinstance(users, list):
            await self._fetch_unknown({user.organization_id for user in users if user.organization_id is not None})
        return self.known(users)

    def known(self, users: object) -> tuple[Person, ...]:
        """Parse the people without a request, as after a write.

        A person whose organisation's name is unknown is marked as known in part, so that an earlier record is kept.
        """
        return tuple(self._person(user) for user in users if is_id(user.id)) if isinstance(users, list) else ()

    def _person(self, user: responses.User) -> Person:
        person = parse_person(user)
        if user.organization_id is None:
            return person
        name = self._names.get(user.organization_id)
        if name is None:
            return replace(person, is_known_in_part=True)
        return replace(person, organization=bounded_text(name, MAX_NAME)) if name else person

    def _note(self, organizations: object) -> None:
        if isinstance(organizations, list):
            self._names.update({each.id: each.name[:MAX_NAME] for each in organizations})

    async def _fetch_unknown(self, ids: set[int]) -> None:
        unknown = sorted(number for number in ids - self._names.keys() if is_id(number))
        for at in range(0, len(unknown), _MOST_IDS):
            if not await self._fetch(unknown[at : at + _MOST_IDS]):
                return

    async def _fetch(self, ids: Sequence[int]) -> bool:
        """Fetch the names of these ids; return False if the desk could not be asked and it may be tried again."""
        params = {"ids": ",".join(map(str, ids))}
        try:
            page = await self._client.get(_SHOW_MANY, OrganizationsPage, "the organisations", params)
        except (Forbidden, NotFound, Rejected):
            self._names.update(dict.fromkeys(ids, ""))
            return True
        except DeskError:
            return False
        self._names.update(dict.fromkeys(ids, ""))
        self._note(page.organizations)
        return True
