"""The RRULE of a closure as calendars export it: its end as an instant, its start, and what it does not take."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from support.clock.generated_hours import ZONES, example_settings
from support.clock.minute_oracle import packaged_zone
from support.command_line import run_command
from supporttui.config import ConfigProblem, load_settings
from supporttui.config.closures import parse_closures
from supporttui.config.tables import SettingsTable
from supporttui.domain.openings import closure_dates

WEDNESDAYS = "FREQ=WEEKLY;BYDAY=WE"
NOTHING: Mapping[str, object] = {}
JUNE = [date(2026, 6, day) for day in (3, 10, 17, 24)]


def dates_of(rule: str, zone: str = "America/New_York", more: Mapping[str, object] = NOTHING) -> list[date]:
    values = {"name": "x", "rrule": rule} | ({} if "DTSTART" in rule else {"from": date(2026, 6, 3)}) | {**more}
    closure = parse_closures(SettingsTable({"closures": [values]}, "config.toml"), zone)[0]
    return list(closure_dates(closure, date(2027, 1, 1)))


def refusal_of(rule: str, zone: str = "America/New_York", more: Mapping[str, object] = NOTHING) -> str:
    with pytest.raises(ConfigProblem) as caught:
        dates_of(rule, zone, more)
    return str(caught.value)


def test_until_in_utc_ends_the_rule_at_that_instant_of_the_desks_zone(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    rule = f"{WEDNESDAYS};UNTIL=20260624T035959Z"
    config.write_text(f'[[policy.closures]]\nname = "Wed"\nfrom = 2026-06-03\nrrule = "{rule}"\n')

    asked = ["--severity", "1", "--created", "2026-06-23 16:00", "--json"]
    clock = json.loads(run_command("due", *asked, "--config", str(config)).out)["clocks"][0]

    assert clock["due_at"] == "2026-06-24T15:00:00+00:00"


ENDS = [
    ("20260624", {}, 4),
    ("2026-06-24", {}, 4),
    ("20260624T000000", {}, 4),
    ("20260623T235959", {}, 3),
    ("20260624T035959Z", {}, 3),
    ("20260624T040000Z", {}, 4),
    ("20260624T155959Z", {"hours": "12:00-17:00"}, 3),
    ("20260624T160000Z", {"hours": "12:00-17:00"}, 4),
    ("20260624T120000", {"hours": "13:00-17:00, 12:00-12:30"}, 4),
]


@pytest.mark.parametrize(("until", "more", "count"), ENDS)
def test_until_is_a_date_or_an_instant_that_the_occurrence_must_not_pass(
    until: str, more: dict[str, str], count: int
) -> None:
    assert dates_of(f"{WEDNESDAYS};UNTIL={until}", more=more) == JUNE[:count]


def test_until_is_an_instant_of_the_calendars_own_zone() -> None:
    assert dates_of(f"{WEDNESDAYS};UNTIL=20260623T145959Z", "Asia/Tokyo") == JUNE[:3]
    assert dates_of(f"{WEDNESDAYS};UNTIL=20260623T150000Z", "Asia/Tokyo") == JUNE


@pytest.mark.parametrize("until", ["99991231T235959Z", "99991231T235959", "99991231"])
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_rule_without_a_practical_end_goes_on(until: str, zone: str) -> None:
    assert len(dates_of(f"{WEDNESDAYS};UNTIL={until}", zone)) == 31


STARTS = [
    "DTSTART:20260603 RRULE:",
    "DTSTART;VALUE=DATE:20260603\n",
    "DTSTART:20260603T000000\r\nRRULE:",
    "DTSTART;TZID=America/New_York:20260603T000000\nRRULE:",
    'dtstart;tzid="America/New_York":20260603T000000\nrrule:',
    "DTSTART:20260603T040000Z\nRRULE:",
]


@pytest.mark.parametrize("start", STARTS)
def test_start_may_stand_in_the_rule_in_each_form_of_the_standard(start: str) -> None:
    assert dates_of(f"{start}{WEDNESDAYS};UNTIL=20260624T035959Z") == JUNE[:3]


def test_time_of_the_start_is_when_an_occurrence_begins() -> None:
    start = "DTSTART;TZID=America/New_York:20260603T120000\nRRULE:"

    assert dates_of(f"{start}{WEDNESDAYS};UNTIL=20260624T155959Z", more={"hours": "08:00-17:00"}) == JUNE[:3]
    assert dates_of(f"{start}{WEDNESDAYS};UNTIL=20260624T160000Z", more={"hours": "08:00-17:00"}) == JUNE


def test_every_second_week_and_a_count_are_kept() -> None:
    assert dates_of(f"{WEDNESDAYS};INTERVAL=2;COUNT=2;UNTIL=20260930T035959Z") == [JUNE[0], JUNE[2]]


def test_folded_line_is_one_rule() -> None:
    assert dates_of("DTSTART:20260603\r\nRRULE:FREQ=WEEKLY;BYDAY=W\r\n E;COUNT=4") == JUNE


REFUSED = [
    ("DTSTART:20260603T000000Z RRULE:" + WEDNESDAYS, "is 2026-06-03 in UTC and 2026-06-02 in America/New_York"),
    ("DTSTART;TZID=Asia/Tokyo:20260603T000000 RRULE:" + WEDNESDAYS, "is 2026-06-03 in Asia/Tokyo and 2026-06-02 in"),
    ("DTSTART;TZID=Eastern Standard Time:20260603T000000 RRULE:" + WEDNESDAYS, 'no time zone "Eastern Standard Time"'),
    (
        "DTSTART;TZID=America/New_York:20260603T120000 RRULE:" + WEDNESDAYS,
        'add hours = "12:00-24:00", or write DTSTART',
    ),
    (f"{WEDNESDAYS};COUNT=4\nEXDATE:20260610", "takes no EXDATE; open such a date again under [policy.hours.dates]"),
    (f"RDATE:20260611 RRULE:{WEDNESDAYS};COUNT=4", "takes no RDATE; write a closure of its own"),
    (f"{WEDNESDAYS};UNTIL=20260602T235959Z", "this rule never happens from 2026-06-03 to 2026-06-02"),
    (f"{WEDNESDAYS};UNTIL=20260624T250000Z", 'UNTIL="20260624T250000Z" is not a date'),
    (f"{WEDNESDAYS};UNTIL=2026W26", "is not a date; write for example UNTIL=20271231"),
    (f"{WEDNESDAYS};UNTIL=20260624;UNTIL=20260701", "UNTIL stands in this rule twice"),
    (f"{WEDNESDAYS};INTERVAL=0;COUNT=3", 'INTERVAL="0" is not a number of times'),
    ("FREQ=WEEKLY;BYDAY=2WE;COUNT=3", "counts weekdays, which FREQ=WEEKLY cannot"),
    ("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3", 'BYMONTHDAY="0" is none of its numbers, which are 1 to 31, or -1 to -31'),
    ("FREQ=MONTHLY;BYMONTHDAY=15,32;COUNT=3", 'BYMONTHDAY="32" is none of its numbers'),
    ("FREQ=YEARLY;BYMONTH=-1;COUNT=3", 'BYMONTH="-1" is none of its numbers, which are 1 to 12'),
    ("FREQ=YEARLY;BYEASTER=367;COUNT=3", "which are -366 to 366"),
    ("FREQ=WEEKLY;BYMONTHDAY=3;COUNT=3", "BYMONTHDAY does not go with FREQ=WEEKLY; write it with FREQ=DAILY or"),
    ("FREQ=MONTHLY;BYYEARDAY=100;COUNT=3", "write it with FREQ=YEARLY"),
    ("FREQ=YEARLY;BYWEEKNO=-1;COUNT=3", "BYWEEKNO needs the days of the week"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO;COUNT=3", "BYWEEKNO needs the days of the week, without a number"),
    ("FREQ=MONTHLY;BYSETPOS=-1;COUNT=3", "BYSETPOS has nothing to choose from"),
    (
        f"DTSTART:20260601\nRRULE:{WEDNESDAYS};COUNT=2",
        "DTSTART is 2026-06-01, which the rule leaves out, so that some calendars count it and some do not; write",
    ),
    (f"DTSTART:20260603\nDTEND:20260604\nRRULE:{WEDNESDAYS};COUNT=2", "takes no DTEND; leave it out; the hours"),
]


@pytest.mark.parametrize(("rule", "sentence"), REFUSED)
def test_rule_that_would_be_read_by_guess_is_refused_with_the_remedy(rule: str, sentence: str) -> None:
    assert sentence in refusal_of(rule)


NUMBERED = [
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3", ["2026-06-30", "2026-07-31", "2026-08-31"]),
    ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", ["2026-06-30", "2026-07-31", "2026-08-31"]),
    ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", ["2026-07-31", "2026-08-31"]),
    ("FREQ=YEARLY;BYEASTER=-2,1;UNTIL=20270401", ["2027-03-26", "2027-03-29"]),
    ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR;COUNT=1", ["2027-01-01"]),
    ("FREQ=YEARLY;BYYEARDAY=-1;COUNT=1", ["2026-12-31"]),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=1", ["2026-11-13"]),
    ("FREQ=WEEKLY;BYDAY=MO,SU;INTERVAL=2;WKST=SU;COUNT=3", ["2026-06-14", "2026-06-15", "2026-06-28"]),
    ("FREQ=WEEKLY;BYDAY=MO,SU;INTERVAL=2;WKST=MO;COUNT=3", ["2026-06-07", "2026-06-15", "2026-06-21"]),
]


@pytest.mark.parametrize(("rule", "days"), NUMBERED)
def test_numbers_of_a_rule_count_as_the_standard_has_them(rule: str, days: list[str]) -> None:
    closure = {"name": "x", "rrule": rule, "from": date(2026, 6, 3)}
    found = parse_closures(SettingsTable({"closures": [closure]}, "config.toml"), "America/New_York")[0]

    assert [day.isoformat() for day in closure_dates(found, date(2028, 1, 1))] == days


def test_two_first_days_are_refused() -> None:
    rule = f"DTSTART:20260610 RRULE:{WEDNESDAYS};COUNT=2"

    assert "DTSTART is 2026-06-10 and from is 2026-06-03" in refusal_of(rule, more={"from": date(2026, 6, 3)})


def test_calendar_export_of_several_lines_stands_in_a_toml_text(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    text = f"DTSTART;TZID=America/New_York:20260603T000000\nRRULE:{WEDNESDAYS};UNTIL=20260624T035959Z\n"
    file.write_text(f'[[policy.closures]]\nname = "Wed"\nrrule = """\n{text}"""\n')

    assert list(closure_dates(load_settings(file, {}).policy.hours.closures[0])) == JUNE[:3]


@example_settings(200)
@given(
    zone=st.sampled_from(ZONES),
    minute=st.sampled_from((0, 2, 12 * 60)),
    rule=st.sampled_from(("FREQ=DAILY", WEDNESDAYS, "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY;BYDAY=-1FR")),
    until=st.timedeltas(timedelta(), timedelta(days=90)).map(lambda span: datetime(2026, 6, 5, tzinfo=UTC) + span),
)
def test_end_in_utc_agrees_with_a_zoned_start_read_by_the_standard(
    zone: str, minute: int, rule: str, until: datetime
) -> None:
    end = f"UNTIL={until:%Y%m%dT%H%M%SZ}"
    start = datetime(2026, 6, 3, minute // 60, minute % 60, tzinfo=packaged_zone(zone))
    expected = [at.date() for at in rrulestr(f"{rule};{end}", dtstart=start)]
    hours = {"hours": f"{minute // 60:02}:{minute % 60:02}-24:00"} if minute else {}

    if expected:
        assert dates_of(f"{rule};{end}", zone, hours) == expected
    else:
        assert "never happens" in refusal_of(f"{rule};{end}", zone, hours)
