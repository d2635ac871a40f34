"""What a change will do to every clock, said before it is done."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from support.policy_samples import (
    full_policy,
    new_york,
    packaged_calendar,
    packaged_calendars,
    packaged_policy,
    status_history_fields,
    ticket_at,
)
from supporttui.domain.effects import effect_of, effect_of_sending
from supporttui.domain.patch import TicketPatch
from supporttui.domain.policy import Metric, ServicePolicy
from supporttui.domain.support_calendar import ALWAYS_OPEN_HOURS, Calendars, policy_calendar
from supporttui.domain.ticket import DeskClock, DeskStage, Status, Ticket

MONDAY_10 = new_york("2026-06-08 10:00")
NOW = new_york("2026-06-08 13:48")
POLICY = replace(full_policy(), pause_on={Metric.RESOLUTION: frozenset({Status.AWAITING_REPLY, Status.ON_HOLD})})
NEW = ticket_at(MONDAY_10)
ANSWERED = ticket_at(
    MONDAY_10,
    first_reply_at=new_york("2026-06-08 11:00"),
    customer_wrote_at=new_york("2026-06-08 12:00"),
    **status_history_fields((MONDAY_10, Status.NEW), (new_york("2026-06-08 11:00"), Status.OPEN)),
)
WAITING = ticket_at(
    MONDAY_10,
    first_reply_at=new_york("2026-06-08 11:00"),
    **status_history_fields((MONDAY_10, Status.NEW), (new_york("2026-06-08 11:00"), Status.AWAITING_REPLY)),
)
CLOSED = ticket_at(
    MONDAY_10,
    first_reply_at=new_york("2026-06-08 11:00"),
    **status_history_fields((MONDAY_10, Status.NEW), (new_york("2026-06-08 12:00"), Status.CLOSED)),
)

REPLY = TicketPatch(body="An answer.")

CASES = [
    (
        NEW,
        REPLY,
        ["first response met, 12m to spare", "resolution goes on counting, 14h 12m left"],
    ),
    (
        NEW,
        TicketPatch(body="An answer.", status=Status.AWAITING_REPLY),
        ["first response met, 12m to spare", "resolution pauses until the customer answers, 14h 12m left"],
    ),
    (
        NEW,
        TicketPatch(status=Status.ON_HOLD),
        ["first response goes on counting, 12m left", "resolution pauses while it is On-Hold, 14h 12m left"],
    ),
    (
        NEW,
        TicketPatch(status=Status.CLOSED),
        ["first response ends as closed unanswered", "resolution met, 14h 12m to spare"],
    ),
    (
        NEW,
        TicketPatch(severity=2),
        ["first response 5h 12m left instead of 12m left", "resolution goes on counting, 14h 12m left"],
    ),
    (
        replace(NEW, severity=2),
        TicketPatch(severity=1),
        ["first response 12m left instead of 5h 12m left", "resolution goes on counting, 14h 12m left"],
    ),
    (
        ANSWERED,
        REPLY,
        ["next response met, 12m to spare", "resolution goes on counting, 14h 12m left"],
    ),
    (WAITING, TicketPatch(status=Status.OPEN), ["resolution goes on, 17h 00m left"]),
    (WAITING, TicketPatch(status=Status.ON_HOLD), ["resolution pauses while it is On-Hold, 17h 00m left"]),
    (WAITING, REPLY, ["resolution stays paused, 17h 00m left"]),
    (CLOSED, TicketPatch(status=Status.OPEN), ["resolution goes on with 2h 00m used, 16h 00m left"]),
    (CLOSED, TicketPatch(severity=2), []),
]


@pytest.mark.parametrize(("ticket", "change", "sentences"), CASES)
def test_change_says_its_effect_on_every_open_clock(ticket: Ticket, change: TicketPatch, sentences: list[str]) -> None:
    effects = effect_of(ticket, POLICY, packaged_calendars(), change, NOW)

    assert [effect.sentence for effect in effects] == sentences


def test_severity_that_breaches_at_once_says_so() -> None:
    later = new_york("2026-06-08 15:00")

    effects = effect_of(replace(NEW, severity=2), POLICY, packaged_calendars(), TicketPatch(severity=1), later)

    assert effects[0].sentence == "first response breaches at once, 1h 00m over"
    assert effects[0].after.breached_by is not None


def test_late_reply_says_how_late() -> None:
    effects = effect_of(NEW, POLICY, packaged_calendars(), REPLY, NOW + timedelta(hours=1))

    assert effects[0].sentence == "first response met 48m late"


def sending(ticket: Ticket, policy: ServicePolicy, calendars: Calendars) -> str:
    return effect_of_sending(ticket, policy, calendars, REPLY, NOW).sentence


def test_sending_is_predicted_by_the_calendar_that_the_policy_names() -> None:
    rows = dict(packaged_policy().severities)
    rows[1] = replace(rows[1], calendar="always")
    policy = replace(packaged_policy(), severities=rows, calendars={"always": ALWAYS_OPEN_HOURS})
    calendars = Calendars(packaged_calendar(), {"always": policy_calendar(ALWAYS_OPEN_HOURS, 2020, 2030)})
    at_night = ticket_at(new_york("2026-06-08 02:00"))
    assert sending(at_night, packaged_policy(), calendars).startswith("first response 1h 48m late")
    assert sending(at_night, policy, calendars) == "first response 7h 48m late; the clock stops"


def test_sending_is_predicted_by_the_target_of_the_desk() -> None:
    desk = DeskClock(metric=Metric.FIRST_RESPONSE, stage=DeskStage.ACTIVE, target=timedelta(hours=8))
    ticket = replace(NEW, desk_clocks=(desk,))
    assert sending(ticket, packaged_policy(), packaged_calendars()) == "first response met, 4h 12m to spare"


def test_sending_a_note_that_closes_ends_the_clock_unanswered() -> None:
    note = TicketPatch(body="No answer needed.", is_public=False, status=Status.CLOSED)
    said = effect_of_sending(NEW, packaged_policy(), packaged_calendars(), note, NOW).sentence
    assert said == "first response ends as closed unanswered"
