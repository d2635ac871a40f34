"""A wrong value is refused with its key and with what would be right."""

from pathlib import Path

import pytest

from supporttui.config import ConfigProblem, load_settings

PROBLEMS = [
    (
        'policy.severity.2.first_response = "2 bananas"',
        '2.first_response: "2 bananas" is not a target; write for example "30 minutes", "4 hours" or "1 business day"',
    ),
    ('policy.severity.1.first_response = "0 hours"', 'policy.severity.1.first_response: "0 hours" is not a target'),
    ("policy.severity.1.first_response = 4", "policy.severity.1.first_response: 4 is not a text"),
    ('policy.severity.1.meaning = ""', 'policy.severity.1.meaning: "" is not a text; write for example'),
    ('policy.severity.1.meaning = "a\\u001b[2Jb"', "policy.severity.1.meaning: "),
    ("[policy.severity.5]", 'line 1: policy.severity.5: there is no severity "5"; the policy has 1 to 4'),
    (
        'policy.severity.1.frist_response = "1 hour"',
        "frist_response: there is no such key; did you mean first_response?",
    ),
    ('policy.severity = "all"', 'policy.severity: "all" is not a table; write [policy.severity]'),
    ("policy.default_severity = 5", "policy.default_severity: 5 is not a whole number from 1 to 4"),
    ("policy.default_severity = true", "policy.default_severity: true is not a whole number"),
    ("policy.closed_days = 0", "policy.closed_days: 0 is not a whole number from 1 to 365"),
    (
        'policy.hours.zone = "America/NewYork"',
        'there is no time zone "America/NewYork"; did you mean America/New_York?',
    ),
    (
        'policy.hours.zone = "???"',
        'policy.hours.zone: there is no time zone "???"; write for example "America/New_York"',
    ),
    ('policy.hours.business_day = "1 business day"', "policy.hours.business_day: "),
    ('policy.hours.business_day = "25 hours"', 'business_day: "25 hours" is not the length of a business day'),
    (
        'policy.hours.monday = "08:00-17:00"',
        'monday: "08:00-17:00" is not a list of texts; write for example monday = [',
    ),
    (
        'policy.hours.monday = ["00:00-23:59"]',
        'monday: "00:00-23:59" loses the last minute of the hour; write "00:00-24:00"',
    ),
    ('policy.hours.monday = ["13:00-23:59:59"]', 'write "13:00-24:00"'),
    ('policy.hours.monday = ["00:00:00 – 23:59:59.999"]', 'write "00:00-24:00"'),
    ('policy.hours.monday = ["08:00-16:59:59"]', 'write "08:00-17:00"'),
    ('policy.calendars.x.every_day = ["00:00-23:59"]', 'policy.calendars.x.every_day: "00:00-23:59" loses'),
    ('policy.hours.dates.2026-12-31 = ["08:00-23:59"]', 'write "08:00-24:00"'),
    ('policy.closures = [{name="x", from=2026-02-02, hours="00:00-23:59"}]', 'write "00:00-24:00"'),
    ('policy.hours.monday = ["08:00-16:59"]', '"08:00-16:59" loses the last minute of the hour; write "08:00-17:00"'),
    ('policy.hours.monday = ["00:01-24:00"]', '"00:01-24:00" loses the first minute of the hour; write "00:00-24:00"'),
    ('policy.hours.monday = ["08:00-11:59", "12:00-17:00"]', 'write "08:00-12:00"'),
    (
        'policy.hours.monday = ["08:00-11:44", "11:45-17:00"]',
        '"08:00-11:44" and "11:45-17:00" lose the minute between them; write "08:00-11:45" as the first',
    ),
    (
        'policy.hours.business_day = "0 hours"',
        '"0 hours" is not the length of a business day; write for example "9 hours"',
    ),
    (
        'policy.severity.4.first_response = "1.5 business days"',
        '"1.5 business days" is not a target; write for example',
    ),
    ('policy.severity.4.first_response = "-1 hours"', '"-1 hours" is not a target'),
    ('policy.calendars."" = {every_day = ["00:00-24:00"]}', "policy.calendars: a calendar needs a name"),
    ('policy.holidays.calendar = "gb-eng"', 'there is no holiday calendar "gb-eng"; did you mean GB-ENG?'),
    ('policy.holidays.calendar = "NONE"', "did you mean none?"),
    ('policy.hours.friday = ["08:00-12:00"]', 'policy.severity.2.first_response: "1 business day" has no one length'),
    (
        'policy.calendars.x = {monday = ["08:00-12:00"], tuesday = ["08:00-13:00"]}\npolicy.severity.3.calendar = "x"',
        'policy.severity.3.first_response: "2 business days" has no one length, since the open days',
    ),
    ('policy.hours.monday = ["8-17"]', 'policy.hours.monday: "8-17" is not a span of hours; write for example'),
    ('policy.hours.monday = ["08:00-25:00"]', 'policy.hours.monday: "08:00-25:00" is not a span of hours'),
    ('policy.hours.monday = ["08:60-12:00"]', "is not a span of hours"),
    ('policy.hours.monday = ["24:00-06:00"]', "is not a span of hours"),
    ('policy.hours.monday = ["08:00-08:00"]', 'is no time at all; the whole day is "00:00-24:00", a closed day is []'),
    (
        'policy.hours.monday = ["08:00-12:00", "11:00-17:00"]',
        'policy.hours.monday: "08:00-12:00" and "11:00-17:00" overlap; write them as one span',
    ),
    ('policy.hours.sunday = ["20:00-09:00"]', 'policy.hours.monday: "00:00-09:00" and "08:00-17:00" overlap'),
    (
        "policy.hours = {monday=[], tuesday=[], wednesday=[], thursday=[], friday=[]}",
        "policy.hours.monday: no day of the week has support hours",
    ),
    (
        "policy.hours.dates.christmas = []",
        "policy.hours.dates.christmas: this is not a date; write for example 2026-12-31",
    ),
    ("policy.hours.dates.2026-02-30 = []", "policy.hours.dates.2026-02-30: this is not a date"),
    (
        'policy.hours.dates.2026-12-31 = ["22:00-02:00"]',
        'policy.hours.dates.2026-12-31: "22:00-02:00" goes over midnight; give each of the two dates its own part',
    ),
    ('policy.holidays.calendar = "lunar"', 'policy.holidays.calendar: there is no holiday calendar "lunar"; '),
    ('policy.holidays.observed = "yes"', 'policy.holidays.observed: "yes" is neither true nor false'),
    ('policy.pause_on.first_response = ["onhold"]', 'there is no status "onhold"; did you mean on_hold?'),
    ("policy.pause_on.resolutoin = []", "policy.pause_on.resolutoin: there is no such key; did you mean resolution?"),
    ('policy.statuses.closed.moves = ["new"]', 'policy.statuses.closed.moves: nothing returns to "new"; leave it out'),
    (
        'policy.statuses.open.moves = ["open"]',
        'policy.statuses.open.moves: a ticket that is "open" cannot move to "open"',
    ),
    ("policy.statuses.open.moves = [1]", "policy.statuses.open.moves: [1] is not a list of texts"),
    ("policy.statuses.pending.title = 'x'", "policy.statuses.pending: there is no such key"),
    ("polcy.closed_days = 1", "polcy: there is no such key; did you mean policy?"),
    ("[keys]\nopen-ticket = 1", "keys.open-ticket: 1 is not a text"),
    ("desk = 1", "desk: 1 is not a table; write [desk]"),
]


@pytest.mark.parametrize(("text", "problem"), PROBLEMS, ids=[text for text, _ in PROBLEMS])
def test_wrong_value_is_refused_with_file_key_and_remedy(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)

    with pytest.raises(ConfigProblem) as caught:
        load_settings(file, {})

    assert str(caught.value).startswith(f"{file}: ")
    assert problem in str(caught.value)
    assert str(caught.value).isprintable()


def test_very_long_wrong_value_is_shown_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'policy.hours.zone = "{"x" * 5000}"')

    with pytest.raises(ConfigProblem) as caught:
        load_settings(file, {})

    assert len(caught.value.sentence) < 200
