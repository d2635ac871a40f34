"""The room of the panes, for every width and focus: what is open, what is folded, and what is never cut."""

from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from support.board_samples import NOW, LocalCopy, sample_ticket
from supporttui.domain.board import PendingMark
from supporttui.domain.ticket import Status
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.pane_layout import (
    COLUMNS_FROM_WIDTH,
    MAX_PREVIEW_WIDTH,
    MIN_FOCUSED_WIDTH,
    MIN_PANES_HEIGHT,
    MIN_PREVIEW,
    MIN_SIDE_WIDTH,
    CellBox,
    CellSize,
    OpenPanes,
    PaneLoad,
    PaneLoads,
    Pressure,
    pane_regions,
    shared_heights,
    split_for_preview,
    wall_regions,
)
from supporttui.presentation.board.pane_lines import PaneTitle, folded_line
from supporttui.presentation.board.row_layout import RowLayout, lay_out_row
from supporttui.presentation.board.ticket_row import ClockTone, RowLabel, TicketRowText
from supporttui.presentation.cell_text import cell_len

HOUR = timedelta(hours=1)
WIDTHS = range(60, 341)
WEIGHTED_WIDTHS = range(100, 191)
HEIGHT = 34
CALM = PaneLoad(worst_key=9_000, count=4)
OVER = PaneLoad(over=1, worst_key=1, count=3)
WITHIN = PaneLoad(within_hour=2, worst_key=5, count=3)
PARTS = (
    *("edge", "detail", "unread", "pending", "problem", "subject", "subject-unread", "count", "title", "number"),
    *(f"{kind}-{severity}" for kind in ("severity", "settled") for severity in (1, 2, 3, 4)),
    *(f"clock-{tone.value}" for tone in ClockTone),
)
STYLES = {part: part for part in (*PARTS, "age", "frame", "foot")}
LONG_SUBJECT = "A subject that is far longer than what any of these panes would ever have room for, and then some more"


def loads_with(worst: Status, load: PaneLoad = OVER) -> PaneLoads:
    """One pane with an urgent clock; the others are empty or calm in turn."""
    return {
        status: load if status is worst else (CALM if number % 2 else PaneLoad())
        for number, status in enumerate(Status)
    }


def panes_of(
    width: int, focused: Status, worst: Status, load: PaneLoad = OVER, *, has_preview: bool
) -> dict[Status, CellBox]:
    """The panes of a screen of this width, beside or above a preview where there is one."""
    area = CellSize(width, HEIGHT)
    split = split_for_preview(area) if has_preview else None
    recent = tuple(status for status in Status if status not in (worst, focused))
    return pane_regions(split.panes if split else area, OpenPanes(focused, recent), loads_with(worst, load))


def open_ones(regions: dict[Status, CellBox]) -> list[Status]:
    return [status for status in Status if regions[status].height > 1]


def row_of(clock: str, short: str = "", *, tone: ClockTone = ClockTone.URGENT, number: str = "1042") -> TicketRowText:
    label = RowLabel(1, number, LONG_SUBJECT, "Acme Robotics · Kim", PendingMark.NONE, is_unread=False)
    return TicketRowText(label, clock, tone, short or clock, "waits 4d", "")


def lines_of(row: TicketRowText, width: int, lines: int) -> list[list[tuple[str, str]]]:
    shape = RowLayout(width, lines, max(4, len(row.label.number)))
    return [list(line) for line in lay_out_row(row, shape, STYLES, "▌")]


@pytest.mark.parametrize("focused", Status)
def test_every_pane_is_open_or_folded_and_the_room_is_filled(focused: Status) -> None:
    for width, worst in product(WIDTHS, Status):
        regions = pane_regions(CellSize(width, HEIGHT), OpenPanes(focused), loads_with(worst))
        covered = [[0] * width for _ in range(HEIGHT)]
        for box in regions.values():
            for y, x in product(range(box.y, box.y + box.height), range(box.x, box.x + box.width)):
                covered[y][x] += 1
        assert all(cell == 1 for line in covered for cell in line), (width, worst)


@pytest.mark.parametrize("focused", Status)
def test_open_panes_have_their_least_width_and_stand_in_order(focused: Status) -> None:
    for width, worst in product(WIDTHS, Status):
        regions = pane_regions(CellSize(width, HEIGHT), OpenPanes(focused), loads_with(worst))
        if width < COLUMNS_FROM_WIDTH:
            assert open_ones(regions) == [focused]
            continue
        opened = open_ones(regions)
        assert len(opened) >= 3
        assert sum(regions[status].width for status in opened) == width
        assert regions[focused].width >= MIN_FOCUSED_WIDTH
        assert all(regions[status].width >= MIN_SIDE_WIDTH for status in opened)
        assert [regions[status].x for status in opened] == sorted(regions[status].x for status in opened)
        assert all(regions[focused].width >= regions[status].width for status in opened)


