"""A local copy with sample tickets at a fixed instant, and engines that never start, for tests of the board."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from support.policy_samples import packaged_calendar, packaged_policy, packaged_rules
from support.sample_values import DESK, ticket_key
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Attachment, Conversation, Message, Person, Role, Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import Account, Capabilities, HelpDesk, Unreachable
from supporttui.presentation.app_context import AppContext
from supporttui.store.cache import Cache
from supporttui.store.operations import Operation, StoreFiles
from supporttui.store.ticket_order import TicketOrder
from supporttui.sync.engine import Engine, EngineStatus, LinkState

NOW = datetime(2026, 11, 23, 19, 31, 12, tzinfo=UTC)
"""Monday 14:31:12 in New York: support is open until 17:00."""

ME = Person(1, OutsideText("Kim Lee"), OutsideText("kim@acme.example"), Role.AGENT)
AGENTS = (
    ME,
    Person(2, OutsideText("Robin Tan"), OutsideText("robin@acme.example"), Role.AGENT),
    Person(3, OutsideText("Sasha Orlov"), OutsideText("sasha@acme.example"), Role.ADMIN),
)
CUSTOMERS = tuple(
    Person(
        100 + index,
        OutsideText(f"Person {index}"),
        OutsideText(f"p{index}@example.com"),
        organization=OutsideText(organization),
    )
    for index, organization in enumerate(
        ("Acme Robotics", "Northwind", "Bluebird", "Contoso", "Umbrella Health", "日本印刷株式会社", "Hooli", "Wonka")
    )
)


def sample_ticket(
    ticket_id: TicketId | int,
    subject: str,
    status: Status = Status.NEW,
    *,
    severity: int | None = 2,
    ago: timedelta = timedelta(hours=1),
    answered_after: timedelta | None = None,
    wrote_ago: timedelta | None = None,
    in_status: timedelta | None = None,
    assignee: int | None = None,
    external: str | None = None,
) -> Ticket:
    """A ticket that was created so long ago."""
    created_at = NOW - ago
    replied_at = created_at + answered_after if answered_after is not None else None
    status_changed_at = NOW - in_status if in_status is not None else replied_at or created_at
    key = ticket_key(ticket_id)
    return Ticket(
        id=key,
        subject=OutsideText(subject),
        status=status,
        desk_status=OutsideText(status.value),
        requester_id=100 + int(key.id.rpartition("-")[2]) % len(CUSTOMERS),
        created_at=created_at,
        updated_at=created_at,
        version="v1",
        severity=severity,
        assignee_id=assignee,
        development_ticket=OutsideText(external) if external else None,
        status_changed_at=status_changed_at,
        first_reply_at=replied_at,
        replied_at=replied_at,
        customer_wrote_at=NOW - wrote_ago if wrote_ago is not None else created_at,
        closed_at=status_changed_at if status is Status.CLOSED else None,
    )


class StubEngine(Engine):
    """An engine that never starts: its status is what the test says, and what is submitted stays where it is."""

    def __init__(self, files: StoreFiles) -> None:
        async def nobody_there() -> HelpDesk:
            raise Unreachable("Nobody is there.")

        super().__init__(nobody_there, files, rules=packaged_rules(), on_change=lambda: None)
        self.shown_status = EngineStatus(
            link=LinkState.LIVE,
            last_sync_at=NOW,
            account=Account(
                me=ME,
                desk_name=OutsideText("Acme Support"),
                capabilities=Capabilities(can_hold=True, pushes=True, idempotent_writes=True, checks_versions=True),
            ),
            loaded=True,
        )
        self.submitted: list[Operation] = []
        self.prefetched: list[TicketId] = []

    def start(self) -> None:
        """Do nothing."""

    def stop(self, grace_s: float = 5.0) -> None:
        """Do nothing."""

    @property
    def status(self) -> EngineStatus:
        """What the test says."""
        return self.shown_status

    def submit(self, operation: Operation, draft_id: str | None = None) -> None:
        """Keep it."""
        self.submitted.append(operation)

    def prefetch_conversation(self, ticket_id: TicketId) -> None:
        """Note it."""
        self.prefetched.append(ticket_id)

    def say(self, **changes: object) -> None:
        """Have another status."""
        self.shown_status = replace(self.shown_status, **changes)


class LocalCopy:
    """One local copy, its engine, and a clock that the test moves."""

    def __init__(self, folder: Path, tickets: Iterable[Ticket]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.files = StoreFiles(
            desk=DESK,
            cache=str(folder / "cache.db"),
            outbox=str(folder / "outbox.db"),
            downloads=str(folder / "downloads"),
            sla_records=str(folder / "sla.db"),
        )
        self.now = NOW
        self.cache = self._opened(packaged_policy(), Calendars(packaged_calendar()))
        self.cache.apply(tickets, (*AGENTS, *CUSTOMERS))
        self.engine = StubEngine(self.files)
        self.policy = packaged_policy()

    def app_context(self, *, is_wall: bool = False, is_demo: bool = False) -> AppContext:
        """What the app is given."""
        return AppContext(
            files=self.files,
            connect=lambda _on_change: self.engine,
            policy=self.policy,
            calendar=packaged_calendar(),
            desk_label="desk.example",
            now=lambda: self.now,
            is_wall=is_wall,
            is_demo=is_demo,
        )

    def reorder(self, policy: ServicePolicy, calendars: Calendars) -> None:
        """Sort the tickets under another policy, as an engine would."""
        self.cache.close()
        self.cache = self._opened(policy, calendars)
        while self.cache.order.reorder(100):
            pass

    def _opened(self, policy: ServicePolicy, calendars: Calendars) -> Cache:
        cache = Cache(self.files.cache, self.files.desk, TicketOrder(BoardOrder(policy, calendars), lambda: self.now))
        cache.order.begin()
        return cache


ODD_TEXTS = (
    "日本印刷株式会社の注文が同期されない、今朝から全員が待っている",
    "👩‍👩‍👧‍👦 the family plan 🏳️‍🌈 and a 👍🏽 from 🇩🇪 🇯🇵 🇧🇷 for it",
    "لا يتم تحميل اللوحة منذ الترقية هذا الصباح",
    "הלוח לא נטען מאז השדרוג של הבוקר לכל המשרד",
    "Zu\u0308rich cafe\u0301 n\u0303a\u0303o Z\u0351\u036b\u0343\u036a\u0302\u036ba\u0321l\u0334g\u0335o\u0336 text",
    "zero\u200bwidth\u200cand\u2060joined\ufeff words\u00ad with soft\u00adhyphens",
    "한국어 제목이 붙은 긴 문의 사항입니다 그리고 조금 더",
    "a plain subject that is far longer than what any of these panes would ever have room for, and then some more",
)
"""Wide characters, sequences of emoji, right to left, marks that combine, and what takes no room at all."""


def marked(number: int, text: str) -> OutsideText:
    """A text whose beginning and end can be found on the screen, to see whether all of it is there."""
    return OutsideText(f"[[{number}:{text}:{number}]]")


def varied_desk(folder: Path) -> LocalCopy:
    """Tickets in every status, with every kind of clock, and odd texts wherever somebody else writes one."""
    people = [
        Person(
            200 + n, marked(1000 + n, text[:40]), OutsideText(f"p{n}@x.example"), organization=marked(2000 + n, text)
        )
        for n, text in enumerate(ODD_TEXTS)
    ]
    ages = (0.2, 2.5, 3.2, 3.8, 6, 30, 100)
    tickets = []
    for number in range(1, 57):
        status = [*Status][number % len(Status)]
        answered = status is not Status.NEW and number % 3 > 0
        ago = timedelta(hours=ages[number % len(ages)])
        one = sample_ticket(
            number,
            "",
            status,
            severity=(None, 1, 2, 3, 4)[number % 5 if number > 5 else 1],
            ago=ago,
            answered_after=ago / (2 if number % 2 else 1.01) if answered else None,
            wrote_ago=timedelta(minutes=20) if number % 4 == 0 else None,
            assignee=(None, 1, 2)[number % 3],
        )
        text = ODD_TEXTS[number % len(ODD_TEXTS)]
        tags = tuple(marked(3000 + 8 * number + n, ODD_TEXTS[(number + n) % 8][:12]) for n in range(3))
        requester_id = 200 + number % len(people)
        tickets.append(replace(one, subject=marked(number, text), tags=tags, requester_id=requester_id))
    desk = LocalCopy(folder, tickets)
    desk.cache.apply(tickets, people)
    for one in tickets:
        desk.cache.save_conversation(_varied_conversation(one), one, people)
    return desk


def _varied_conversation(ticket: Ticket) -> Conversation:
    """From the customer with a link and files, an automatic answer, a note, a reply, and the customer again."""
    link, text = "https://status.example/board?id=7", ODD_TEXTS[int(ticket.id.id) % len(ODD_TEXTS)]
    files = tuple(
        Attachment(
            id=n,
            file_name=marked(4000 + n, each[:30]),
            content_type=OutsideText("text/plain"),
            size_bytes=9_000,
            url=OutsideText(f"https://desk.example/{n}"),
        )
        for n, each in enumerate(ODD_TEXTS)
    )
    authors = (ticket.requester_id, ME.id, ME.id, AGENTS[1].id, ticket.requester_id)
    messages = [
        Message(
            id=100 * int(ticket.id.id) + n,
            author_id=author,
            body=OutsideText(f"Message {n}: {text}\n\nsee {link}\n> quoted\n1. first"),
            is_public=n != 2,
            created_at=NOW - timedelta(hours=5 - n, minutes=3),
            is_automatic=n == 1,
            attachments=files if n == 0 else (),
        )
        for n, author in enumerate(authors)
    ]
    return Conversation(
        ticket_id=ticket.id, messages=tuple(messages), history=(), last_audit_id=1, ticket_version=ticket.version
    )
