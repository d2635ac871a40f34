"""Time zones from the newer of two copies of the tz database: the system's and the `tzdata` package's."""

import zoneinfo
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]  # it is data with a version number, and has no stubs

PACKAGED_VERSION: Final[str] = tzdata.IANA_VERSION


class UnknownZone(ValueError):
    """The tz database has no zone of this name."""


@cache
def load_zone(name: str) -> ZoneInfo:
    """The zone of this name. Raises UnknownZone."""
    try:
        return _packaged_zone(name) if system_version() <= PACKAGED_VERSION else ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError, ModuleNotFoundError) as error:
        raise UnknownZone(f"the tz database has no zone named {name!r}") from error


@cache
def system_version() -> str:
    """The system's tz database, such as `2025b`; empty where there is none or it does not say."""
    for folder in map(Path, zoneinfo.TZPATH):
        for name, prefix in (("tzdata.zi", "# version "), ("+VERSION", "")):
            try:
                with (folder / name).open(encoding="ascii") as lines:
                    first = lines.readline()
            except (OSError, UnicodeDecodeError):
                continue
            if first.startswith(prefix):
                return first.removeprefix(prefix).strip()
    return ""


def zones_version() -> str:
    """The tz database in use, such as `2026f`."""
    return max(PACKAGED_VERSION, system_version())


def _packaged_zone(name: str) -> ZoneInfo:
    """The zone as the `tzdata` package has it, never the system's."""
    parts = name.split("/")
    if not name or any(not part or part.startswith(".") or "\\" in part for part in parts):
        raise UnknownZone(f"the tz database has no zone named {name!r}")
    source = Path(tzdata.__file__).parent.joinpath("zoneinfo", *parts)
    with source.open("rb") as compiled:
        return ZoneInfo.from_file(compiled, key=name)
