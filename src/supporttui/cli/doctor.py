"""`supporttui doctor`: what the terminal, the desk, the files and the clocks' sources can do, and how to mend them."""

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

import supporttui
from supporttui import __version__
from supporttui.cli.desk_selection import select_desk
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.selected_desk import SelectedDesk, settings_of
from supporttui.cli.status import ask_account, desk_lines
from supporttui.config import ConfigProblem, Folders, Settings
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.zones import PACKAGED_VERSION, system_version
from supporttui.helpdesks.base import Capabilities
from supporttui.presentation.terminal_options import detect_terminal_options, terminfo_colours, with_looks
from supporttui.store.cache_file import SQLITE_VERSION, fts5_problem
from supporttui.ui.terminal.terminal_survey import Finding, ask_terminal, ask_tmux, terminal_findings

LEAST_FREE_BYTES: Final = 200_000_000


def print_doctor(scope: GlobalOptions) -> int:
    """Print what was found, one thing a line, and below it the remedy. Raises ConfigProblem."""
    settings = settings_of(scope)
    findings = [*_terminal(scope, settings), *_desk(scope), *_program(settings)]
    for name, words, remedy in findings:
        print(f"{name:<11} {safe_line(OutsideText(words))}")
        if remedy:
            print(f"{'':<11} -> {safe_line(OutsideText(remedy))}")
    return Exit.OK


def _terminal(scope: GlobalOptions, settings: Settings) -> Iterator[Finding]:
    line = detect_terminal_options(scope.line, os.environ, terminfo_colours)
    line = with_looks(line, settings.looks, os.environ, Folders.of_user().cache)
    answers = (
        ask_terminal(sys.__stdin__.fileno(), sys.__stdout__.fileno()) if sys.__stdin__ and sys.__stdout__ else None
    )
    return terminal_findings(line, os.environ, answers, ask_tmux)


def _desk(scope: GlobalOptions) -> Iterator[Finding]:
    """The desk, if it can be asked, and the local files of it."""
    try:
        target = select_desk(scope)
    except (ConfigProblem, CommandError) as error:
        yield Finding("desk", "not chosen", str(error))
        return
    account, problem = ask_account(target)
    first, *more = desk_lines(target, problem)
    yield Finding("desk", first, "supporttui status says more" if problem is not None else "")
    if account is not None:
        yield Finding("", _abilities(account.capabilities))
    for words in more:
        yield Finding("", words)
    yield from _store(target)


def _abilities(can: Capabilities) -> str:
    """What a desk can do, as far as it changes what is shown or how safe a repetition is."""
    parts = [
        "pushes changes" if can.pushes else "is polled",
        "has On-Hold" if can.can_hold else "has no On-Hold",
        "refuses what an older version was meant for" if can.checks_versions else "does not check versions",
        "takes a repeated change once" if can.idempotent_writes else "may take a repeated change twice",
    ]
    return "; ".join(parts)


def _store(target: SelectedDesk) -> Iterator[Finding]:
    """Whether the local files can be written, and how much room is left for them."""
    for name, file in (("cache", Path(target.files.cache)), ("outbox", Path(target.files.outbox))):
        size = f"{file.stat().st_size / 1e6:.1f} MB" if file.exists() else "not there yet"
        can_write = os.access(file if file.exists() else file.parent, os.W_OK)
        yield Finding(
            name, f"{file}, {size}", "" if can_write else f"it cannot be written: make it yours, {file.parent}"
        )
    free = shutil.disk_usage(Path(target.files.outbox).parent).free
    remedy = "" if free >= LEAST_FREE_BYTES else "free some room: what is typed is kept on this disk"
    yield Finding("disk", f"{free / 1e9:.1f} GB free", remedy)


def _program(settings: Settings) -> Iterator[Finding]:
    """What this installation and the clocks rest on."""
    hours, file = settings.policy.hours, str(settings.file)
    yield Finding("supporttui", __version__)
    yield Finding("Python", sys.version.split()[0])
    yield Finding("SQLite", sqlite())
    yield Finding("tz data", tz_data())
    yield Finding("holidays", f"{version('holidays')}, calendar {hours.holiday_calendar}")
    is_there = settings.file.exists()
    yield Finding(
        "settings",
        file if is_there else f"{file} (not there: the packaged policy holds)",
        "" if is_there else "supporttui config init writes a commented one",
    )
    yield Finding("bytecode", bytecode())
    yield Finding("hours", f"{hours.zone}; {len(settings.policy.calendars)} more calendars")


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
