"""What a change will do to every clock, said before it is done."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from policy_samples import full_policy, history, new_york, packaged_calendars, ticket_at
from supporttui.domain.effects import Change, effect_of
from supporttui.domain.policy import Metric
from supporttui.domain.ticket import Status, Ticket

MONDAY_10 = new_york("2026-06-08 10:00")
NOW = new_york("2026-06-08 13:48")
POLICY = replace(full_policy(), pause_on={Metric.RESOLUTION: frozenset({Status.AWAITING_REPLY, Status.ON_HOLD})})
NEW = ticket_at(MONDAY_10)
ANSWERED = ticket_at(
    MONDAY_10,
    first_reply_at=new_york("2026-06-08 11:00"),
    customer_wrote_at=new_york("2026-06-08 12:00"),
    **history((MONDAY_10, Status.NEW), (new_york("2026-06-08 11:00"), Status.OPEN)),
)
WAITING = ticket_at(
    MONDAY_10,
    first_reply_at=new_york("2026-06-08 11:00"),
    **history((MONDAY_10, Status.NEW), (new_york("2026-06-08 11:00"), Status.AWAITING_REPLY)),
)
CLOSED = ticket_at(
    MONDAY_10,
    first_reply_at=new_york("2026-06-08 11:00"),
    **history((MONDAY_10, Status.NEW), (new_york("2026-06-08 12:00"), Status.CLOSED)),
)

CASES = [
    (NEW, Change(is_reply=True), ["first response met, 0:12 to spare", "resolution goes on counting, 14h 12m left"]),
    (
        NEW,
        Change(is_reply=True, status=Status.AWAITING_REPLY),
        ["first response met, 0:12 to spare", "resolution pauses until the customer answers, 14h 12m left"],
    ),
    (
        NEW,
        Change(status=Status.ON_HOLD),
        ["first response goes on counting, 0:12 left", "resolution pauses while it is On-Hold, 14h 12m left"],
    ),
    (
        NEW,
        Change(status=Status.CLOSED),
        ["first response ends as closed unanswered", "resolution met, 14h 12m to spare"],
    ),
    (
        NEW,
        Change(severity=2),
        ["first response 5h 12m left instead of 0:12 left", "resolution goes on counting, 14h 12m left"],
    ),
    (
        replace(NEW, severity=2),
        Change(severity=1),
        ["first response 0:12 left instead of 5h 12m left", "resolution goes on counting, 14h 12m left"],
    ),
    (
        ANSWERED,
        Change(is_reply=True),
        ["next response met, 0:12 to spare", "resolution goes on counting, 14h 12m left"],
    ),
    (WAITING, Change(status=Status.OPEN), ["resolution goes on, 17h 00m left"]),
    (WAITING, Change(status=Status.ON_HOLD), ["resolution pauses while it is On-Hold, 17h 00m left"]),
    (WAITING, Change(is_reply=True), ["resolution stays paused, 17h 00m left"]),
    (CLOSED, Change(status=Status.OPEN), ["resolution goes on with 2h 00m used, 16h 00m left"]),
    (CLOSED, Change(severity=2), []),
]


@pytest.mark.parametrize(("ticket", "change", "sentences"), CASES)
def test_change_says_its_effect_on_every_open_clock(ticket: Ticket, change: Change, sentences: list[str]) -> None:
    effects = effect_of(ticket, POLICY, packaged_calendars(), change, NOW)

    assert [effect.sentence for effect in effects] == sentences


def test_severity_that_breaches_at_once_says_so() -> None:
    later = new_york("2026-06-08 15:00")

    effects = effect_of(replace(NEW, severity=2), POLICY, packaged_calendars(), Change(severity=1), later)

    assert effects[0].sentence == "first response breaches at once, 1h 00m over"
    assert effects[0].after.breached_by is not None


def test_late_reply_says_how_late() -> None:
    effects = effect_of(NEW, POLICY, packaged_calendars(), Change(is_reply=True), NOW + timedelta(hours=1))

    assert effects[0].sentence == "first response met 48m late"
