"""Loads compiled support calendars from the cache, and compiles them where they are missing or outdated."""

import hashlib
import importlib.util
from datetime import datetime
from pathlib import Path
from typing import Final

from supporttui import __version__
from supporttui.cli.exits import CommandError, Exit
from supporttui.domain.policy import ServicePolicy, SupportHours
from supporttui.domain.support_calendar import Calendars, NeverOpen, SupportCalendar, policy_calendar
from supporttui.domain.zones import zones_version
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.operations import StoreFiles

CALENDAR_STATE: Final = "compiled_calendar"
YEARS_BACK: Final = 30
YEARS_AHEAD: Final = 8
FIRST_YEAR: Final = 2
LAST_YEAR: Final = 9_998

_DIGEST_BYTES: Final = 32


def load_calendars(policy: ServicePolicy, now: datetime, files: StoreFiles) -> Calendars:
    """All calendars of a policy, from the cache where nothing changed. Raises CommandError where one never opens."""
    named = {name: _load_named(name, hours, now, files) for name, hours in policy.calendars.items()}
    return Calendars(_load_named("", policy.hours, now, files), named)


def compile_calendars(policy: ServicePolicy, *years: int, ahead: int = YEARS_AHEAD) -> Calendars:
    """The same without a local copy, for all of these years and `ahead` more. Raises CommandError."""
    try:
        named = {name: compile_hours(hours, *years, ahead=ahead) for name, hours in policy.calendars.items()}
        return Calendars(compile_hours(policy.hours, *years, ahead=ahead), named)
    except NeverOpen as error:
        raise _never_open("", error) from error


def _load_named(name: str, hours: SupportHours, now: datetime, files: StoreFiles) -> SupportCalendar:
    try:
        return load_calendar(hours, now, files, name)
    except NeverOpen as error:
        raise _never_open(name, error) from error


def _never_open(name: str, error: NeverOpen) -> CommandError:
    where = f"policy.calendars.{name}" if name else "policy.hours"
    return CommandError(f"{where}: {error}; take out the closures or holidays that leave no hour", Exit.CONFIGURATION)


def load_calendar(hours: SupportHours, now: datetime, files: StoreFiles, name: str = "") -> SupportCalendar:
    """The calendar of these hours: the cached one if its sources are unchanged, else compiled."""
    digest, kept_as = sources_digest(hours, now.year), f"{CALENDAR_STATE}:{name}" if name else CALENDAR_STATE
    try:
        with Cache(files.cache, files.desk) as cache:
            kept = _cached_calendar(cache.load_state(kept_as), digest)
            if kept is None:
                kept = compile_hours(hours, now.year)
                cache.save_state(kept_as, digest + kept.to_bytes())
            return kept
    except StoreProblem:
        return compile_hours(hours, now.year)  # the engine says what is wrong with the disk


def compile_hours(hours: SupportHours, *years: int, ahead: int = YEARS_AHEAD) -> SupportCalendar:
    """Compile the hours for these years and those around them."""
    return policy_calendar(hours, max(min(years) - YEARS_BACK, FIRST_YEAR), min(max(years) + ahead, LAST_YEAR))


def _cached_calendar(state: bytes | None, digest: bytes) -> SupportCalendar | None:
    if state is None or state[:_DIGEST_BYTES] != digest:
        return None
    try:
        return SupportCalendar.from_bytes(state[_DIGEST_BYTES:])
    except ValueError:
        return None


def sources_digest(hours: SupportHours, year: int) -> bytes:
    """A digest of the calendar's sources: the hours, the years, the versions of both libraries and our own."""
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
