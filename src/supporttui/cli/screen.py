"""Opening the board or the wall on a desk."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from supporttui.cli.desk_selection import select_desk_for_launch
from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import Launch
from supporttui.cli.selected_desk import SelectedDesk
from supporttui.cli.standard_streams import report_done, say_error
from supporttui.config import ConfigProblem, Folders
from supporttui.domain.safe_text import OutsideText, safe
from supporttui.server.desk_paths import UnsafeFolder
from supporttui.store.database import StoreProblem
from supporttui.ui.startup.stopwatch import START_STOPWATCH

if TYPE_CHECKING:
    from concurrent.futures import Future

    from supporttui.presentation.app_context import AppContext
    from supporttui.ui.app import SupportApp
    from supporttui.ui.cursor_socket import CursorSocket
    from supporttui.ui.startup.first_picture import LoadedBoard

NOT_A_TERMINAL = (
    "the board needs a terminal to draw on; run it in one, or use `supporttui status` or `supporttui submit` in scripts"
)
SIZE_VARIABLES = ("COLUMNS", "LINES")
"""Rich takes these for the size, however odd, and they do not follow the terminal; it knows its own size."""
NO_ERROR_STREAM = "the board draws on standard error, which is closed or redirected; leave it on the terminal"


def open_screen(launch: Launch) -> int:
    """Show the board, or the wall, until it is left."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise CommandError(NOT_A_TERMINAL, Exit.USAGE)
    if not sys.stderr.isatty():
        report_done(f"supporttui: {NO_ERROR_STREAM}")  # on the terminal: what is said below goes elsewhere
        raise CommandError(NO_ERROR_STREAM, Exit.USAGE)
    for name in SIZE_VARIABLES:
        os.environ.pop(name, None)
    if not launch.starts_demo:
        return _run(select_desk_for_launch(launch), launch)
    with _said_meanwhile("starting the demonstration ..."):
        found = _beside(lambda: select_desk_for_launch(launch))  # a desk has to be started: load the screens meanwhile
        import supporttui.ui.app  # noqa: F401

        START_STOPWATCH.mark("screens imported")
        target = found.result()
    return _run(target, launch)


def _beside(work: Callable[[], SelectedDesk]) -> "Future[SelectedDesk]":
    """Run a function on a daemon thread."""
    import threading
    from concurrent.futures import Future

    found: Future[SelectedDesk] = Future()

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as error:  # noqa: BLE001 - the thread's edge: handed on to whoever asks
            found.set_exception(error)

    threading.Thread(target=run, name="target", daemon=True).start()
    return found


@contextmanager
def _said_meanwhile(words: str) -> Iterator[None]:
    """Show a line on the terminal while something takes long, and erase it afterwards."""
    shown = bool(words) and sys.stderr.isatty()
    if shown:
        sys.stderr.write(words)
        sys.stderr.flush()
    try:
        yield
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _run(target: SelectedDesk, launch: Launch) -> int:
    from supporttui.ui.startup.first_picture import LoadedBoard

    START_STOPWATCH.mark("desk and settings known")
    opened = LoadedBoard(_app_context_of(target, launch))
    START_STOPWATCH.mark("local copy read")
    try:
        app = _show(opened, target, launch)
    finally:
        _print_unsaved(opened.model.outbox_view.unsaved())
    if not launch.is_wall:
        _print_unsent(opened)
    if app.failure is not None:
        raise app.failure
    if launch.profiles_start:
        from supporttui.cli.profile_start import print_profile

        return print_profile(START_STOPWATCH)
    return app.return_code or Exit.OK


