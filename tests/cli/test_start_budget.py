"""Every module that is loaded when the first picture is on the screen is named in a list, and so is every one that is
loaded when keys are answered; a new one has to be argued.

SUPPORTTUI_RECORD=1 writes the lists anew, for a change that is worth what it adds.
"""

import json
import os
import sys
from pathlib import Path

import pytest

from canary import secret
from command_line import PROGRAM
from supporttui.cli.profile_start import REPORT_TO
from supporttui.stopwatch import OPTION
from terminal import Terminal

DATA = Path(__file__).parents[1] / "data"
LISTS = {
    "modules": DATA / "loaded_before_first_picture.txt",
    "modules when ready": DATA / "loaded_before_first_key.txt",
}
"""By the entry of the report."""
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
TOKEN = secret("start")
DESK = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": TOKEN}


def profiled(home: Path) -> tuple[dict[str, list[str]], str]:
    """What a start reports, and what it printed."""
    report = home / "start.json"
    report.unlink(missing_ok=True)
    command = [*PROGRAM, OPTION]
    with Terminal(command, rows=50, columns=200, home=home, environment={**DESK, REPORT_TO: str(report)}) as seen:
        assert seen.wait_exit(within_s=60) == 0
        printed = seen.received.decode("utf-8", "replace")
    return json.loads(report.read_text()), printed


def later_start(home: Path) -> dict[str, list[str]]:
    """The first start of all compiles the calendar and notes how the board looks; this one is the second."""
    profiled(home)
    return profiled(home)[0]


def is_of_python(module: str) -> bool:
    return module.partition(".")[0].lstrip("_") in {name.lstrip("_") for name in sys.stdlib_module_names} or (
        module.startswith(("_sysconfigdata", "__main__", "__mp_main__"))
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    return later_start(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("when", LISTS)
def test_no_module_is_loaded_that_is_not_in_the_list(report: dict[str, list[str]], when: str) -> None:
    loaded = {name for name in report[when] if not name.startswith(("_sysconfigdata", "__editable__"))}
    if os.environ.get("SUPPORTTUI_RECORD"):
        LISTS[when].write_text("\n".join([f"# Python {VERSION}", *sorted(loaded)]) + "\n")
    version, *allowed = LISTS[when].read_text().splitlines()
    if version != f"# Python {VERSION}":  # another one has other modules of its own
        loaded = {name for name in loaded if not is_of_python(name)}
    assert sorted(loaded - {*allowed}) == []


def test_the_first_picture_comes_before_textual(report: dict[str, list[str]]) -> None:
    packages = {name.partition(".")[0] for name in report["modules"]}
    assert packages.isdisjoint({"textual", "rich", "asyncio", "httpx", "typer"})


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
