"""Writes the demonstration's people and tickets to a desk, through the desk's own functions."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET
from sqlalchemy import Connection, Engine, select, text

from supporttui.domain.policy import ServicePolicy
from supporttui.domain.support_calendar import SupportCalendar
from supporttui.server.database import write
from supporttui.server.demo.sample_attachments import make_file
from supporttui.server.demo.stories import (
    AUTOMATION,
    CUSTOMER,
    DemoContent,
    Story,
    StoryStep,
    TimedStep,
    build_timeline,
    load_demo_content,
    load_file_texts,
)
from supporttui.server.file_storage import add_upload, save_file
from supporttui.server.people import add_user, find_or_add_organization
from supporttui.server.schema import tickets, users
from supporttui.server.ticket_fields import CommentFields, NewTicketFields, UpdateFields
from supporttui.server.tickets import create_ticket, update_ticket
from supporttui.zendesk_api.words import PRIORITY_OF_SEVERITY, WORD_OF_STATUS

WATCHING_AGENT: Final = "sam"
"""The agent that the demonstration's user is signed in as."""

FIRST_NUMBER: Final = 1001


@dataclass(slots=True, kw_only=True)
class DemoDeskWriter:
    """The people and tickets of one demonstration, by their keys."""

    content: DemoContent
    policy: ServicePolicy
    uploads: Path
    file_texts: dict[str, Any]
    person_ids: dict[str, int] = field(default_factory=dict)
    ticket_ids: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    """Stories whose tickets have an assignee."""

    def add_people(self, connection: Connection, at: datetime) -> None:
        """Add the people, and start the ticket ids at FIRST_NUMBER."""
        for member in self.content.members.values():
            works_for = member.organization
            self.person_ids[member.key] = add_user(
                connection,
                email=member.email,
                name=member.name,
                role=member.role,
                at=at,
                organization_id=find_or_add_organization(connection, works_for, at) if works_for else None,
            )
        connection.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES ('tickets', :last)"), {"last": FIRST_NUMBER - 1}
        )

    def recall(self, connection: Connection) -> None:
        """Load the ids of people and tickets from a desk that was filled before."""
        by_email = {row.email: row.id for row in connection.execute(select(users.c.email, users.c.id))}
        self.person_ids = {member.key: by_email[member.email] for member in self.content.members.values()}
        by_subject = {row.subject: row for row in connection.execute(select(tickets))}
        for story in (*self.content.stories, *self.content.arrivals):
            row = by_subject.get(story.subject)
            if row is not None:
                self.ticket_ids[story.key] = row.id
                self.taken |= set() if row.assignee_id is None else {story.key}

    def perform(self, connection: Connection, timed_step: TimedStep) -> int:
        """Write one step at its instant; return the ticket's id."""
        if timed_step.step is None:
            return self._create(connection, timed_step.story, timed_step.at)
        self._continue(connection, timed_step.story, timed_step.step, timed_step.at)
        return self.ticket_ids[timed_step.story.key]

    def _create(self, connection: Connection, story: Story, at: datetime) -> int:
        requester_id = self.person_ids[story.requester]
        fields = NewTicketFields(
            subject=story.subject,
            comment=CommentFields(
                body=story.text,
                author_id=requester_id,
                uploads=self._uploads(connection, story, requester_id, at),
                via="web",
            ),
            requester_id=requester_id,
            priority=PRIORITY_OF_SEVERITY[story.severity] if story.severity is not None else None,
            tags=story.tags,
            via="web",
        )
        ticket_id = create_ticket(connection, requester_id, fields, at, policy=self.policy)
        self.ticket_ids[story.key] = ticket_id
        return ticket_id

    def _uploads(self, connection: Connection, story: Story, actor_id: int, at: datetime) -> tuple[str, ...]:
        """Save the story's files as uploads under one token."""
        token: str | None = None
        for kind in story.attachments:
            made = make_file(kind, self.file_texts, at)
            saved = save_file(self.uploads, made.content, made.name, made.content_type)
            token = add_upload(connection, actor_id, saved, at, token)
        return () if token is None else (token,)

    def _continue(self, connection: Connection, story: Story, step: StoryStep, at: datetime) -> None:
        """Write a step; the first agent who acts publicly becomes the assignee."""
        author = story.requester if step.by == CUSTOMER else WATCHING_AGENT if step.by == AUTOMATION else step.by
        is_agents = step.by not in (CUSTOMER, AUTOMATION)
        takes = is_agents and story.key not in self.taken and (step.takes or step.is_public or step.status is not None)
        if takes:
            self.taken.add(story.key)
        fields = UpdateFields(
            comment=self._comment(step, self.person_ids[author]),
            status=WORD_OF_STATUS[step.status] if step.status else None,
            assignee_id=self.person_ids[author] if takes else UNSET,
            external_id=step.external_id if step.external_id is not None else UNSET,
            via="rule" if step.by == AUTOMATION else "web",
        )
        ticket_id = self.ticket_ids[story.key]
        update_ticket(connection, self.person_ids[author], ticket_id, fields, at, policy=self.policy)

    def _comment(self, step: StoryStep, author_id: int) -> CommentFields | None:
        if step.body is None:
            return None
        via = "rule" if step.by == AUTOMATION else "web"
        return CommentFields(body=step.body, is_public=step.is_public, author_id=author_id, via=via)


_BEFORE_ALL: Final = timedelta(days=400)


def seed_desk(
    engine: Engine, uploads: Path, policy: ServicePolicy, calendar: SupportCalendar, anchor: datetime, seed: int
) -> DemoDeskWriter:
    """Write every step before the anchor, in one transaction."""
    desk_writer = make_desk_writer(policy, uploads)
    timed_steps = build_timeline(desk_writer.content.stories, policy, calendar, anchor, seed)
    with write(engine) as connection:
        desk_writer.add_people(connection, (anchor - _BEFORE_ALL).astimezone(UTC))
        for timed_step in timed_steps:
            desk_writer.perform(connection, timed_step)
    return desk_writer


def make_desk_writer(policy: ServicePolicy, uploads: Path) -> DemoDeskWriter:
    """Return a writer that has added nothing yet."""
    return DemoDeskWriter(content=load_demo_content(), policy=policy, uploads=uploads, file_texts=load_file_texts())
