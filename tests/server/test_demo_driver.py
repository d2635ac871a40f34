"""What goes on while one watches the demonstration."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from supporttui.config import default_policy
from supporttui.domain.holidays import policy_holidays
from supporttui.domain.support_calendar import compile_calendar
from supporttui.server.database import open_database, read, write
from supporttui.server.demo.desk_writer import DemoDeskWriter, make_desk_writer, seed_desk
from supporttui.server.demo.live_activity import FIRST_AFTER_S, NEXT_AFTER_S, LiveActivity
from supporttui.server.schema import comments, tickets

ANCHOR = datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
POLICY = default_policy()


class Clock:
    """The desk's time, which moves only when it is told to."""

    def __init__(self) -> None:
        self.at = ANCHOR

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=15)
        return self.at


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'desk.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def stage(engine: Engine, tmp_path: Path) -> DemoDeskWriter:
    calendar = compile_calendar(POLICY.hours, policy_holidays("default", False, 2020, 2030), 2020, 2030)
    return seed_desk(engine, tmp_path / "uploads", POLICY, calendar, ANCHOR, 1)


def driver_of(stage: DemoDeskWriter, engine: Engine, seed: int = 1) -> LiveActivity:
    return LiveActivity(stage, engine, Clock(), lambda: None, seed)


def test_first_a_ticket_arrives_within_seconds(stage: DemoDeskWriter, engine: Engine) -> None:
    driver = driver_of(stage, engine)
    pauses = driver.pauses()
    assert FIRST_AFTER_S[0] <= next(pauses) <= FIRST_AFTER_S[1] < 9
    assert NEXT_AFTER_S[0] <= next(pauses) <= NEXT_AFTER_S[1]
    assert driver.play_next() == 1081


def test_tickets_arrive_and_customers_answer_until_nothing_written_is_left(
    stage: DemoDeskWriter, engine: Engine
) -> None:
    driver = driver_of(stage, engine)
    with read(engine) as connection:
        waiting_before = connection.execute(select(tickets.c.id).where(tickets.c.status == "pending")).scalars().all()
    played = [driver.play_next() for _ in range(120)]
    with read(engine) as connection:
        newest = connection.execute(select(func.max(tickets.c.id))).scalar_one()
        answered = connection.execute(
            select(func.count()).where(tickets.c.id.in_(waiting_before), tickets.c.status == "open")
        ).scalar_one()
    assert newest == 1080 + len(stage.content.arrivals)
    assert answered == len(waiting_before)
    assert sum(each is not None for each in played) > 35


def test_nobody_touches_the_tickets_that_are_about_to_breach(stage: DemoDeskWriter, engine: Engine) -> None:
    driver = driver_of(stage, engine, seed=3)
    soon = [
        stage.ticket_ids[story.key]
        for story in stage.content.stories
        if story.left is not None and timedelta() < story.left < timedelta(minutes=10)
    ]
    for _ in range(60):
        driver.play_next()
    with read(engine) as connection:
        first_replies = connection.execute(select(tickets.c.first_reply_at).where(tickets.c.id.in_(soon))).scalars()
        assert list(first_replies) == [None] * len(soon)
    assert len(soon) == 2


def test_a_ticket_that_somebody_closed_meanwhile_gets_no_answer_that_was_meant_for_it(
    stage: DemoDeskWriter, engine: Engine
) -> None:
    with write(engine) as connection:
        connection.execute(update(tickets).where(tickets.c.status == "pending").values(status="solved"))
        before = connection.execute(select(func.count()).select_from(comments)).scalar_one()
    driver = driver_of(stage, engine)
    driver.play_next()
    played = {driver.play_next() for _ in range(40)}
    with read(engine) as connection:
        reopened = connection.execute(
            select(func.count()).where(tickets.c.status == "open", tickets.c.solved_at.is_not(None))
        ).scalar_one()
        after = connection.execute(select(func.count()).select_from(comments)).scalar_one()
    assert None in played
    assert reopened == 0
    assert after > before


def test_the_same_seed_plays_the_same(stage: DemoDeskWriter, engine: Engine) -> None:
    one, other = driver_of(stage, engine, seed=9), driver_of(stage, engine, seed=9)
    first, second = one.pauses(), other.pauses()
    assert [next(first) for _ in range(5)] == [next(second) for _ in range(5)]


def test_after_a_restart_everybody_is_found_again(stage: DemoDeskWriter, engine: Engine, tmp_path: Path) -> None:
    driver_of(stage, engine).play_next()
    again = make_desk_writer(POLICY, tmp_path / "uploads")
    with read(engine) as connection:
        again.recall(connection)
    assert again.ticket_ids == stage.ticket_ids
    assert again.person_ids == stage.person_ids
    assert again.taken == stage.taken
