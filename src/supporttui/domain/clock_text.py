"""The texts in which clock readings and ages are written."""

from datetime import timedelta
from functools import lru_cache
from typing import Final

from supporttui.domain.clock import DUE_AT_CLOSE, ClockReading, ClockState

PAUSED_MARK: Final = "‖ "
MET_MARK: Final = "✓ "
LATE_MARK: Final = "✗ +"
CLOSED_UNANSWERED_TEXT: Final = "closed unanswered"
NO_CLOCK_TEXT: Final = "–"

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


def clock_text(reading: ClockReading) -> str:
    """The shortest complete text of a clock: `3h 12m`, `‖ 0:42:10`, `-1h 20m`, `✓ 1h 04m`, `due at close`."""
    settled = _final_text(reading)
    if settled is not None:
        return settled
    left = reading.remaining
    return _paused_mark(reading) + (
        f"-{hours_text(-left)}" if left < timedelta() else seconds_text(left.days * 86_400 + left.seconds)
    )


def short_clock_text(reading: ClockReading) -> str:
    """The text of a clock without seconds, for a pane's title: `42m`, `1h 20m`, `-1h 20m`.

    Digits and colons are for what counts seconds: `0:42` beside `0:42:10` would be read as one of these.
    """
    left = reading.remaining
    if _final_text(reading) is not None or left >= HOUR or left < timedelta():
        return clock_text(reading)
    return f"{_paused_mark(reading)}{hours_text(left)}"


def clock_phrase(reading: ClockReading) -> str:
    """The text of a clock in words, for a row with room: `0:42:10 left`, `1h 20m over`, `✗ answered 2h 10m late`."""
    match reading.state:
        case ClockState.MET:
            return f"{MET_MARK}answered in {hours_text(reading.used)}"
        case ClockState.MET_LATE:
            return f"✗ answered {hours_text(-reading.remaining)} late"
        case ClockState.BREACHED:
            return f"{_paused_mark(reading)}{hours_text(-reading.remaining)} over"
    text = clock_text(reading)
    return text if _final_text(reading) is not None else f"{text} left"


def ticks_seconds(reading: ClockReading) -> bool:
    """Whether the text of a clock changes each second and not each minute."""
    return reading.is_counting and timedelta() <= reading.remaining < HOUR


def hours_text(span: timedelta) -> str:
    """Support time in whole hours and minutes: `45h 00m`, `12m`, `<1m`."""
    return minutes_text((span.days * 86_400 + span.seconds) // 60)


@lru_cache(1 << 15)
def minutes_text(minutes: int) -> str:
    """Like `hours_text`, for a whole number of minutes."""
    if minutes >= 60:
        return f"{minutes // 60}h {minutes % 60:02}m"
    return f"{minutes}m" if minutes else "<1m"


def elapsed_text(span: timedelta) -> str:
    """An age on the wall clock, in one or two units: `2d`, `5h 40m`, `12m`, `<1m`."""
    return f"{span // DAY}d" if span >= DAY else hours_text(max(span, timedelta()))


def _final_text(reading: ClockReading) -> str | None:
    """The text of a clock on which nothing is left to count down, or None."""
    match reading.state:
        case ClockState.MET:
            return f"{MET_MARK}{hours_text(reading.used)}"
        case ClockState.MET_LATE:
            return f"{LATE_MARK}{hours_text(-reading.remaining)}"
        case ClockState.ENDED_UNANSWERED:
            return CLOSED_UNANSWERED_TEXT
        case ClockState.NONE:
            return NO_CLOCK_TEXT
    return DUE_AT_CLOSE if reading.reason == DUE_AT_CLOSE else None


def _paused_mark(reading: ClockReading) -> str:
    """The mark of a clock that stands still."""
    return "" if reading.is_counting else PAUSED_MARK


@lru_cache(1 << 15)
def seconds_text(seconds: int) -> str:
    """What is left, with seconds in the last hour."""
    if seconds >= 3600:
        return minutes_text(seconds // 60)
    return f"0:{seconds // 60:02}:{seconds % 60:02}"
