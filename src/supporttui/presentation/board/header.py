"""The header line above the board: its items, shortened to fit, and their columns."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from supporttui.domain.clock_text import elapsed_text
from supporttui.domain.safe_text import safe_line
from supporttui.domain.support_calendar import OUTSIDE_HOURS, BeyondHorizon, SupportCalendar
from supporttui.presentation.board.board_model import PROBLEM_STATES, BoardModel
from supporttui.presentation.board.freshness import Freshness, FreshnessState, shown_count_text
from supporttui.presentation.board.ticket_row import day_and_time
from supporttui.presentation.cell_text import StyledText, cell_len, cut, strip_joiners
from supporttui.presentation.undo import undo_seconds_left
from supporttui.store.operations import OperationState
from supporttui.sync.status import LinkState

HEADER_GAP = 3

MIN_SHOWN_SKEW_S = 30.0
"""Seconds between the desk's clock and this machine's from which the difference is shown."""

SHORTENING_ORDER = (
    *("account", "product", "skew", "bytes", "clock", "hours", "filter", "name", "fresh", "demo", "hours", "clock"),
    *("refused", "unsent", "frozen", "mine", "filter", "clock", "unsent", "filter", "frozen", "hours", "fresh"),
    *("name", "hours", "demo", "name", "filter", "fresh"),
    "refused",
)
"""The order in which items are shortened if the line is too narrow; an item may occur several times."""


class HeaderSide(Enum):
    """The part of the line in which an item is placed."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class HeaderItem(msgspec.Struct, frozen=True):
    """One item of the header."""

    key: str
    side: HeaderSide
    part: str
    """The suffix of the component class that styles it."""
    forms: tuple[str, ...]
    """The text from the longest form to the shortest; an empty form hides the item."""

    @property
    def text(self) -> str:
        """The form in use."""
        return self.forms[0] if self.forms else ""

    def shorter(self) -> "HeaderItem":
        """Return the item in its next shorter form, if it has one."""
        return replace(self, forms=self.forms[1:]) if len(self.forms) > 1 else self


def header_items(model: BoardModel, now: datetime, fresh: Freshness) -> list[HeaderItem]:
    """Return all items at full length, at an instant of the desk's time."""
    app_context, status = model.app_context, model.status
    unsent = _unsent_forms(model)
    me = model.people.name(model.my_id) or (model.account.me.name if model.account is not None else None)
    name = _desk_name(model)
    return [
        HeaderItem(
            "product", HeaderSide.LEFT, "product", ("your tickets" if app_context.is_requester else "supporttui", "")
        ),
        HeaderItem("name", HeaderSide.LEFT, "name", (name, cut(name, 16), cut(name, 8), "")),
        HeaderItem(
            "demo", HeaderSide.LEFT, "demo", (" DEMONSTRATION ", " DEMO ", "DEMO") if app_context.is_demo else ("",)
        ),
        HeaderItem("mine", HeaderSide.LEFT, "mine", ("mine only", "mine") if model.shows_mine_only else ("",)),
        HeaderItem("filter", HeaderSide.LEFT, "filter", _filter_forms(model)),
        HeaderItem("desk-search", HeaderSide.LEFT, "filter", (model.desk_search_text, "")),
        HeaderItem("frozen", HeaderSide.LEFT, "frozen", _frozen_forms(model.waiting_changes)),
        HeaderItem(
            "hours",
            HeaderSide.MIDDLE,
            _hours_part(app_context.calendar, now),
            support_hours_forms(app_context.calendar, now),
        ),
        HeaderItem("fresh", HeaderSide.RIGHT, f"feed-{fresh.feed.value}", fresh.forms),
        HeaderItem("refused", HeaderSide.RIGHT, "feed-stale", _refused_forms(model)),
        HeaderItem("unsent", HeaderSide.RIGHT, "unsent", unsent),
        HeaderItem(
            "account",
            HeaderSide.RIGHT,
            "account",
            (cut(strip_joiners(safe_line(me)), 24), "") if me is not None else ("",),
        ),
        HeaderItem(
            "skew", HeaderSide.RIGHT, "feed-waiting", _skew_forms(0.0 if app_context.is_demo else status.desk_ahead_s)
        ),
        HeaderItem("bytes", HeaderSide.RIGHT, "clock", (model.sent_rate_text, "") if model.sent_rate_text else ("",)),
        HeaderItem("clock", HeaderSide.RIGHT, "clock", _clock_forms(model, now)),
    ]


