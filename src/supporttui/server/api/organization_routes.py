"""`/api/v2/organizations`: for whom people work."""

from sqlalchemy import Connection, select

from supporttui.server.api.other_fields import NEW_ORGANIZATION
from supporttui.server.api.paging import Sorting, fetch_page
from supporttui.server.api.parameters import IDS, listing
from supporttui.server.api.request_handling import RequestContext
from supporttui.server.api.routing import read, write
from supporttui.server.api.serializers import serialize_organization
from supporttui.server.api.ticket_routes import parse_ids
from supporttui.server.api_errors import RecordInvalid, RecordNotFound
from supporttui.server.people import PeopleProblem, find_or_add_organization, find_organization, load_organizations
from supporttui.server.schema import organizations
from supporttui.zendesk_api.organizations import OneOrganization, OrganizationsPage
from supporttui.zendesk_api.request_bodies import OrganizationRequest

ORGANIZATION_SORTING = Sorting(
    organizations, {"id": "id", "name": "name", "created_at": "created_at", "updated_at": "updated_at"}
)


@read("/api/v2/organizations", OrganizationsPage, parameters=listing(ORGANIZATION_SORTING.columns), agents_only=True)
def list_organizations(context: RequestContext, connection: Connection) -> OrganizationsPage:
    """The organisations, for agents."""
    page = fetch_page(connection, select(organizations), ORGANIZATION_SORTING, context.query, context.url)
    shown = [serialize_organization(row, context.base_url) for row in page.rows]
    return OrganizationsPage(organizations=shown, **page.fields)


@read("/api/v2/organizations/show_many", OrganizationsPage, parameters=(IDS,), agents_only=True)
def show_many_organizations(context: RequestContext, connection: Connection) -> OrganizationsPage:
    """Organisations by their ids; for agents."""
    found = load_organizations(connection, parse_ids(context.query.get("ids", "")))
    shown = [serialize_organization(row, context.base_url) for row in found]
    return OrganizationsPage(organizations=shown, count=len(shown), next_page=None, previous_page=None)


@read("/api/v2/organizations/{organization_id}", OneOrganization, errors=(404,), agents_only=True)
def show_organization(context: RequestContext, connection: Connection, organization_id: int) -> OneOrganization:
    """One organisation; for agents."""
    return _organization(connection, context, organization_id)


@write(
    "POST",
    "/api/v2/organizations",
    OneOrganization,
    body=OrganizationRequest,
    others=NEW_ORGANIZATION,
    status=201,
    agents_only=True,
)
def create_organization(context: RequestContext, connection: Connection, body: OrganizationRequest) -> OneOrganization:
    """Add an organisation; for agents."""
    name = body.organization.name
    if find_organization(connection, name) is not None:
        raise RecordInvalid("name", f"Name: {name[:100]} has already been taken")
    try:
        organization_id = find_or_add_organization(connection, name, context.now)
    except PeopleProblem as problem:
        raise RecordInvalid("name", f"Name: {problem}") from problem
    return _organization(connection, context, organization_id)


def _organization(connection: Connection, context: RequestContext, organization_id: int) -> OneOrganization:
    """Return one organisation as a response. Raises RecordNotFound."""
    found = load_organizations(connection, (organization_id,))
    if not found:
        raise RecordNotFound
    return OneOrganization(organization=serialize_organization(found[0], context.base_url))
