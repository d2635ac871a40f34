"""The demonstration desk of this user: one at a time, found by every terminal, thrown away at the end."""

from datetime import datetime
from typing import Final

import msgspec

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.selected_desk import NO_DEMO_RUNNING, SelectedDesk, demo_policy, idle_exit_s, select_embedded_desk
from supporttui.config import Folders, Settings
from supporttui.config.desk import EMBEDDED_NAME
from supporttui.domain.ticket_id import TicketId
from supporttui.server.desk_paths import DemoChoice, DeskAccess, DeskPaths, choose_socket, load_desk_access
from supporttui.server.launcher import ensure_running, is_running
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files
from supporttui.store.operations import StoreFiles

DEMO_LABEL: Final = "demonstration"
CLOCK_AHEAD_STATE: Final = "desk_ahead_s"
"""The state under which the local copy keeps the desk's time."""


def demo_desk_paths(choice: DemoChoice) -> DeskPaths:
    """Where the demonstration lies, beside what can be fetched again."""
    folders = Folders.of_user()
    folders.create()
    return DeskPaths(
        folder=folders.cache / "demo",
        socket=choose_socket(folders.runtime, "demo"),
        idle_exit_s=idle_exit_s(),
        demo=choice,
    )


def running_demo_paths() -> DeskPaths:
    """Where the demonstration is running. Raises CommandError where none is."""
    paths = demo_desk_paths(DemoChoice())
    if load_desk_access(paths) is None or not is_running(paths):
        raise CommandError(NO_DEMO_RUNNING, Exit.UNREACHABLE)
    return paths


def running_demo(settings: Settings) -> SelectedDesk:
    """The demonstration that is running. Raises CommandError where none is."""
    paths = running_demo_paths()
    access = load_desk_access(paths)
    if access is None:
        raise CommandError(NO_DEMO_RUNNING, Exit.UNREACHABLE)
    return _select_demo(settings, paths, access)


def new_demo(settings: Settings, choice: DemoChoice) -> SelectedDesk:
    """A demonstration from the beginning; where one is running already, that one."""
    paths = demo_desk_paths(choice)
    return _select_demo(settings, paths, ensure_running(paths, fresh=True))


def _select_demo(settings: Settings, paths: DeskPaths, access: DeskAccess) -> SelectedDesk:
    files = prepare_store_files(paths.clients / "data", paths.clients / "cache", f"demo {access.run}", EMBEDDED_NAME)
    _prepare(files, access)
    return select_embedded_desk(settings, demo_policy(), paths, files, DEMO_LABEL)


def _prepare(files: StoreFiles, access: DeskAccess) -> None:
    """Let a new local copy know the demonstration's time, and what its user has read, before anything is drawn."""
    with Cache(files.cache, files.desk) as cache:
        if cache.load_state(CLOCK_AHEAD_STATE) is not None:
            return
        cache.save_state(CLOCK_AHEAD_STATE, msgspec.msgpack.encode(access.ahead_s))
        if access.read_until is not None:
            read_until = datetime.fromisoformat(access.read_until)
            for number in access.tickets:
                cache.mark_read(TicketId(files.desk, str(number)), read_until)
