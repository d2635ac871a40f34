"""When everything of the demonstration happened, relative to an anchor inside support hours."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from supporttui.domain.hours import SupportCalendar
from supporttui.domain.policy import ServicePolicy
from supporttui.server.demo.story import Step, Story

MID_MORNING: Final = time(10, 40)

_SEARCHED_DAYS: Final = 30
_WANTED_OPEN: Final = timedelta(hours=3)
_NIGHT_SHARE: Final = 0.25
_NIGHT_SPAN_MIN: Final = (60, 540)
_JITTER: Final = 0.06


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of one story, at its instant; without a step it is the ticket's creation."""

    at: datetime
    story: Story
    step: Step | None


def choose_anchor(calendar: SupportCalendar, now: datetime) -> datetime:
    """The middle of the morning of today, or of the next day on which support is open; in UTC."""
    zone: ZoneInfo = calendar.zone
    today: date = now.astimezone(zone).date()
    for offset in range(_SEARCHED_DAYS):
        local = datetime.combine(today + timedelta(days=offset), MID_MORNING, tzinfo=zone)
        anchor = local.astimezone(now.tzinfo)
        opening = calendar.opening(anchor)
        if opening.is_open and (opening.until is None or opening.until - anchor >= _WANTED_OPEN):
            return anchor
    raise ValueError("support is not open in the middle of any morning of the coming month")


def build_timeline(
    stories: tuple[Story, ...], policy: ServicePolicy, calendar: SupportCalendar, anchor: datetime, seed: int
) -> list[Moment]:
    """Everything that happened before the anchor, oldest first. The same seed gives the same instants."""
    moments: list[Moment] = []
    for story in stories:
        moments.extend(_moments(story, policy, calendar, anchor, random.Random(f"{seed}:{story.key}")))  # noqa: S311 - not for secrets
    moments.sort(key=lambda moment: moment.at)
    return moments


def _moments(
    story: Story, policy: ServicePolicy, calendar: SupportCalendar, anchor: datetime, chance: random.Random
) -> Iterator[Moment]:
    """The instants of one story; jitter scales all of its spans alike, so that their order stays."""
    factor = 1.0
    if story.left is not None:
        created_at = calendar.add(anchor, story.left - policy.first_response(story.severity))
    else:
        factor = chance.uniform(1 - _JITTER, 1 + _JITTER)
        created_at = calendar.add(anchor, -(story.age or timedelta()) * factor)
        if story.severity not in (1, 2) and chance.random() < _NIGHT_SHARE:
            created_at = _night_before(calendar, created_at, chance)
    yield Moment(created_at, story, None)
    used = timedelta()
    for step in story.steps:
        used += step.after * factor
        yield Moment(calendar.add(created_at, used), story, step)


def _night_before(calendar: SupportCalendar, created_at: datetime, chance: random.Random) -> datetime:
    """An instant in the closed hours before that day's opening, for what people write at night."""
    day = timedelta(days=1)
    open_since = [part.start for part in calendar.segments(created_at - day, created_at) if part.is_open]
    if not open_since or open_since[-1] <= created_at - day:
        return created_at
    return open_since[-1] - timedelta(minutes=chance.randint(*_NIGHT_SPAN_MIN))
