"""`supporttui due`, `hours` and `doctor`, as a shell runs them."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from support.command_line import run_command, single_error_line
from support.policy_samples import new_york, ticket_at
from supporttui.cli.desk_selection import select_desk
from supporttui.cli.launch import GlobalOptions
from supporttui.domain.ticket_id import TicketId
from supporttui.domain.zones import zones_version
from supporttui.store.cache import Cache
from supporttui.sync.status import SyncRecord, save_sync_record


def test_due_draws_the_clock_across_the_days() -> None:
    ended = run_command("due", "--severity", "2", "--created", "2026-11-25 16:00", "--at", "Nov 30 2026 10:30am")

    assert ended.code == 0
    assert ended.out.splitlines()[0] == "First response  5h 30m left"
    assert "due         Mon 30 Nov 2026 16:00 EST" in ended.out
    assert "Fri 27 Nov           ························           Friday after Thanksgiving" in ended.out


@pytest.mark.parametrize(
    "created",
    ["2026-06-08 10:00", "June 8 2026 10am", "8 Jun 2026 14:00 UTC", "2026-06-08T10:00-04:00", "20260608T1000 EDT"],
)
def test_when_is_a_date_and_time_in_the_desks_zone(created: str) -> None:
    found = json.loads(run_command("due", "--severity", "1", "--created", created, "--json").out)

    assert found["clocks"][0]["started_at"] == "2026-06-08T14:00:00+00:00"
    assert found["clocks"][0]["due_at"] == "2026-06-08T18:00:00+00:00"


def test_every_when_is_read_by_one_rule(tmp_path: Path) -> None:
    moves = tmp_path / "moves"
    moves.write_text("08.06.2026 14:00 UTC+3, hold\n")
    zoned = ["--created", "2026-06-08 10:00 UTC+3", "--first-reply", "08.06.2026 16:00 GMT+3"]

    clock = json.loads(run_command("due", *zoned, "--status-history", str(moves), "--json").out)["clocks"][0]
    refused = run_command("due", "--created", "2026-06-08", "--at", "06/08/2026 10:00")

    assert (clock["started_at"], clock["met_at"]) == ("2026-06-08T07:00:00+00:00", "2026-06-08T13:00:00+00:00")
    assert '--at: "06/08/2026 10:00" can be 6 August 2026 or 8 June 2026' in single_error_line(refused)


def test_order_of_day_and_month_is_configured(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('[dates]\norder = "month-first"\n')

    found = json.loads(run_command("due", "--created", "6/8/2026", "--config", str(config), "--json").out)

    assert found["clocks"][0]["started_at"] == "2026-06-08T04:00:00+00:00"


def test_business_day_ends_with_a_day_that_has_a_lunch_break(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    closed = "\n".join(f"{day} = []" for day in ("wednesday", "thursday", "friday"))
    split = "\n".join(f'{day} = ["08:00-12:00", "13:00-17:00"]' for day in ("monday", "tuesday"))
    config.write_text(f"[policy.hours]\n{split}\n{closed}\n")
    asked = ["--severity", "2", "--created", "2026-06-08 08:00", "--config", str(config), "--json"]

    clock = json.loads(run_command("due", *asked).out)["clocks"][0]

    assert clock["due_at"] == "2026-06-08T21:00:00+00:00"


def test_clock_of_years_ago_is_counted_to_now() -> None:
    found = run_command("due", "--severity", "1", "--created", "2016-06-08 10:00")

    assert found.out.splitlines()[0].endswith("h 00m over") or "-" in found.out.splitlines()[0]
    assert "was due     Wed  8 Jun 2016 14:00 EDT" in found.out


@pytest.mark.parametrize(
    ("created", "due"),
    [
        ("1916-06-08 10:00", "1916-06-08T14:00:00-05:00"),
        ("1970-01-02 10:00", "1970-01-02T14:00:00-05:00"),
        ("2110-06-10 10:00", "2110-06-10T14:00:00-04:00"),
        ("2999-12-30 10:00", "2999-12-30T14:00:00-05:00"),
    ],
)
def test_calendar_reaches_as_far_as_it_is_asked(created: str, due: str) -> None:
    asked = ["--severity", "1", "--created", created, "--at", "2026-06-08 12:00", "--json"]

    clock = json.loads(run_command("due", *asked).out)["clocks"][0]

    assert datetime.fromisoformat(clock["due_at"]) == datetime.fromisoformat(due)
    assert clock["state"] == ("breached" if due < "2026" else "running")


def test_target_of_decades_has_a_due_time(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('[policy.severity.1]\nfirst_response = "9999 business days"\n')
    asked = ["--severity", "1", "--created", "2026-06-08 10:00", "--config", str(config), "--json"]

    assert json.loads(run_command("due", *asked).out)["clocks"][0]["due_at"].startswith("2065-")


def test_year_that_no_clock_is_counted_in_is_refused() -> None:
    assert "clocks are counted from 1900 to 2999" in single_error_line(run_command("due", "--created", "0016-06-08"))


def test_nothing_after_the_instant_that_is_asked_about_counts(tmp_path: Path) -> None:
    moves = tmp_path / "moves"
    moves.write_text("2026-06-08 11:00, open\n2026-06-08 13:30, closed\n")
    created = ["--severity", "1", "--created", "2026-06-08 10:00", "--first-reply", "2026-06-08 13:00"]
    asked = [*created, "--status-history", str(moves), "--json"]

    before, at, after = (
        json.loads(run_command("due", *asked, "--at", f"2026-06-08 {wall}").out)["clocks"][0]
        for wall in ("12:00", "13:00", "15:00")
    )

    assert (before["state"], before["used_s"], before["met_at"]) == ("running", 7200, None)
    assert [(clock["state"], clock["used_s"]) for clock in (at, after)] == [("met", 10800)] * 2


def test_closing_after_the_instant_that_is_asked_about_does_not_end_the_clock(tmp_path: Path) -> None:
    moves = tmp_path / "moves"
    moves.write_text("2026-06-08 13:30, closed\n")
    asked = ["--severity", "1", "--created", "2026-06-08 10:00", "--status-history", str(moves), "--json"]

    clock = json.loads(run_command("due", *asked, "--at", "2026-06-08 12:00").out)["clocks"][0]

    assert (clock["state"], clock["used_s"], clock["ended_at"]) == ("running", 7200, None)


def test_status_from_before_the_ticket_is_refused(tmp_path: Path) -> None:
    moves = tmp_path / "moves"
    moves.write_text("2026-06-08 11:00, open\n2026-06-08 09:00, on_hold\n")

    ended = run_command("due", "--created", "2026-06-08 10:00", "--status-history", str(moves))

    assert 'the entry "2026-06-08 09:00, on_hold" lies before --created' in single_error_line(ended)
    assert ended.code == 2


def test_nothing_used_and_nothing_left_are_said_as_nothing() -> None:
    created = ["due", "--severity", "1", "--created", "2026-06-08 10:00", "--at"]

    before, at_the_end = (run_command(*created, at).out for at in ("2026-06-05 12:00", "2026-06-08 14:00"))

    assert "used        0m\nleft        4h 00m\n" in before
    assert "used        4h 00m\nleft        0m\n" in at_the_end


def test_first_reply_meets_the_clock() -> None:
    arguments = ["--severity", "1", "--created", "2026-06-08 10:00", "--first-reply", "2026-06-08 11:04", "--json"]

    clock = json.loads(run_command("due", *arguments).out)["clocks"][0]

    assert (clock["state"], clock["used_s"], clock["met_at"]) == ("met", 3840, "2026-06-08T15:04:00+00:00")


@pytest.mark.parametrize("text", ["# moves\n2026-06-08 11:00, hold\n2026-06-08 14:00, open\n", None])
def test_status_history_pauses_by_the_policy_of_the_file_that_is_named(tmp_path: Path, text: str | None) -> None:
    config, moves = tmp_path / "mine.toml", tmp_path / "moves"
    config.write_text('[policy.pause_on]\nfirst_response = ["on_hold"]\n')
    rows = [{"at": "2026-06-08 11:00", "status": "on_hold"}, {"at": "2026-06-08 14:00", "status": "open"}]
    moves.write_text(text if text is not None else json.dumps(rows))
    arguments = ["--severity", "1", "--created", "2026-06-08 10:00", "--at", "2026-06-08 15:00", "--json"]

    found = run_command("due", *arguments, "--config", str(config), "--status-history", str(moves))

    clock = json.loads(found.out)["clocks"][0]
    assert (clock["used_s"], clock["due_at"]) == (7200, "2026-06-08T21:00:00+00:00")
    assert [segment["reason"] for segment in clock["segments"]] == ["support hours", "On-Hold", "support hours"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--severity", "1"], "--created is missing"),
        (["--severity", "1", "--created", "yesterdayish"], "yesterdayish"),
        (["--severity", "1", "--created", "2026-06-08 10:00 XYZ"], "XYZ"),
        (["--severity", "5", "--created", "2026-06-08"], "severity 5"),
        (["--created", "2026-06-08", "--first-reply", "2026-06-07"], "exchange the two"),
        (["--created", "2026-06-08", "--status-history", "/nowhere"], "/nowhere"),
    ],
)
def test_wrong_question_is_one_sentence_and_exit_code_2(arguments: list[str], named: str) -> None:
    ended = run_command("due", *arguments)

    assert named in single_error_line(ended)
    assert (ended.code, ended.out) == (2, "")


def test_wrong_policy_file_is_named_with_its_line_and_exit_code_3(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('[policy.hours]\n\nzone = "Mars/Olympus"\n')

    ended = run_command("hours", "--config", str(config))

    assert f"{config}: line 3: policy.hours.zone: there is no time zone" in single_error_line(ended)
    assert ended.code == 3


def test_calendar_that_closures_leave_no_hour_is_one_sentence(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('[[policy.closures]]\nname = "gone"\nfrom = 1990-01-01\nto = 2080-01-01\n')

    ended = run_command("hours", "--config", str(config))

    assert "policy.hours: these support hours open on no day" in single_error_line(ended)
    assert ended.code == 3


def test_today_reads_the_local_copy_and_orders_the_answers() -> None:
    files = select_desk(GlobalOptions()).files
    with Cache(files.cache, files.desk) as cache:
        cache.apply([ticket_at(new_york("2020-06-08 10:00"), id=TicketId(files.desk, "7"))], ())

    found = run_command("due", "--today")
    facts = json.loads(run_command("due", "--today", "--json").out)

    assert found.code == 0
    assert "Breached and waiting: 1" in found.out
    assert "#7" in found.out
    assert [(task["desk"], task["ticket"]) for task in facts["breached"]] == [(files.desk, "7")]


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_today_does_not_say_that_nothing_waits_where_nothing_was_ever_fetched(more: list[str]) -> None:
    ended = run_command("due", "--today", *more)

    assert "nothing has been fetched from the desk yet" in single_error_line(ended)
    assert ended.out == ""
    assert ended.code == 4


def test_hours_says_open_or_not_and_lists_four_weeks() -> None:
    found = run_command("hours")
    facts = json.loads(run_command("hours", "--json").out)["calendars"][0]

    assert found.out.splitlines()[0].startswith(("Support is open until ", "Support is closed ("))
    assert len(found.out.splitlines()) == 3 + 28
    assert (facts["calendar"], facts["zone"], len(facts["days"])) == ("desk", "America/New_York", 28)


def test_hours_lists_every_calendar(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('[policy.calendars.always]\nevery_day = ["00:00-24:00"]\n')

    found = run_command("hours", "--config", str(config)).out

    assert 'Calendar "always" is open' in found
    assert found.count("00:00–24:00") == 28


def test_doctor_names_the_tz_data_in_use() -> None:
    ended = run_command("doctor")

    assert ended.code == 0
    assert f"tz data     {zones_version()}, the " in ended.out


def test_status_names_the_zone_of_the_desk() -> None:
    files = select_desk(GlobalOptions()).files
    with Cache(files.cache, files.desk) as cache:
        save_sync_record(cache, SyncRecord(new_york("2026-06-08 10:00"), 0.0, None, b""))

    assert "last in step with the desk 2026-06-08 10:00:00 EDT" in run_command("status").out


def test_the_hint_to_add_a_person_names_the_same_database(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    ended = run_command("desk", "token", "--email", "new@acme.example", "--database", database)
    assert single_error_line(ended).endswith(f"supporttui desk add-user --database {database}")
