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
from supporttui.domain.ticket import Person, Role, Status, Ticket
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
        external_id=OutsideText(external) if external else None,
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
