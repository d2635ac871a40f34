"""A second terminal shows the same for both, with looks that the other emulator does not know."""

import asyncio
import random
import shutil
from pathlib import Path

import pytest
from rich.style import Style
from textual.app import ComposeResult
from textual.widgets import Static

from support.terminals.emulators import ComparedApp, tmux_screen_of, tmux_server, visible_cells_of_ansi
from supporttui.presentation.terminal_options import TerminalFeatures

COLUMNS, ROWS = 60, 14
WORDS = ("漢字", "plain", "é", "─│╭", "한글", "▰▱", "✓ 1h", "  ", "0:42:10")
LOOKS = ("dim", "overline", "underline2", "bold", "italic", "reverse", "strike", "blink")
COLOURS = ("red", "bright_cyan", "#d8bd6a", "color(201)", "default")


class Wall(ComparedApp):
    """Lines that change at random, and a box over them."""

    CSS = "#box { layer: above; width: 12; height: 4; border: round red; }"

    def __init__(self, chance: random.Random, abilities: TerminalFeatures) -> None:
        super().__init__(COLUMNS, ROWS, abilities)
        self._chance = chance

    def compose(self) -> ComposeResult:
        for _ in range(ROWS - 2):
            yield Static()
        yield Static("over 漢字", id="box")

    def change(self) -> None:
        from rich.text import Text

        chance = self._chance
        for line in chance.sample(list(self.query("Static").exclude("#box")), 4):
            text = Text()
            for _ in range(chance.randrange(6)):
                style = Style.parse(f"{chance.choice(LOOKS)} {chance.choice(COLOURS)} on {chance.choice(COLOURS)}")
                text.append(chance.choice(WORDS), style)
            assert isinstance(line, Static)
            line.update(text)
        self.query_one("#box").styles.offset = (chance.randrange(COLUMNS - 12), -chance.randrange(1, ROWS - 4))


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("has_bce", [True, False])
def test_tmux_shows_the_same_for_both(tmp_path: Path, has_bce: bool) -> None:
    app = Wall(random.Random(7), TerminalFeatures(has_bce=has_bce, can_scroll=True))

    async def run() -> None:
        async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
            for _ in range(20):
                app.change()
                await pilot.pause(0.02)

    asyncio.run(run())
    with tmux_server():
        theirs, ours = (
            visible_cells_of_ansi(tmux_screen_of("\x1b[?7l\x1b[?25l" + each.log, COLUMNS, ROWS, tmp_path), ROWS)
            for each in (app.theirs, app.ours)
        )
    for y, (our_row, their_row) in enumerate(zip(ours, theirs, strict=True)):
        assert our_row == their_row[: len(our_row)], f"row {y}"
        assert {text for text, _ in their_row[len(our_row) :]} <= {" "}, f"row {y}"
    assert app.ours.bytes < app.theirs.bytes / 2
