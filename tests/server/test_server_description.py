"""The desk's description of its API is true: generated requests get what it promises, with and without a token."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any, Final
from unittest import SkipTest

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as said

from support.desks.embedded_desk import DeskWithRoles, change_ticket, new_ticket, serve_desk_with_roles
from supporttui.server.api.app import ROUTES as ALL_ROUTES

EXAMPLES: Final = int(os.environ.get("SUPPORTTUI_API_EXAMPLES", "8"))
"""Requests a route, of sound ones and of unsound ones."""

CHECKS: Final = [
    checks.not_a_server_error,
    said.status_code_conformance,
    said.content_type_conformance,
    said.response_schema_conformance,
    said.response_headers_conformance,
    said.negative_data_rejection,
]
ROUTES: Final = sorted({route.name for route in ALL_ROUTES} - {"stream_events"})
"""All but the one whose answer has no end."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWithRoles]:
    """A desk with something on it."""
    with serve_desk_with_roles(tmp_path_factory.mktemp("asked"), requests_per_minute=10**6) as desk:
        for number in range(4):
            ticket = new_ticket(desk.client("cy"), f"T{number}")
            change_ticket(desk.client("bo"), ticket["id"], comment={"body": "We look.", "public": number % 2 == 0})
        yield desk


@pytest.fixture(scope="module")
def api(asked: DeskWithRoles) -> Any:
    description = asked.client("bo").get("/supporttui/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(description)
    schema.config.update(base_url=asked.address)
    schema.config.generation.update(with_security_parameters=False)
    return schema


def _each_case(
    api: Any, route: str, mode: GenerationMode, check: Callable[[Any], None], examples: int = EXAMPLES
) -> None:
    """Generate requests for a route, sound or unsound by its description, and check what comes back."""
    checked = 0

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(api.find_operation_by_id(route).as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        nonlocal checked
        check(case)
        checked += 1

    with contextlib.suppress(Unsatisfiable, SkipTest):  # a route without parameters takes no unsound requests
        run()
    assert checked or mode is GenerationMode.NEGATIVE


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("route", ROUTES)
def test_what_is_answered_is_what_was_promised(
    route: str, mode: GenerationMode, api: Any, asked: DeskWithRoles
) -> None:
    def check(case: Any) -> None:
        for role in ("ada", "cy"):
            headers = {"Authorization": f"Bearer {asked.people[role].token}"}
            case.call_and_validate(headers=headers, checks=CHECKS, timeout=20)

    _each_case(api, route, mode, check)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("route", [route for route in ROUTES if route != "show_health"])
def test_nothing_is_answered_without_a_token(route: str, mode: GenerationMode, api: Any) -> None:
    def check(case: Any) -> None:
        sent = case.call(timeout=20)
        assert sent.status_code == 401, sent.text
        case.validate_response(sent, checks=CHECKS[:4])

    _each_case(api, route, mode, check, max(2, EXAMPLES // 3))
