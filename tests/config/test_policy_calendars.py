"""Closures, labelled dates, named calendars and more metrics, as a policy file writes them."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from supporttui.config import ConfigProblem, load_settings
from supporttui.domain.openings import closure_dates
from supporttui.domain.policy import Interval, Metric, PlannedClosure, ServicePolicy

HOUR = timedelta(hours=1)
ALWAYS = '[policy.calendars.always]\nevery_day = ["00:00-24:00"]\n'


def policy_of(folder: Path, text: str) -> ServicePolicy:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, {}).policy


def problem_of(folder: Path, text: str) -> ConfigProblem:
    with pytest.raises(ConfigProblem) as caught:
        policy_of(folder, text)
    assert str(caught.value).startswith(f"{folder / 'config.toml'}: line {caught.value.line}: {caught.value.key}: ")
    return caught.value


def test_single_date_has_hours_and_a_reason(tmp_path: Path) -> None:
    hours = policy_of(
        tmp_path,
        'policy.hours.dates.2026-11-25 = { hours = ["08:00-12:00"], name = "half day before Thanksgiving" }\n'
        "policy.hours.dates.2026-08-10 = { hours = [], name = 'office move' }\n",
    ).hours

    assert hours.overrides == {date(2026, 11, 25): (Interval(480, 720),), date(2026, 8, 10): ()}
    assert hours.labels == {date(2026, 11, 25): "half day before Thanksgiving", date(2026, 8, 10): "office move"}


def test_closures_are_ranges_or_rules_for_days_or_hours(tmp_path: Path) -> None:
    closures = policy_of(
        tmp_path,
        """
        [[policy.closures]]
        name = "summer"
        from = 2026-08-10
        to = 2026-08-12
        [[policy.closures]]
        name = "team meeting"
        from = 2026-01-01
        rrule = "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20260331"
        hours = "12:00-13:00, 15:00-17:00"
        [[policy.closures]]
        name = "inventory"
        rrule = "DTSTART:20260105 RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3"
        """,
    ).hours.closures

    assert closures[0] == PlannedClosure(name="summer", first=date(2026, 8, 10), last=date(2026, 8, 12))
    assert [day.day for day in closure_dates(closures[0])] == [10, 11, 12]
    assert list(closure_dates(closures[1])) == [date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 27)]
    assert closures[1].intervals == (Interval(720, 780), Interval(900, 1020))
    assert list(closure_dates(closures[2])) == [date(2026, 1, 5), date(2026, 1, 19), date(2026, 2, 2)]


def test_key_to_ends_a_rule(tmp_path: Path) -> None:
    text = '[[policy.closures]]\nname = "x"\nfrom = 2026-01-01\nto = 2026-01-20\nrrule = "RRULE:FREQ=WEEKLY;BYDAY=MO"'

    closure = policy_of(tmp_path, text).hours.closures[0]

    assert list(closure_dates(closure)) == [date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19)]


def test_severity_and_metric_run_by_calendars_of_their_own(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        ALWAYS
        + """
        [policy.calendars.berlin]
        zone = "Europe/Berlin"
        business_day = "8 hours"
        every_day = ["09:00-12:00", "13:00-18:00"]
        saturday = []
        sunday = []
        holidays = "DE-BY"
        [policy.metric_calendars]
        resolution = "berlin"
        [policy.severity.1]
        calendar = "always"
        resolution = "1 business day"
        [policy.severity.2]
        next_response = "90 minutes"
        resolution = "2 business days"
        """,
    )

    assert policy.metrics == tuple(Metric)
    assert policy.calendar_name(1, Metric.RESOLUTION) == "always"
    assert policy.calendar_name(2, Metric.RESOLUTION) == "berlin"
    assert policy.calendar_name(2, Metric.FIRST_RESPONSE) == ""
    targets = [policy.severities[severity].target(Metric.RESOLUTION) for severity in (1, 2, 3)]
    assert [target and target.amount for target in targets] == [24 * HOUR, 16 * HOUR, None]
    berlin = policy.hours_of("berlin")
    assert (berlin.holiday_calendar, berlin.week[5], berlin.week[0][1]) == ("DE-BY", (), Interval(780, 1080))
    assert policy.hours_of("always").zone == "America/New_York"


def test_target_says_where_it_was_written(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, '\n[policy.severity.1]\nfirst_response = "2 hours"\n')

    mine, packaged = (policy.severities[severity].target(Metric.FIRST_RESPONSE) for severity in (1, 2))

    assert mine is not None
    assert mine.source == f"policy.severity.1.first_response in {tmp_path / 'config.toml'}, line 3"
    assert packaged is not None
    assert packaged.source == "policy.severity.2.first_response in the packaged policy"


@pytest.mark.parametrize("name", ["US", "US-CA", "DE-BY", "JP", "NYSE", "XNYS", "ECB"])
def test_holiday_calendars_of_countries_parts_and_exchanges_are_known(tmp_path: Path, name: str) -> None:
    assert policy_of(tmp_path, f'policy.holidays.calendar = "{name}"').hours.holiday_calendar == name


RULES = [
    ('"FREQ=DAILY"', "this rule never ends; add ;UNTIL=20271231 or ;COUNT=12 to it"),
    ('"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3"', "this rule never happens from 2026-01-01"),
    ('"FREQ=YEARLY;UNTIL=20251231"', "this rule never happens from 2026-01-01 to 2025-12-31"),
    ('"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=1"', "this rule never happens"),
    ('"FREQ=HOURLY;COUNT=3"', "FREQ must be one of DAILY, WEEKLY, MONTHLY, YEARLY"),
    ('"FREQ=MONTHLY;BYDAI=FR;COUNT=3"', 'no part "BYDAI"; did you mean BYDAY?'),
    ('"FREQ=MONTHLY;BYDAY=XX;COUNT=3"', "this is not a rule"),
    ('"FREQ=MONTHLY;COUNT=0"', "is not a number of times"),
    ('"FREQ=MONTHLY;UNTIL=20261399"', 'UNTIL="20261399" is not a date'),
    ('"every friday"', "is no part of a rule; write for example"),
]


@pytest.mark.parametrize(("rule", "sentence"), RULES)
def test_rule_that_cannot_close_anything_is_refused_with_its_line(tmp_path: Path, rule: str, sentence: str) -> None:
    text = f'[desk]\n\n[[policy.closures]]\nname = "x"\nfrom = 2026-01-01\nrrule = {rule}\n'

    problem = problem_of(tmp_path, text)

    assert (problem.key, problem.line) == ("policy.closures[1].rrule", 6)
    assert sentence in problem.sentence


MISTAKES = [
    ('\n\npolicy.hours.monday = [\n"08:00-12:00",\n"11:00-17:00"]', 3, "policy.hours.monday", "overlap; write them"),
    ('[policy.hours]\nzone = "Europe/Berln"', 2, "policy.hours.zone", "did you mean Europe/Berlin?"),
    ('[policy.holidays]\ncalendar = "DE-BX"', 2, "policy.holidays.calendar", "or DE-BY"),
    ('[policy.holidays]\ncalendar = "NYES"', 2, "policy.holidays.calendar", 'holiday calendar "NYES"; did you mean'),
    ('# x\n[policy.severity.5]\nfirst_response = "1 hour"', 2, "policy.severity.5", "there is no severity"),
    ('[policy.severity.1]\n\ncalendar = "allways"\n' + ALWAYS, 3, "policy.severity.1.calendar", "did you mean always?"),
    ('policy.metric_calendars.resolution = "x"', 1, "policy.metric_calendars.resolution", "none is defined"),
    ("\n[policy.calendars.never]\nmonday = []", 3, "policy.calendars.never.monday", "support would never open"),
    ("\n[policy.calendars.never]\n", 2, "policy.calendars.never", "support would never open"),
    ('[policy.calendars.x]\nevery_day = ["20:00-09:00", "08:00-21:00"]', 2, "policy.calendars.x.every_day", "overlap"),
    ('[[policy.closures]]\nname = "x"', 1, "policy.closures[1]", "this closure has no dates"),
    (
        '[[policy.closures]]\nname = "x"\nfrom = 2026-02-02\nto = 2026-02-01',
        4,
        "policy.closures[1].to",
        "before it begins",
    ),
    ('[[policy.closures]]\nname = "x"\nfrom = "soon"', 3, "policy.closures[1].from", "is not a date; write"),
    (
        '[[policy.closures]]\nname="x"\nfrom=2026-02-02\n[[policy.closures]]\nname="y"\nfrom=2026-02-02\nhours="22:00-02:00"',
        7,
        "policy.closures[2].hours",
        "goes over midnight",
    ),
    ("policy.closures = 1", 1, "policy.closures", "is not a list of tables; write [[policy.closures]]"),
    ('[policy.severity.1]\nresolution = "soon"', 2, "policy.severity.1.resolution", "is not a target"),
]


@pytest.mark.parametrize(("text", "line", "key", "sentence"), MISTAKES, ids=[text for text, *_ in MISTAKES])
def test_mistake_is_refused_with_file_line_key_and_remedy(
    tmp_path: Path, text: str, line: int, key: str, sentence: str
) -> None:
    problem = problem_of(tmp_path, text)

    assert (problem.line, problem.key) == (line, key)
    assert sentence in problem.sentence
