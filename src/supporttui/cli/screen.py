"""Opening the board or the wall on a desk."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from supporttui.cli.exits import Exit, Stop, say_error
from supporttui.cli.quick import Launch
from supporttui.cli.target import Target, target_of_launch
from supporttui.domain.safetext import OutsideText, safe
from supporttui.stopwatch import WATCH

if TYPE_CHECKING:
    from concurrent.futures import Future

    from supporttui.ui.app import SupportApp
    from supporttui.ui.opened import OpenedBoard
    from supporttui.ui.sources import Sources
    from supporttui.ui.terminal.early import EarlyScreen

NOT_A_TERMINAL = (
    "the board needs a terminal to draw on; run it in one, or use `supporttui status` or `supporttui submit` in scripts"
)


def open_screen(launch: Launch) -> int:
    """Show the board, or the wall, until it is left."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise Stop(NOT_A_TERMINAL, Exit.USAGE)
    if not launch.starts_demo:
        return _run(target_of_launch(launch), launch)
    with _said_meanwhile("starting the demonstration…"):
        found = _beside(lambda: target_of_launch(launch))  # a desk has to be started: load the screens meanwhile
        import supporttui.ui.app  # noqa: F401

        WATCH.mark("screens imported")
        target = found.result()
    return _run(target, launch)


def _beside(work: Callable[[], Target]) -> "Future[Target]":
    """Do something on another thread, which keeps nobody from leaving."""
    import threading
    from concurrent.futures import Future

    found: Future[Target] = Future()

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as error:  # noqa: BLE001 - the thread's edge: handed on to whoever asks
            found.set_exception(error)

    threading.Thread(target=run, name="target", daemon=True).start()
    return found


@contextmanager
def _said_meanwhile(words: str) -> Iterator[None]:
    """A few words on the terminal while it takes long; they are gone afterwards."""
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


def _run(target: Target, launch: Launch) -> int:
    from supporttui.ui.opened import OpenedBoard

    WATCH.mark("desk and settings known")
    opened = OpenedBoard(_sources_of(target, launch))
    WATCH.mark("local copy read")
    try:
        app = _show(opened, target)
    finally:
        _print_unsaved(opened.model.decisions.unsaved())
    if app.failure is not None:
        raise app.failure
    if launch.profiles_start:
        from supporttui.cli.profile_start import print_profile

        return print_profile(WATCH)
    return app.return_code or Exit.OK


def _show(opened: "OpenedBoard", target: Target) -> "SupportApp":
    """The app, after it was left."""
    with _first_picture(opened) as early:
        from supporttui.cli.logbook import keep_log
        from supporttui.ui.app import SupportApp

        with suppress(OSError):  # a disk that takes no log is no reason to do nothing
            keep_log()
        WATCH.mark("screens imported")
        app = SupportApp(opened.sources, opened, early)
        app.set_keymap(dict(target.settings.keys))
        app.run()
    return app


@contextmanager
def _first_picture(opened: "OpenedBoard") -> "Iterator[EarlyScreen | None]":
    """The first picture on the terminal, where everything is known that it takes; None where the screen draws it."""
    rows = None
    look = opened.model.kept_look() if sys.stderr.isatty() else None
    if look is not None:
        from supporttui.ui.first_picture import first_rows, terminal_area
        from supporttui.ui.terminal.early import EarlyScreen

        rows = first_rows(opened.model, look, terminal_area())
    if look is None or rows is None:
        yield None
        return
    with EarlyScreen(rows, has_bce=look.has_bce, is_thin=opened.sources.line.is_thin) as early:
        WATCH.first_picture()
        yield early


def _sources_of(target: Target, launch: Launch) -> "Sources":
    """All that the board or the wall draws from."""
    from supporttui.cli.calendar import load_calendars
    from supporttui.sync.engine import Engine
    from supporttui.ui.look import look_key
    from supporttui.ui.sources import Sources
    from supporttui.ui.terminal.abilities import colours_of
    from supporttui.ui.terminal.line import line_of

    def connect(on_change: Callable[[], None]) -> Engine:
        open_desk = target.open_read_only if launch.is_wall else target.open_desk
        return Engine(open_desk, target.files, on_change=on_change, read_only=launch.is_wall)

    settings = target.settings
    calendars = load_calendars(target.policy, datetime.now(UTC), target.files.cache)
    line = line_of(launch.scope.line, os.environ, colours_of)
    line = replace(line, writes_frames=settings.writes_frames, shows_bytes=settings.shows_bytes)
    has_look = line.writes_frames and not launch.is_wall and not os.environ.get("NO_COLOR")
    WATCH.mark("support hours read")
    return Sources(
        files=target.files,
        connect=connect,
        policy=target.policy,
        calendar=calendars.desk,
        named_calendars=calendars.named,
        desk_label=target.label,
        undo_s=settings.undo_s,
        is_demo=target.is_demo,
        is_wall=launch.is_wall,
        line=line,
        look_key=look_key(line, settings.keys, os.environ) if has_look else b"",
        on_ready=WATCH.ready if launch.profiles_start else None,
    )


def _print_unsaved(texts: list[str]) -> None:
    """What the disk refused to the end is left on the terminal, which is the last place that there is."""
    for text in texts:
        say_error("this could not be written to disk and was not sent:")
        print(safe(OutsideText(text)))
