"""Runs one command line and turns every error into a sentence and an exit code."""

import contextlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from supporttui.cli.exits import Exit, as_command_error
from supporttui.cli.launch import parse_launch
from supporttui.cli.standard_streams import discard_refused, prepare_standard_streams, say_error
from supporttui.ui.startup.key_priority import pause_garbage_collection

if TYPE_CHECKING:
    from logging import Logger

COMPLETION_VARIABLE = "_SUPPORTTUI_COMPLETE"
"""Set by the shells' completion, with what they ask for."""


def run(arguments: list[str]) -> NoReturn:
    """Run the command and exit the process."""
    prepare_standard_streams()
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        code = Exit.OK
    except Exception as error:  # noqa: BLE001 - the edge of the process
        code = _explain(error)
    _leave(code)


def _dispatch(arguments: list[str]) -> int:
    """Open a screen directly, or pass the arguments to typer."""
    is_completing = COMPLETION_VARIABLE in os.environ  # the shell asks what may follow: nothing is opened
    launch = None if is_completing else parse_launch(arguments)
    if launch is not None:
        pause_garbage_collection()
        from supporttui.cli.screen import open_screen

        return open_screen(launch)
    from supporttui.cli.commands import run_command

    if is_completing:
        return run_command(arguments)
    from supporttui.cli.log_file import start_logging

    with contextlib.suppress(OSError):  # a disk that takes no log is no reason to do nothing
        start_logging()
    return run_command(arguments)


def _explain(error: Exception) -> int:
    """Describe an error in one sentence; an unexpected one is written to a report file."""
    stop = as_command_error(error)
    log = _open_log()
    if stop is not None:
        log.info("ended with code %d: %s", stop.code, stop)
        say_error(str(stop))
        return stop.code
    log.error("failed unexpectedly (%s)", type(error).__name__)
    say_error(_report(error))
    return Exit.UNEXPECTED


def _open_log() -> "Logger":
    """Open the log if the program ended before it did so itself."""
    import logging

    from supporttui.cli.log_file import start_logging
    from supporttui.config import ConfigProblem

    with contextlib.suppress(OSError, ConfigProblem):
        start_logging()
    return logging.getLogger("supporttui")


def _report(error: Exception) -> str:
    """Write a report file and return the sentence that names it. Messages of errors may hold what people wrote."""
    from supporttui.config import ConfigProblem, Folders
    from supporttui.config.folders import make_private_folder

    what = type(error).__name__
    try:
        folder = Folders.of_user().state / "reports"
        make_private_folder(folder)
        path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(_report_text(error))
    except (OSError, ConfigProblem) as problem:
        return f"something unexpected happened ({what}), and no report could be written ({problem})"
    return f"something unexpected happened ({what}); the report is {_short(path)}, please send it with your bug report"


def _report_text(error: Exception) -> str:
    import traceback

    from supporttui import __version__
    from supporttui.config.redaction import redacted

    lines = traceback.format_exception(error)
    return redacted(f"supporttui {__version__}, Python {sys.version}\n{sys.platform}\n\n{''.join(lines)}")


def _short(path: Path) -> str:
    with contextlib.suppress(ValueError, RuntimeError):
        return f"~/{path.relative_to(Path.home())}"
    return str(path)


def _leave(code: int) -> NoReturn:
    """Exit with this code, even if remaining output cannot be written.

    Threads are not joined: one that hangs, as in a name lookup, would keep the process alive.
    """
    discard_refused()
    if "logging" in sys.modules:
        sys.modules["logging"].shutdown()
    os._exit(int(code))
