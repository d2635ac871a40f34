"""`ctrl+p` goes everywhere: actions, tickets by number and words, people; what was used last comes first."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from textual.pilot import Pilot

from support.app_driver import screen_text
from support.board_samples import LocalCopy, sample_ticket
from support.sample_values import ticket_key
from supporttui.domain.ticket import Status
from supporttui.presentation.palette import PaletteEntry, PaletteSource, RecentChoices, ordered
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.dialogs.commands import CommandsScreen
from supporttui.ui.dialogs.help import HelpScreen
from supporttui.ui.ticket.screen import TicketScreen

Scene = Callable[[SupportApp, Pilot[None]], Awaitable[None]]
HOUR = timedelta(hours=1)


def desk_in(folder: Path) -> LocalCopy:
    subjects = ("Printer on fire", "Sync stops after a day", "The printer is wet", "Login fails [bold]\x1b[31m")
    tickets = [sample_ticket(n, subject, Status.OPEN, ago=n * HOUR) for n, subject in enumerate(subjects, 1)]
    return LocalCopy(folder, tickets)


def played(desk: LocalCopy, scene: Scene, *sources: PaletteSource) -> None:
    async def run() -> None:
        app = SupportApp(desk.app_context())
        app.navigator.palette_sources.extend(sources)
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.pause()
            await scene(app, pilot)

    asyncio.run(run())


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    for _ in range(500):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError(screen_text(pilot.app))


def palette(app: SupportApp) -> CommandsScreen:
    assert isinstance(app.screen, CommandsScreen)
    return app.screen


def labels(app: SupportApp) -> list[str]:
    return [entry.label for entry in palette(app).found]


def test_a_ticket_is_found_by_words_of_its_subject_and_opened(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p", *"fire", "space", *"prin")
        await until(pilot, lambda: labels(app) == ["#1 Printer on fire"])
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TicketScreen))
        assert app.screen.ticket_at_hand == ticket_key(1)  # type: ignore[attr-defined]  # a ticket screen

    played(desk_in(tmp_path), scene)


def test_a_ticket_is_found_by_its_number_with_the_key_itself(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p", "3")
        assert labels(app)[0] == "#3 The printer is wet"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TicketScreen))

    played(desk_in(tmp_path), scene)


def test_choosing_a_person_lists_their_open_tickets(tmp_path: Path) -> None:
    desk = desk_in(tmp_path)
    requester = desk.cache.load_tickets()[0].requester_id

    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p", *"person", "space", *str(requester - 100))
        await until(pilot, lambda: any(label.startswith("Person") for label in labels(app)))
        index = next(n for n, label in enumerate(labels(app)) if label.startswith(f"Person {requester - 100}"))
        await pilot.press(*["down"] * index, "enter")
        await until(pilot, lambda: "#1 Printer on fire" in labels(app))
        await pilot.press("backspace")
        assert "Open the ticket" in labels(app)

    played(desk, scene)


def test_what_was_used_last_is_first_also_after_the_next_start(tmp_path: Path) -> None:
    desk = desk_in(tmp_path)

    async def choose(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p", *"one", "space", *"line", "enter")
        await pilot.press("ctrl+p", *"#2", "enter")
        await until(pilot, lambda: isinstance(app.screen, TicketScreen))
        for thread in threading.enumerate():
            if thread.name == "palette":
                thread.join()

    async def look(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p")
        assert labels(app)[:2] == ["#2 Sync stops after a day", "One line a ticket, or two"]
        await pilot.press(*"a")
        assert labels(app)[0] == "#2 Sync stops after a day"

    played(desk, choose)
    played(desk, look)


def test_text_of_a_ticket_is_no_markup_and_no_command(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p", "4")
        assert "Login fails [bold]␛[31m" in screen_text(app)

    played(desk_in(tmp_path), scene)


class SlowSource:
    """Answers when it is let."""

    is_slow = True

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.asked: list[str] = []

    def find(self, typed: str) -> Sequence[PaletteEntry]:
        self.asked.append(typed)
        self.may_answer.wait(30)
        return [PaletteEntry(key=f"slow:{typed}", label=f"slow answer to {typed}")]

    def recall(self, key: str) -> PaletteEntry | None:
        return None


def test_typing_never_waits_for_what_is_searched_and_the_answer_comes_below(tmp_path: Path) -> None:
    source = SlowSource()

    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p", *"ti")
        await until(pilot, lambda: source.asked == ["ti"])
        await pilot.press(*"cket")
        before = labels(app)
        assert "› ticket▏" in screen_text(app)
        assert "Open the ticket" in before
        await pilot.press("down")
        source.may_answer.set()
        await until(pilot, lambda: "slow answer to ticket" in labels(app))
        assert labels(app)[: len(before)] == before
        assert source.asked == ["ti", "ticket"]
        assert "slow answer to ti" not in labels(app)

    played(desk_in(tmp_path), scene, source)


def test_a_source_of_another_feature_is_listed_and_recalled(tmp_path: Path) -> None:
    chosen: list[str] = []

    class Views:
        is_slow = False

        def find(self, typed: str) -> Sequence[PaletteEntry]:
            return [self.entry] if self.entry.matches(typed.casefold().split()) else []

        def recall(self, key: str) -> PaletteEntry | None:
            return self.entry if key == self.entry.key else None

        entry = PaletteEntry(
            key="view:urgent", label="Urgent and due", kind="view", run=lambda: chosen.append("urgent")
        )

    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p", *"urg", "enter")
        assert chosen == ["urgent"]

    played(desk_in(tmp_path), scene, Views())


def test_over_a_dialog_its_actions_come_first_and_those_of_the_screen_below_can_be_run(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("m", "ctrl+p")
        assert labels(app)[0] == "To open"
        assert "What to do first" in labels(app)
        await pilot.press(*"what", "space", *"first", "enter")
        await until(pilot, lambda: "breached" in screen_text(app))
        assert [type(screen).__name__ for screen in app.screen_stack] == ["BoardScreen", "AgendaScreen"]

    played(desk_in(tmp_path), scene)


def test_a_click_runs_the_line_that_was_clicked(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p", *"#3")
        await pilot.click("#commands-list", offset=(5, 0))
        await until(pilot, lambda: isinstance(app.screen, TicketScreen))

    played(desk_in(tmp_path), scene)


def test_the_wall_offers_no_ticket_to_write_on(tmp_path: Path) -> None:
    desk = desk_in(tmp_path)

    async def run() -> None:
        app = SupportApp(replace(desk.app_context(), is_wall=True))
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.press("ctrl+p", "1")
            assert not any("#1" in label for label in labels(app))

    asyncio.run(run())


def test_help_is_searched_by_typing_and_its_own_screen_comes_first(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        assert isinstance(app.screen, BoardScreen)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert [*dict.fromkeys(entry.section for entry in app.screen.found)][:3] == [
            *("On the board", "Everywhere", "On the ticket"),
        ]
        await pilot.press(*"sever")
        text = screen_text(app)
        assert "severity" in text
        assert "On the board" not in text
        await pilot.press("question_mark")
        assert isinstance(app.screen, BoardScreen)

    played(desk_in(tmp_path), scene)


def test_recent_choices_survive_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "palette.json"
    file.write_bytes(b"{not json")
    recent = RecentChoices(file)
    assert recent.keys == []
    recent.note("a")
    recent.note("b")
    recent.note("a")
    recent.save()
    assert RecentChoices(file).keys == ["a", "b"]
    entries = [PaletteEntry(key=key, label=key) for key in ("c", "b", "a", "b")]
    assert [entry.key for entry in ordered(entries, recent.keys)] == ["a", "b", "c"]
