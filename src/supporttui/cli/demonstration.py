"""The demonstration desk of this user: one at a time, found by every terminal, thrown away at the end."""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.selected_desk import NO_DEMO_RUNNING, SelectedDesk, demo_policy, idle_exit_s, select_embedded_desk
from supporttui.config import Folders, Settings
from supporttui.config.desk import EMBEDDED_NAME
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import HelpDesk
from supporttui.server.desk_paths import DemoChoice, DeskAccess, DeskPaths, choose_socket, load_desk_access
from supporttui.server.launcher import ensure_running, is_running
from supporttui.store.cache import Cache
from supporttui.store.database import prepare_store_files
from supporttui.store.operations import StoreFiles

TOKEN_LIFE: Final = timedelta(days=1)
"""Of the token of a customer, who tries the demonstration from the other side."""

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


def running_demo_as_customer(settings: Settings) -> SelectedDesk:
    """The same as one of its customers, with a token of its own. Raises CommandError where none is running."""
    from supporttui.helpdesks.zendesk.desk import ZendeskDesk
    from supporttui.helpdesks.zendesk.requests_desk import RequestsDesk
    from supporttui.presentation.requester_side import requester_policy
    from supporttui.server.administration import make_token

    paths = running_demo_paths()
    access = load_desk_access(paths)
    email = None if access is None else access.requester_email
    if access is None or email is None:
        raise CommandError(NO_DEMO_RUNNING, Exit.UNREACHABLE)
    at = datetime.now(UTC) + timedelta(seconds=access.ahead_s)
    token = make_token(paths.database_url, email=email, at=at, life=TOKEN_LIFE)

    async def connect(read_only: bool) -> HelpDesk:
        url = f"unix:{access.socket}"
        return RequestsDesk(ZendeskDesk(name=EMBEDDED_NAME, url=url, email=email, token=token, read_only=read_only))

    target = _select_demo(settings, paths, access, f"demo {access.run} customer")
    return replace(target, policy=requester_policy(target.policy), connect=connect, is_requester=True, email=email)


def new_demo(settings: Settings, choice: DemoChoice) -> SelectedDesk:
    """A demonstration from the beginning; where one is running already, that one."""
    paths = demo_desk_paths(choice)
    return _select_demo(settings, paths, ensure_running(paths, fresh=True))


def _select_demo(settings: Settings, paths: DeskPaths, access: DeskAccess, key: str = "") -> SelectedDesk:
    key = key or f"demo {access.run}"
    files = prepare_store_files(paths.clients / "data", paths.clients / "cache", key, EMBEDDED_NAME)
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
            cache.mark_all_read((TicketId(files.desk, str(number)) for number in access.tickets), read_until)
