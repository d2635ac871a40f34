"""`supporttui mine`: the desk that a customer's account works on, with files of its own."""

from collections.abc import Awaitable

from supporttui.cli.exits import CommandError, Exit
from supporttui.cli.selected_desk import SelectedDesk, open_requests, store_files_of
from supporttui.cli.token_source import TokenSource
from supporttui.config import Settings
from supporttui.helpdesks.base import HelpDesk
from supporttui.presentation.requester_side import requester_policy

NO_TEAM_DESK = (
    "mine is for the account of a customer on a team's desk, and this is your own, with you as its administrator; "
    "name the other one: supporttui login --url URL --email YOU, or [desk] in the configuration"
)


def select_requests(settings: Settings) -> SelectedDesk:
    """The desk as its customer. Raises CommandError where only the embedded one is configured.

    The files are apart from those of an agent's board, also one with the same account.
    """
    desk, source = settings.desk, TokenSource(settings.desk)
    if desk.kind == "embedded":
        raise CommandError(NO_TEAM_DESK, Exit.CONFIGURATION)

    def connect(read_only: bool) -> Awaitable[HelpDesk]:
        return open_requests(desk, source, read_only)

    return SelectedDesk(
        settings=settings,
        policy=requester_policy(settings.policy),
        files=store_files_of(f"{desk.url} {desk.email} requester", desk.name),
        label=desk.name,
        connect=connect,
        is_requester=True,
    )