def ticket_header_items(model: BoardModel, fresh: Freshness) -> list[HeaderItem]:
    """Return the items for the ticket screen: unsent changes and the link, without an age that ticks."""
    forms = fresh.forms
    if fresh.feed is FreshnessState.CURRENT:
        forms = ("● live" if model.status.link is LinkState.LIVE else "● up to date", "●")
    items = [
        HeaderItem("refused", HeaderSide.RIGHT, "feed-stale", _refused_forms(model)),
        HeaderItem("unsent", HeaderSide.RIGHT, "unsent", _unsent_forms(model)),
        HeaderItem("fresh", HeaderSide.RIGHT, f"feed-{fresh.feed.value}", forms),
    ]
    return [item for item in items if item.text]


def shorten_to_fit(items: Iterable[HeaderItem], width: int) -> list[HeaderItem]:
    """Return the items in forms that fit side by side, without the empty ones."""
    fitted = {item.key: item for item in items}
    for key in SHORTENING_ORDER:
        if _total_width(fitted.values()) <= width:
            break
        if key in fitted:
            fitted[key] = fitted[key].shorter()
    return [item for item in fitted.values() if item.text]


def support_hours_forms(calendar: SupportCalendar, now: datetime) -> tuple[str, ...]:
    """Return whether support is open, until when and why not, in forms from a sentence to a word."""
    try:
        opening = calendar.opening(now)
    except BeyondHorizon:
        return ("Support hours unknown", "hours unknown")
    state = "open" if opening.is_open else "closed"
    if opening.until is None:
        return (f"Support {state}", state)
    until = day_and_time(opening.until, now, calendar.zone)
    zone = opening.until.astimezone(calendar.zone).tzname() or ""
    reason = "" if opening.is_open or opening.reason == OUTSIDE_HOURS else f" · {opening.reason}"
    return (
        f"Support {state} until {until} {zone}{reason}",
        f"{state} until {until} {zone}{reason}",
        f"{state} until {until}{reason}",
        f"{state} until {until}",
        state,
    )


def _hours_part(calendar: SupportCalendar, now: datetime) -> str:
    try:
        return "open" if calendar.opening(now).is_open else "closed"
    except BeyondHorizon:
        return "closed"


def _clock_forms(model: BoardModel, now: datetime) -> tuple[str, ...]:
    there = now.astimezone(model.app_context.calendar.zone)
    demo = "demo time " if model.app_context.is_demo else ""
    long = f"{there:%a} {there.day} {there:%b %H:%M} {there.tzname() or ''}".rstrip()
    return (f"{demo}{long}", f"{demo}{there:%a %H:%M}", f"{demo}{there:%H:%M}", f"{there:%H:%M}")


def _unsent_forms(model: BoardModel) -> tuple[str, ...]:
    """The number of unsent changes and, while one can be undone, for how long and by which key."""
    unsent = max(model.status.unsent, len(model.outbox_view.all()))
    left_s = undo_seconds_left(model.outbox_view.all(), model.app_context.now())
    if left_s is not None:
        key = model.app_context.key("app-undo")
        return (f"↑ sends in {left_s} s · {key} undoes", f"↑ {left_s} s · {key} undoes", f"↑{left_s}s {key}")
    return (f"↑ {unsent} unsent", f"↑{unsent}") if unsent else ("",)


