"""The data that the terminal benchmark runs on: a desk's tickets, written into a local copy or into a desk's database.

    python tests/bench/seeding.py FOLDER [--count 10000] [--mix hours|last-hour|scale]

makes a desk that `supporttui serve` can serve, with the configuration that its clocks go by, and prints how to open it.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.sample_values import DESK, ticket_key
from supporttui.cli.calendar_cache import compile_calendars
from supporttui.config import load_settings
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Person, Role, Status, Ticket
from supporttui.store.cache import Cache
from supporttui.store.ticket_order import TicketOrder

AGENT: Final = Person(1, OutsideText("Kim Lee"), OutsideText("kim@desk.example"), Role.ADMIN)
MARKER: Final = "marked last"
"""Stands in one subject that the first screen shows, so that the benchmark knows when rows are there."""
TARGETS: Final = {1: timedelta(hours=4), 2: timedelta(hours=24), 3: timedelta(hours=48), 4: timedelta(hours=120)}
CONFIG: Final = """\
[policy.hours]
zone = "UTC"
business_day = "24 hours"
monday = ["00:00-24:00"]
tuesday = ["00:00-24:00"]
wednesday = ["00:00-24:00"]
thursday = ["00:00-24:00"]
friday = ["00:00-24:00"]
saturday = ["00:00-24:00"]
sunday = ["00:00-24:00"]

[policy.holidays]
calendar = "none"
"""
"""Support that never closes: the clocks run whenever the benchmark does."""

RUNNING: Final = (Status.NEW, Status.OPEN, Status.AWAITING_REPLY, Status.ON_HOLD)
WORDS: Final = {
    Status.NEW: "new",
    Status.OPEN: "open",
    Status.AWAITING_REPLY: "pending",
    Status.ON_HOLD: "hold",
    Status.CLOSED: "solved",
}
VISIBLE: Final = 150
"""Running clocks in view, with one line a ticket in a terminal of 200x50."""
_PEOPLE: Final = 500
_WORDS: Final = (
    *("Board", "export", "login", "slow", "blank", "after", "update", "invoice", "sync", "stops", "mobile", "search"),
    *("report", "wrong", "total", "webhook", "retries", "missing", "attachment", "timezone", "calendar", "import"),
)


class Mix(Enum):
    """Which clocks the tickets have."""

    HOURS = "hours"
    """Four in five have more than an hour left, all in view."""
    LAST_HOUR = "last-hour"
    """Every clock is in its last hour, all in view."""
    STILL = "still"
    """Every clock has been met: nothing ticks."""
    PILE = "pile"
    """The same in a single pane, so that a small desk has something to scroll, too."""
    SCALE = "scale"
    """A large desk: a fifth in each pane, as many clocks breached, in their last hour and far from it."""


FIRST_HAS_LEFT: Final = {Mix.SCALE: timedelta(hours=-112), Mix.PILE: timedelta(hours=-112), Mix.STILL: timedelta(-30)}
"""What the marked ticket has left where that decides which one stands first, or else how old it is."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """One ticket of the benchmark."""

    id: int
    subject: str
    status: Status
    severity: int
    requester_id: int
    assignee_id: int | None
    created_at: datetime
    replied_at: datetime | None = None


def seeded_tickets(count: int, mix: Mix, now: datetime) -> Iterator[Seeded]:
    """Tickets by which clocks stand at `now` as the mix says; the same for the same arguments."""
    dice = random.Random(7)
    for index in range(count):
        status, left = _course(index, mix, dice)
        severity = 1 + dice.randrange(4)
        created_at = min(now - timedelta(minutes=1), now + left - TARGETS[severity]).replace(microsecond=0)
        title = " ".join(dice.sample(_WORDS, 4 + dice.randrange(3))).capitalize()
        yield Seeded(
            id=1000 + index,
            subject=f"{MARKER} {title}" if index == 0 else title,
            status=status,
            severity=severity,
            requester_id=100 + dice.randrange(_PEOPLE),
            assignee_id=AGENT.id if dice.random() < 0.2 else None,
            created_at=created_at,
            replied_at=created_at + timedelta(minutes=3) if mix is Mix.STILL else None,
        )


def _course(index: int, mix: Mix, dice: random.Random) -> tuple[Status, timedelta]:
    """The status of a ticket and how much its clock has left."""
    if index == 0:  # stands first in the first pane, whatever the others are
        return Status.NEW, FIRST_HAS_LEFT.get(mix, timedelta(minutes=15, seconds=5))
    if mix in (Mix.SCALE, Mix.PILE):
        status = Status.NEW if mix is Mix.PILE else [*RUNNING, Status.CLOSED][index % 5]
        return status, timedelta(seconds=dice.randrange(-400_000, 400_000))
    status = RUNNING[index % 4] if index < VISIBLE else Status.CLOSED
    soon = timedelta(seconds=dice.randrange(16 * 60, 59 * 60))
    if mix is Mix.LAST_HOUR or index % 5 == 1:
        return status, soon
    return status, timedelta(seconds=dice.randrange(4_000, 14_000))


def people() -> list[Person]:
    """The agent and those who ask."""
    asking = [
        Person(
            100 + index,
            OutsideText(f"Person {index}"),
            OutsideText(f"p{index}@customer.example"),
            organization=OutsideText(f"Company {index % 60}"),
        )
        for index in range(_PEOPLE)
    ]
    return [AGENT, *asking]


# -- into a local copy ------------------------------------------------------------------------------------------------


def as_ticket(one: Seeded) -> Ticket:
    """The ticket as the desk would report it."""
    closed_at = one.created_at + timedelta(minutes=5) if one.status is Status.CLOSED else None
    return Ticket(
        id=ticket_key(one.id),
        subject=OutsideText(one.subject),
        status=one.status,
        desk_status=OutsideText(WORDS[one.status]),
        requester_id=one.requester_id,
        created_at=one.created_at,
        updated_at=one.created_at,
        version="1",
        severity=one.severity,
        assignee_id=one.assignee_id,
        group=OutsideText("Support"),
        status_changed_at=one.created_at,
        customer_wrote_at=one.created_at,
        first_reply_at=one.replied_at,
        replied_at=one.replied_at,
        closed_at=closed_at,
    )


def configured_hours() -> tuple[ServicePolicy, Calendars]:
    """The policy and the calendars of `CONFIG`, compiled as the program does."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(CONFIG)
        file.flush()
        policy = load_settings(Path(file.name), {}).policy
    return policy, compile_calendars(policy, datetime.now(UTC).year)


