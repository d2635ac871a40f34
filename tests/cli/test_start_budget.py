"""What is loaded when the first picture is on the screen, and when keys are answered: none of the slow libraries."""

import json
from pathlib import Path

import pytest

from support.canary import secret
from support.command_line import PROGRAM
from support.terminals.terminal import Terminal
from supporttui.cli.profile_start import REPORT_TO
from supporttui.ui.startup.stopwatch import PROFILE_OPTION

SERVER = {"starlette", "uvicorn", "sqlalchemy", "alembic"}
SLOW = {
    "modules": {*SERVER, "textual", "rich", "asyncio", "anyio", "httpx", "typer", "holidays", "keyring", "dateutil"},
    "modules when ready": {*SERVER, "httpx", "typer", "holidays", "keyring", "dateutil"},
}
"""By the entry of the report: packages that must not be loaded yet."""
TOKEN = secret("start")
DESK = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": TOKEN}


def profiled(home: Path) -> tuple[dict[str, list[str]], str]:
    """What a start reports, and what it printed."""
    report = home / "start.json"
    report.unlink(missing_ok=True)
    command = [*PROGRAM, PROFILE_OPTION]
    with Terminal(command, rows=50, columns=200, home=home, environment={**DESK, REPORT_TO: str(report)}) as seen:
        assert seen.wait_exit(within_s=60) == 0
        printed = seen.received.decode("utf-8", "replace")
    return json.loads(report.read_text()), printed


def later_start(home: Path) -> dict[str, list[str]]:
    """The first start of all compiles the calendar and notes how the board looks; this one is the second."""
    profiled(home)
    return profiled(home)[0]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    return later_start(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("when", SLOW)
def test_no_slow_library_is_loaded_before_it_is_needed(report: dict[str, list[str]], when: str) -> None:
    assert {name.partition(".")[0] for name in report[when]}.isdisjoint(SLOW[when])


def test_where_the_time_went_is_printed_and_the_program_leaves(tmp_path: Path) -> None:
    printed = profiled(tmp_path)[1]
    for said in (
        "to the first picture:",
        "until keys are answered:",
        "until screens imported",
        "until local copy read",
        "of these, imports",
    ):
        assert said in printed
