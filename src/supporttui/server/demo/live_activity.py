"""The demonstration's background activity: tickets arrive, customers answer, colleagues work."""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, select

from supporttui.domain.ticket import Status
from supporttui.server.api_errors import ApiError
from supporttui.server.database import write
from supporttui.server.demo.desk_writer import WATCHING_AGENT, DemoDeskWriter
from supporttui.server.demo.stories import CUSTOMER, Story, StoryStep, TimedStep
from supporttui.server.schema import Now, tickets
from supporttui.zendesk_api.words import WORD_OF_STATUS

FIRST_AFTER_S: Final = (5.0, 8.0)
NEXT_AFTER_S: Final = (10.0, 25.0)
LATER_AFTER_S: Final = (40.0, 90.0)
"""Seconds between messages of thanks, once all arrivals and answers have been used."""

BREACHES_SOON: Final = timedelta(minutes=10)
"""Colleagues do not touch tickets that breach within this time, so that the breach can be seen."""

T = TypeVar("T")

_ARRIVES: Final = 0.4
_ANSWERS: Final = 0.8


class LiveActivity:
    """Writes a demonstration's live steps. The same seed gives the same order if nobody else changes tickets."""

    def __init__(
        self, desk_writer: DemoDeskWriter, engine: Engine, now: Now, wake: Callable[[], None], seed: int
    ) -> None:
        self._desk_writer = desk_writer
        self._engine = engine
        self._now = now
        self._wake = wake
        self._chance = random.Random(f"{seed}:live")  # noqa: S311 - not for secrets
        fresh = [story for story in desk_writer.content.arrivals if story.key not in desk_writer.ticket_ids]
        self._arrivals = self._shuffled(fresh)
        burning = next((story for story in fresh if story.severity == 1), None)
        self._arrivals.sort(key=lambda story: story is burning)  # popped from the end: this one comes first
        self._answers = self._shuffled(tuple(story for story in desk_writer.content.stories if story.answer))
        self._colleagues = self._shuffled(desk_writer.content.colleagues * 2)
        self._is_first = True

    async def run(self) -> None:
        """Write steps until cancelled."""
        for pause_s in self.pauses():
            await asyncio.sleep(pause_s)
            if await asyncio.to_thread(self.play_next) is not None:
                self._wake()

    def play_next(self) -> int | None:
        """Write the next step now; return the ticket's id, or None if there was no step."""
        try:
            with write(self._engine) as connection:
                return self._play(connection)
        except ApiError:
            return None  # somebody has changed the ticket in the meantime

    def pauses(self) -> Iterator[float]:
        """Yield the seconds before each next step, endlessly."""
        yield self._chance.uniform(*FIRST_AFTER_S)
        while True:
            is_written = self._arrivals or self._answers
            yield self._chance.uniform(*(NEXT_AFTER_S if is_written else LATER_AFTER_S))

    def _play(self, connection: Connection) -> int | None:
        draw = 0.0 if self._is_first else self._chance.random()
        self._is_first = False
        if self._arrivals and draw < _ARRIVES:
            return self._desk_writer.perform(connection, TimedStep(self._now(), self._arrivals.pop(), None))
        if draw < _ANSWERS or not self._colleagues:
            return self._answer(connection)
        return self._work(connection)

    def _answer(self, connection: Connection) -> int | None:
        """Have a customer send the story's answer, or else thanks."""
        waiting = self._stories_in(connection, Status.AWAITING_REPLY)
        while self._answers:
            story = self._answers.pop()
            if story in waiting:
                return self._step(connection, story, StoryStep(by=CUSTOMER, body=story.answer))
        if not waiting:
            return None
        body = self._chance.choice(self._desk_writer.content.thanks)
        return self._step(connection, self._chance.choice(waiting), StoryStep(by=CUSTOMER, body=body))

    def _work(self, connection: Connection) -> int | None:
        """Have a colleague change a ticket that is not assigned to the demonstration's user."""
        status, step = self._colleagues.pop()
        own_id = self._desk_writer.person_ids[WATCHING_AGENT]
        theirs = self._stories_in(connection, status, tickets.c.assignee_id.is_distinct_from(own_id))
        free = [story for story in theirs if not _breaches_soon(story)]
        return self._step(connection, self._chance.choice(free), step) if free else None

    def _step(self, connection: Connection, story: Story, step: StoryStep) -> int:
        return self._desk_writer.perform(connection, TimedStep(self._now(), story, step))

    def _stories_in(self, connection: Connection, status: Status, *conditions: ColumnElement[bool]) -> list[Story]:
        """Return the stories whose tickets have a status now."""
        query = select(tickets.c.id).where(tickets.c.status == WORD_OF_STATUS[status], *conditions)
        ids = set(connection.execute(query).scalars())
        everything = (*self._desk_writer.content.stories, *self._desk_writer.content.arrivals)
        return [story for story in everything if self._desk_writer.ticket_ids.get(story.key) in ids]

    def _shuffled(self, choices: Sequence[T]) -> list[T]:
        """The choices in random order."""
        return self._chance.sample(choices, len(choices))


def _breaches_soon(story: Story) -> bool:
    return story.left is not None and story.left < BREACHES_SOON
