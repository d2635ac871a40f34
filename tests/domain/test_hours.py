"""The edges of support time: days, nights, daylight saving, single dates, the horizon."""

from datetime import UTC, date, datetime, timedelta

import pytest

from support.policy_samples import new_york, packaged_calendar
from supporttui.domain.policy import Interval, SupportHours
from supporttui.domain.support_calendar import BeyondHorizon, NeverOpen, OpenState, SupportCalendar, compile_calendar
from supporttui.domain.zones import UnknownZone

HOUR = timedelta(hours=1)
ONE_US = timedelta(microseconds=1)
NINE_TO_FIVE = (Interval(540, 1020),)
WEEKDAYS = (NINE_TO_FIVE,) * 5 + ((), ())
ALWAYS = ((Interval(0, 1440),),) * 7


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours_of(
    *week: tuple[Interval, ...], zone: str = "UTC", dates: dict[date, tuple[Interval, ...]] | None = None
) -> SupportHours:
    return SupportHours(
        zone=zone,
        week=week,
        overrides=dates or {},
        holiday_calendar="none",
        observed=False,
        business_day=8 * HOUR,
    )


def compiled(hours: SupportHours, holidays: dict[date, str] | None = None) -> SupportCalendar:
    return compile_calendar(hours, holidays or {}, 2026, 2026)


def test_amount_used_up_at_closing_ends_there_and_not_at_the_next_opening() -> None:
    calendar = compiled(hours_of(*WEEKDAYS))

    assert calendar.add(utc("2026-06-05 16:00"), HOUR) == utc("2026-06-05 17:00")
    assert calendar.add(utc("2026-06-05 16:00"), HOUR + ONE_US) == utc("2026-06-08 09:00") + ONE_US


def test_amount_taken_back_ends_at_the_latest_instant() -> None:
    calendar = compiled(hours_of(*WEEKDAYS))

    assert calendar.add(utc("2026-06-08 10:00"), -HOUR) == utc("2026-06-08 09:00")
    assert calendar.add(utc("2026-06-08 10:00"), -2 * HOUR) == utc("2026-06-05 16:00")


def test_nothing_added_stays_where_it_is_even_while_closed() -> None:
    saturday = utc("2026-06-06 12:00")

    assert compiled(hours_of(*WEEKDAYS)).add(saturday, timedelta()) == saturday


def test_overlapping_hours_of_a_day_count_once() -> None:
    overlapping = (Interval(600, 720), Interval(540, 660), Interval(720, 780), Interval(550, 560))
    calendar = compiled(hours_of(overlapping, *WEEKDAYS[1:]))

    assert calendar.between(utc("2026-06-08 00:00"), utc("2026-06-09 00:00")) == 4 * HOUR
    assert calendar.opening(utc("2026-06-08 09:30")).until == utc("2026-06-08 13:00")


def test_hours_that_meet_at_midnight_have_no_edge_there() -> None:
    night = ((Interval(0, 360), Interval(1320, 1440)),) * 7

    opening = compiled(hours_of(*night)).opening(utc("2026-06-08 23:00"))

    assert opening == OpenState(True, utc("2026-06-09 06:00"), "")


def test_support_around_the_clock_has_no_edge_at_all() -> None:
    calendar = compiled(hours_of(*ALWAYS, zone="America/New_York"))

    assert calendar.opening(new_york("2026-03-08 01:30")) == OpenState(True, calendar.end, "")
    assert calendar.between(calendar.start, new_york("2026-07-01 00:00")) == new_york("2026-07-01").astimezone(
        UTC
    ) - new_york("2026-01-01").astimezone(UTC)


@pytest.mark.parametrize(
    ("interval", "amount"),
    [
        (Interval(0, 120), 2 * HOUR),
        (Interval(120, 180), timedelta()),
        (Interval(150, 240), HOUR),
        (Interval(0, 1440), 23 * HOUR),
    ],
)
def test_hour_that_the_wall_skips_in_spring_does_not_exist(interval: Interval, amount: timedelta) -> None:
    calendar = compiled(hours_of(*[()] * 6, (interval,), zone="America/New_York"))

    assert calendar.between(new_york("2026-03-08 00:00"), new_york("2026-03-09 00:00")) == amount


@pytest.mark.parametrize(
    ("interval", "amount"),
    [
        (Interval(0, 90), 2 * HOUR),
        (Interval(90, 240), 3 * HOUR),
        (Interval(60, 120), 2 * HOUR),
        (Interval(65, 70), timedelta(minutes=10)),
        (Interval(120, 180), HOUR),
    ],
)
def test_hour_that_the_wall_shows_twice_in_autumn_counts_twice(interval: Interval, amount: timedelta) -> None:
    calendar = compiled(hours_of(*[()] * 6, (interval,), zone="America/New_York"))

    assert calendar.between(new_york("2026-11-01 00:00"), new_york("2026-11-02 00:00")) == amount


def test_date_of_its_own_wins_over_holiday_and_week() -> None:
    day = date(2026, 12, 24)
    calendar = compiled(hours_of(*WEEKDAYS, dates={day: (Interval(600, 720),)}), {day: "Christmas Eve"})

    assert calendar.opening(utc("2026-12-24 11:00")) == OpenState(True, utc("2026-12-24 12:00"), "")
    assert calendar.opening(utc("2026-12-24 13:00")).reason == "outside support hours"


def test_date_without_hours_is_closed_and_says_so() -> None:
    calendar = compiled(hours_of(*WEEKDAYS, dates={date(2026, 6, 10): ()}))

    assert calendar.opening(utc("2026-06-10 11:00")) == OpenState(False, utc("2026-06-11 09:00"), "closed on this date")


