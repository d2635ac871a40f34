"""What the frame writer makes a terminal show is what Textual would have shown, cell by cell."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input, Static

from support.terminals.emulators import ComparedApp
from supporttui.presentation.terminal_options import TerminalFeatures

CASES = 300 if os.environ.get("SUPPORTTUI_PROOF") == "full" else int(os.environ.get("CASES", "25"))
FRAME_S = 0.02
"""Textual draws at most so often."""
LETTERS = st.sampled_from([*"ab  ─│●▌…é0123456789", "漢", "字", "한", "e\u0301", "n\u0303", "🎉", "\U0001f600"])
COLOURS = st.sampled_from([None, "red", "bright_blue", "#112233", "#445566", "color(99)", "default"])
STYLES = st.builds(
    Style,
    color=COLOURS,
    bgcolor=COLOURS,
    bold=st.booleans(),
    italic=st.sampled_from([None, True]),
    underline=st.sampled_from([None, None, True]),
    strike=st.sampled_from([None, None, True]),
    reverse=st.sampled_from([None, None, True]),
)
TEXTS = st.lists(LETTERS, min_size=1, max_size=14).map("".join)
LINES = st.lists(st.tuples(TEXTS, STYLES), max_size=6)
SIZES = st.tuples(st.integers(20, 70), st.integers(5, 20))


class Lines(ScrollView):
    """Lines of styled text, drawn by the line API and scrolled."""

    def __init__(self, lines: list[list[tuple[str, Style]]]) -> None:
        super().__init__()
        self.lines = lines
        self.virtual_size = Size(60, len(lines) * 3)

    def render_line(self, y: int) -> Strip:
        """A line of what is shown now."""
        left, top = self.scroll_offset
        segments = [Segment(text, style) for text, style in self.lines[(y + top) % len(self.lines)]]
        return Strip(segments).crop_extend(left, left + self.size.width, None)


class Asking(ModalScreen[None]):
    """A dialog over the rest."""

    CSS = "Asking { align: center middle; } Asking Static { width: 15; height: 3; border: round red; }"

    def compose(self) -> ComposeResult:
        yield Static("漢字 sure?")


class Board(ComparedApp):
    """Two panes, a line to write on and something that floats."""

    CSS = "Lines, Static { width: 1fr; height: 1fr; } #float { width: 9; height: 2; layer: above; offset: 3 2; }"

    def __init__(
        self, size: tuple[int, int], lines: list[list[tuple[str, Style]]], abilities: TerminalFeatures
    ) -> None:
        super().__init__(*size, abilities)
        self._lines = lines

    def compose(self) -> ComposeResult:
        with Vertical():
            with Horizontal():
                yield Lines(self._lines)
                yield Static("one 漢字 two", id="text")
            yield Input("typed")
        yield Static("floats 漢字", id="float")


Step = Callable[[Board], Any]


def one_line(y: int, line: list[tuple[str, Style]]) -> Step:
    def step(app: Board) -> None:
        lines = app.query_one(Lines)
        lines.lines[y % len(lines.lines)] = line
        lines.refresh(Region(0, y, lines.size.width, 1), Region(2, y + 1, 5, 2))

    return step


def resized(size: tuple[int, int]) -> Step:
    async def step(app: Board) -> None:
        app.resize(*size)
        await app._pilot.resize_terminal(*size)  # type: ignore[attr-defined]

    return step


STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(one_line, st.integers(0, 12), LINES),
    st.builds(lambda y: lambda app: app.query_one(Lines).scroll_to(y=y, animate=False), st.integers(0, 20)),
    st.builds(lambda x: lambda app: app.query_one(Lines).scroll_to(x=x, animate=False), st.integers(0, 9)),
    st.builds(lambda text: lambda app: app.query_one("#text", Static).update(text.replace("[", "")), TEXTS),
    st.builds(lambda text: lambda app: app.query_one(Input).insert_text_at_cursor(text), TEXTS),
    st.builds(lambda x, y: lambda app: setattr(app.query_one("#float").styles, "offset", (x, y)), st.integers(0, 40),
              st.integers(0, 12)),
    st.just(lambda app: app.query_one("#float").toggle_class("-gone")),
    st.just(lambda app: app.query_one(Input).focus()),
    st.just(lambda app: app.push_screen(Asking()) if len(app.screen_stack) == 1 else app.pop_screen()),
    st.just(lambda app: app.frames.invalidate()),
    st.just(lambda app: setattr(app, "takes_frames", not app.takes_frames)),
    st.builds(resized, SIZES),
)  # fmt: skip


PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


@given(
    size=SIZES,
    lines=st.lists(LINES, min_size=1, max_size=12),
    steps=st.lists(STEPS, max_size=12),
    abilities=st.builds(TerminalFeatures, has_bce=st.booleans(), can_scroll=st.booleans()),
)
@settings(max_examples=CASES, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
def test_a_terminal_shows_what_textual_would_have_shown(
    size: tuple[int, int], lines: list[list[tuple[str, Style]]], steps: list[Step], abilities: TerminalFeatures
) -> None:
    asyncio.run(_played(Board(size, lines, abilities), size, steps))


async def _played(app: Board, size: tuple[int, int], steps: list[Step]) -> None:
    async with app.run_test(size=size) as pilot:
        app._pilot = pilot  # type: ignore[attr-defined]
        for step in steps:
            outcome = step(app)
            if asyncio.iscoroutine(outcome):
                await outcome
            await pilot.pause(FRAME_S)
            if app.takes_frames:
                app.take()
                app.assert_same()
        app.take()
        app.assert_same()


class Scrolled(ComparedApp):
    """One list from edge to edge, with something above it that changes at the same time."""

    CSS = "Lines { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield Static("                              0", id="text")
        yield Lines([[(f"line number {number} of this list", Style(bold=number % 3 == 0))] for number in range(40)])
        yield Static("the foot")


@given(tops=st.lists(st.integers(0, 30), min_size=1, max_size=8), has_bce=st.booleans())
@settings(max_examples=max(8, CASES // 3), deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
def test_lists_that_the_terminal_scrolls_come_out_the_same(tops: list[int], has_bce: bool) -> None:
    async def run() -> None:
        app = Scrolled(50, 18, TerminalFeatures(has_bce=has_bce, can_scroll=True))
        async with app.run_test(size=(50, 18)) as pilot:
            for top in tops:
                app.query_one(Lines).scroll_to(y=top, animate=False)
                app.query_one("#text", Static).update(f"{top:>40}")
                await pilot.pause(FRAME_S)
                app.assert_same()

    asyncio.run(run())
