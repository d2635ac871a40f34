"""The newer tz database wins."""

import zoneinfo
from pathlib import Path

import pytest
import tzdata  # type: ignore[import-untyped]  # it has no stubs

from supporttui.domain.zones import UnknownZone, load_zone, system_version, zones_version


@pytest.mark.parametrize(
    "name", ["", "Nowhere", "America", "America/", "../etc/passwd", "/etc/passwd", "tzdata.zi", "America\\New_York"]
)
def test_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        load_zone(name)


def test_zone_keeps_its_name() -> None:
    assert load_zone("America/New_York").key == "America/New_York"


def test_database_in_use_is_at_least_the_packaged_one() -> None:
    assert zones_version() >= tzdata.IANA_VERSION
    assert zones_version() >= system_version()


@pytest.mark.parametrize(("name", "line"), [("tzdata.zi", "# version 2099z\n"), ("+VERSION", "2099z\n")])
def test_version_of_the_system_is_read_from_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, line: str
) -> None:
    (tmp_path / name).write_text(line)
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path / "missing"), str(tmp_path)))

    assert system_version.__wrapped__() == "2099z"


def test_system_without_a_database_has_no_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))

    assert system_version.__wrapped__() == ""
