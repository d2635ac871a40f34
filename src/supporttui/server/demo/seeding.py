"""Filling a fresh database with the demonstration's past."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from supporttui.domain.hours import SupportCalendar
from supporttui.domain.policy import ServicePolicy
from supporttui.server.database import write
from supporttui.server.demo.stage import Stage
from supporttui.server.demo.story import load_file_texts, load_script
from supporttui.server.demo.timeline import build_timeline

_BEFORE_ALL: Final = timedelta(days=400)


def seed_desk(
    engine: Engine, uploads: Path, policy: ServicePolicy, calendar: SupportCalendar, anchor: datetime, seed: int
) -> Stage:
    """Let everything happen that lies before the anchor, in one transaction."""
    stage = make_stage(policy, uploads)
    moments = build_timeline(stage.script.stories, policy, calendar, anchor, seed)
    with write(engine) as connection:
        stage.add_people(connection, (anchor - _BEFORE_ALL).astimezone(UTC))
        for moment in moments:
            stage.perform(connection, moment)
    return stage


def make_stage(policy: ServicePolicy, uploads: Path) -> Stage:
    """A stage on which nothing has happened."""
    return Stage(script=load_script(), policy=policy, uploads=uploads, file_texts=load_file_texts())
