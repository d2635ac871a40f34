"""A name that does not resolve is said in words."""

import socket

import httpx

from supporttui.helpdesks.http_transport import _reason


def test_a_name_that_does_not_resolve_is_no_unknown_error() -> None:
    problem = httpx.ConnectError("[Errno -2] Name or service not known")
    problem.__cause__ = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert _reason(problem) == "no machine of that name is known"
