"""The demonstration's texts, and the instants of its steps."""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import resources
from typing import Any, Final
from zoneinfo import ZoneInfo

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.support_calendar import SupportCalendar
from supporttui.domain.ticket import STATUS_OF_SHORT_WORD, Role, Status

CUSTOMER: Final = "customer"
AUTOMATION: Final = "automation"

TICKET_FILES: Final = ("new", "open_waiting", "open_answered", "awaiting", "on_hold", "closed")

_BUSINESS_DAY: Final = timedelta(hours=9)
_UNITS: Final = {
    "d": _BUSINESS_DAY,
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demonstration."""

    key: str
    name: str
    email: str
    role: Role
    organization: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStep:
    """One change of a ticket."""

    after: timedelta = timedelta()
    """Support time since the previous step, or since the creation."""
    by: str
    """The key of an agent, `customer` or `automation`."""
    body: str | None = None
    is_public: bool = True
    status: Status | None = None
    takes: bool = False
    """Whether the agent assigns the ticket to themselves."""
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A ticket and its changes. Either `left` or `age` is given."""

    key: str
    requester: str
    subject: str
    text: str
    severity: int | None
    tags: tuple[str, ...]
    attachments: tuple[str, ...]
    left: timedelta | None
    """Support time left of the first-response target at the start; negative if it is breached."""
    age: timedelta | None
    """Support time between the creation and the start."""
    steps: tuple[StoryStep, ...] = ()
    answer: str | None = None
    """The customer's reply during the demonstration."""


@dataclass(frozen=True, slots=True)
class DemoContent:
    """The demonstration's whole content."""

    desk_name: str
    members: Mapping[str, DemoPerson]
    stories: tuple[Story, ...]
    arrivals: tuple[Story, ...]
    colleagues: tuple[tuple[Status, StoryStep], ...]
    """A colleague's actions, each with the status that a ticket must have for it."""
    thanks: tuple[str, ...]


def parse_span(text: str) -> timedelta:
    """Parse `1d 3h`, `42m 10s` or `-1h 20m`; a day is one business day of nine hours."""
    sign = -1 if text.startswith("-") else 1
    total = timedelta()
    for part in text.lstrip("-").split():
        matched = re.fullmatch(r"(\d+)([dhms])", part)
        if matched is None:
            raise ValueError(f"not a span of time: {text}")
        total += int(matched[1]) * _UNITS[matched[2]]
    return sign * total


def load_demo_content() -> DemoContent:
    """Read the packaged content."""
    people = _load("people")
    live = _load("live")
    stories = tuple(
        _story(f"{name}-{number}", entry) for name in TICKET_FILES for number, entry in enumerate(_load(name)["ticket"])
    )
    return DemoContent(
        desk_name=people["desk"],
        members=_members(people),
        stories=stories,
        arrivals=tuple(_story(f"arrival-{number}", entry) for number, entry in enumerate(live["arrival"])),
        colleagues=tuple(
            (STATUS_OF_SHORT_WORD[entry["status"]], _step(_as_step(entry))) for entry in live["colleague"]
        ),
        thanks=tuple(live["thanks"]["answers"]),
    )


def load_file_texts() -> dict[str, Any]:
    """Read the packaged texts of attachments, by their key."""
    return _load("files")


def _load(name: str) -> dict[str, Any]:
    source = resources.files("supporttui.server.demo") / "content" / f"{name}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _members(people: Mapping[str, Any]) -> dict[str, DemoPerson]:
    members = {
        entry["key"]: DemoPerson(entry["key"], entry["name"], entry["email"], Role(entry["role"]), None)
        for entry in people["agent"]
    }
    for organization in people["organization"]:
        for key, name in organization["people"].items():
            email = f"{key}@{organization['domain']}"
            members[key] = DemoPerson(key, name, email, Role.END_USER, organization["name"])
    return members


def _story(key: str, entry: Mapping[str, Any]) -> Story:
    return Story(
        key=key,
        requester=entry["from"],
        subject=entry["subject"],
        text=_flowing(entry["text"]),
        severity=entry.get("severity"),
        tags=tuple(entry.get("tags", ())),
        attachments=tuple(entry.get("attach", ())),
        left=parse_span(entry["left"]) if "left" in entry else None,
        age=parse_span(entry["age"]) if "age" in entry else None,
        steps=tuple(_step(step) for step in entry.get("step", ())),
        answer=_flowing(entry["answer"]) if "answer" in entry else None,
    )


def _as_step(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a colleague's entry to a ticket's step; in the entry `status` is the condition and `to` the outcome."""
    step = {key: value for key, value in entry.items() if key not in ("status", "to")}
    if "to" in entry:
        step["status"] = entry["to"]
    return step


def _step(entry: Mapping[str, Any]) -> StoryStep:
    spoken = next((word for word in ("reply", "say", "auto", "note") if word in entry), None)
    return StoryStep(
        after=parse_span(entry.get("after", "0s")),
        by=AUTOMATION if spoken == "auto" else entry["by"],
        body=_flowing(entry[spoken]) if spoken else None,
        is_public=spoken != "note",
        status=STATUS_OF_SHORT_WORD[entry["status"]] if "status" in entry else None,
        takes=bool(entry.get("take", False)),
        external_id=entry.get("external"),
    )


def _flowing(text: str) -> str:
    """Remove the source file's line breaks within paragraphs."""
    paragraphs = text.strip().split("\n\n")
    return "\n\n".join(" ".join(line.strip() for line in paragraph.split("\n")) for paragraph in paragraphs)


MID_MORNING: Final = time(10, 40)

_SEARCHED_DAYS: Final = 30
_WANTED_OPEN: Final = timedelta(hours=3)
_NIGHT_SHARE: Final = 0.25
_NIGHT_SPAN_MIN: Final = (60, 540)
_JITTER: Final = 0.06


@dataclass(frozen=True, slots=True)
class TimedStep:
    """One step of one story at its instant; without a step it is the ticket's creation."""

    at: datetime
    story: Story
    step: StoryStep | None


def choose_anchor(calendar: SupportCalendar, now: datetime) -> datetime:
    """Return the middle of the morning of today, or of the next day on which support is open; in UTC."""
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
) -> list[TimedStep]:
    """Return every step before the anchor, oldest first. The same seed gives the same instants."""
    moments: list[TimedStep] = []
    for story in stories:
        moments.extend(_moments(story, policy, calendar, anchor, random.Random(f"{seed}:{story.key}")))  # noqa: S311 - not for secrets
    moments.sort(key=lambda moment: moment.at)
    return moments


def _moments(
    story: Story, policy: ServicePolicy, calendar: SupportCalendar, anchor: datetime, chance: random.Random
) -> Iterator[TimedStep]:
    """Yield the instants of one story; jitter scales all of its spans alike, which keeps their order."""
    factor = 1.0
    if story.left is not None:
        created_at = calendar.add(anchor, story.left - policy.first_response(story.severity))
    else:
        factor = chance.uniform(1 - _JITTER, 1 + _JITTER)
        created_at = calendar.add(anchor, -(story.age or timedelta()) * factor)
        if story.severity not in (1, 2) and chance.random() < _NIGHT_SHARE:
            created_at = _night_before(calendar, created_at, chance)
    yield TimedStep(created_at, story, None)
    used = timedelta()
    for step in story.steps:
        used += step.after * factor
        yield TimedStep(calendar.add(created_at, used), story, step)


def _night_before(calendar: SupportCalendar, created_at: datetime, chance: random.Random) -> datetime:
    """Return an instant in the closed hours before that day's opening, for messages written at night."""
    day = timedelta(days=1)
    open_since = [part.start for part in calendar.segments(created_at - day, created_at) if part.is_open]
    if not open_since or open_since[-1] <= created_at - day:
        return created_at
    return open_since[-1] - timedelta(minutes=chance.randint(*_NIGHT_SPAN_MIN))
