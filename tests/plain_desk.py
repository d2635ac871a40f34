"""The embedded desk with everything hidden that Zendesk itself does not have: it pushes nothing and knows no keys."""

import contextlib
from collections.abc import Iterator
from typing import Final

import httpx

from scripted_server import Reply, Request, ScriptedServer, scripted
from served_desk import ServedDesk

KEPT: Final[frozenset[str]] = frozenset({"authorization", "content-type"})


@contextlib.contextmanager
def plain(desk: ServedDesk) -> Iterator[ScriptedServer]:
    """A server that passes requests on to the desk; a test may put another script in its place."""
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(desk.socket)), base_url="http://desk") as client:

        def pass_on(request: Request) -> Reply:
            if request.path.startswith("/supporttui/"):
                return Reply(404, b'{"error": "InvalidEndpoint"}')
            kept = {name: text for name, text in request.headers.items() if name in KEPT}
            answer = client.request(
                request.method, request.path, params=request.query, headers=kept, content=request.body
            )
            return Reply(answer.status_code, answer.content, {"Content-Type": "application/json"})

        with scripted(pass_on) as server:
            yield server
