"""Changes each field of a good answer in turn, and counts what else is lost by it and which sentences are wrong."""

import copy
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from support.canary import secret
from support.desks.answer_kinds import CASES, Kind, Pieces
from support.desks.sample_answers import OneOddAnswer, as_body
from support.desks.scripted_server import ScriptedResponse
from support.sample_values import DESK
from supporttui.helpdesks.base import DeskError
from supporttui.helpdesks.zendesk.desk import ZendeskDesk

MISSING: Final = object()
ODD_VALUES: Final[tuple[object, ...]] = (
    None, MISSING, [], {}, [None], {"a": {"b": [1]}}, "x", "\ud800", True, 1.5, -1, 10**30, "<huge>"
)  # fmt: skip
Path = tuple[str | int, ...]

NEEDED: Final[frozenset[Path]] = frozenset({
    ("user",), ("user", "id"), ("ticket",), ("ticket", "id"), ("comments",), ("audits",), ("tickets",), ("results",),
    ("upload",), ("upload", "token"), ("views",), ("requests",), ("request",), ("request", "id"),
    ("ticket_fields",), ("macros",), ("result",), ("result", "ticket"), ("result", "ticket", "id"), ("job_status",),
    ("job_status", "id"), ("job_status", "status"),
})  # fmt: skip
"""What an answer is about: without it there is no answer."""

_TIMES: Final = ("first_reply_at", "replied_at", "customer_wrote_at", "status_changed_at", "closed_at")
_DERIVED: Final = (*_TIMES, "turns", "is_logged_by_agent", "status_history", "severity_history")
_OF_TICKET: Final[dict[str, tuple[str, ...]]] = {
    "subject": ("subject",), "raw_subject": ("subject",), "priority": ("severity", "severity_history"),
    "status": ("status", "desk_status", "is_locked", "closed_at", "lifecycle", "status_changed_at", "status_history"),
    "requester_id": ("requester_id", *_DERIVED), "assignee_id": ("assignee_id",), "group_id": ("group", "group_id"),
    "created_at": ("created_at", "updated_at", "version", *_DERIVED),
    "updated_at": ("updated_at", "version", "created_at", *_DERIVED), "tags": ("tags", "lifecycle"),
    "external_id": ("development_ticket",), "custom_fields": ("custom_fields",), "email_cc_ids": ("cc_ids",),
    "type": ("ticket_type",), "problem_id": ("problem_id",),
    "is_public": ("is_logged_by_agent", "customer_wrote_at"), "metric_set": _DERIVED,
    "slas": ("desk_clocks",), "metric_events": ("desk_clocks",), "result_type": ("",),
}  # fmt: skip
_OF_EFFECT: Final[dict[str, tuple[str, ...]]] = {
    "status": ("status",), "priority": ("severity",), "type": ("ticket_type",), "assignee_id": ("assignee_id",),
    "group_id": ("group_id",), "tags": ("tags",), "custom_fields": ("field_changes",),
    "comment": ("text", "is_public"),
}  # fmt: skip
_OF_MESSAGE: Final[dict[str, tuple[str, ...]]] = {
    "body": ("body",), "plain_body": ("body",), "author_id": ("author_id",), "public": ("is_public",),
    "created_at": ("created_at",), "attachments": ("attachments",), "via": ("channel", "is_automatic"),
}  # fmt: skip
_SAID: Final = frozenset({"subject", "priority", "status", "requester_id", "assignee_id", "tags"}) | {
    "created_at", "updated_at", "public", "body", "author_id", "attachments", "events", "field_name"
}  # fmt: skip
"""The fields of a ticket, a message or a change of which nothing may be lost unsaid."""


class Count(NamedTuple):
    """What came of one kind of answer."""

    fields: int
    answers: int
    lost: list[str]
    """The changes by which something else was lost."""
    wrong: list[str]
    """The changes after which a sentence was wrong, or a loss was not said."""


