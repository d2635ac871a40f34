"""Status lines and error bodies that strangers wrote: the phrase is shown nowhere, the body only as text."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support.canary import secret
from support.clock.waiting import wait_until
from support.command_line import PROGRAM, run_command
from support.desks.hostile_desk import ME, HostileDesk
from support.desks.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer, serve_script
from support.faults.hostile_payloads import CORPUS, CSI
from support.terminals.sent_sequences import unexpected_tokens
from support.terminals.terminal import Terminal

STATUSES = (400, 401, 402, 403, 404, 409, 413, 418, 422, 429, 451, 500, 502, 503, 504, 599)
PHRASES = {
    "sequences": "PHRASE\x1b]0;owned\x07\x1b[31m",
    "controls of 8 bits": "PHRASE\x9b31m\x9d0;owned\x9c\x8d",
    "markup": "PHRASE[@click=app.quit]x[/][/b]",
    "long": "PHRASE" * 2000,
    "broken": "PHRASE\x00\x0b",
}
SAYS = "BODY" + "".join(each for each in CORPUS if len(each) < 40)[:400]
BODIES: dict[str, Callable[[], bytes]] = {
    "details": lambda: json.dumps({"details": {"base": [{"description": SAYS}]}}).encode(),
    "description": lambda: json.dumps({"error": "x", "description": SAYS}).encode(),
    "error": lambda: json.dumps({"error": {"title": SAYS, "message": SAYS}}).encode(),
    "text": lambda: SAYS.encode("utf-8", "surrogatepass"),
    "bytes": lambda: bytes(range(256)) * 8,
    "page": lambda: f"<html><title>{CSI}31m{SAYS}</title>".encode("utf-8", "surrogatepass"),
}


class Refusing:
    """A desk that answers as it should, until it is told what else to say."""

    def __init__(self) -> None:
        self.desk = HostileDesk(["plain", "text"] * 5)
        self.says: ScriptedResponse | None = None
        self.said = 0

    def __call__(self, request: ReceivedRequest) -> ScriptedResponse:
        if self.says is None or request.path.endswith("/events"):
            return self.desk(request)
        self.said += 1
        return self.says


def refusals() -> list[ScriptedResponse]:
    """Every status with every phrase and every body at least once."""
    phrases, bodies = [*PHRASES.values()], [*BODIES.values()]
    return [
        ScriptedResponse(status, bodies[n % len(bodies)](), reason=phrases[(n + n // len(bodies)) % len(phrases)])
        for n, status in enumerate(STATUSES * 2)
    ]


def settings(server: ScriptedServer) -> dict[str, str]:
    return {"SUPPORTTUI_URL": server.url, "SUPPORTTUI_EMAIL": ME, "SUPPORTTUI_TOKEN": secret("answers")}


@pytest.mark.parametrize("command", [["status"], ["reply", "1", "--body", "x"]], ids=lambda each: each[0])
def test_no_command_prints_a_phrase_or_a_sequence_of_an_answer(command: list[str]) -> None:
    refusing = Refusing()
    with serve_script(refusing) as server:
        for refusing.says in refusals()[::3]:
            ended = run_command(*command, environment=settings(server))
            printed = f"{ended.out}{ended.err}"
            assert unexpected_tokens(printed.encode("utf-8", "surrogateescape")) == []
            assert "Traceback" not in printed
            assert ended.code != 0
            if "\0" not in refusing.says.reason:
                assert "PHRASE" not in printed
    assert refusing.said


@pytest.mark.timeout(240)
def test_a_board_shows_no_phrase_and_a_body_only_as_text(tmp_path: Path) -> None:
    refusing = Refusing()
    with (
        serve_script(refusing) as server,
        Terminal([*PROGRAM], rows=40, columns=200, home=tmp_path, environment=settings(server)) as board,
    ):
        board.wait_text("Q0", within_s=60)
        for refusing.says in refusals():
            before = refusing.said
            board.type("R")
            wait_until(lambda before=before: refusing.said > before, within_s=30)  # type: ignore[misc] # a loop variable
        board.wait_for(lambda: "BODY" in board.text() or "status" in board.text(), within_s=30)
        refusing.says = None
        board.type("q")
        assert board.wait_exit(within_s=30) == 0
        board.wait_for(lambda: not board.is_reading)
        received = bytes(board.received)
    assert unexpected_tokens(received) == []
    assert b"owned\x07" not in received
    assert b"PHRASE" not in received
    assert refusing.said >= len(STATUSES)
