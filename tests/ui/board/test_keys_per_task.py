"""How many keys the usual tasks take on two thousand tickets, with the default keys that the README names."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from support.app_driver import screen_text, settle
from support.board_samples import ME, NOW, LocalCopy, sample_ticket
from support.policy_samples import packaged_rules
from support.sample_values import ticket_key
from supporttui.domain.sla import ClockState, ticket_clocks, worst_clock
from supporttui.domain.ticket import Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.ui.app import SupportApp
from supporttui.ui.panes.status_pane import StatusPane
from supporttui.ui.ticket.screen import TicketScreen

COUNT = 2_000
NOUNS = ("printer", "board", "login", "invoice", "export", "webhook", "calendar")
VERBS = ("stops", "burns", "vanishes", "repeats", "lags", "fails", "leaks", "hangs", "stutters", "jams", "blinks")
STATUSES = (Status.NEW, Status.OPEN, Status.AWAITING_REPLY, Status.ON_HOLD, Status.CLOSED)


def all_tickets() -> Iterator[Ticket]:
    for number in range(1, COUNT + 1):
        subject = f"{NOUNS[number % 7]} {VERBS[number % 11]} in room {number}"
        yield sample_ticket(
            number,
            "carburettor sneezes at dawn" if number == 777 else subject,
            STATUSES[number % 5],
            severity=1 + number % 4,
            ago=timedelta(minutes=7 + number * 3),
            answered_after=timedelta(minutes=5) if number % 7 == 0 else None,
            in_status=timedelta(minutes=number),
            assignee=1 + number % 3,
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> LocalCopy:
    return LocalCopy(tmp_path_factory.mktemp("desk"), all_tickets())


class CountedKeys:
    """Presses keys and counts them."""

    def __init__(self, app: SupportApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self.count = 0

    async def press(self, *keys: str) -> None:
        self.count += len(keys)
        await self.pilot.press(*keys)
        await settle(self.pilot)

    async def types(self, words: str) -> None:
        """What is looked for; it is not counted."""
        await self.pilot.press(*("space" if each == " " else each for each in words))

    def shown(self) -> set[TicketId]:
        panes = self.app.screen.query(StatusPane)
        return {each for pane in panes for each in pane.view.rows.ids()}


def on_board(desk: LocalCopy, act: Callable[[CountedKeys], Awaitable[None]]) -> None:
    async def run() -> None:
        app = SupportApp(desk.app_context())
        async with app.run_test(size=(120, 36)) as pilot:
            await settle(pilot)
            try:
                await act(CountedKeys(app, pilot))
            finally:
                app.model.choices.remove_filter()
                app.model.choices._file.wait()

    asyncio.run(run())


def test_a_ticket_is_found_by_two_words_and_read_with_three_keys_beside_them(desk: LocalCopy) -> None:
    async def act(keys: CountedKeys) -> None:
        await keys.press("slash")
        await keys.types("carburettor dawn")
        await keys.press("enter")
        await keys.press("enter")
        assert isinstance(keys.app.screen, TicketScreen)
        assert "carburettor sneezes at dawn" in screen_text(keys.app)
        assert keys.count == 3
        print("a ticket by two words of its subject: 3 keys beside the words")

    on_board(desk, act)


def is_urgent_and_mine(ticket: Ticket) -> bool:
    """By a plain loop, what the view asks of the cache."""
    rules = packaged_rules()
    clock = worst_clock(ticket_clocks(ticket, *rules, ()), NOW)
    reading = clock.read(NOW)
    is_open = reading.state in (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED)
    return (
        ticket.assignee_id == ME.id
        and ticket.severity in (1, 2)
        and is_open
        and ticket.status is not Status.CLOSED
        and reading.remaining < timedelta(hours=2)
    )


def test_my_severity_1_and_2_that_are_due_within_two_hours_take_one_key(desk: LocalCopy) -> None:
    wanted = {ticket.id for ticket in all_tickets() if is_urgent_and_mine(ticket)}

    async def act(keys: CountedKeys) -> None:
        await keys.press("f2")
        assert keys.shown() == wanted
        assert 1 <= len(wanted) < COUNT
        assert keys.count == 1
        print("my severity 1 and 2 that are due within two hours: 1 key")

    on_board(desk, act)


def test_the_customers_other_tickets_take_one_key_from_a_row(desk: LocalCopy) -> None:
    async def act(keys: CountedKeys) -> None:
        row = keys.app.screen.query_one("#pane-new", StatusPane).cursor_row
        assert row is not None
        requester_id = row.ticket.requester_id
        await keys.press("c")
        recent = NOW - timedelta(days=7)
        wanted = {
            each.id
            for each in all_tickets()
            if each.requester_id == requester_id and (each.closed_at is None or each.closed_at >= recent)
        }
        assert keys.shown() == wanted
        assert len(wanted) > 1
        assert keys.count == 1
        print("the customer's other tickets: 1 key")

    on_board(desk, act)


def test_the_previous_ticket_again_takes_one_key(desk: LocalCopy) -> None:
    async def act(keys: CountedKeys) -> None:
        for number in ("777", "778"):
            await keys.press("g", *number, "enter", "enter")
            assert isinstance(keys.app.screen, TicketScreen)
            if number == "777":
                await keys.press("escape")
        keys.count = 0
        await keys.press("backspace")
        assert isinstance(keys.app.screen, TicketScreen)
        assert keys.app.screen.ticket_at_hand == ticket_key(777)
        assert keys.count == 1
        print("the previous ticket again: 1 key")

    on_board(desk, act)