@pytest.mark.parametrize("focused", Status)
def test_the_focused_pane_has_the_room_of_two(focused: Status) -> None:
    for width in WEIGHTED_WIDTHS:
        regions = pane_regions(CellSize(width, HEIGHT), OpenPanes(focused), {})
        others = [regions[status].width for status in open_ones(regions) if status is not focused]
        assert regions[focused].width >= max(MIN_FOCUSED_WIDTH, 2 * sum(others) // len(others) - 2)


@pytest.mark.parametrize("load", [OVER, WITHIN, PaneLoad(worst_key=3, count=1)])
@pytest.mark.parametrize("worst", Status)
def test_the_worst_clock_is_never_folded_away(worst: Status, load: PaneLoad) -> None:
    recent = tuple(status for status in Status if status is not worst)
    for width, focused in product(range(100, 341), Status):
        regions = pane_regions(CellSize(width, HEIGHT), OpenPanes(focused, recent), loads_with(worst, load))
        assert worst in open_ones(regions), (width, focused)


def test_panes_without_a_clock_are_open_by_when_they_were_used() -> None:
    opened = OpenPanes(Status.NEW)
    for status in (Status.CLOSED, Status.ON_HOLD, Status.OPEN, Status.NEW):
        opened = opened.with_focus(status)
    assert open_ones(pane_regions(CellSize(100, HEIGHT), opened, {})) == [Status.NEW, Status.OPEN, Status.ON_HOLD]


def test_a_tick_within_the_same_hour_moves_no_pane() -> None:
    for width, focused in product((100, 120, 140, 160, 200), Status):
        area, opened = CellSize(width, HEIGHT), OpenPanes(focused)
        before = {Status.OPEN: PaneLoad(1, 2, 100, 9), Status.CLOSED: PaneLoad(count=3)}
        later = {Status.OPEN: PaneLoad(3, 4, 100, 12), Status.CLOSED: PaneLoad(count=8)}
        assert pane_regions(area, opened, before) == pane_regions(area, opened, later)


@pytest.mark.parametrize("has_preview", [False, True])
@pytest.mark.parametrize("focused", Status)
@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("number", ["1042", "104200", "ABC-123"])
@pytest.mark.parametrize(
    ("clock", "short"),
    [("0:42:10", "0:42"), ("‖ 0:42:10", "‖ 0:42"), ("-1h 20m", ""), ("‖ 45h 00m", ""), ("due at close", "at close")],
)
def test_no_subject_of_the_focused_pane_is_cut_below_thirty_cells(
    clock: str, short: str, number: str, lines: int, focused: Status, has_preview: bool
) -> None:
    for width in WEIGHTED_WIDTHS:
        regions = panes_of(width, focused, Status.OPEN, has_preview=has_preview)
        first = lines_of(row_of(clock, short, number=number), regions[focused].width - 2, lines)[0]
        (subject,) = [text.strip() for text, style in first if style == "subject"]
        assert cell_len(subject) >= 29, width  # a blank before the ellipsis is not kept
        assert sum(cell_len(text) for text, style in first if style == "subject") >= 31


@pytest.mark.parametrize("has_preview", [False, True])
@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("number", ["1042", "104200"])
@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        *(("-3h 05m", "-3h 05m"), ("42m", "42m"), ("‖ 12h 05m", "‖ 12h"), ("✓ 10h 43m", "✓ 10h")),
        *(("✗ +12h 10m", "✗ +12h"), ("at close", "close"), ("-112h 20m", "-112h")),
    ],
)
def test_the_other_panes_keep_severity_number_and_clock(
    clock: str, shown: str, number: str, lines: int, has_preview: bool
) -> None:
    found = [panes_of(width, Status.NEW, Status.OPEN, has_preview=has_preview) for width in WEIGHTED_WIDTHS]
    widths = {regions[status].width for regions in found for status in open_ones(regions) if status is not Status.NEW}
    for width in sorted(widths):
        first, *below = lines_of(row_of(clock, number=number), width - 2, lines)
        text = "".join(piece for piece, _ in first)
        assert text.startswith("▌ 1 ")
        assert number in text, width
        assert text.endswith((f" {clock} ", f" {shown} "))
        assert "A subj" in "".join(piece for line in below for piece, _ in line) or lines == 1


@pytest.mark.parametrize("has_preview", [False, True])
@pytest.mark.parametrize("load", [OVER, WITHIN, PaneLoad(worst_key=3, count=1)])
def test_no_calm_pane_is_open_while_the_worst_clock_is_folded_away(load: PaneLoad, has_preview: bool) -> None:
    for width, focused, worst in product(WEIGHTED_WIDTHS, Status, Status):
        regions = panes_of(width, focused, worst, load, has_preview=has_preview)
        assert worst in open_ones(regions), (width, focused)


@pytest.mark.parametrize("tone", ClockTone)
@pytest.mark.parametrize("lines", [1, 2, 3])
def test_every_line_of_a_row_fills_its_pane(tone: ClockTone, lines: int) -> None:
    for width, clock in product(range(18, 110), ("0:42:10", "✓ 1h 02m", "‖ 12h 05m")):
        for line in lines_of(row_of(clock, "42m", tone=tone), width, lines)[:2]:
            assert sum(cell_len(text) for text, _ in line) == width, (width, line)


