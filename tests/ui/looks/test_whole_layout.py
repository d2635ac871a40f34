"""At every usual size nothing overlaps, nothing is cut without an ellipsis, and subjects have their room."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.scrollbar import ScrollBar

from support.app_driver import screen_lines, settle
from support.app_places import PLACES, opened_place
from support.board_samples import LocalCopy, sample_ticket, varied_desk
from supporttui.domain.ticket import Status
from supporttui.ui.app import SupportApp
from supporttui.ui.panes.status_pane import StatusPane
from supporttui.ui.terminal.cells import cells_of
from supporttui.ui.terminal.escape_codes import PLAIN

SIZES: Final = ((80, 24), (120, 36))
WIDE_SIZES: Final = ((120, 36), (140, 40), (160, 44), (180, 50))
LEAST_SUBJECT_CELLS: Final = 30
LONG_SUBJECT: Final = "word " * 60
BOARD_STATES: Final = {
    "preview": ["w"],
    "one line": ["d"],
    "other density": ["d"],
    "grouped": ["b", "o"],
    "filtered": ["escape", "slash", *"joined", "enter"],
}


def cut_without_a_mark(lines: list[str]) -> Iterator[str]:
    """Texts of others that begin on the screen, and neither end there nor in an ellipsis.

    Where a text is wrapped, its end stands in one of the lines below, not further to the left.
    """
    rows = [[text for text, _ in cells_of(line, PLAIN)] for line in lines]
    for y, row in enumerate(rows):
        for x in range(len(row)):
            if row[x : x + 2] == ["[", "["] and not _is_whole([line[x:] for line in rows[y : y + 8]]):
                yield lines[y]


def _is_whole(rows: list[list[str]]) -> bool:
    """Whether the text at the beginning of the first row comes to its end, or to an ellipsis."""
    begins = re.match(r"\[\[(\d+):", "".join(rows[0]))
    number = begins.group(1) if begins is not None else ""
    for row in rows:
        own = "".join(row).partition("[[" if row is not rows[0] else "\0")[0]
        text = re.sub(r"[\s│▏]", "", own.partition("│")[0] if "│" in own else own)
        if "…" in text or (number and f":{number}]]" in text):
            return True
    return False


def front_lines(app: SupportApp) -> list[str]:
    """The lines on the screen, or where a dialog covers a part of it, those of the dialog."""
    if not app.screen.is_modal:
        return screen_lines(app)
    box = app.screen.children[0].region
    strips = app.screen._compositor.render_strips()[box.y : box.bottom]
    return ["".join(segment.text for segment in strip.crop(box.x, box.right)) for strip in strips]


def overlapping(app: SupportApp) -> list[tuple[str, str]]:
    """Widgets of the screen in front that have nothing in them, and cells in common with another."""
    places = app.screen._compositor.visible_widgets
    drawn = [
        (widget, region.intersection(clip))
        for widget, (region, clip) in places.items()
        if not widget.displayed_children and not isinstance(widget, ScrollBar)
    ]
    return [
        (str(one), str(other))
        for number, (one, region) in enumerate(drawn)
        for other, beside in drawn[number + 1 :]
        if region.intersection(beside).area
    ]


def problems(app: SupportApp, place: str) -> list[tuple[str, str]]:
    lines, width = screen_lines(app), app.size.width
    found = [(place, f"wider than the screen: {line}") for line in lines if cell_len(line) > width]
    found += [(place, f"cut: {line}") for line in cut_without_a_mark(front_lines(app))]
    return found + [(place, f"{one} over {other}") for one, other in overlapping(app)]


async def look_everywhere(app: SupportApp, pilot: Pilot[None]) -> list[tuple[str, str]]:
    found = problems(app, "board at first")
    for name, opening in PLACES.items():
        async with opened_place(app, pilot, opening):
            found += problems(app, name)
    for name, keys in BOARD_STATES.items():
        for pane in "12345":
            await pilot.press(pane, *keys)
            await pilot.pause(0.12)
            found += problems(app, f"{name}, pane {pane}")
    return found


@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_and_nothing_is_cut_without_a_mark(tmp_path: Path, size: tuple[int, int]) -> None:
    async def run() -> list[tuple[str, str]]:
        app = SupportApp(varied_desk(tmp_path).app_context())
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            return await look_everywhere(app, pilot)

    assert asyncio.run(run()) == []


def subject_cells(app: SupportApp) -> list[int]:
    """How many cells of each subject are drawn in the focused pane."""
    pane = app.focused
    assert isinstance(pane, StatusPane)
    box = pane.region
    lines = [
        "".join(segment.text for segment in strip.crop(box.x, box.right))
        for strip in app.screen._compositor.render_strips()[box.y : box.bottom]
    ]
    return [cell_len(found.group()) for line in lines if (found := re.search(r"word[ word]*…", line))]


@pytest.mark.parametrize("size", WIDE_SIZES)
def test_no_subject_of_the_focused_pane_is_cut_below_thirty_cells(tmp_path: Path, size: tuple[int, int]) -> None:
    tickets = [sample_ticket(4000 + n, LONG_SUBJECT, [*Status][n % 5], severity=n % 4 + 1) for n in range(60)]

    async def run() -> None:
        app = SupportApp(LocalCopy(tmp_path, tickets).app_context())
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            for keys in (["d"], ["d"], ["w"]):
                for pane in "12345":
                    await pilot.press(pane, *(keys if pane == "1" or keys == ["d"] else ()))
                    await pilot.pause(0.12)
                    cells = subject_cells(app)
                    assert len(cells) > 3, (pane, screen_lines(app))
                    assert min(cells) >= LEAST_SUBJECT_CELLS, (pane, keys, cells)

    asyncio.run(run())
