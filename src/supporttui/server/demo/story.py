"""The written content of the demonstration: its people, its tickets, and what goes on there."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import Any, Final

from supporttui.domain.ticket import Role, Status

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
_WORDS: Final = {
    "new": Status.NEW,
    "open": Status.OPEN,
    "awaiting": Status.AWAITING_REPLY,
    "hold": Status.ON_HOLD,
    "closed": Status.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the demonstration."""

    key: str
    name: str
    email: str
    role: Role
    organization: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was done on a ticket."""

    after: timedelta = timedelta()
    """Support time since the step before it, or since the creation."""
    by: str
    """The key of an agent, `customer` or `automation`."""
    body: str | None = None
    is_public: bool = True
    status: Status | None = None
    takes: bool = False
    """Whether the agent makes the ticket their own."""
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One ticket and how it came to be what it is. Either `left` or `age` is given."""

    key: str
    requester: str
    subject: str
    text: str
    severity: int | None
    tags: tuple[str, ...]
    attachments: tuple[str, ...]
    left: timedelta | None
    """Support time that is left of the first-response target at the start; negative where it is breached."""
    age: timedelta | None
    """Support time between the creation and the start."""
    steps: tuple[Step, ...] = ()
    answer: str | None = None
    """What the customer writes while one watches."""


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that the demonstration is made of."""

    desk_name: str
    members: Mapping[str, Member]
    stories: tuple[Story, ...]
    arrivals: tuple[Story, ...]
    colleagues: tuple[tuple[Status, Step], ...]
    """What an agent does, and in which status a ticket has to be for it."""
    thanks: tuple[str, ...]


def parse_span(text: str) -> timedelta:
    """Read `1d 3h`, `42m 10s` or `-1h 20m`; a day is one business day of nine hours."""
    sign = -1 if text.startswith("-") else 1
    total = timedelta()
    for part in text.lstrip("-").split():
        matched = re.fullmatch(r"(\d+)([dhms])", part)
        if matched is None:
            raise ValueError(f"not a span of time: {text}")
        total += int(matched[1]) * _UNITS[matched[2]]
    return sign * total


def load_script() -> Script:
    """Read the packaged content."""
    people = _load("people")
    live = _load("live")
    stories = tuple(
        _story(f"{name}-{number}", entry) for name in TICKET_FILES for number, entry in enumerate(_load(name)["ticket"])
    )
    return Script(
        desk_name=people["desk"],
        members=_members(people),
        stories=stories,
        arrivals=tuple(_story(f"arrival-{number}", entry) for number, entry in enumerate(live["arrival"])),
        colleagues=tuple((_WORDS[entry["status"]], _step(_as_step(entry))) for entry in live["colleague"]),
        thanks=tuple(live["thanks"]["answers"]),
    )


def load_file_texts() -> dict[str, Any]:
    """The packaged texts of attachments, by their key."""
    return _load("files")


def _load(name: str) -> dict[str, Any]:
    source = resources.files("supporttui.server.demo") / "content" / f"{name}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _members(people: Mapping[str, Any]) -> dict[str, Member]:
    members = {
        entry["key"]: Member(entry["key"], entry["name"], entry["email"], Role(entry["role"]), None)
        for entry in people["agent"]
    }
    for organization in people["organization"]:
        for key, name in organization["people"].items():
            email = f"{key}@{organization['domain']}"
            members[key] = Member(key, name, email, Role.END_USER, organization["name"])
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
    """A colleague's entry in the form of a ticket's step; there `status` is the condition and `to` the outcome."""
    step = {key: value for key, value in entry.items() if key not in ("status", "to")}
    if "to" in entry:
        step["status"] = entry["to"]
    return step


def _step(entry: Mapping[str, Any]) -> Step:
    spoken = next((word for word in ("reply", "say", "auto", "note") if word in entry), None)
    return Step(
        after=parse_span(entry.get("after", "0s")),
        by=AUTOMATION if spoken == "auto" else entry["by"],
        body=_flowing(entry[spoken]) if spoken else None,
        is_public=spoken != "note",
        status=_WORDS[entry["status"]] if "status" in entry else None,
        takes=bool(entry.get("take", False)),
        external_id=entry.get("external"),
    )


def _flowing(text: str) -> str:
    """Paragraphs as people send them: the line breaks of the source file are not part of the text."""
    paragraphs = text.strip().split("\n\n")
    return "\n\n".join(" ".join(line.strip() for line in paragraph.split("\n")) for paragraph in paragraphs)
