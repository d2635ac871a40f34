"""A desk that a command works on: where its copy lies, and how to connect to it."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.standard_streams import use_ascii_marks
from supporttui.cli.token_source import TokenSource
from supporttui.config import DeskSettings, Folders, Settings, load_settings
from supporttui.config.desk import EMBEDDED_NAME
from supporttui.config.settings import Switch, default_policy, with_theme
from supporttui.domain.policy import ServicePolicy
from supporttui.helpdesks.base import HelpDesk
from supporttui.server.desk_paths import DeskPaths, choose_socket, load_desk_access, own_account
from supporttui.store.database import prepare_store_files
from supporttui.store.operations import StoreFiles

if TYPE_CHECKING:
    from supporttui.helpdesks.zendesk.desk import ZendeskDesk

IDLE_EXIT_VARIABLE: Final = "SUPPORTTUI_IDLE_EXIT_S"
"""Seconds after which an embedded desk leaves once nobody watches it; for tests."""

NO_DEMO_RUNNING: Final = "no demonstration is running; start one in another terminal with `supporttui demo`"

Connect = Callable[[bool], Awaitable[HelpDesk]]
"""Connects to a desk, for reading only where the argument says so. Raises DeskError."""


class SelectedDesk(msgspec.Struct, frozen=True, kw_only=True):
    """One desk, and where this machine keeps its copy of it."""

    settings: Settings
    policy: ServicePolicy
    files: StoreFiles
    label: str
    """What the desk is called until it says its own name."""
    connect: Connect
    paths: DeskPaths | None = None
    """Where it lies, if it is an embedded one."""
    is_requester: bool = False
    """It is worked on as a customer, on their own tickets."""
    email: str = ""
    """The account on an embedded desk, where it is not the desk's own user's."""

    async def open_desk(self) -> HelpDesk:
        """A connection for everything. Raises DeskError."""
        return await self.connect(False)

    async def open_read_only(self) -> HelpDesk:
        """A connection that refuses to send anything but questions. Raises DeskError."""
        return await self.connect(True)

    def own_email(self) -> str:
        """The address of the account that is used."""
        if self.paths is None or self.email:
            return self.email or self.settings.desk.email
        access = load_desk_access(self.paths)
        return access.email if access is not None else own_account()[0]

    @property
    def is_demo(self) -> bool:
        """Whether this is demonstration data."""
        return self.paths is not None and self.paths.demo is not None


def settings_of(scope: GlobalOptions) -> Settings:
    """The settings of this run. Raises ConfigProblem."""
    settings = load_settings(scope.config, os.environ)
    if settings.looks.ascii_glyphs is Switch.ON:
        use_ascii_marks()
    return with_theme(settings, scope.theme) if scope.theme else settings


def own_desk_paths(scope: GlobalOptions) -> DeskPaths:
    """Where this user's own desk lies."""
    folders = Folders.of_user()
    folders.create()
    config = scope.config or (Path(os.environ["SUPPORTTUI_CONFIG"]) if os.environ.get("SUPPORTTUI_CONFIG") else None)
    return DeskPaths(
        folder=folders.data / "desk",
        socket=choose_socket(folders.runtime, "desk"),
        config=config.absolute() if config else None,
        idle_exit_s=idle_exit_s(),
    )


def select_embedded_desk(
    settings: Settings, policy: ServicePolicy, paths: DeskPaths, files: StoreFiles, label: str
) -> SelectedDesk:
    """An embedded desk, which is started whenever it is wanted and not running."""
    return SelectedDesk(
        settings=settings,
        policy=policy,
        files=files,
        label=label,
        connect=lambda read_only: _open_embedded(paths, read_only),
        paths=paths,
    )


def idle_exit_s() -> float:
    """How long an embedded desk stays after the last subscriber."""
    text = os.environ.get(IDLE_EXIT_VARIABLE, "")
    try:
        return max(0.1, float(text)) if text else 10.0
    except ValueError:
        raise CommandError(f"{IDLE_EXIT_VARIABLE} is not a number of seconds; unset it", Exit.CONFIGURATION) from None


def demo_policy() -> ServicePolicy:
    """The policy of every demonstration: the packaged one, whatever the user has configured."""
    return default_policy()


def store_files_of(key: str, desk: str) -> StoreFiles:
    """The files of the desk with this short name, by what identifies it and the account; the folders are created."""
    folders = Folders.of_user()
    folders.create()
    return prepare_store_files(folders.data, folders.cache, key, desk)


async def _open_embedded(paths: DeskPaths, read_only: bool) -> HelpDesk:
    """Connect to an embedded desk, after starting it if need be."""
    import asyncio

    from supporttui.server.launcher import ensure_running

    access = await asyncio.to_thread(ensure_running, paths)
    from supporttui.helpdesks.zendesk.desk import ZendeskDesk

    url, email = f"unix:{access.socket}", access.email
    return ZendeskDesk(name=EMBEDDED_NAME, url=url, email=email, token=access.token, read_only=read_only)


async def open_configured(desk: DeskSettings, source: TokenSource, read_only: bool) -> HelpDesk:
    """Connect to a desk of others, once its token is found, on the side that the account is on. Raises DeskError."""
    from supporttui.helpdesks.zendesk.requests_desk import open_desk_by_role

    token = await source.find_elsewhere()
    return await open_desk_by_role(_configured(desk, token.reveal(), read_only))


async def open_requests(desk: DeskSettings, source: TokenSource, read_only: bool) -> HelpDesk:
    """The same for a customer's account only; that of an agent is refused when it is asked for."""
    from supporttui.helpdesks.zendesk.requests_desk import RequestsDesk

    token = await source.find_elsewhere()
    return RequestsDesk(_configured(desk, token.reveal(), read_only))


def _configured(desk: DeskSettings, token: str, read_only: bool) -> "ZendeskDesk":
    from supporttui.helpdesks.zendesk.desk import ZendeskDesk

    return ZendeskDesk(
        name=desk.name,
        url=desk.url,
        email=desk.email,
        token=token,
        read_only=read_only,
        trust=desk.trust,
        development_field=desk.development_field,
    )