def _show(opened: "LoadedBoard", target: SelectedDesk, launch: Launch) -> "SupportApp":
    """Run the app; return it after it was left."""
    from supporttui.ui.startup.early_screen import early_picture

    with early_picture(opened, target.settings.keys) as early:
        from supporttui.ui.app import SupportApp

        START_STOPWATCH.mark("screens imported")
        context = opened.app_context
        sockets: list[CursorSocket] = []
        if not launch.is_wall:
            context = replace(context, before_engine=lambda: _begin_answering(app, sockets.append))
        if launch.is_tour:
            context = replace(context, before_engine=lambda: _begin_tour(app, sockets.append))
        app: SupportApp = SupportApp(context, opened, early)
        try:
            app.run()
        finally:
            for each in sockets:
                each.close()
    return app


def _app_context_of(target: SelectedDesk, launch: Launch) -> "AppContext":
    """Build the context from which the board or the wall is drawn."""
    from supporttui.cli.calendar_cache import load_calendars
    from supporttui.domain.sla import SlaRules
    from supporttui.presentation.app_context import AppContext
    from supporttui.presentation.terminal_options import detect_terminal_options, terminfo_colours, with_looks
    from supporttui.sync.engine import Engine

    def connect(on_change: Callable[[], None]) -> Engine:
        open_desk = target.open_read_only if launch.is_wall else target.open_desk
        rules = SlaRules(target.policy, calendars)
        is_wall = launch.is_wall
        return Engine(open_desk, target.files, rules=rules, on_change=on_change, read_only=is_wall)

    settings = target.settings
    calendars = load_calendars(target.policy, datetime.now(UTC), target.files)
    line = detect_terminal_options(launch.scope.line, os.environ, terminfo_colours)
    line = with_looks(line, settings.looks, os.environ, Folders.of_user().cache)
    line = replace(line, writes_frames=settings.writes_frames, shows_bytes=settings.shows_bytes)
    START_STOPWATCH.mark("support hours read")
    return AppContext(
        files=target.files,
        connect=connect,
        policy=target.policy,
        calendar=calendars.desk,
        named_calendars=calendars.named,
        desk_label=target.label,
        undo_s=settings.undo_s,
        views=settings.views,
        is_demo=target.is_demo,
        is_wall=launch.is_wall,
        is_requester=target.is_requester,
        own_email=target.own_email() if target.is_requester else "",
        line=line,
        keymap=settings.keys,
        commands=settings.commands,
        file_settings=settings.files,
        web_url=settings.desk.url if settings.desk.url.startswith("http") and not target.is_demo else "",
        before_engine=_start_logging,
        on_ready=START_STOPWATCH.ready if launch.profiles_start else None,
    )


def _begin_answering(app: "SupportApp", keep: "Callable[[CursorSocket], None]") -> None:
    """Answer `supporttui context` from now on, until what is kept is closed."""
    from supporttui.cli.scripts.context import board_socket
    from supporttui.ui.cursor_socket import CursorSocket

    _start_logging()
    with suppress(OSError, ConfigProblem, UnsafeFolder):  # the board works without a folder for sockets
        answers = CursorSocket(app, board_socket())
        answers.open()
        keep(answers)


def _begin_tour(app: "SupportApp", keep: "Callable[[CursorSocket], None]") -> None:
    """Show the tour's line once the first screen is drawn."""
    from supporttui.ui.tour import TourGuide

    _begin_answering(app, keep)
    TourGuide(app).begin()


def _start_logging() -> None:
    """Open the log; where the disk refuses, the board works without one."""
    from supporttui.cli.log_file import start_logging

    with suppress(OSError):
        start_logging()


def _print_unsent(opened: "LoadedBoard") -> None:
    """One line for the shell about what stays in the outbox."""
    from supporttui.presentation.undo import left_unsent

    with suppress(StoreProblem):
        opened.model.outbox_view.load()
    sentence = left_unsent(opened.model)
    if sentence:
        say_error(sentence)


def _print_unsaved(texts: list[str]) -> None:
    """Print texts that the disk refused to save, so that they are not lost."""
    for text in texts:
        say_error("this could not be written to disk and was not sent:")
        report_done(safe(OutsideText(text)))
