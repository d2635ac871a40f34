"""The desk as an ASGI application."""

import logging

import msgspec
from litestar import Litestar, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp
from sqlalchemy.exc import SQLAlchemyError

from supporttui.server.api import (
    change_routes,
    conversation_routes,
    file_routes,
    people_routes,
    search_routes,
    ticket_routes,
)
from supporttui.server.api.http_middleware import HttpMiddleware
from supporttui.server.api.request_handling import JSON_TYPE, ApiRequest, JsonResponse
from supporttui.server.api_errors import NO_SUCH_RECORD, ApiError, ErrorMessage, ErrorResponse, ServiceUnavailable
from supporttui.server.desk import Desk

JSON_MAX_BYTES = 1 << 20
_log = logging.getLogger("supporttui.server")

ROUTES = (
    ticket_routes.list_tickets,
    ticket_routes.show_many_tickets,
    ticket_routes.count_tickets,
    ticket_routes.show_ticket,
    ticket_routes.show_metrics,
    ticket_routes.create_ticket,
    ticket_routes.update_ticket,
    ticket_routes.delete_ticket,
    conversation_routes.list_comments,
    conversation_routes.list_audits,
    conversation_routes.show_audit,
    conversation_routes.list_requests,
    conversation_routes.show_request,
    conversation_routes.list_request_comments,
    conversation_routes.show_request_comment,
    conversation_routes.create_request,
    conversation_routes.update_request,
    people_routes.show_me,
    people_routes.list_users,
    people_routes.search_users,
    people_routes.show_many_users,
    people_routes.show_user,
    people_routes.create_user,
    people_routes.create_or_update_user,
    people_routes.update_user,
    people_routes.list_groups,
    people_routes.show_group,
    file_routes.create_upload,
    file_routes.show_attachment,
    file_routes.download,
    change_routes.export_tickets,
    search_routes.search_tickets,
    change_routes.show_health,
    change_routes.show_desk,
    change_routes.show_description,
    change_routes.stream_events,
)


def build_app(desk: Desk) -> ASGIApp:
    """The application for one desk, behind its edge."""
    return HttpMiddleware(build_routes(desk), desk)


def build_routes(desk: Desk) -> Litestar:
    """The routes alone, for which somebody else has to see who asks."""
    return Litestar(
        route_handlers=list(ROUTES),
        state=State({"desk": desk}),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=JSON_MAX_BYTES,
        exception_handlers={
            ApiError: _api_error_response,
            HTTPException: _not_routed,
            SQLAlchemyError: _database_failed,
            500: _internal_error,
        },
    )


def _api_error_response(request: ApiRequest, refusal: ApiError) -> JsonResponse:
    return Response(refusal.body(), status_code=refusal.status, media_type=JSON_TYPE)


def _not_routed(request: ApiRequest, problem: HTTPException) -> JsonResponse:
    """What the router itself refuses: an unknown path, a wrong method, a body that is too large."""
    told = ErrorResponse(ErrorMessage("Invalid request", problem.detail))
    if problem.status_code == 404:
        told = ErrorResponse("InvalidEndpoint", NO_SUCH_RECORD)
    headers = {"Allow": problem.headers["Allow"]} if problem.headers and "Allow" in problem.headers else {}
    return Response(msgspec.json.encode(told), status_code=problem.status_code, media_type=JSON_TYPE, headers=headers)


def _database_failed(request: ApiRequest, problem: SQLAlchemyError) -> JsonResponse:
    """A database that is busy, full or gone: nothing was applied, and the log has the reason."""
    _log.error("%s %s: %s", request.method, request.scope["path"], getattr(problem, "orig", None) or type(problem))
    return _api_error_response(
        request, ServiceUnavailable("The desk's database does not work at the moment; try again in a moment.")
    )


def _internal_error(request: ApiRequest, problem: Exception) -> JsonResponse:
    """A mistake of our own: the log has it, the answer does not. A caller who hung up is no mistake."""
    if isinstance(problem, HTTPException):
        _log.info("%s %s: %s", request.method, request.scope["path"], problem.detail)
        return _not_routed(request, problem)
    _log.error("%s %s failed", request.method, request.scope["path"], exc_info=problem)
    told = ErrorResponse("InternalError", "The desk made a mistake; its log says which.")
    return Response(msgspec.json.encode(told), status_code=500, media_type=JSON_TYPE)
