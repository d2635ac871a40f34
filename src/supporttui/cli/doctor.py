"""`supporttui doctor`: the data and libraries in use, by version and source."""

import os
import sys
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path

import supporttui
from supporttui import __version__
from supporttui.cli.exits import Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.selected_desk import settings_of
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.zones import PACKAGED_VERSION, system_version
from supporttui.store.cache_file import SQLITE_VERSION, fts5_problem


def print_doctor(scope: GlobalOptions) -> int:
    """Print the facts, one a line. Raises ConfigProblem."""
    settings = settings_of(scope)
    hours = settings.policy.hours
    file = safe_line(OutsideText(str(settings.file)))
    facts = [
        ("supporttui", __version__),
        ("Python", sys.version.split()[0]),
        ("SQLite", sqlite()),
        ("tz data", tz_data()),
        ("holidays", f"{version('holidays')}, calendar {hours.holiday_calendar}"),
        ("settings", file if settings.file.exists() else f"{file} (not there: the packaged policy holds)"),
        ("bytecode", bytecode()),
        ("hours", f"{hours.zone}; {len(settings.policy.calendars)} more calendars"),
    ]
    print("\n".join(f"{name:<11} {value}" for name, value in facts))
    return Exit.OK


def bytecode(package: Path = Path(supporttui.__file__).parent) -> str:
    """Whether a start finds the program compiled, or has to compile it again each time."""
    if all(Path(cache_from_source(str(file))).exists() for file in (package / "ui").glob("*.py")):
        return "compiled"
    if sys.dont_write_bytecode:
        return "not kept: every start compiles the program anew, a second or more; unset PYTHONDONTWRITEBYTECODE"
    kept_in = Path(cache_from_source(str(package / "x.py"))).parent
    if not os.access(kept_in if kept_in.exists() else kept_in.parent, os.W_OK):
        return (
            f"cannot be kept: {safe_line(OutsideText(str(kept_in)))} is not yours to write, so every start compiles "
            "the program anew; have its owner run `python -m compileall` on that folder"
        )
    return "not yet compiled; the next start keeps what it compiles"


def sqlite() -> str:
    """The version of SQLite, and whether it can index text, which the cache needs."""
    return f"{SQLITE_VERSION}; {fts5_problem() or 'full-text search is there'}"


def tz_data() -> str:
    """Which tz database is in use, and which is not."""
    system = system_version()
    if system > PACKAGED_VERSION:
        return f"{system}, the system's; the tzdata package has {PACKAGED_VERSION}"
    other = f"the system has {system}" if system else "the system has none that says its version"
    return f"{PACKAGED_VERSION}, the tzdata package's; {other}"
