"""What a row says is kept until it says something else, and what was drawn of it is what Textual would draw."""

import asyncio
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Region
from textual.widget import Widget

from support.app_driver import settle
from support.board_samples import NOW, LocalCopy, sample_ticket
from support.policy_samples import full_policy, packaged_calendars
from supporttui.domain.board import PendingMark, Row
from supporttui.domain.sla import ticket_clocks, worst_clock
from supporttui.domain.ticket import Status
from supporttui.presentation.board.ticket_row import TicketRows
from supporttui.sync.status import LinkState
from supporttui.ui.app import SupportApp
from supporttui.ui.theme import textual_theme_name

ZONE = ZoneInfo("America/New_York")
SECONDS = st.integers(min_value=-90_000, max_value=400_000).map(lambda s: timedelta(seconds=s))
STEPS = st.one_of(
    st.just(timedelta(seconds=1)),
    st.integers(min_value=-3_000_000_000, max_value=9_000_000_000).map(lambda us: timedelta(microseconds=us)),
    st.integers(min_value=0, max_value=2_000_000).map(lambda us: timedelta(microseconds=us)),
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    ticket = sample_ticket(
        1042,
        "Board won't load",
        draw(st.sampled_from(Status)),
        severity=draw(st.sampled_from((None, 1, 2, 3, 4))),
        ago=draw(SECONDS),
        answered_after=draw(st.one_of(st.none(), st.just(timedelta(hours=1)))),
        wrote_ago=draw(st.one_of(st.none(), SECONDS)),
        in_status=draw(st.one_of(st.none(), SECONDS)),
    )
    clocks = ticket_clocks(ticket, full_policy(), packaged_calendars())
    return Row(ticket, worst_clock(clocks, NOW), PendingMark.NONE, False, clocks)


@given(row=rows(), steps=st.lists(STEPS, min_size=1, max_size=30))
@settings(max_examples=300, deadline=None)
def test_a_kept_face_says_what_a_new_one_would(row: Row, steps: list[timedelta]) -> None:
    kept, now = TicketRows(lambda _id: None, ZONE), NOW
    for step in steps:
        now += step
        assert kept.row_text(row, now) == TicketRows(lambda _id: None, ZONE).row_text(row, now)


def test_a_face_that_says_the_same_is_the_same() -> None:
    ticket = sample_ticket(1042, "Board won't load", severity=3)
    clocks = ticket_clocks(ticket, full_policy(), packaged_calendars())
    row = Row(ticket, clocks[0], PendingMark.NONE, False, clocks)
    row_texts = TicketRows(lambda _id: None, ZONE)
    first, later = NOW + timedelta(seconds=1), NOW + timedelta(seconds=40)
    assert row_texts.row_text(row, first) is row_texts.row_text(row, later)


@pytest.mark.parametrize("without_colours", [False, True])
def test_kept_lines_are_those_that_textual_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_colours: bool
) -> None:
    if without_colours:
        monkeypatch.setenv("NO_COLOR", "1")
    tickets = [
        sample_ticket(n, f"Ticket {n} 日本", [*Status][n % 5], severity=1 + n % 4, ago=timedelta(minutes=7 * n))
        for n in range(90)
    ]
    desk = LocalCopy(tmp_path / "desk", tickets[1:])

    async def run() -> None:
        app = SupportApp(desk.app_context())
        async with app.run_test(size=(200, 31)) as pilot:
            await settle(pilot)
            for key in ("j", "j", "d", "l", "G", "1", "k", "d", "j"):
                await pilot.press(key)
                await settle(pilot)
                desk.now += timedelta(seconds=37)
                app._tick()
                assert_drawn_alike(app)
            desk.engine.say(link=LinkState.OFFLINE)
            desk.now += timedelta(minutes=9)
            app._tick()
            await settle(pilot)
            assert_drawn_alike(app)
            await pilot.resize_terminal(80, 24)
            await settle(pilot)
            assert_drawn_alike(app)
            for theme in ("textual-light", textual_theme_name("dark")):
                app.theme = theme
                await settle(pilot)
                assert_drawn_alike(app)

    asyncio.run(run())


def assert_drawn_alike(app: SupportApp) -> None:
    """Every pane's kept lines, whole and cropped, beside what Textual's own way gives."""
    for pane in (app.screen, *app.screen.query("PaneGrid, StatusPane").results(Widget)):
        for crop in (Region(0, 0, *pane.size), Region(3, 0, 20, pane.size.height)):
            kept = pane.render_lines(crop)
            pane._styles_cache.clear()
            drawn = Widget.render_lines(pane, crop)
            assert [strip._segments for strip in kept] == [strip._segments for strip in drawn]