def _refused_forms(model: BoardModel) -> tuple[str, ...]:
    """The first refused change, by its ticket, and the number of further ones."""
    found = [each for each in model.outbox_view.all() if each.state in PROBLEM_STATES]
    if not found:
        return ("",)
    first, more = found[0], f" +{len(found) - 1}" if len(found) > 1 else ""
    ticket = "new ticket" if first.ticket_id is None else first.ticket_id.label
    word = "refused" if first.state is OperationState.REJECTED else "undecided"
    return (f"! {ticket} {word}{more}", f"! {ticket}{more}", "!")


def _filter_forms(model: BoardModel) -> tuple[str, ...]:
    """The filter or view that is on, and the number of tickets it shows."""
    title = model.filter_title
    if not title:
        return ("",)
    count = shown_count_text(model)
    return (*(f"▽ {cut(title, cells)} · {count}" for cells in (48, 32, 20, 10)), f"▽ {count}", "▽")


def _frozen_forms(waiting: int | None) -> tuple[str, ...]:
    """That the lists are frozen, and the number of changes held back."""
    if waiting is None:
        return ("",)
    changes = "1 change" if waiting == 1 else f"{waiting:,} changes"
    return (f"frozen · {changes} waiting", f"frozen · {waiting:,} waiting", f"frozen {waiting:,}")


def _skew_forms(desk_ahead_s: float) -> tuple[str, ...]:
    """That this machine's clock differs from the desk's; times follow the desk's clock."""
    if abs(desk_ahead_s) <= MIN_SHOWN_SKEW_S:
        return ("",)
    off = (
        elapsed_text(timedelta(seconds=abs(desk_ahead_s))) if abs(desk_ahead_s) >= 60 else f"{abs(desk_ahead_s):.0f} s"
    )
    side = "slow" if desk_ahead_s > 0 else "fast"
    return (f"this machine's clock is {off} {side}", f"clock {off} {side}")


def _desk_name(model: BoardModel) -> str:
    account = model.account
    return strip_joiners(safe_line(account.desk_name)) if account is not None else model.app_context.desk_label


def _total_width(items: Iterable[HeaderItem]) -> int:
    texts = [item.text for item in items if item.text]
    return sum(map(cell_len, texts)) + HEADER_GAP * max(0, len(texts) - 1) + 2


PlacedItem = tuple[int, HeaderItem]
"""An item and its first column."""

S = TypeVar("S")


def styled_header(placed: Iterable[PlacedItem], ground: S, style_of: Callable[[str], S]) -> list[StyledText[S]]:
    """Return the items separated by blanks; `style_of` maps a part to its style."""
    pieces: list[StyledText[S]] = []
    x = 0
    for start, item in placed:
        pieces.append((" " * (start - x), ground))
        pieces.append((item.text, style_of(item.part)))
        x = start + cell_len(item.text)
    return pieces


def place_items(items: list[HeaderItem], width: int) -> list[PlacedItem]:
    """Return the first column of each item: left ones from the left edge, right ones to the right, others between."""
    fitted = shorten_to_fit(items, width)
    placed: list[PlacedItem] = []
    x = 1
    for item in (item for item in fitted if item.side is HeaderSide.LEFT):
        placed.append((x, item))
        x += cell_len(item.text) + HEADER_GAP
    right = [item for item in fitted if item.side is HeaderSide.RIGHT]
    right_start = width - 1 - sum(cell_len(item.text) + HEADER_GAP for item in right) + HEADER_GAP
    for item in (item for item in fitted if item.side is HeaderSide.MIDDLE):
        centred = (width - cell_len(item.text)) // 2
        placed.append((max(x, min(centred, right_start - HEADER_GAP - cell_len(item.text))), item))
    x = right_start
    for item in right:
        placed.append((x, item))
        x += cell_len(item.text) + HEADER_GAP
    return placed
