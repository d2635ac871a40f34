"""What stands in the line above the board, shortened to fit without saying less than the truth."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

import msgspec
from msgspec.structs import replace

from supporttui.domain.clock_text import elapsed_text
from supporttui.domain.safe_text import safe_line
from supporttui.domain.support_calendar import OUTSIDE_HOURS, BeyondHorizon, SupportCalendar
from supporttui.ui.board_model import BoardModel
from supporttui.ui.cell_width import cell_len
from supporttui.ui.drawing import cut, steady
from supporttui.ui.freshness import Freshness
from supporttui.ui.row_face import day_and_time
from supporttui.ui.undo_window import seconds_left

GAP = 3

SAID_SKEW_S = 30.0
"""A difference between the desk's clock and this machine's beyond which it is said."""

SHRINKING = (
    *("account", "product", "skew", "bytes", "clock", "hours", "name", "fresh", "demo", "hours", "clock"),
    *("unsent", "mine", "clock", "unsent", "hours", "fresh", "name", "hours", "demo", "name", "fresh"),
)
"""Which item gives way next where the line is too narrow; an item may give way several times."""


class Side(Enum):
    """Where in the line an item stands."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class Item(msgspec.Struct, frozen=True):
    """One thing that the header says."""

    key: str
    side: Side
    part: str
    """The end of the component class that styles it."""
    forms: tuple[str, ...]
    """From the longest to the shortest; an empty form leaves it out."""

    @property
    def text(self) -> str:
        """What it says now."""
        return self.forms[0] if self.forms else ""

    def shorter(self) -> "Item":
        """The same in its next shorter form, if it has one."""
        return replace(self, forms=self.forms[1:]) if len(self.forms) > 1 else self


def header_items(model: BoardModel, now: datetime, fresh: Freshness) -> list[Item]:
    """All that the header says at this instant of the desk's time, at length."""
    sources, status = model.sources, model.status
    only = model.board.only_assignee
    unsent = _unsent_forms(model)
    me = model.people.name(model.my_id) or (model.account.me.name if model.account is not None else None)
    name = _desk_name(model)
    return [
        Item("product", Side.LEFT, "product", ("supporttui", "")),
        Item("name", Side.LEFT, "name", (name, cut(name, 16), cut(name, 8), "")),
        Item("demo", Side.LEFT, "demo", (" DEMONSTRATION ", " DEMO ", "DEMO") if sources.is_demo else ("",)),
        Item("mine", Side.LEFT, "mine", ("mine only", "mine") if only is not None else ("",)),
        Item("hours", Side.MIDDLE, _hours_part(sources.calendar, now), support_hours_forms(sources.calendar, now)),
        Item("fresh", Side.RIGHT, f"feed-{fresh.feed.value}", fresh.forms),
        Item("unsent", Side.RIGHT, "unsent", unsent),
        Item("account", Side.RIGHT, "account", (cut(steady(safe_line(me)), 24), "") if me is not None else ("",)),
        Item("skew", Side.RIGHT, "feed-waiting", _skew_forms(0.0 if sources.is_demo else status.desk_ahead_s)),
        Item("bytes", Side.RIGHT, "clock", (model.line_words, "") if model.line_words else ("",)),
        Item("clock", Side.RIGHT, "clock", _clock_forms(model, now)),
    ]


def fit(items: Iterable[Item], width: int) -> list[Item]:
    """The items in forms that fit side by side, without those that have nothing to say."""
    fitted = {item.key: item for item in items}
    for key in SHRINKING:
        if _cells(fitted.values()) <= width:
            break
        if key in fitted:
            fitted[key] = fitted[key].shorter()
    return [item for item in fitted.values() if item.text]


def support_hours_forms(calendar: SupportCalendar, now: datetime) -> tuple[str, ...]:
    """Whether support is open, until when and why not, from a sentence to a word."""
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
    there = now.astimezone(model.sources.calendar.zone)
    demo = "demo time " if model.sources.is_demo else ""
    long = f"{there:%a} {there.day} {there:%b %H:%M} {there.tzname() or ''}".rstrip()
    return (f"{demo}{long}", f"{demo}{there:%a %H:%M}", f"{demo}{there:%H:%M}", f"{there:%H:%M}")


def _unsent_forms(model: BoardModel) -> tuple[str, ...]:
    """How much is unsent, and while something can be taken back, for how long and how."""
    unsent = max(model.status.unsent, len(model.decisions.all()))
    left_s = seconds_left(model.decisions.all(), model.sources.now())
    if left_s is not None:
        return (f"↑ sends in {left_s} s · u undoes", f"↑ {left_s} s · u undoes", f"↑{left_s}s u")
    return (f"↑ {unsent} unsent", f"↑{unsent}") if unsent else ("",)


def _skew_forms(desk_ahead_s: float) -> tuple[str, ...]:
    """That this machine's clock is wrong, by the desk's; what is counted goes by the desk's."""
    if abs(desk_ahead_s) <= SAID_SKEW_S:
        return ("",)
    off = (
        elapsed_text(timedelta(seconds=abs(desk_ahead_s))) if abs(desk_ahead_s) >= 60 else f"{abs(desk_ahead_s):.0f} s"
    )
    side = "slow" if desk_ahead_s > 0 else "fast"
    return (f"this machine's clock is {off} {side}", f"clock {off} {side}")


def _desk_name(model: BoardModel) -> str:
    account = model.account
    return steady(safe_line(account.desk_name)) if account is not None else model.sources.desk_label


def _cells(items: Iterable[Item]) -> int:
    texts = [item.text for item in items if item.text]
    return sum(map(cell_len, texts)) + GAP * max(0, len(texts) - 1) + 2
