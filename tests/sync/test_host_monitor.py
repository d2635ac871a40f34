"""Sleep, a set clock, a process that stood still and another network are each noticed once."""

from datetime import UTC, datetime, timedelta

from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.engines import FAST_TIMINGS, WindowGroup
from support.sample_values import START
from supporttui.helpdesks.base import HelpDesk
from supporttui.sync.engine import LinkState
from supporttui.sync.watcher import HostMonitor

LOOK_S = 0.25


class Clocks:
    """The machine's two clocks and its addresses, as a test sets them."""

    def __init__(self) -> None:
        self.loop_s = 1000.0
        self.wall = START
        self.addresses: tuple[str, ...] = ("10.0.0.2",)
        self.machine = HostMonitor(lambda: self.wall, lambda: self.loop_s, lambda: self.addresses)

    def goes_on(self, loop_s: float = LOOK_S, wall_s: float | None = None) -> bool:
        self.loop_s += loop_s
        self.wall += timedelta(seconds=loop_s if wall_s is None else wall_s)
        return self.machine.has_changed(LOOK_S)

    def looks(self, times: int) -> int:
        return sum(self.goes_on() for _ in range(times))


def test_nothing_is_noticed_while_nothing_happens() -> None:
    assert Clocks().looks(1000) == 0


def test_sleep_and_a_set_clock_are_noticed_once() -> None:
    for wall_s in (3600.0, -3600.0):
        clocks = Clocks()
        assert clocks.goes_on(LOOK_S, wall_s)
        assert clocks.looks(100) == 0


def test_a_process_that_stood_still_is_noticed_once() -> None:
    clocks = Clocks()
    assert clocks.goes_on(60.0)
    assert clocks.looks(100) == 0


def test_another_network_is_noticed_once_and_having_none_is_left_to_the_link() -> None:
    clocks = Clocks()
    clocks.addresses = ()
    assert clocks.looks(100) == 0
    clocks.addresses = ("10.0.0.2",)
    assert clocks.looks(100) == 0
    clocks.addresses = ("192.168.1.7",)
    assert clocks.looks(100) == 1


def test_a_jump_of_the_clock_leads_to_one_quiet_resynchronisation(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    opened: list[int] = []
    ahead = [timedelta()]

    async def open_desk() -> HelpDesk:
        opened.append(1)
        return await desk.open_desk()

    engine = windows.live(open_desk, now=lambda: datetime.now(UTC) + ahead[0], timings=FAST_TIMINGS)
    links: list[LinkState] = []

    def link_after(number: int) -> bool:
        links.append(engine.status.link)
        return len(opened) == number and links[-1] is LinkState.LIVE

    ahead[0] = timedelta(hours=2)
    wait_until(lambda: link_after(2))
    assert set(links) <= {LinkState.LIVE, LinkState.CONNECTING}
    assert len(opened) == 2
