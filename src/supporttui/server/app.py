"""The desk as an ASGI application."""

import logging

import msgspec
from litestar import Litestar, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp
from sqlalchemy.exc import SQLAlchemyError

from supporttui.server import (
    routes_conversation,
    routes_files,
    routes_incremental,
    routes_people,
    routes_search,
    routes_stream,
    routes_tickets,
)
from supporttui.server.calls import JSON_TYPE, Answer, ApiRequest
from supporttui.server.desk import Desk
from supporttui.server.edge import Edge
from supporttui.server.refusals import NO_SUCH_RECORD, OutOfOrder, Problem, Refusal, Refused

JSON_MAX_BYTES = 1 << 20
_log = logging.getLogger("supporttui.server")

ROUTES = (
    routes_tickets.list_tickets,
    routes_tickets.show_many_tickets,
    routes_tickets.count_tickets,
    routes_tickets.show_ticket,
    routes_tickets.show_metrics,
    routes_tickets.create_ticket,
    routes_tickets.update_ticket,
    routes_tickets.delete_ticket,
    routes_conversation.list_comments,
    routes_conversation.list_audits,
    routes_conversation.show_audit,
    routes_conversation.list_requests,
    routes_conversation.show_request,
    routes_conversation.list_request_comments,
    routes_conversation.show_request_comment,
    routes_conversation.create_request,
    routes_conversation.update_request,
    routes_people.show_me,
    routes_people.list_users,
    routes_people.search_users,
    routes_people.show_many_users,
    routes_people.show_user,
    routes_people.create_user,
    routes_people.create_or_update_user,
    routes_people.update_user,
    routes_people.list_groups,
    routes_people.show_group,
    routes_files.create_upload,
    routes_files.show_attachment,
    routes_files.download,
    routes_incremental.export_tickets,
    routes_search.search_tickets,
    routes_stream.show_health,
    routes_stream.show_desk,
    routes_stream.show_description,
    routes_stream.stream_events,
)


def build_app(desk: Desk) -> ASGIApp:
    """The application for one desk, behind its edge."""
    return Edge(build_routes(desk), desk)


def build_routes(desk: Desk) -> Litestar:
    """The routes alone, for which somebody else has to see who asks."""
    return Litestar(
        route_handlers=list(ROUTES),
        state=State({"desk": desk}),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=JSON_MAX_BYTES,
        exception_handlers={
            Refusal: _refused,
            HTTPException: _not_routed,
            SQLAlchemyError: _database_failed,
            500: _failed,
        },
    )


def _refused(request: ApiRequest, refusal: Refusal) -> Answer:
    return Response(refusal.body(), status_code=refusal.status, media_type=JSON_TYPE)


def _not_routed(request: ApiRequest, problem: HTTPException) -> Answer:
    """What the router itself refuses: an unknown path, a wrong method, a body that is too large."""
    told = Refused(Problem("Invalid request", problem.detail))
    if problem.status_code == 404:
        told = Refused("InvalidEndpoint", NO_SUCH_RECORD)
    headers = {"Allow": problem.headers["Allow"]} if problem.headers and "Allow" in problem.headers else {}
    return Response(msgspec.json.encode(told), status_code=problem.status_code, media_type=JSON_TYPE, headers=headers)


def _database_failed(request: ApiRequest, problem: SQLAlchemyError) -> Answer:
    """A database that is busy, full or gone: nothing was applied, and the log has the reason."""
    _log.error("%s %s: %s", request.method, request.scope["path"], getattr(problem, "orig", None) or type(problem))
    return _refused(request, OutOfOrder("The desk's database does not work at the moment; try again in a moment."))


def _failed(request: ApiRequest, problem: Exception) -> Answer:
    """A mistake of our own: the log has it, the answer does not. A caller who hung up is no mistake."""
    if isinstance(problem, HTTPException):
        _log.info("%s %s: %s", request.method, request.scope["path"], problem.detail)
        return _not_routed(request, problem)
    _log.error("%s %s failed", request.method, request.scope["path"], exc_info=problem)
    told = Refused("InternalError", "The desk made a mistake; its log says which.")
    return Response(msgspec.json.encode(told), status_code=500, media_type=JSON_TYPE)
