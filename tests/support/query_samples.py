"""Generated tickets and queries, right ones and malformed ones, the same for the same seed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from support.board_samples import ME, NOW
from support.policy_samples import packaged_calendar
from support.sample_values import ticket_key
from supporttui.domain.query.query import QueryContext
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import Conversation, Lifecycle, Message, Person, Role, Status, Ticket
from supporttui.domain.ticket_id import TicketId

WORDS = (
    "sync",
    "stops",
    "Stopped",
    "login",
    "Café",
    "cafe",
    "printer",
    "東京",
    "error",
    "500",
    "on-call",
    "naïve",
    "a",
    "42",
)
TAGS = ("vip", "bug", "Gold", "résumé", "eu-1")
GROUPS = ("Billing", "billing eu", "Tier 2", None)
NAMES = ("Ann Lee", "Bob Stone", "Åsa Öberg", "Lee Ann", "Me Nobody", "None Such")
ORGANIZATIONS = ("Acme Robotics", "acme GmbH", "Northwind", None)
DAY = timedelta(days=1)


def sample_people(random: Random, number: int) -> list[Person]:
    """Requesters and agents, `ME` among them."""
    people = [
        Person(
            100 + index,
            OutsideText(f"{random.choice(NAMES)} {index % 7}"),
            OutsideText(f"{random.choice(('ann', 'bob', 'zoe'))}{index}@{random.choice(('acme', 'north'))}.example"),
            Role.AGENT if index < number // 8 else Role.END_USER,
            None if (name := random.choice(ORGANIZATIONS)) is None else OutsideText(name),
        )
        for index in range(number)
    ]
    return [ME, *people]


def sample_tickets(random: Random, number: int, people: Sequence[Person]) -> list[Ticket]:
    """Tickets in all statuses, some of them merged, of the last ten days and some older."""
    agents = [each.id for each in people if each.role is not Role.END_USER]
    return [_ticket(random, ticket_key(index), people, agents) for index in range(1, number + 1)]


def _ticket(random: Random, ticket_id: TicketId, people: Sequence[Person], agents: Sequence[int]) -> Ticket:
    status = random.choice(list(Status))
    created_at = NOW - timedelta(minutes=random.choice((random.randrange(600), random.randrange(20_000))))
    minutes = int((NOW - created_at) / timedelta(minutes=1))

    def after() -> datetime | None:
        return created_at + timedelta(minutes=random.randrange(minutes + 1)) if random.random() < 0.5 else None

    replied_at = None if status is Status.NEW else after()
    changed_at = after() or created_at
    return Ticket(
        id=ticket_id,
        subject=OutsideText(_sentence(random)),
        status=status,
        desk_status=OutsideText(status.value),
        requester_id=random.choice(people).id,
        created_at=created_at,
        updated_at=max(created_at, changed_at, replied_at or created_at),
        version="v1",
        severity=random.choice((1, 2, 3, 4, None)),
        assignee_id=random.choice((None, ME.id, *random.choices(agents, k=3))),
        group=None if (group := random.choice(GROUPS)) is None else OutsideText(group),
        tags=tuple(map(OutsideText, random.sample(TAGS, random.choice((0, 0, 1, 2))))),
        status_changed_at=changed_at,
        first_reply_at=replied_at,
        replied_at=replied_at,
        customer_wrote_at=after() or created_at,
        closed_at=changed_at if status is Status.CLOSED else None,
        lifecycle=Lifecycle.LIVE if random.random() < 0.95 else Lifecycle.MERGED,
    )


def _sentence(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=random.randint(1, 4)))


def sample_conversations(random: Random, tickets: Sequence[Ticket]) -> list[Conversation]:
    """What was written on some of them."""
    return [
        Conversation(
            ticket_id=ticket.id,
            messages=tuple(
                Message(
                    id=number,
                    author_id=ticket.requester_id,
                    body=OutsideText(_sentence(random)),
                    is_public=True,
                    created_at=ticket.created_at,
                )
                for number in range(random.randint(1, 3))
            ),
            history=(),
            last_audit_id=1,
            ticket_version=ticket.version,
        )
        for ticket in tickets
    ]


def sample_query(random: Random) -> str:
    """A query of one to four terms."""
    return " ".join(random.choice(("", "", "", "-")) + _term(random) for _ in range(random.choice((1, 1, 2, 2, 3, 4))))


VALUES = {
    "sev:": ("1", "2,3", "none", "4,none"),
    "status:": ("new", "open,hold", "awaiting", "closed", "solved,new"),
    "assignee:": ("me", "none", "ann", "Lee", "bob1", "me,none", "asa", "@acme"),
    "requester:": ("me", "acme", "öberg", "Ann", "zoe", '"Bob Stone"', "x,acme"),
    "org:": ("acme", "none", "NORTH", '"acme robotics"', "gmbh,none"),
    "group:": ("billing", "none", "tier", '"tier 2"', "eu"),
    "tag:": ("vip", "BUG", "gold", "resume", "none", "vip,bug", "vi"),
    "subject:": ("sync", "st", '"sync stops"', "cafe", "東京", "call"),
    "created:": ("today", "yesterday", "2026-11-20"),
    "due:": ("none",),
    "id:": ("3,12", "7", "99999"),
    "": (
        *("sync", '"sync sto"', "CAFÉ", "on-call", "500", "42", "東", '"stops a"', "nai", "err", "#7", "7"),
        *("mine", "unassigned", "unread", "waiting", "overdue", "breached", "draft", "unsent"),
    ),
}
SPANS = ("0m", "30m", "2h", "1d", "3d", "1w", "9h", "1d4h")
DATES = ("today", "yesterday", "2026-11-20", "2026-11-23", "2026-02-01")
COMPARED = {
    "sev": ("1", "2", "3", "4"),
    "status": ("open", "hold", "closed"),
    "due": SPANS,
    "waiting": SPANS,
    "created": (*SPANS, *DATES),
    "updated": (*SPANS, *DATES),
}


def _term(random: Random) -> str:
    if random.random() < 0.35:
        name = random.choice([*COMPARED])
        return name + random.choice(("<", "<=", ">", ">=")) + random.choice(COMPARED[name])
    name = random.choice([*VALUES, "", "", ""])
    return name + random.choice(VALUES[name])


class MalformedQuery(NamedTuple):
    """A text with one mistake in it, and the place at which that has to be explained."""

    text: str
    start: int
    end: int


_NAMED = (
    "sev",
    "status",
    "assignee",
    "requester",
    "org",
    "group",
    "tag",
    "subject",
    "text",
    "id",
    "created",
    "updated",
)
_TEXTS = ("org", "group", "tag", "subject", "text", "id", "assignee", "requester")
_SPANNED = ("due", "waiting", "created", "updated")
_SIGNS = ("<", "<=", ">", ">=")


def malformed_query(random: Random) -> MalformedQuery:
    """A query with one mistake among terms that are right."""
    before, mistake, after = random.choice(("", sample_query(random) + " ")), _mistake(random), sample_query(random)
    head, place, tail = mistake
    start = len(before) + len(head)
    return MalformedQuery(f"{before}{head}{place}{tail}{random.choice(('', ' ' + after))}", start, start + len(place))


def _mistake(random: Random) -> tuple[str, str, str]:
    """A term that is none: what stands before the place of its mistake, the place, and what stands behind it."""
    sign, number = random.choice(_SIGNS), random.randrange(10_000)
    head, place, tail = random.choice(
        (
            ("", f"{random.choice(_NAMED)}x{_letters(random)}", f":{number}"),
            ("", random.choice(("unread", "mine", "draft", "overdue", "breached")), f":{number}"),
            ("sev:", str(5 + number), ""),
            (f"sev:{random.randrange(1, 5)},", _letters(random), ""),
            (f"sev{sign}", random.choice(("none", "1,2", "high")), ""),
            ("status:", f"{_letters(random)}q", ""),
            (f"status{sign}", "none", ""),
            (random.choice(_TEXTS), sign, str(number)),
            ("waiting", ":", "1d"),
            (f"{random.choice(_NAMED)}", ":", ""),
            (f"{random.choice(_SPANNED)}{sign[:-1]}", sign[-1], ""),
            (f"tag:{_letters(random)}", ",", f",{_letters(random)}"),
            (f"{random.choice(_SPANNED)}{sign}", f"{number}{random.choice('xyz')}", ""),
            (
                f"{random.choice(('created', 'updated', 'due'))}:",
                f"{random.randrange(1, 999)}{random.choice('mhd')}",
                "",
            ),
            (f"created{sign}", f"2026-{random.choice(('02-30', '13-01', '00-10', '11-31'))}", ""),
            (f"updated{sign}", f"{random.randrange(1000, 1971)}-01-01", ""),
            (f"{random.choice(('text', 'subject'))}:", random.choice(("!!", "--", "…")), ""),
            ("", random.choice(("!!!", "***", "?", "(", "…")), ""),
            ("", "#", ""),
            ("id:", "#", ""),
            ("", "-", ""),
        )
    )
    is_negated = place != "-" and random.random() < 0.2
    return ("-" if is_negated else "") + head, place, tail


def _letters(random: Random) -> str:
    return "".join(random.choices("bcdfgjkqvwz", k=random.randint(2, 6)))


def sample_context(**changes: Any) -> QueryContext:
    """The moment of the samples."""
    values: dict[str, Any] = {
        "now": NOW,
        "zone": packaged_calendar().zone,
        "my_id": ME.id,
        "open_us": packaged_calendar().moment(NOW).open_us,
        "business_day": timedelta(hours=9),
        "draft_ids": frozenset({ticket_key(3), ticket_key(12)}),
        "unsent_ids": frozenset({ticket_key(12), ticket_key(20)}),
    }
    return QueryContext(**{**values, **changes})
