"""What the demonstration shows: a desk that a support team would recognise, the same for the same seed."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from supporttui.config import default_policy
from supporttui.domain.holidays import policy_holidays
from supporttui.domain.support_calendar import SupportCalendar, compile_calendar
from supporttui.domain.ticket import Status
from supporttui.server.database import open_database, read
from supporttui.server.demo.desk_writer import seed_desk
from supporttui.server.demo.sample_attachments import draw_screenshot, make_file
from supporttui.server.demo.stories import (
    AUTOMATION,
    CUSTOMER,
    build_timeline,
    choose_anchor,
    load_demo_content,
    load_file_texts,
    parse_span,
)

POLICY = default_policy()
MONDAY = datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
AFTER_HOLIDAYS = datetime(2027, 1, 4, 15, 40, tzinfo=UTC)


@pytest.fixture(scope="module")
def calendar() -> SupportCalendar:
    days = policy_holidays(POLICY.hours.holiday_calendar, POLICY.hours.observed, 2020, 2032)
    return compile_calendar(POLICY.hours, days, 2020, 2032)


def test_spans_are_read_in_business_days_hours_minutes_and_seconds() -> None:
    assert parse_span("1d 3h") == timedelta(hours=12)
    assert parse_span("42m 10s") == timedelta(minutes=42, seconds=10)
    assert parse_span("-1h 20m") == timedelta(minutes=-80)
    with pytest.raises(ValueError, match="not a span"):
        parse_span("soon")


def test_everybody_who_acts_is_known_and_every_address_is_reserved_for_examples() -> None:
    script = load_demo_content()
    named = {story.requester for story in (*script.stories, *script.arrivals)}
    acting = {step.by for story in script.stories for step in story.steps} | {step.by for _, step in script.colleagues}
    assert named | (acting - {CUSTOMER, AUTOMATION}) <= script.members.keys()
    assert all(member.email.endswith(".example") for member in script.members.values())
    assert len({member.organization for member in script.members.values()} - {None}) == 12


def test_no_two_tickets_have_the_same_subject() -> None:
    script = load_demo_content()
    subjects = Counter(story.subject for story in (*script.stories, *script.arrivals))
    assert subjects.most_common(1)[0][1] == 1


def test_every_named_attachment_can_be_made() -> None:
    script, texts = load_demo_content(), load_file_texts()
    kinds = {kind for story in (*script.stories, *script.arrivals) for kind in story.attachments}
    assert all(make_file(kind, texts, MONDAY).content for kind in kinds)
    assert "2026-11-23T15:39:" in make_file("client", texts, MONDAY).content.decode()


def test_the_screenshot_is_a_png() -> None:
    assert draw_screenshot().startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize(
    ("now", "anchor"),
    [
        (datetime(2026, 11, 23, 1, 40, tzinfo=UTC), datetime(2026, 11, 23, 15, 40, tzinfo=UTC)),  # Sunday evening there
        (datetime(2026, 11, 26, 15, 0, tzinfo=UTC), datetime(2026, 11, 30, 15, 40, tzinfo=UTC)),  # Thanksgiving Day
        (datetime(2026, 7, 7, 23, 0, tzinfo=UTC), datetime(2026, 7, 7, 14, 40, tzinfo=UTC)),  # after close, in summer
        (datetime(2026, 12, 24, 18, 0, tzinfo=UTC), datetime(2026, 12, 28, 15, 40, tzinfo=UTC)),
    ],
)
def test_the_anchor_is_the_morning_of_a_day_on_which_support_is_open(
    calendar: SupportCalendar, now: datetime, anchor: datetime
) -> None:
    assert choose_anchor(calendar, now) == anchor
    assert calendar.opening(anchor).is_open


@pytest.mark.parametrize("anchor", [MONDAY, AFTER_HOLIDAYS, datetime(2026, 11, 30, 15, 40, tzinfo=UTC)])
@pytest.mark.parametrize("seed", [1, 2, 77])
def test_everything_lies_before_the_anchor_and_closed_tickets_within_seven_days(
    calendar: SupportCalendar, anchor: datetime, seed: int
) -> None:
    moments = build_timeline(load_demo_content().stories, POLICY, calendar, anchor, seed)
    assert moments == sorted(moments, key=lambda moment: moment.at)
    assert moments[-1].at < anchor
    closings = [each.at for each in moments if each.step is not None and each.step.status is Status.CLOSED]
    assert min(closings) > anchor - timedelta(days=7)


def test_the_same_seed_gives_the_same_instants_and_another_gives_others(calendar: SupportCalendar) -> None:
    stories = load_demo_content().stories
    once = build_timeline(stories, POLICY, calendar, MONDAY, 5)
    assert once == build_timeline(stories, POLICY, calendar, MONDAY, 5)
    assert once != build_timeline(stories, POLICY, calendar, MONDAY, 6)


def test_the_desk_has_eighty_tickets_over_all_statuses_and_severities(
    calendar: SupportCalendar, tmp_path: Path
) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'desk.db'}")
    seed_desk(engine, tmp_path / "uploads", POLICY, calendar, MONDAY, 1)
    with read(engine) as connection:
        statuses: dict[str, int] = dict(
            connection.execute(text("SELECT status, count(*) FROM tickets GROUP BY 1")).all()
        )
        severities = {row[0] for row in connection.execute(text("SELECT DISTINCT priority FROM tickets"))}
        numbers = connection.execute(text("SELECT min(id), max(id) FROM tickets")).one()
        unanswered = "SELECT count(*) FROM tickets WHERE status = 'solved' AND first_reply_at IS NULL"
        closed_unanswered = connection.execute(text(unanswered)).scalar_one()
    engine.dispose()
    assert statuses == {"new": 14, "open": 22, "pending": 16, "hold": 9, "solved": 19}
    assert severities == {"urgent", "high", "normal", "low", None}
    assert tuple(numbers) == (1001, 1080)
    assert closed_unanswered == 1
