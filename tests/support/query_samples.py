"""Generated tickets and queries, the same for the same seed, and what a query matches by looking at each ticket."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

import msgspec
from msgspec.structs import replace

from support.board_samples import ME, NOW
from support.policy_samples import packaged_calendar, packaged_policy
from support.sample_values import ticket_key
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.query.matching import TicketFacts, matches, term_holds, words_of
from supporttui.domain.query.query import Query, QueryContext, Term
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Conversation, Lifecycle, Message, Person, Role, Status, Ticket
from supporttui.domain.ticket_id import TicketId

ORDER = BoardOrder(packaged_policy(), Calendars(packaged_calendar()))
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


def malformed_query(random: Random) -> str:
    """A query with one mistake in it."""
    mistake = random.choice(
        (
            "sevv:1",
            "sev:9",
            "status:opne",
            "due:2h",
            "due<soon",
            "tag<3",
            "-",
            "unread:1",
            "sev:",
            "tag:a,,b",
            "!!",
            "#",
        )
    )
    parts = [sample_query(random), mistake, sample_query(random)]
    random.shuffle(parts)
    return " ".join(parts)


class Desk(msgspec.Struct, kw_only=True):
    """What there is to be queried."""

    tickets: Sequence[Ticket]
    people: Sequence[Person]
    conversations: Mapping[TicketId, Conversation]
    read_at: Mapping[TicketId, datetime]
    context: QueryContext


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


class NaiveFinder:
    """Looks at every ticket for every term; a term that comes again is answered from memory."""

    def __init__(self, desk: Desk) -> None:
        people = {each.id: each for each in desk.people}
        self._context = desk.context
        self._found: dict[Term, frozenset[TicketId]] = {}
        self._facts = [
            TicketFacts(
                ticket=each,
                position=ORDER.position(each, NOW),
                requester=people.get(each.requester_id),
                assignee=None if each.assignee_id is None else people.get(each.assignee_id),
                has_phrase=_phrase_finder(each, desk.conversations.get(each.id)),
                read_at=desk.read_at.get(each.id),
            )
            for each in desk.tickets
            if each.lifecycle is Lifecycle.LIVE
        ]
        self._everything = frozenset(each.ticket.id for each in self._facts)

    def find(self, query: Query) -> frozenset[TicketId]:
        """The tickets that match: those for which every term holds."""
        return self._everything.intersection(*(self._find(replace(term, start=0, end=0)) for term in query.terms))

    def find_by_matches(self, query: Query) -> frozenset[TicketId]:
        """The same by `matches` on every ticket."""
        return frozenset(each.ticket.id for each in self._facts if matches(query, each, self._context))

    def _find(self, term: Term) -> frozenset[TicketId]:
        if term not in self._found:
            self._found[term] = frozenset(
                each.ticket.id for each in self._facts if term_holds(term, each, self._context)
            )
        return self._found[term]


def _phrase_finder(ticket: Ticket, conversation: Conversation | None) -> Any:
    subject = _words(ticket.subject.raw)
    written = _words("\n".join(each.body.raw for each in conversation.messages)) if conversation is not None else ()

    def has_phrase(phrase: str, in_subject: bool) -> bool:
        wanted = _words(phrase)
        return _stands_in(wanted, subject) or (not in_subject and _stands_in(wanted, written))

    return has_phrase


@lru_cache(1 << 16)
def _words(text: str) -> tuple[str, ...]:
    return tuple(words_of(text))


def _stands_in(wanted: Sequence[str], words: Sequence[str]) -> bool:
    *first, last = wanted
    count = len(first)
    return any(
        list(words[at : at + count]) == first and words[at + count].startswith(last) for at in range(len(words) - count)
    )
