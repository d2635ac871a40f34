"""`supporttui status`: which desk, as whom, how fresh, what is unsent, and where the files are."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from supporttui.cli.desk_selection import select_desk
from supporttui.cli.exits import CommandError, Exit, as_command_error
from supporttui.cli.launch import GlobalOptions
from supporttui.cli.log_file import log_path
from supporttui.cli.selected_desk import SelectedDesk
from supporttui.domain.clock_text import elapsed_text
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.zones import load_zone
from supporttui.helpdesks.base import Account, DeskError, Unreachable
from supporttui.server.desk_paths import DeskAccess, DeskPaths, load_desk_access
from supporttui.server.launcher import is_running
from supporttui.store.cache import Cache
from supporttui.store.operations import Operation, OperationState
from supporttui.store.outbox import Outbox
from supporttui.sync.status import load_status

ACCOUNT_TIMEOUT_S: Final = 10.0
QUOTED: Final = 60

OPERATION_STATE_WORDS: Final = {
    OperationState.HELD: "waits",
    OperationState.QUEUED: "waits for the desk",
    OperationState.IN_FLIGHT: "is being sent",
    OperationState.UNKNOWN: "may have arrived, supporttui finds out",
    OperationState.CONFLICT: "not applied, the ticket had changed",
    OperationState.REJECTED: "refused by the desk",
    OperationState.SENT: "sent",
    OperationState.WITHDRAWN: "withdrawn",
}
"""How a change stands, after what it is."""


def print_status(scope: GlobalOptions) -> int:
    """Print how things stand. The exit code says whether the desk answers."""
    target = select_desk(scope)
    account, problem = ask_account(target)
    for name, lines in _sections(target, account, problem):
        for number, line in enumerate(lines):
            print(f"{name if number == 0 else '':10} {line}".rstrip())
    return problem.code if problem is not None else Exit.OK


def _sections(
    target: SelectedDesk, account: Account | None, problem: CommandError | None
) -> Iterator[tuple[str, list[str]]]:
    """Each section's name and lines; everything from outside is safe."""
    yield "Desk", desk_lines(target, problem)
    yield "Account", [_account_line(target, account)]
    yield "Freshness", [_freshness_line(target)]
    yield "Unsent", _unsent_lines(target)
    yield "Files", _file_lines(target)
    access = load_desk_access(target.paths) if target.paths is not None else None
    if target.is_demo and not target.is_requester and access is not None and access.requester_email is not None:
        yield "Try it", _try_lines(access)


def ask_account(target: SelectedDesk) -> tuple[Account | None, CommandError | None]:
    """Who we are, by the desk itself. An embedded desk that does not run is left alone."""
    if target.paths is not None and not is_running(target.paths):
        return None, None
    try:
        return asyncio.run(_fetch_account(target)), None
    except DeskError as error:
        return None, as_command_error(error)


async def _fetch_account(target: SelectedDesk) -> Account:
    try:
        async with asyncio.timeout(ACCOUNT_TIMEOUT_S):
            desk = await target.open_desk()
            try:
                return await desk.fetch_account()
            finally:
                await desk.close()
    except TimeoutError:
        raise Unreachable(f"The desk did not answer within {ACCOUNT_TIMEOUT_S:g} seconds. Try again later.") from None


def desk_lines(target: SelectedDesk, problem: CommandError | None) -> list[str]:
    """Which desk this is, and whether it answers."""
    if problem is not None:
        return [f"{_plain(target.label)}: {_plain(str(problem))}"]
    if target.paths is None:
        return [f"{_plain(target.settings.desk.url)}, answers"]
    if not is_running(target.paths):
        return [f"{target.label}, not running; it starts with the board and leaves after the last window"]
    return [f"{target.label}, runs on {_plain(_socket(target.paths))}"]


def _socket(paths: DeskPaths) -> str:
    access = load_desk_access(paths)
    return access.socket if access is not None else str(paths.socket)


def _account_line(target: SelectedDesk, account: Account | None) -> str:
    if account is None:
        return f"{_plain(target.own_email())}, not asked"
    me = account.me
    return f"{safe_line(me.name)} <{safe_line(me.email)}>, {me.role.value}, on {safe_line(account.desk_name)}"


def _freshness_line(target: SelectedDesk) -> str:
    with Cache(target.files.cache, target.files.desk) as cache:
        synced_at = load_status(cache).last_sync_at
    if synced_at is None:
        return "nothing has been fetched yet"
    age = max(timedelta(), datetime.now(UTC) - synced_at)
    there = synced_at.astimezone(load_zone(target.policy.hours.zone))
    return f"last in step with the desk {there:%Y-%m-%d %H:%M:%S %Z}, {elapsed_text(age)} ago"


def _unsent_lines(target: SelectedDesk) -> list[str]:
    with contextlib.closing(Outbox(target.files.outbox, target.files.desk)) as outbox:
        waiting, drafts, notices = outbox.load_open(), outbox.load_drafts(), outbox.load_notices()
    lines = [_operation_line(operation) for operation in waiting]
    lines += [f"{len(drafts)} drafts kept; `supporttui outbox list` shows them"] if drafts else []
    lines += [_plain(notice) for notice in notices]
    return lines or ["nothing"]


def _operation_line(operation: Operation) -> str:
    """One operation: what it is, how it stands, and how its text begins."""
    if operation.ticket_id is None:
        what = f'new ticket "{_plain(operation.subject or "")}"'
    else:
        what = f"{'change of' if operation.patch.body is None else 'text for'} {operation.ticket_id.label}"
    reason = f": {safe_line(operation.error)}" if operation.error else ""
    text = _plain(operation.patch.body or "")
    quoted = f" · {text[:QUOTED]}{'…' if len(text) > QUOTED else ''}" if text else ""
    return f"{what} {OPERATION_STATE_WORDS[operation.state]}{reason}{quoted}"


def _file_lines(target: SelectedDesk) -> list[str]:
    files = [
        ("settings", str(target.settings.file)),
        ("local copy", target.files.cache),
        ("SLA record", target.files.sla_records),
        ("outbox", target.files.outbox),
        ("downloads", target.settings.files.downloads or target.files.downloads),
        ("log", str(log_path())),
    ]
    if target.paths is not None:
        files += [("desk", str(target.paths.database)), ("its log", str(target.paths.log))]
    return [f"{name:10} {_plain(path)}" for name, path in files]


def _try_lines(access: DeskAccess) -> list[str]:
    """How to answer as a customer: on their own board, or from a shell."""
    email = access.requester_email
    return [
        f"you are {access.email}; a customer is {email}, whose #{access.requester_ticket} awaits a reply",
        "supporttui --demo mine",
        f"TOKEN=$(supporttui --demo desk token --email {email} | tail -n 1)",
        f'curl --unix-socket {access.socket} -u "{email}/token:$TOKEN" -X PUT -H "Content-Type: application/json" \\',
        '  -d \'{"request": {"comment": {"body": "It works now, thank you."}}}\' \\',
        f"  http://desk/api/v2/requests/{access.requester_ticket}.json",
    ]


def _plain(text: str) -> str:
    return safe_line(OutsideText(text))