def test_a_finished_clock_leaves_the_first_line_to_the_subject() -> None:
    first, second = lines_of(row_of("✓ 1h 02m", tone=ClockTone.QUIET), 60, 2)
    assert "✓" not in "".join(text for text, _ in first)
    assert "".join(text for text, _ in second).endswith("waits 4d · ✓ 1h 02m ")


def test_how_long_the_customer_waits_gives_way_before_their_name() -> None:
    _, second = lines_of(row_of("✓ 1h 02m", tone=ClockTone.QUIET), 44, 2)
    text = "".join(text for text, _ in second)
    assert "1042 · Acme Robotics · Kim" in text
    assert "waits" not in text
    assert text.endswith(" ✓ 1h 02m ")


@pytest.mark.parametrize(
    ("width", "words"),
    [(80, "· 2 over, 3 within the hour"), (42, "· 2 over, 3 in 1h"), (34, "· 2 over"), (22, "")],
)
def test_a_folded_pane_says_how_much_is_urgent(width: int, words: str) -> None:
    title = PaneTitle(2, "Open", "22", worst="-1h 20m", tone=ClockTone.BREACHED, over=2, within_hour=3)
    line = folded_line(title, width, STYLES)
    text = "".join(piece for piece, _ in line)
    assert f"2 Open 22 {words}".rstrip() in text
    assert cell_len(text) == width
    assert text.rstrip().endswith("-1h 20m")


def test_a_folded_pane_without_urgent_tickets_says_only_how_many_it_has() -> None:
    text = "".join(piece for piece, _ in folded_line(PaneTitle(4, "On-Hold", "9"), 80, STYLES))
    assert text.strip() == "4 On-Hold 9"


def test_what_is_urgent_is_counted_from_the_cache(tmp_path: Path) -> None:
    tickets = [sample_ticket(n, f"late {n}", severity=1, ago=5 * HOUR) for n in range(1, 301)]
    tickets += [sample_ticket(n, f"soon {n}", severity=1, ago=3 * HOUR + timedelta(minutes=1)) for n in range(301, 304)]
    tickets += [sample_ticket(n, f"later {n}", severity=1, ago=HOUR) for n in range(304, 309)]
    desk = LocalCopy(tmp_path / "desk", tickets)
    model = BoardModel(desk.app_context(), desk.engine)
    model.load()
    load = model.pane_loads(NOW)[Status.NEW]
    assert (load.over, load.within_hour, load.count, load.pressure) == (300, 3, 308, Pressure.OVER)
    assert model.pane_loads(NOW + HOUR)[Status.NEW].over == 303
    assert model.pane_loads(NOW)[Status.CLOSED] == PaneLoad()
    model.close()


@pytest.mark.parametrize(
    ("height", "needs", "heights"),
    [(20, [4, 30], [4, 16]), (20, [30, 30], [10, 10]), (21, [5, 5, 5], [7, 7, 7]), (30, [2, 40, 9], [2, 19, 9])],
)
def test_the_height_of_stacked_panes_follows_what_they_hold(height: int, needs: list[int], heights: list[int]) -> None:
    assert shared_heights(height, needs) == heights


@pytest.mark.parametrize("width", [60, 110, 149, 150, 200, 320])
def test_the_wall_shows_all_panes_and_fills_its_room(width: int) -> None:
    regions = wall_regions(CellSize(width, HEIGHT), {Status.NEW: PaneLoad(count=30)}, 2)
    assert sum(box.width * box.height for box in regions.values()) == width * HEIGHT
    assert all(box.height >= 2 for box in regions.values())


def test_a_preview_and_the_panes_share_the_room_and_both_can_be_read() -> None:
    for width, height in product(range(40, 341, 3), range(8, 70)):
        area = CellSize(width, height)
        split = split_for_preview(area)
        if split is None:
            assert height < MIN_PANES_HEIGHT + MIN_PREVIEW.height
            continue
        (left, above), (x, y, wide, high) = split
        assert left * above + wide * high == width * height
        assert (x, y) in ((left, 0), (0, above))
        assert high >= MIN_PREVIEW.height
        assert wide >= min(width, MIN_PREVIEW.width)
        assert x == 0 or wide <= MAX_PREVIEW_WIDTH
        assert above >= (MIN_PANES_HEIGHT if x == 0 else MIN_PREVIEW.height)


@pytest.mark.parametrize("width", [100, 120, 155, 156, 160, 190, 200, 300])
def test_a_preview_leaves_the_panes_their_columns(width: int) -> None:
    split = split_for_preview(CellSize(width, 34))
    assert split is not None
    for focused, worst in product(Status, Status):
        regions = pane_regions(split.panes, OpenPanes(focused), loads_with(worst))
        assert worst in open_ones(regions)
        assert regions[focused].width >= MIN_FOCUSED_WIDTH


@pytest.mark.parametrize(("width", "is_beside"), [(80, False), (120, False), (155, False), (156, True), (200, True)])
def test_a_preview_stands_beside_the_panes_where_there_is_room_and_else_below(width: int, is_beside: bool) -> None:
    split = split_for_preview(CellSize(width, 34))
    assert split is not None
    assert (split.preview.x > 0) is is_beside
