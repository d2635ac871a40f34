"""The desk as an ASGI application."""

import msgspec
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from supporttui.server.api import (
    change_routes,
    conversation_routes,
    file_routes,
    macro_routes,
    organization_routes,
    people_routes,
    request_routes,
    search_routes,
    setup_routes,
    ticket_routes,
)
from supporttui.server.api.http_middleware import HttpMiddleware
from supporttui.server.api.openapi import describe_api
from supporttui.server.api.request_handling import JSON_TYPE
from supporttui.server.api.routing import ApiRoute, PathEndpoint, asynchronous, not_found
from supporttui.server.desk import Desk


@asynchronous("GET", "/supporttui/v1/openapi", "application/json")
async def show_description(request: Request, desk: Desk) -> Response:
    """The description of this API, in OpenAPI's form."""
    content = await to_thread.run_sync(describe_api, ROUTES)
    return Response(msgspec.json.encode(content), media_type=JSON_TYPE)


ROUTES: tuple[ApiRoute, ...] = (
    ticket_routes.list_tickets,
    ticket_routes.show_many_tickets,
    ticket_routes.count_tickets,
    ticket_routes.show_ticket,
    ticket_routes.show_metrics,
    ticket_routes.list_incidents,
    ticket_routes.create_ticket,
    ticket_routes.update_ticket,
    ticket_routes.delete_ticket,
    ticket_routes.merge_into,
    organization_routes.list_organizations,
    organization_routes.show_many_organizations,
    organization_routes.show_organization,
    organization_routes.create_organization,
    conversation_routes.list_comments,
    conversation_routes.list_audits,
    conversation_routes.show_audit,
    request_routes.list_requests,
    request_routes.list_open_requests,
    request_routes.list_solved_requests,
    request_routes.search_requests,
    request_routes.show_request,
    request_routes.list_request_comments,
    request_routes.show_request_comment,
    request_routes.create_request,
    request_routes.update_request,
    people_routes.show_me,
    people_routes.list_users,
    people_routes.search_users,
    people_routes.show_many_users,
    people_routes.show_user,
    people_routes.create_user,
    people_routes.create_or_update_user,
    people_routes.update_user,
    setup_routes.list_groups,
    setup_routes.list_assignable_groups,
    setup_routes.show_group,
    setup_routes.list_memberships,
    setup_routes.list_fields,
    setup_routes.show_field,
    setup_routes.create_field,
    macro_routes.list_macros,
    macro_routes.list_active_macros,
    macro_routes.show_macro,
    macro_routes.create_macro,
    macro_routes.preview_macro,
    file_routes.create_upload,
    file_routes.show_attachment,
    file_routes.download,
    change_routes.export_tickets,
    search_routes.search_tickets,
    search_routes.list_views,
    search_routes.list_view_tickets,
    change_routes.show_health,
    change_routes.show_desk,
    show_description,
    change_routes.stream_events,
)


def build_app(desk: Desk) -> ASGIApp:
    """The application for one desk, behind its middleware."""
    return HttpMiddleware(build_routes(desk), desk)


def build_routes(desk: Desk) -> Router:
    """The routes alone; the caller authenticates, and sets `actor` in the request's state."""
    by_path: dict[str, list[ApiRoute]] = {}
    for route in ROUTES:
        by_path.setdefault(route.path, []).append(route)
    paths = sorted(by_path, key=lambda path: "{" in path)  # `/users/me` before `/users/{user_id}`
    routes = [Route(path, PathEndpoint(desk, by_path[path])) for path in paths]
    return Router(routes, redirect_slashes=False, default=not_found)
