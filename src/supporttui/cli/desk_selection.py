"""Selects the desk that a command works on."""

from supporttui.cli.launch import GlobalOptions, Launch
from supporttui.cli.selected_desk import (
    SelectedDesk,
    open_configured,
    own_desk_paths,
    select_embedded_desk,
    settings_of,
    store_files_of,
)
from supporttui.cli.token_source import TokenSource
from supporttui.config import Settings
from supporttui.server.desk_paths import DemoChoice, DeskPaths


def select_desk_for_launch(launch: Launch) -> SelectedDesk:
    """The desk that a screen opens on. A demonstration that has to be started is on its way when this returns."""
    settings = settings_of(launch.scope)
    if launch.starts_demo:
        from supporttui.cli.demonstration import new_demo

        return new_demo(settings, DemoChoice(launch.seed, launch.is_still))
    return select_desk(launch.scope, settings)


def select_desk(scope: GlobalOptions, settings: Settings | None = None) -> SelectedDesk:
    """The desk that a command works on. Raises CommandError where the demonstration is meant and none is running."""
    settings = settings or settings_of(scope)
    if scope.is_demo:
        from supporttui.cli.demonstration import running_demo, running_demo_as_customer

        return running_demo_as_customer(settings) if scope.is_requester else running_demo(settings)
    settings.require_credentials()
    if scope.is_requester:
        from supporttui.cli.mine import select_requests

        return select_requests(settings)
    if settings.desk.kind == "embedded":
        paths = own_desk_paths(scope)
        key = f"embedded:{paths.folder}"
        return select_embedded_desk(
            settings, settings.policy, paths, store_files_of(key, settings.desk.name), "your own desk"
        )
    desk, source = settings.desk, TokenSource(settings.desk)
    return SelectedDesk(
        settings=settings,
        policy=settings.policy,
        files=store_files_of(f"{desk.url} {desk.email}", desk.name),
        label=desk.name,
        connect=lambda read_only: open_configured(desk, source, read_only),
    )


def desk_paths_of(scope: GlobalOptions) -> DeskPaths:
    """The embedded desk to use where no database is named. Raises CommandError where no demonstration runs."""
    if scope.is_demo:
        from supporttui.cli.demonstration import running_demo_paths

        return running_demo_paths()
    return own_desk_paths(scope)