def fill_copy(path: str, tickets: Iterable[Ticket]) -> None:
    """Write tickets and people into a local copy."""
    policy, calendars = configured_hours()
    order = BoardOrder(policy, calendars)
    with Cache(path, DESK, TicketOrder(order)) as cache:
        cache.order.begin()
        cache.apply(tickets, people(), cursor="export:here")


# -- into a desk's database -------------------------------------------------------------------------------------------


def fill_desk(folder: Path, tickets: Sequence[Seeded]) -> str:
    """Make a desk's database with its people and these tickets; the agent's token."""
    from sqlalchemy import insert

    from supporttui.server import schema
    from supporttui.server.database import open_database, write
    from supporttui.server.people import issue_token

    engine = open_database(f"sqlite:///{folder}/desk.db")
    at = datetime.now(UTC) - timedelta(days=400)
    with write(engine) as connection:
        connection.execute(insert(schema.users), [_user_row(person, at) for person in people()])
        connection.execute(insert(schema.tickets), [_ticket_row(one, change_id=one.id) for one in tickets])
        connection.execute(insert(schema.events), [_event_row(one.id, one.id, one.created_at) for one in tickets])
        token = issue_token(connection, email=AGENT.email.raw, at=at)
    engine.dispose()
    return token


def change_desk(folder: Path, tickets: Sequence[Seeded], at: datetime) -> None:
    """Have all these tickets changed on the desk at once: their subjects, and the clocks by their severities."""
    from sqlalchemy import bindparam, insert, update

    from supporttui.server import schema
    from supporttui.server.database import open_database, write
    from supporttui.server.desk import newest_event

    engine = open_database(f"sqlite:///{folder}/desk.db")
    with write(engine) as connection:
        first = newest_event(connection) + 1
        change = (
            update(schema.tickets)
            .where(schema.tickets.c.id == bindparam("which"))
            .values(subject=bindparam("said"), updated_at=at, change_id=bindparam("change"))
        )
        said = [
            {"which": one.id, "said": f"changed {one.subject}", "change": first + n} for n, one in enumerate(tickets)
        ]
        connection.execute(insert(schema.events), [_event_row(first + n, one.id, at) for n, one in enumerate(tickets)])
        connection.execute(change, said)
    engine.dispose()


def _user_row(person: Person, at: datetime) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name.raw,
        "email": person.email.raw,
        "role": person.role.value,
        "created_at": at,
        "updated_at": at,
    }


def _event_row(event_id: int, ticket_number: int, at: datetime) -> dict[str, Any]:
    return {"id": event_id, "ticket_id": ticket_number, "is_public": True, "created_at": at}


def _ticket_row(one: Seeded, change_id: int) -> dict[str, Any]:
    closed_at = one.created_at + timedelta(minutes=5) if one.status is Status.CLOSED else None
    return {
        "id": one.id,
        "change_id": change_id,
        "subject": one.subject,
        "description": "It stays empty.",
        "description_is_public": True,
        "is_public": True,
        "status": WORDS[one.status],
        "priority": {1: "urgent", 2: "high", 3: "normal", 4: "low"}[one.severity],
        "requester_id": one.requester_id,
        "submitter_id": one.requester_id,
        "assignee_id": one.assignee_id,
        "tags": "[]",
        "via_channel": "web",
        "created_at": one.created_at,
        "updated_at": one.created_at,
        "status_updated_at": one.created_at,
        "requester_updated_at": one.created_at,
        "latest_comment_at": one.created_at,
        "solved_at": closed_at,
        "first_solved_at": closed_at,
        "first_reply_at": one.replied_at,
        "replies": 0 if one.replied_at is None else 1,
        "reopens": 0,
        "assignee_stations": 0,
        "hold_s": 0,
        "pending_s": 0,
    }


def main() -> None:
    """Make a desk for trying things by hand."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("folder", type=Path)
    reader.add_argument("--count", type=int, default=10_000)
    reader.add_argument("--mix", choices=[mix.value for mix in Mix], default=Mix.SCALE.value)
    asked = reader.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    config = asked.folder / "config.toml"
    config.write_text(CONFIG)
    token = fill_desk(asked.folder, list(seeded_tickets(asked.count, Mix(asked.mix), datetime.now(UTC))))
    database = f"sqlite:///{asked.folder.absolute()}/desk.db"
    print(f"supporttui --config {config} serve --uds {asked.folder}/s --database {database}")
    print(
        f"SUPPORTTUI_URL=unix:{asked.folder.absolute()}/s SUPPORTTUI_EMAIL={AGENT.email.raw} SUPPORTTUI_TOKEN={token} "
        f"supporttui --config {config}"
    )


if __name__ == "__main__":
    main()
