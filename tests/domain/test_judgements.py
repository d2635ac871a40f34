"""A policy that changes does not rewrite what is finished."""

from datetime import timedelta

from msgspec.structs import replace

from support.policy_samples import full_policy, new_york, packaged_calendars, status_history_fields, ticket_at
from supporttui.domain.policy import Metric, ServicePolicy
from supporttui.domain.sla import ClockState, ticket_clocks
from supporttui.domain.sla_record import SlaRecord, new_sla_records, policy_key
from supporttui.domain.ticket import Status, Ticket

HOUR = timedelta(hours=1)
MONDAY_10 = new_york("2026-06-08 10:00")
ANSWERED = ticket_at(MONDAY_10, status=Status.OPEN, first_reply_at=MONDAY_10 + 3 * HOUR)


def stricter() -> ServicePolicy:
    rows = {n: replace(row, first_response=HOUR, target_text="1 hour") for n, row in full_policy().severities.items()}
    return replace(full_policy(), severities=rows)


def judged(ticket: Ticket) -> dict[Metric, SlaRecord]:
    clocks = ticket_clocks(ticket, full_policy(), packaged_calendars())
    return {record.metric: record for record in new_sla_records(clocks, policy_key(full_policy()))}


def test_finished_clock_keeps_its_target_and_verdict_under_a_stricter_policy() -> None:
    fresh = ticket_clocks(ANSWERED, stricter(), packaged_calendars())[0]
    kept = ticket_clocks(ANSWERED, stricter(), packaged_calendars(), tuple(judged(ANSWERED).values()))[0]

    assert fresh.read(MONDAY_10).state is ClockState.MET_LATE
    assert (kept.read(MONDAY_10).state, kept.read(MONDAY_10).target) == (ClockState.MET, 4 * HOUR)
    assert kept.terms.judged is not None
    assert kept.terms.judged.policy_key == policy_key(full_policy())


def test_used_time_stays_as_it_was_found_when_the_hours_change() -> None:
    record = replace(judged(ANSWERED)[Metric.FIRST_RESPONSE], used=2 * HOUR)

    kept = ticket_clocks(ANSWERED, full_policy(), packaged_calendars(), (record,))[0]

    assert kept.read(MONDAY_10).used == 2 * HOUR


def test_open_clocks_have_no_record_and_follow_the_new_policy() -> None:
    assert set(judged(ANSWERED)) == {Metric.FIRST_RESPONSE}
    assert judged(ticket_at(MONDAY_10)) == {}


def test_closed_unanswered_is_on_record_until_it_is_reopened() -> None:
    steps = ((MONDAY_10, Status.NEW), (MONDAY_10 + HOUR, Status.CLOSED))
    record = judged(ticket_at(MONDAY_10, **status_history_fields(*steps)))
    reopened = ticket_at(MONDAY_10, **status_history_fields(*steps, (MONDAY_10 + 2 * HOUR, Status.OPEN)))

    clock = ticket_clocks(reopened, stricter(), packaged_calendars(), tuple(record.values()))[0]

    assert record[Metric.FIRST_RESPONSE].used == HOUR
    assert (clock.terms.judged, clock.read(MONDAY_10).target) == (None, HOUR)


def test_re_rated_ticket_is_judged_anew() -> None:
    record = judged(ANSWERED)

    clock = ticket_clocks(replace(ANSWERED, severity=2), full_policy(), packaged_calendars(), tuple(record.values()))[0]

    assert clock.terms.judged is None


def test_a_record_is_not_made_twice() -> None:
    kept = ticket_clocks(ANSWERED, stricter(), packaged_calendars(), tuple(judged(ANSWERED).values()))

    assert new_sla_records(kept, policy_key(stricter())) == []


def test_key_follows_what_clocks_depend_on_and_nothing_else() -> None:
    policy = full_policy()
    others = [stricter(), replace(policy, default_severity=2), replace(policy, pause_on={})]
    alike = [replace(policy, closed_days=9), replace(policy)]

    assert len({policy_key(each) for each in [policy, *others]}) == 4
    assert {policy_key(each) for each in alike} == {policy_key(policy)}