def test_holiday_ends_night_hours_at_its_own_midnight() -> None:
    night = ((Interval(0, 360), Interval(1320, 1440)),) * 7
    calendar = compiled(hours_of(*night), {date(2026, 6, 10): "Midsummer"})

    assert calendar.opening(utc("2026-06-09 23:00")).until == utc("2026-06-10 00:00")
    assert calendar.opening(utc("2026-06-10 03:00")) == OpenState(False, utc("2026-06-11 00:00"), "Midsummer")


def test_two_holidays_and_a_weekend_each_have_their_reason() -> None:
    segments = packaged_calendar().segments(new_york("2026-11-25 16:00"), new_york("2026-11-30 09:00"))

    assert [(segment.end - segment.start, segment.reason) for segment in segments] == [
        (HOUR, ""),
        (7 * HOUR, "outside support hours"),
        (24 * HOUR, "Thanksgiving Day"),
        (24 * HOUR, "Friday after Thanksgiving"),
        (56 * HOUR, "outside support hours"),
        (HOUR, ""),
    ]


def test_next_opening_is_the_instant_itself_while_open() -> None:
    calendar = packaged_calendar()

    assert calendar.next_opening(new_york("2026-11-26 12:00")) == new_york("2026-11-30 08:00")
    assert calendar.next_opening(new_york("2026-11-25 12:00")) == new_york("2026-11-25 12:00")
    assert not calendar.opening(new_york("2026-11-25 17:00")).is_open
    assert calendar.opening(new_york("2026-11-25 08:00")).is_open


def test_overlapping_pauses_count_once() -> None:
    calendar = compiled(hours_of(*WEEKDAYS))
    pauses = [
        (utc("2026-06-08 11:00"), utc("2026-06-08 13:00")),
        (utc("2026-06-08 10:00"), utc("2026-06-08 12:00")),
        (utc("2026-06-08 12:30"), utc("2026-06-08 12:45")),
        (utc("2026-06-08 15:00"), utc("2026-06-08 15:00")),
    ]

    assert calendar.add_with_pauses(utc("2026-06-08 09:00"), 2 * HOUR, pauses) == utc("2026-06-08 14:00")
    assert calendar.between_with_pauses(utc("2026-06-08 09:00"), utc("2026-06-08 17:00"), pauses) == 5 * HOUR


def test_open_pause_swallows_every_later_one() -> None:
    calendar = compiled(hours_of(*WEEKDAYS))
    pauses = [(utc("2026-06-08 10:00"), None), (utc("2026-06-08 11:00"), utc("2026-06-08 12:00"))]

    assert calendar.add_with_pauses(utc("2026-06-08 09:00"), 2 * HOUR, pauses) is None
    assert calendar.add_with_pauses(utc("2026-06-08 09:00"), HOUR, pauses) == utc("2026-06-08 10:00")
    assert calendar.between_with_pauses(utc("2026-06-08 09:00"), utc("2026-06-12 09:00"), pauses) == HOUR


def test_negative_amount_around_pauses_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        packaged_calendar().add_with_pauses(new_york("2026-06-08 09:00"), -HOUR, [])


@pytest.mark.parametrize("instant", ["2019-12-31 23:59:59.999999", "2031-01-01 00:00"])
def test_instant_outside_the_compiled_years_is_refused(instant: str) -> None:
    calendar = packaged_calendar()

    with pytest.raises(BeyondHorizon, match="outside 2020 to 2030"):
        calendar.opening(new_york(instant))
    with pytest.raises(BeyondHorizon):
        calendar.between(new_york("2026-01-01 00:00"), new_york(instant))


def test_answer_outside_the_compiled_years_is_refused() -> None:
    calendar = packaged_calendar()

    with pytest.raises(BeyondHorizon, match="ends with 2020 to 2030"):
        calendar.add(new_york("2030-12-31 12:00"), 9 * HOUR)
    with pytest.raises(BeyondHorizon, match="begins with 2020 to 2030"):
        calendar.add(new_york("2020-01-02 10:00"), -9 * HOUR)
    with pytest.raises(BeyondHorizon, match="does not open again"):
        calendar.next_opening(new_york("2030-12-31 17:00"))


def test_hours_that_never_open_are_refused_when_compiled() -> None:
    with pytest.raises(NeverOpen, match="2026 to 2026"):
        compiled(hours_of(*[()] * 7, dates={date(2030, 1, 1): NINE_TO_FIVE}))


def test_unknown_zone_is_refused_when_compiled() -> None:
    with pytest.raises(UnknownZone, match="Mars/Olympus"):
        compiled(hours_of(*WEEKDAYS, zone="Mars/Olympus"))


def test_naive_instant_is_refused() -> None:
    with pytest.raises(TypeError):
        packaged_calendar().at(datetime(2026, 6, 8))  # noqa: DTZ001 - a naive one is the point


def test_compiled_form_is_read_back_whole() -> None:
    calendar = packaged_calendar()

    again = SupportCalendar.from_bytes(calendar.to_bytes())

    span = (new_york("2026-11-20 00:00"), new_york("2027-01-05 00:00"))
    assert again.segments(*span) == calendar.segments(*span)
    assert again.between(*span) == calendar.between(*span)
    assert (again.start, again.end, again.zone.key) == (calendar.start, calendar.end, "America/New_York")


@pytest.mark.parametrize("damage", [b"", b"junk", b"\x00" * 100])
def test_damaged_compiled_form_is_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="not a compiled calendar"):
        SupportCalendar.from_bytes(damage)


def test_cut_off_compiled_form_is_refused() -> None:
    whole = packaged_calendar().to_bytes()

    with pytest.raises(ValueError, match="not a compiled calendar"):
        SupportCalendar.from_bytes(whole[: len(whole) // 2])
