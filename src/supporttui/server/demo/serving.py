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
"""The story whose requester the user may try to reply as."""

_UNREAD: Final = timedelta(hours=6)
"""Support time before the start whose messages the user has not read."""

_YEARS_AROUND: Final = 2


def serve_demo(paths: DeskPaths, choice: DemoChoice, *, is_fresh: bool) -> None:
    """Serve until there are no subscribers, then remove everything. The caller holds the lock.

    Without `is_fresh`, a demonstration whose process died is continued. Raises DatabaseUnusable, CannotListen.
    """
    try:
        access = load_desk_access(paths)
        if is_fresh or access is None or not paths.database.exists():
            desk_writer, access = _create_demo(paths, choice)
        else:
            desk_writer = _resume_demo(paths)
            save_desk_access(paths, replace(access, socket=str(paths.socket)))
        _serve(paths, choice, desk_writer, access)
    finally:
        shutil.rmtree(paths.folder, ignore_errors=True)


def _serve(paths: DeskPaths, choice: DemoChoice, desk_writer: DemoDeskWriter, access: DeskAccess) -> None:
    serve(
        ServeOptions(
            database=paths.database_url,
            uploads=paths.uploads,
            uds=paths.socket,
            name=desk_writer.content.desk_name,
            is_demo=True,
            clock_ahead_s=access.ahead_s,
            idle_exit_s=paths.idle_exit_s,
            start_grace_s=max(paths.idle_exit_s, FIRST_SUBSCRIBER_TIMEOUT_S),
            policy=desk_writer.policy,
            background=None if choice.is_still else _background_activity(desk_writer, choice.seed),
        )
    )


def _background_activity(desk_writer: DemoDeskWriter, seed: int) -> Callable[[Desk], Awaitable[None]]:
    async def play(desk: Desk) -> None:
        await LiveActivity(desk_writer, desk.engine, desk.now, desk.notifier.wake, seed).run()

    return play


def _create_demo(paths: DeskPaths, choice: DemoChoice) -> tuple[DemoDeskWriter, DeskAccess]:
    """Remove an earlier demonstration's files, and fill a new desk."""
    shutil.rmtree(paths.folder, ignore_errors=True)
    make_private(paths.folder)
    policy = default_policy()
    calendar = _calendar(policy.hours, datetime.now(UTC).year)
    anchor = choose_anchor(calendar, datetime.now(UTC))
    engine = open_database(paths.database_url)
    try:
        desk_writer = seed_desk(engine, paths.uploads, policy, calendar, anchor, choice.seed)
        with write(engine) as connection:
            access = _demo_access(paths, desk_writer, connection, anchor)
            access = replace(access, read_until=calendar.add(anchor, -_UNREAD).isoformat())
    finally:
        engine.dispose()
    save_desk_access(paths, access)
    return desk_writer, access


def _demo_access(paths: DeskPaths, desk_writer: DemoDeskWriter, connection: Connection, anchor: datetime) -> DeskAccess:
    """Return the access of the demonstration's user; the desk's clock shows the anchor now."""
    story = next(story for story in desk_writer.content.stories if story.key == EXAMPLE_STORY)
    email = desk_writer.content.members[WATCHING_AGENT].email
    return DeskAccess(
        socket=str(paths.socket),
        email=email,
        token=issue_token(connection, email=email, at=anchor),
        run=secrets.token_hex(8),
        tickets=tuple(desk_writer.ticket_ids.values()),
        requester_email=desk_writer.content.members[story.requester].email,
        requester_ticket=desk_writer.ticket_ids[story.key],
        ahead_s=(anchor - datetime.now(UTC)).total_seconds(),
    )


def _resume_demo(paths: DeskPaths) -> DemoDeskWriter:
    """Load the people and tickets of a demonstration whose process died."""
    desk_writer = make_desk_writer(default_policy(), paths.uploads)
    engine: Engine = open_database(paths.database_url)
    try:
        with read(engine) as connection:
            desk_writer.recall(connection)
    finally:
        engine.dispose()
    return desk_writer


def _calendar(hours: SupportHours, year: int) -> SupportCalendar:
    first, last = year - _YEARS_AROUND, year + _YEARS_AROUND
    return compile_calendar(hours, policy_holidays(hours.holiday_calendar, hours.observed, first, last), first, last)
