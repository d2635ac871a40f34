"""What to do first: the board's list and the command's are one order, and walking it shows what it says."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Static

from support.app_driver import settle
from support.board_samples import NOW, LocalCopy, sample_ticket
from support.open_board import on_board
from support.policy_samples import packaged_calendar, packaged_policy
from support.sample_values import make_reply, ticket_key
from supporttui.cli.desk_selection import select_desk
from supporttui.cli.due import print_today
from supporttui.cli.launch import GlobalOptions
from supporttui.domain.ticket import Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store.cache import Cache
from supporttui.store.outbox import Outbox
from supporttui.ui.app import SupportApp

MINUTE = timedelta(minutes=1)
LINE = re.compile(r"\s*(\d+)  \S+ \d+ \d\d:\d\d  (\d) #(\d+) .*?(too late)?\s+A ticket")


def left(number: int, severity: int, minutes: float) -> Ticket:
    """A ticket of a severity with so many minutes of its target left; fewer than none where it is breached."""
    target = packaged_policy().first_response(severity)
    created_at = packaged_calendar().add(NOW, minutes * MINUTE - target)
    return replace(sample_ticket(number, "A ticket", severity=severity), created_at=created_at)


def board(*tickets: tuple[int, float]) -> list[Ticket]:
    return [left(number, severity, minutes) for number, (severity, minutes) in enumerate(tickets, 1001)]


BOARDS = {
    "two run out in minutes, three are over": board((1, -30), (3, -100), (4, -5), (2, 3.8), (1, 3), (2, 42)),
    "after a long weekend": board(*((1 + n % 4, -10.0 * n - 1) for n in range(9)), (1, 9), (2, 5), (4, 90), (3, 20)),
    "an outage that one agent cannot keep up with": board(
        *((1, 3.0 + n) for n in range(12)), (4, -500), (3, 2), (2, 4)
    ),
}
FIRST = dict(zip(BOARDS, ([1005, 1001, 1004], [1009, 1011, 1005], [1001, 1002, 1004]), strict=True))
"""What a lead would say at once: what can be kept before it runs out, then what is over and severe."""


class Shown(NamedTuple):
    """A line of the list."""

    number: int
    severity: int
    is_lost: bool


def listed_on_the_board(folder: Path, tickets: list[Ticket]) -> tuple[list[Shown], str]:
    """The lines of the list, and what stands above it."""
    found: list[str] = []

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("t")
        await settle(pilot)
        found.extend(str(app.screen.query_one(f"#agenda-{part}", Static).content) for part in ("list", "counts"))

    on_board(LocalCopy(folder, tickets), act)
    lines = [LINE.match(line.lstrip("▌")) for line in found[0].splitlines()]
    return [Shown(int(line[3]), int(line[2]), bool(line[4])) for line in lines if line is not None], found[1]


def listed_by_the_command(tickets: list[Ticket], capsys: pytest.CaptureFixture[str], *answered: int) -> list[int]:
    files = select_desk(GlobalOptions()).files
    with Cache(files.cache, files.desk) as cache:
        cache.apply([replace(each, id=TicketId(files.desk, each.id.id)) for each in tickets], ())
    outbox = Outbox(files.outbox, files.desk)
    for number in answered:
        outbox.add(make_reply(TicketId(files.desk, str(number)), created_at=NOW))
    outbox.close()
    print_today(GlobalOptions(), None, as_json=True, now=NOW)
    return [int(each["ticket"]) for each in json.loads(capsys.readouterr().out)["order"]]


@pytest.mark.parametrize("name", BOARDS)
def test_walking_the_order_shows_what_the_list_says(tmp_path: Path, name: str) -> None:
    tickets = {int(each.id.id): each for each in BOARDS[name]}
    shown, above = listed_on_the_board(tmp_path, BOARDS[name])

    at, lost = timedelta(), set[int]()
    for line in shown:
        at += 2 * MINUTE
        ticket = tickets[line.number]
        due = packaged_calendar().add(ticket.created_at, packaged_policy().first_response(ticket.severity))
        room = packaged_calendar().between(NOW, due)
        lost |= {line.number} if timedelta() <= room < at else set()

    assert sorted(line.number for line in shown) == sorted(tickets)
    assert {line.number for line in shown if line.is_lost} == lost
    assert f"{len(lost)} more breach" in above if lost else "nothing more breaches" in above
    assert [line.number for line in shown][:3] == FIRST[name]


@pytest.mark.parametrize("name", BOARDS)
def test_no_severity_1_waits_behind_what_weighs_less_and_is_late_already(tmp_path: Path, name: str) -> None:
    shown, _ = listed_on_the_board(tmp_path, BOARDS[name])
    over = {int(each.id.id) for each in BOARDS[name] if left(1, each.severity or 3, 0).created_at > each.created_at}

    severities = [line.severity for line in shown if line.number in over]

    assert severities == sorted(severities)
    assert not any(line.is_lost and line.severity == 1 for line in shown) or name.startswith("an outage")


@pytest.mark.parametrize("name", BOARDS)
def test_command_lists_the_same_order(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown, _ = listed_on_the_board(tmp_path / "board", BOARDS[name])

    assert listed_by_the_command(BOARDS[name], capsys) == [line.number for line in shown]


def test_what_is_answered_and_waits_to_be_sent_is_no_task_anywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tickets = BOARDS["two run out in minutes, three are over"]
    desk = LocalCopy(tmp_path / "board", tickets)
    outbox = Outbox(desk.files.outbox, desk.files.desk)
    outbox.add(make_reply(ticket_key(1005), created_at=NOW))
    outbox.close()
    found: list[str] = []

    async def act(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("t")
        await settle(pilot)
        found.append(str(app.screen.query_one("#agenda-list", Static).content))

    on_board(desk, act)

    assert "#1005" not in found[0]
    assert 1005 not in listed_by_the_command(tickets, capsys, 1005)
    assert len(found[0].splitlines()) == 5
