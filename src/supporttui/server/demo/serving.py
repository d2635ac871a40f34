"""Serves the demonstration: a desk that is created at its start and removed at its end."""

import secrets
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from supporttui.config import default_policy
from supporttui.domain.holidays import policy_holidays
from supporttui.domain.policy import SupportHours
from supporttui.domain.support_calendar import SupportCalendar, compile_calendar
from supporttui.server.database import open_database, read, write
from supporttui.server.demo.desk_writer import WATCHING_AGENT, DemoDeskWriter, make_desk_writer, seed_desk
from supporttui.server.demo.live_activity import LiveActivity
from supporttui.server.demo.stories import choose_anchor
from supporttui.server.desk import Desk
from supporttui.server.desk_paths import (
    DemoChoice,
    DeskAccess,
    DeskPaths,
    load_desk_access,
    make_private,
    save_desk_access,
)
from supporttui.server.people import issue_token
from supporttui.server.serving import FIRST_SUBSCRIBER_TIMEOUT_S, ServeOptions, serve

EXAMPLE_STORY: Final = "awaiting-1"
"""Whose requester is named to those who want to try answering as a customer."""

_UNREAD: Final = timedelta(hours=6)
"""Support time for which its own user has not looked."""

_YEARS_AROUND: Final = 2


def serve_demo(place: DeskPaths, choice: DemoChoice, *, is_fresh: bool) -> None:
    """Serve until nobody listens any more, then remove everything. The lock is held.

    Without `is_fresh` a demonstration whose process died goes on as it was. Raises DatabaseUnusable, CannotListen.
    """
    try:
        card = load_desk_access(place)
        if is_fresh or card is None or not place.database.exists():
            stage, card = _create_demo(place, choice)
        else:
            stage = _resume_demo(place)
            save_desk_access(place, replace(card, socket=str(place.socket)))
        _serve(place, choice, stage, card)
    finally:
        shutil.rmtree(place.folder, ignore_errors=True)


def _serve(place: DeskPaths, choice: DemoChoice, stage: DemoDeskWriter, card: DeskAccess) -> None:
    serve(
        ServeOptions(
            database=place.database_url,
            uploads=place.uploads,
            uds=place.socket,
            name=stage.script.desk_name,
            is_demo=True,
            clock_ahead_s=card.ahead_s,
            idle_exit_s=place.idle_exit_s,
            start_grace_s=max(place.idle_exit_s, FIRST_SUBSCRIBER_TIMEOUT_S),
            policy=stage.policy,
            background=None if choice.is_still else _background_activity(stage, choice.seed),
        )
    )


def _background_activity(stage: DemoDeskWriter, seed: int) -> Callable[[Desk], Awaitable[None]]:
    async def play(desk: Desk) -> None:
        await LiveActivity(stage, desk.engine, desk.now, desk.notifier.wake, seed).run()

    return play


def _create_demo(place: DeskPaths, choice: DemoChoice) -> tuple[DemoDeskWriter, DeskAccess]:
    """Throw away what an earlier one has left, and fill a new desk."""
    shutil.rmtree(place.folder, ignore_errors=True)
    make_private(place.folder)
    policy = default_policy()
    calendar = _calendar(policy.hours, datetime.now(UTC).year)
    anchor = choose_anchor(calendar, datetime.now(UTC))
    engine = open_database(place.database_url)
    try:
        stage = seed_desk(engine, place.uploads, policy, calendar, anchor, choice.seed)
        with write(engine) as connection:
            card = _demo_access(place, stage, connection, anchor)
            card = replace(card, read_until=calendar.add(anchor, -_UNREAD).isoformat())
    finally:
        engine.dispose()
    save_desk_access(place, card)
    return stage, card


def _demo_access(place: DeskPaths, stage: DemoDeskWriter, connection: Connection, anchor: datetime) -> DeskAccess:
    """How the demonstration's own user reaches it; its clock stands at the anchor now."""
    story = next(story for story in stage.script.stories if story.key == EXAMPLE_STORY)
    email = stage.script.members[WATCHING_AGENT].email
    return DeskAccess(
        socket=str(place.socket),
        email=email,
        token=issue_token(connection, email=email, at=anchor),
        run=secrets.token_hex(8),
        tickets=tuple(stage.ticket_ids.values()),
        requester_email=stage.script.members[story.requester].email,
        requester_ticket=stage.ticket_ids[story.key],
        ahead_s=(anchor - datetime.now(UTC)).total_seconds(),
    )


def _resume_demo(place: DeskPaths) -> DemoDeskWriter:
    """The people and tickets of a demonstration whose process died."""
    stage = make_desk_writer(default_policy(), place.uploads)
    engine: Engine = open_database(place.database_url)
    try:
        with read(engine) as connection:
            stage.recall(connection)
    finally:
        engine.dispose()
    return stage


def _calendar(hours: SupportHours, year: int) -> SupportCalendar:
    first, last = year - _YEARS_AROUND, year + _YEARS_AROUND
    return compile_calendar(hours, policy_holidays(hours.holiday_calendar, hours.observed, first, last), first, last)
