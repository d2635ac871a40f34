"""Instants as people write them: what each form means, and what is refused with its readings."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.clock.generated_hours import ZONES, example_settings, instants
from support.clock.minute_oracle import packaged_zone
from supporttui.config.settings import DateOrder
from supporttui.config.written_instants import WhenRules, read_when

NOW = datetime(2026, 6, 10, 16, 30, tzinfo=UTC)


def when(text: str, zone: str = "America/New_York", order: DateOrder = DateOrder.UNSET) -> str:
    return f"{read_when(text, WhenRules(packaged_zone(zone), NOW, order)):%Y-%m-%d %H:%M:%S}"


def refusal(text: str, zone: str = "America/New_York", order: DateOrder = DateOrder.UNSET) -> str:
    with pytest.raises(ValueError, match=r'^"') as caught:
        when(text, zone, order)
    return str(caught.value)


OFFSETS = [
    ("UTC+3", "07:00"),
    ("UTC +3", "07:00"),
    ("UTC+03:00", "07:00"),
    ("GMT-5", "15:00"),
    ("gmt+0530", "04:30"),
    ("+0300", "07:00"),
    ("+03", "07:00"),
    ("+3", "07:00"),
    ("-04:00", "14:00"),
    ("\N{MINUS SIGN}04:00", "14:00"),
    ("Z", "10:00"),
    ("UTC", "10:00"),
    ("EST", "15:00"),
    ("EDT", "14:00"),
    ("Europe/Berlin", "08:00"),
    ("(Asia/Kolkata)", "04:30"),
    ("America/Argentina/Buenos_Aires", "13:00"),
    ("", "14:00"),
]


@pytest.mark.parametrize(("zone", "utc"), OFFSETS)
def test_offset_counts_east_of_utc_and_names_are_those_of_zones(zone: str, utc: str) -> None:
    assert when(f"2026-06-08 10:00 {zone}") == f"2026-06-08 {utc}:00"
    assert when(f"8 Jun 2026 10am {zone}") == f"2026-06-08 {utc}:00"


def test_short_name_of_the_desks_own_zone_is_its_offset() -> None:
    assert when("2026-06-08 10:00 IST", "Asia/Kolkata") == "2026-06-08 04:30:00"
    assert when("2026-06-08 10:00 IST", "Europe/Dublin") == "2026-06-08 09:00:00"
    assert when("2026-01-08 10:00 CST", "America/Chicago") == "2026-01-08 16:00:00"


ZONES_REFUSED = [
    ("IST", "+05:30 (India), +01:00 (Ireland) or +02:00 (Israel); write the offset"),
    ("CST", "-06:00 (North America), +08:00 (China)"),
    ("CET", 'the zone "CET", which America/New_York does not use; write an offset'),
    ("XYZ", 'the zone "XYZ"'),
    ("UTC+25", "offsets reach from -12:00 to +14:00"),
    ("+03:75", "an offset that no zone has"),
    ("Europe/Berln", 'the time zone "Europe/Berln", which does not exist'),
]


@pytest.mark.parametrize(("zone", "sentence"), ZONES_REFUSED)
def test_zone_that_could_be_another_is_refused_with_its_readings(zone: str, sentence: str) -> None:
    assert sentence in refusal(f"2026-06-08 10:00 {zone}")


DATES = [
    ("04.03.2026 10:00", "2026-03-04 09:00:00"),
    ("13.03.2026 10:00", "2026-03-13 09:00:00"),
    ("4. 3. 2026 10:00", "2026-03-04 09:00:00"),
    ("4.3.26 10:00", "2026-03-04 09:00:00"),
    ("4.3. 10:00", "2026-03-04 09:00:00"),
    ("2026.03.04 10:00", "2026-03-04 09:00:00"),
    ("2026/03/04 10:00", "2026-03-04 09:00:00"),
    ("13/03/2026 10:00", "2026-03-13 09:00:00"),
    ("03/13/2026 10:00", "2026-03-13 09:00:00"),
    ("03/03/2026 10:00", "2026-03-03 09:00:00"),
    ("2026-W10-3 10:00", "2026-03-04 09:00:00"),
    ("2026-063 10:00", "2026-03-04 09:00:00"),
    ("20260304T1000", "2026-03-04 09:00:00"),
    ("2026-03-04T10:00:30.25+01:00", "2026-03-04 09:00:30"),
    ("March 4, 2026 at 10:00", "2026-03-04 09:00:00"),
    ("10:00 on 4 March 2026", "2026-03-04 09:00:00"),
    ("Wed, 04 Mar 2026 10:00:00 +0100", "2026-03-04 09:00:00"),
    ("Wed Mar  4 10:00:00 CET 2026", "2026-03-04 09:00:00"),
    ("4th of March 10am", "2026-03-04 09:00:00"),
    ("2026-03-04 12:00 am", "2026-03-03 23:00:00"),
    ("2026-03-04 12pm", "2026-03-04 11:00:00"),
    ("2026-03-04 24:00", "2026-03-04 23:00:00"),
    ("2026-03-04", "2026-03-03 23:00:00"),
    ("2026-03-04 noon", "2026-03-04 11:00:00"),
    ("12 noon on 4 Mar 2026", "2026-03-04 11:00:00"),
    ("Wed, 04 Mar 2026 10:00:00 -0500 (EST)", "2026-03-04 15:00:00"),
    ("2026-03-04 10:00 UT", "2026-03-04 10:00:00"),
    ("20260304T100000", "2026-03-04 09:00:00"),
    ("2024-02-29 10:00", "2024-02-29 09:00:00"),
    ("10:00", "2026-06-10 08:00:00"),
    ("4pm", "2026-06-10 14:00:00"),
]


@pytest.mark.parametrize(("text", "utc"), DATES)
def test_date_and_time_in_each_form(text: str, utc: str) -> None:
    assert when(text, "Europe/Berlin") == utc


REFUSED = [
    ("04/03/2026 10:00", "can be 4 March 2026 or 3 April 2026; write 2026-03-04 or 2026-04-03, or set order"),
    ("4-3-2026", "can be 4 March 2026 or 3 April 2026"),
    ("4/3 10:00", "can be 4 March 2026 or 3 April 2026"),
    ("13/03/26", "a year of two digits"),
    ("26-03-04", "a year of two digits"),
    ("03.13.2026", "no month 13: dates with dots are day first"),
    ("Tue 8 Jun 2026", "the wrong weekday: 2026-06-08 is a Monday"),
    ("Monday 10:00", "the last one or the coming one"),
    ("2026-06-08 13:00 pm", "the hour 13, which no clock with am and pm shows"),
    ("2026-06-08 0am", "the hour 0"),
    ("2026-06-08 midnight", "says midnight, which may be where the day begins or ends; write 00:00 or 24:00"),
    ("2026-06-08 10:00:60", "has a leap second"),
    ("2026-03-08 02:30", "did not exist in America/New_York"),
    (
        "2026-11-01 01:30",
        "came twice in America/New_York, where the clocks were put back; write 2026-11-01 01:30-04:00",
    ),
    ("2011-12-30 Pacific/Apia", "did not exist in Pacific/Apia"),
    ("2026-03-29 02:30 Europe/Berlin", "did not exist in Europe/Berlin"),
    ("2026-04-05 01:45 Australia/Lord_Howe", "write 2026-04-05 01:45+11:00 or 2026-04-05 01:45+10:30"),
    ("2026-10-04 02:15 Australia/Lord_Howe", "write 2026-10-04 01:45+10:30 or 2026-10-04 02:45+11:00"),
    ("2024-11-03 00:30 America/Havana", "came twice in America/Havana"),
    ("2024-03-10 00:30 America/Havana", "did not exist in America/Havana"),
    ("2026-02-15 02:30 Africa/Casablanca", "came twice in Africa/Casablanca"),
]
UNREADABLE = ["", "yesterdayish", "10", "2026", "June 2026", "the 10th", "260608", "1780000000", "2026-02-30"]
UNREADABLE += ["2026-06-08 24:01", "2026-06-08 10:61", "8 Foo 2026", "2026-W54-1", "2026-366", "2026-06-08 10:00 11:00"]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_what_has_no_one_meaning_is_refused(text: str, sentence: str) -> None:
    assert sentence in refusal(text)


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_says_no_whole_date_or_time_is_refused_with_examples(text: str) -> None:
    assert "is no date and time that can be read; write for example" in refusal(text)


def test_configured_order_decides_and_holds_for_all_dates() -> None:
    assert when("4/3/2026", "UTC", DateOrder.DAY_FIRST) == "2026-03-04 00:00:00"
    assert when("4/3/26", "UTC", DateOrder.DAY_FIRST) == "2026-03-04 00:00:00"
    assert when("4/3/2026", "UTC", DateOrder.MONTH_FIRST) == "2026-04-03 00:00:00"
    assert when("4.3.2026", "UTC", DateOrder.MONTH_FIRST) == "2026-03-04 00:00:00"
    assert "is no date with month first" in refusal("13/3/2026", "UTC", DateOrder.MONTH_FIRST)


def test_time_that_comes_twice_is_read_with_its_short_name() -> None:
    assert when("2026-11-01 01:30 EDT") == "2026-11-01 05:30:00"
    assert when("2026-11-01 01:30 EST") == "2026-11-01 06:30:00"


def test_date_alone_is_its_first_instant_also_where_midnight_is_skipped() -> None:
    assert when("2018-11-04", "America/Sao_Paulo") == "2018-11-04 03:00:00"
    assert when("2011-12-31", "Pacific/Apia") == "2011-12-30 10:00:00"


@example_settings(300)
@given(instants(), st.sampled_from(ZONES), st.timedeltas(timedelta(hours=-12), timedelta(hours=14)))
def test_instant_written_with_its_offset_is_that_instant(at: datetime, zone: str, offset: timedelta) -> None:
    at = at.replace(microsecond=0)
    minutes = offset // timedelta(minutes=1)
    wall = at + minutes * timedelta(minutes=1)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)

    for text in (f"{sign}{hours:02}:{rest:02}", f"{sign}{hours:02}{rest:02}", f"UTC{sign}{hours}:{rest:02}"):
        assert when(f"{wall:%Y-%m-%d %H:%M:%S} {text}", zone) == f"{at:%Y-%m-%d %H:%M:%S}"