def paths_of(value: object, path: Path = ()) -> Iterator[Path]:
    """Every field, and in each object one that nobody knows; of a list's items the second one only."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
        yield (*path, "field of tomorrow")
    elif isinstance(value, list) and value:
        number = min(1, len(value) - 1)
        yield from paths_of(value[number], (*path, number))


def changed(answer: dict[str, Any], path: Path, odd: object) -> dict[str, Any]:
    """The answer with one field changed."""
    made: Any = copy.deepcopy(answer)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    if odd is not MISSING:
        inner[path[-1]] = odd
    elif not isinstance(inner, dict) or path[-1] in inner:
        del inner[path[-1]]
    return made  # type: ignore[no-any-return] # a deep copy of it


def touched(path: Path, kind: Kind) -> tuple[str, ...]:
    """The beginnings of the names of what may be another value for this change."""
    if path[-1] == "field of tomorrow":
        return ()
    if path in NEEDED | kind.needed:
        return ("",)
    field = str(path[2]) if len(path) > 2 else ""
    derived = _names("ticket 2 " if "/requests/2/" in kind.where else "ticket 1 ", _DERIVED)
    is_whole = field in ("", "id")
    found: dict[object, tuple[str, ...]] = {
        "tickets": (*_fields("ticket 2 ", field, _OF_TICKET), *(("missing 2",) if is_whole else ())),
        "results": _fields("ticket 2 ", field, _OF_TICKET),
        "requests": (*_fields("ticket 2 ", field, _OF_TICKET), *(("missing 2",) if is_whole else ())),
        "views": _fields("view 2 ", field, {"title": ("title",), "active": ("",)}),
        "count": ("found total",),
        "ticket": (
            *_fields("ticket 1 ", str(path[1]) if len(path) > 1 else "", _OF_TICKET),
            *(("result ",) if path[-1] in ("created_at", "updated_at") else ()),  # a ticket whose version is not known
        ),
        "request": _fields("ticket 1 ", str(path[1]) if len(path) > 1 else "", _OF_TICKET),
        "users": ("person " if len(path) == 1 else "person 8 ", *derived),
        "comments": (
            *(("message 2 ", "message 1b ") if is_whole else ()), *_fields("message 2 ", field, _OF_MESSAGE), *derived
        ),
        "audits": ("history 02", "history 00", *(("audit last",) if is_whole else ()), *derived),
        "audit": ("result ", *derived),
        "metric_sets": derived,
        "groups": (
            *(f"ticket {number} group" for number in (1, 2, 3)), "group " if len(path) == 1 else "group 5 "
        ),
        "organizations": ("person 8 organization",),
        "ticket_fields": ("field 2 ",),
        "macros": ("macro 2 ",),
        "result": _names("effect ", _OF_EFFECT.get(field, ())),
        "user": ("person 8 ",),
        "upload": (),
        "ticket_id": ("event a",),
        "at": (),
    }  # fmt: skip
    page = dict.fromkeys(("meta", "after_cursor", "end_of_stream"), ("page ",))
    others = ("desk", "capabilities") if kind.where.endswith("/desk") else ("says",)
    return (found | page).get(path[0], others)


def _fields(name: str, field: str, table: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return (name,) if field in ("", "id") else _names(name, table.get(field, ()))


def _names(name: str, fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}{each}" for each in fields)


def differences(good: Pieces, read: Pieces) -> set[str]:
    """The names of what is another value, or on one side only."""
    return {name for name in good.keys() | read.keys() if good.get(name, MISSING) != read.get(name, MISSING)}


def is_unsaid(path: Path, odd: object, good: dict[str, Any], differ: set[str], read: Pieces) -> bool:
    """Whether a value of another type was lost of what is shown, and nothing says so."""
    if odd is None or odd is MISSING or not differ or not _SAID & {str(step) for step in path} or len(path) > 3:
        return False
    before: Any = good
    for step in path:
        before = before.get(step) if isinstance(before, dict) else before[step]
    return type(before) is not type(odd) and "said" in read and not read["said"]


async def read_all(url: str, script: OneOddAnswer, name: str) -> Count:
    """Read every changed answer of a kind."""
    kind = CASES[name]
    desk = ZendeskDesk(name=DESK, url=url, email="a@x.example", token=secret("generated"))
    script.where, script.answer = kind.where, ScriptedResponse(kind.status, as_body(kind.where, kind.good))
    lost, wrong, answers = list[str](), list[str](), 0
    paths = list(paths_of(kind.good))
    try:
        good = await kind.call(desk)
        for path, odd in ((path, odd) for path in paths for odd in ODD_VALUES):
            sent = changed(kind.good, path, odd)
            script.answer = ScriptedResponse(kind.status, as_body(kind.where, sent))
            answers += 1
            what = f"{path} = {'missing' if odd is MISSING else repr(odd)[:20]}"
            try:
                read = await kind.call(desk)
            except DeskError as error:
                if path not in NEEDED | kind.needed or not str(error).isprintable():
                    wrong.append(f"{what}: {error}")
                continue
            differ = differences(good, read) - {"said"}
            differ = {each for each in differ if not each.endswith((" unreadable", " is_known_in_part"))}
            if others := {each for each in differ if not each.startswith(touched(path, kind))}:
                lost.append(f"{what}: {sorted(others)}")
            elif is_unsaid(path, odd, kind.good, differ, read):
                wrong.append(f"{what}: nothing says that {sorted(differ)} is lost")
    finally:
        await desk.close()
    return Count(len(paths), answers, lost, wrong)
