"""Settings come from the packaged policy, the user's file over it, and the environment over both."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from supporttui.config import ConfigProblem, Folders, Settings, default_policy, load_settings
from supporttui.domain.policy import Interval, Metric, ServicePolicy
from supporttui.domain.ticket import Status

HOUR = timedelta(hours=1)


def settings_of(folder: Path, text: str, **environ: str) -> Settings:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environ)


def test_without_any_configuration_the_published_policy_holds() -> None:
    settings = load_settings(None, {})

    targets = {severity: row.first_response for severity, row in settings.policy.severities.items()}
    assert targets == {1: 4 * HOUR, 2: 9 * HOUR, 3: 18 * HOUR, 4: 45 * HOUR}
    assert settings.policy.severities[2].target_text == "1 business day"
    assert settings.policy.hours.week == ((Interval(480, 1020),),) * 5 + ((), ())
    assert (settings.policy.hours.zone, settings.policy.hours.observed) == ("America/New_York", False)
    assert (settings.policy.default_severity, settings.closed_days) == (3, 7)
    assert settings.policy.pause_on[Metric.FIRST_RESPONSE] == frozenset()
    assert settings.policy.metrics == (Metric.FIRST_RESPONSE,)
    assert settings.desk.kind == "embedded"


def test_statuses_have_the_titles_and_meanings_of_the_policy() -> None:
    statuses = default_policy().statuses

    assert [status.title for status in statuses.values()] == ["New", "Open", "Awaiting your reply", "On-Hold", "Closed"]
    assert list(statuses) == list(Status)
    assert statuses[Status.NEW].meaning == "submitted, awaiting our feedback"


def test_packaged_policy_says_how_the_second_severity_2_is_read() -> None:
    text = Path(__file__).parents[2].joinpath("src/supporttui/policy.toml").read_text(encoding="utf-8")

    assert "names severity 2 twice" in text
    assert "read as severity 3" in text


def test_users_file_overrides_key_by_key(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        """
        [policy.severity.2]
        first_response = "90 minutes"
        [policy.hours]
        zone = "Europe/Berlin"
        business_day = "9 hours"
        friday = ["08:00-12:00", "13:00-15:30"]
        [policy.holidays]
        observed = true
        """,
    )

    assert settings.policy.severities[2].first_response == 1.5 * HOUR
    assert settings.policy.severities[2].meaning == default_policy().severities[2].meaning
    assert settings.policy.severities[1] == default_policy().severities[1]
    assert settings.policy.hours.zone == "Europe/Berlin"
    assert settings.policy.hours.week[4] == (Interval(480, 720), Interval(780, 930))
    assert settings.policy.hours.week[0] == (Interval(480, 1020),)
    assert settings.policy.hours.observed


def test_business_day_multiplies_the_targets(tmp_path: Path) -> None:
    policy = settings_of(tmp_path, 'policy.hours.business_day = "8 hours"').policy

    assert policy.severities[4].first_response == 40 * HOUR
    assert policy.severities[1].first_response == 4 * HOUR


WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def test_business_day_is_as_long_as_the_open_days_are(tmp_path: Path) -> None:
    with_lunch = settings_of(
        tmp_path, "\n".join(f'policy.hours.{day} = ["08:00-12:00", "13:00-17:00"]' for day in WORKING_DAYS)
    )
    by_night = settings_of(
        tmp_path,
        'policy.calendars.night.every_day = ["22:00-06:00"]\npolicy.calendars.night.sunday = []\n'
        'policy.severity.2.calendar = "night"',
    )
    always = settings_of(
        tmp_path, 'policy.calendars.always.every_day = ["00:00-24:00"]\npolicy.severity.2.calendar = "always"'
    )

    amounts = [settings.policy.severities[2].first_response for settings in (with_lunch, by_night, always)]

    assert amounts == [8 * HOUR, 8 * HOUR, 24 * HOUR]


def test_open_days_of_several_lengths_need_no_business_day_where_no_target_has_one(tmp_path: Path) -> None:
    text = "\n".join(f'policy.severity.{number}.first_response = "{number} hours"' for number in (2, 3, 4))

    policy = settings_of(tmp_path, f'{text}\npolicy.hours.friday = ["08:00-12:00"]').policy

    assert policy.severities[4].first_response == 4 * HOUR
    assert policy.hours.business_day is None


def test_single_dates_have_their_own_hours(tmp_path: Path) -> None:
    text = '[policy.hours.dates]\n2026-12-31 = ["08:00-12:00"]\n2026-07-03 = []'

    overrides = settings_of(tmp_path, text).policy.hours.overrides

    assert overrides == {date(2026, 12, 31): (Interval(480, 720),), date(2026, 7, 3): ()}


def test_hours_over_midnight_end_in_the_day_after(tmp_path: Path) -> None:
    week = settings_of(
        tmp_path,
        'policy.hours.sunday = ["22:00-06:00"]\npolicy.hours.monday = ["08:00-24:00"]\n'
        'policy.hours.business_day = "9 hours"',
    ).policy

    assert week.hours.week[6] == (Interval(1320, 1440),)
    assert week.hours.week[0] == (Interval(0, 360), Interval(480, 1440))


def test_statuses_that_pause_and_moves_are_configuration(tmp_path: Path) -> None:
    policy: ServicePolicy = settings_of(
        tmp_path,
        """
        [policy.pause_on]
        first_response = ["on_hold", "awaiting_reply"]
        [policy.statuses.on_hold]
        title = "Waiting for a release"
        moves = ["open"]
        """,
    ).policy

    assert policy.pause_on[Metric.FIRST_RESPONSE] == {Status.ON_HOLD, Status.AWAITING_REPLY}
    assert policy.statuses[Status.ON_HOLD].title == "Waiting for a release"
    assert policy.statuses[Status.ON_HOLD].moves == (Status.OPEN,)


def test_file_named_by_the_environment_is_read(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text("policy.closed_days = 3")

    settings = load_settings(None, {"SUPPORTTUI_CONFIG": str(file)})

    assert (settings.closed_days, settings.file) == (3, file)


def test_users_own_file_is_read_from_its_folder() -> None:
    file = Folders.of_user().config_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("policy.closed_days = 5")

    assert load_settings(None, {}).closed_days == 5


def test_named_file_that_is_missing_is_a_problem(tmp_path: Path) -> None:
    missing = tmp_path / "missing.toml"

    with pytest.raises(ConfigProblem, match=r"missing\.toml: there is no such file"):
        load_settings(missing, {})
    with pytest.raises(ConfigProblem, match=r"missing\.toml"):
        load_settings(None, {"SUPPORTTUI_CONFIG": str(missing)})


def test_folder_in_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match="it cannot be read"):
        load_settings(tmp_path, {})


def test_text_that_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match=r"config\.toml: line 2, column 8: .*not valid TOML"):
        settings_of(tmp_path, "[policy]\nzone = = 1")


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"a = '\xff'")

    with pytest.raises(ConfigProblem, match="byte 5: this is not UTF-8"):
        load_settings(file, {})


def test_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert settings_of(tmp_path, "\ufeffpolicy.closed_days = 2").closed_days == 2


def test_keys_are_kept_by_binding_id(tmp_path: Path) -> None:
    assert settings_of(tmp_path, '[keys]\nboard-open-ticket = "o,enter"').keys == {"board-open-ticket": "o,enter"}


def test_file_name_with_escape_codes_is_shown_harmless(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem) as caught:
        load_settings(tmp_path / "\x1b[31mred.toml", {})

    assert "\x1b" not in str(caught.value)
