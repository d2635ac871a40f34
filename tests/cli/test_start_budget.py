"""Every module that is loaded when the first picture is on the screen is named in a list; a new one has to be argued.

SUPPORTTUI_RECORD=1 writes the list anew, for a change that is worth what it adds.
"""

import json
import os
import sys
from pathlib import Path

from canary import secret
from command_line import PROGRAM
from supporttui.cli.profile_start import REPORT_TO
from supporttui.stopwatch import OPTION
from terminal import Terminal

LIST = Path(__file__).parents[1] / "data" / "loaded_before_first_picture.txt"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
TOKEN = secret("start")
DESK = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "kim@desk.example", "SUPPORTTUI_TOKEN": TOKEN}


def profiled(home: Path) -> tuple[set[str], str]:
    """What a start loads, and what it printed."""
    report = home / "start.json"
    report.unlink(missing_ok=True)
    command = [*PROGRAM, OPTION]
    with Terminal(command, rows=50, columns=200, home=home, environment={**DESK, REPORT_TO: str(report)}) as seen:
        assert seen.wait_exit(within_s=60) == 0
        printed = seen.received.decode("utf-8", "replace")
    return set(json.loads(report.read_text())["modules"]), printed


def later_start(home: Path) -> set[str]:
    """The first start of all compiles the calendar and lays out the files; this one is the second."""
    profiled(home)
    return profiled(home)[0]


def is_of_python(module: str) -> bool:
    return module.partition(".")[0].lstrip("_") in {name.lstrip("_") for name in sys.stdlib_module_names} or (
        module.startswith(("_sysconfigdata", "__main__", "__mp_main__"))
    )


def test_no_module_is_loaded_before_the_first_picture_that_is_not_in_the_list(tmp_path: Path) -> None:
    loaded = {name for name in later_start(tmp_path) if not name.startswith(("_sysconfigdata", "__editable__"))}
    if os.environ.get("SUPPORTTUI_RECORD"):
        LIST.write_text("\n".join([f"# Python {VERSION}", *sorted(loaded)]) + "\n")
    version, *allowed = LIST.read_text().splitlines()
    if version != f"# Python {VERSION}":  # another one has other modules of its own
        loaded = {name for name in loaded if not is_of_python(name)}
    assert sorted(loaded - {*allowed}) == []


def test_where_the_time_went_is_printed_and_the_program_leaves(tmp_path: Path) -> None:
    printed = profiled(tmp_path)[1]
    for said in ("to the first picture:", "until screens imported", "until local copy read", "of these, imports"):
        assert said in printed
