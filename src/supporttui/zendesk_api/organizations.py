"""`/api/v2/organizations`: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/"""

from msgspec import Struct

from supporttui.zendesk_api.responses import Organization, Page


class OrganizationsPage(Page, kw_only=True):
    """`GET organizations` and `organizations/show_many`; `organizations` is always there."""


class OneOrganization(Struct):
    """An answer with one organisation."""

    organization: Organization
