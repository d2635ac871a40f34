"""The compiled support calendar, kept in the local copy so that a start need not compile it."""

import hashlib
import importlib.util
from datetime import datetime
from pathlib import Path
from typing import Final

from supporttui import __version__
from supporttui.domain.hours import SupportCalendar
from supporttui.domain.policy import SupportHours
from supporttui.domain.zones import zones_version
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem

KEPT_AS: Final = "compiled_calendar"
YEARS_BACK: Final = 12
YEARS_AHEAD: Final = 8

_DIGEST_BYTES: Final = 32


def load_calendar(hours: SupportHours, now: datetime, cache_path: str) -> SupportCalendar:
    """The calendar of these hours: the kept one where nothing it was made from has changed, else a new one."""
    digest = _digest(hours, now.year)
    try:
        with Cache(cache_path) as cache:
            kept = _kept(cache.load_state(KEPT_AS), digest)
            if kept is None:
                kept = compile_hours(hours, now.year)
                cache.save_state(KEPT_AS, digest + kept.to_bytes())
            return kept
    except StoreProblem:
        return compile_hours(hours, now.year)  # the engine says what is wrong with the disk


def compile_hours(hours: SupportHours, year: int) -> SupportCalendar:
    """Compile the hours for the years around one."""
    from supporttui.domain.holidays import policy_holidays
    from supporttui.domain.hours import compile_calendar

    first, last = year - YEARS_BACK, year + YEARS_AHEAD
    return compile_calendar(hours, policy_holidays(hours.holiday_calendar, hours.observed, first, last), first, last)


def _kept(state: bytes | None, digest: bytes) -> SupportCalendar | None:
    if state is None or state[:_DIGEST_BYTES] != digest:
        return None
    try:
        return SupportCalendar.from_bytes(state[_DIGEST_BYTES:])
    except ValueError:
        return None


def _digest(hours: SupportHours, year: int) -> bytes:
    """What the calendar is made from: the hours, the years, both sources' versions and our own."""
    parts = (repr(hours), str(year), zones_version(), _holidays_version(), __version__)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).digest()


def _holidays_version() -> str:
    """The version of the `holidays` library, without importing it: that takes longer than all the rest."""
    spec = importlib.util.find_spec("holidays")
    if spec is None or spec.origin is None:
        return ""
    package = Path(spec.origin).parent
    named = sorted(folder.name for folder in package.parent.glob("holidays-*.dist-info"))
    return " ".join(named) or str(Path(spec.origin).stat().st_mtime_ns)
