"""A clock's account as a person reads it: the days, the facts, the help desk's own figures."""

from datetime import date, timedelta

from msgspec.structs import replace

from support.policy_samples import (
    full_policy,
    new_york,
    packaged_calendar,
    packaged_calendars,
    status_history_fields,
    ticket_at,
)
from supporttui.domain.clock_explanation import explain_clock
from supporttui.domain.policy import Metric, PlannedClosure
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.sla import DESK_TARGET_SOURCE, first_response_clock, ticket_clocks
from supporttui.domain.support_calendar import ALWAYS_OPEN_HOURS, SupportCalendar, policy_calendar
from supporttui.domain.ticket import DeskClock, DeskStage, SeverityChange, Status, Ticket
from supporttui.presentation.ticket.explanation_text import SHOWN_ROWS, day_rows, explanation_facts, explanation_lines

ZONE = packaged_calendar().zone
MONDAY_10 = new_york("2026-06-08 10:00")


def lines(ticket: Ticket, now: str, calendar: SupportCalendar | None = None) -> list[str]:
    clock = first_response_clock(ticket, full_policy(), calendar or packaged_calendar())
    return explanation_lines(explain_clock(clock, new_york(now)), ZONE, new_york(now))


def facts(ticket: Ticket, now: str = "2026-06-08 11:00") -> dict[str, str]:
    clock = ticket_clocks(ticket, full_policy(), packaged_calendars())[0]
    return dict(explanation_facts(explain_clock(clock, new_york(now)), ZONE, new_york(now)))


def test_severity_2_before_thanksgiving_is_read_at_a_glance() -> None:
    assert lines(ticket_at(new_york("2026-11-25 16:00"), severity=2), "2026-11-30 10:30") == [
        "First response  5h 30m left",
        "target      1 business day = 9h 00m",
        "from        policy.severity.2.first_response in the packaged policy",
        "started     Wed 25 Nov 2026 16:00 EST",
        "used        3h 30m",
        "left        5h 30m",
        "due         Mon 30 Nov 2026 16:00 EST",
        "zone        America/New_York",
        "",
        "                     0   4   8   12  16  20",
        "Wed 25 Nov                           █·······   1h 00m",
        "Thu 26 Nov           ························           Thanksgiving Day",
        "Fri 27 Nov           ························           Friday after Thanksgiving",
        "Sat 28 – Sun 29 Nov                                     weekend",
        "Mon 30 Nov           ········███░░░░░           2h 30m",
    ]


def test_day_on_which_the_clocks_change_says_so() -> None:
    always = policy_calendar(replace(ALWAYS_OPEN_HOURS, zone="America/New_York"), 2026, 2026)
    ticket = ticket_at(new_york("2026-03-07 22:00"), severity=3)

    found = lines(ticket, "2026-03-08 12:00", always)

    assert found[-2:] == [
        "Sat  7 Mar                        ██   2h 00m",
        "Sun  8 Mar  ██ █████████░░░░░         11h 00m  clocks forward 1h 00m for daylight saving",
    ]


def test_closure_is_named_on_its_day() -> None:
    closure = PlannedClosure(name="team meeting", first=date(2026, 6, 9), last=date(2026, 6, 9))
    hours = replace(full_policy().hours, closures=(closure,))
    calendar = policy_calendar(hours, 2026, 2026)

    found = lines(ticket_at(MONDAY_10, severity=2), "2026-06-10 09:00", calendar)

    assert found[-3:-1] == [
        "Mon  8 Jun            ███████·······   7h 00m",
        "Tue  9 Jun  ························           team meeting",
    ]


def test_paused_hours_have_a_glyph_of_their_own() -> None:
    policy = replace(full_policy(), pause_on={Metric.FIRST_RESPONSE: frozenset({Status.ON_HOLD})})
    steps = ((MONDAY_10, Status.NEW), (new_york("2026-06-08 12:00"), Status.ON_HOLD))
    clock = first_response_clock(ticket_at(MONDAY_10, **status_history_fields(*steps)), policy, packaged_calendar())

    rows = day_rows(explain_clock(clock, new_york("2026-06-08 15:00")), ZONE)

    assert [(row.strip.strip(), row.reasons) for row in rows] == [("██‖‖‖", ("On-Hold",))]


def test_many_days_are_summed_up_and_the_latest_drawn() -> None:
    found = lines(ticket_at(new_york("2026-06-01 10:00"), severity=4), "2026-07-20 10:00")

    assert len(found) == 9 + 2 + SHOWN_ROWS
    assert any("counted from Mon  1 Jun on" in line for line in found)


def test_breach_by_a_change_of_severity_says_which_and_when() -> None:
    raised = (SeverityChange(MONDAY_10, 2), SeverityChange(new_york("2026-06-08 14:02"), 1))
    ticket = ticket_at(MONDAY_10, severity=1, severity_history=raised)

    assert facts(ticket, "2026-06-08 16:00")["why"] == "breached by the change to severity 1 at 14:02"
    assert facts(ticket, "2026-06-09 16:00")["why"] == "breached by the change to severity 1 at Mon  8 Jun 14:02"


def desk_clock(**changes: object) -> DeskClock:
    facts: dict[str, object] = {"metric": Metric.FIRST_RESPONSE, "stage": DeskStage.ACTIVE, "policy": OutsideText("x")}
    return DeskClock(**(facts | changes))  # type: ignore[arg-type]  # by name, in tests


def test_desk_that_agrees_within_a_minute_is_quoted_only() -> None:
    ticket = ticket_at(MONDAY_10, desk_clocks=(desk_clock(breach_at=new_york("2026-06-08 14:01")),))

    assert facts(ticket)["desk says"] == "active, Mon  8 Jun 2026 14:01 EDT"
    assert "disagrees" not in facts(ticket)


def test_disagreement_of_more_than_a_minute_is_marked() -> None:
    late = new_york("2026-06-08 14:01") + timedelta(seconds=1)
    early = new_york("2026-06-08 13:30")

    found = [facts(ticket_at(MONDAY_10, desk_clocks=(desk_clock(breach_at=at),)))["disagrees"] for at in (late, early)]

    assert found == [
        "the desk's due time is 1m later than ours",
        "the desk's due time is 30m earlier than ours",
    ]


def test_stage_that_cannot_be_ours_is_marked() -> None:
    ticket = ticket_at(MONDAY_10, desk_clocks=(desk_clock(stage=DeskStage.MET),))

    assert facts(ticket)["disagrees"] == "here the clock is running"


def test_desks_target_wins_and_is_named_as_the_source() -> None:
    desk = desk_clock(target=timedelta(hours=1), breach_at=new_york("2026-06-08 11:00"))

    found = facts(ticket_at(MONDAY_10, desk_clocks=(desk,)))

    assert (found["target"], found["from"], found["left"]) == ("1h 00m", DESK_TARGET_SOURCE, "0m")


def test_desks_target_of_day_and_night_runs_over_the_closing() -> None:
    desk = desk_clock(target=timedelta(hours=24), in_support_hours=False)

    found = facts(ticket_at(MONDAY_10, desk_clocks=(desk,)), "2026-06-08 22:00")

    assert (found["used"], found["zone"]) == ("12h 00m", "UTC")
