"""The desk's tables and their column type for instants. A change here needs a migration."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

Now = Callable[[], datetime]
"""Returns the desk's current time; aware and in UTC."""


def clock(ahead_s: float = 0.0) -> Now:
    """Return the machine's clock, shifted by a number of seconds."""
    ahead = timedelta(seconds=ahead_s)
    return lambda: datetime.now(UTC) + ahead


def whole_second(instant: datetime) -> datetime:
    """Return the instant in UTC without its fraction of a second."""
    return instant.astimezone(UTC).replace(microsecond=0)


def seconds_between(start: datetime, end: datetime) -> int:
    """Return the whole seconds from one stored instant to another, never negative."""
    return max(0, int((end - start).total_seconds()))


class Instant(TypeDecorator[datetime]):
    """A column of aware datetimes, stored as seconds since 1970 so that every database orders them alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - SQLAlchemy's signature
        """Return the seconds since 1970, the fraction cut off."""
        return None if value is None else int(value.timestamp() // 1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - see above
        """Return an aware datetime in UTC."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


metadata = MetaData()

ID = BigInteger().with_variant(Integer, "sqlite")
"""SQLite auto-increments only a column of exactly this type."""


def _id() -> Column[int]:
    return Column("id", ID, primary_key=True)


organizations = Table(
    "organizations",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # the name as it is compared
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

users = Table(
    "users",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("email", String(320), nullable=False, unique=True),  # in lower case
    Column("role", String(16), nullable=False),
    Column("external_id", Text),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("organization_id", ID, ForeignKey("organizations.id")),
    sqlite_autoincrement=True,
)

tokens = Table(
    "tokens",
    metadata,
    _id(),
    Column("user_id", ID, ForeignKey("users.id"), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    sqlite_autoincrement=True,
)

groups = Table(
    "groups",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

tickets = Table(
    "tickets",
    metadata,
    _id(),
    Column("change_id", ID, nullable=False),  # the newest row of `events` for it: no two tickets share one
    Column("subject", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("description_is_public", Boolean, nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("status", String(16), nullable=False),  # also `deleted`
    Column("priority", String(16)),
    Column("type", String(16)),
    Column("requester_id", ID, ForeignKey("users.id"), nullable=False),
    Column("submitter_id", ID, ForeignKey("users.id"), nullable=False),
    Column("assignee_id", ID, ForeignKey("users.id")),
    Column("group_id", ID, ForeignKey("groups.id")),
    Column("external_id", Text),
    Column("tags", Text, nullable=False),  # a JSON list
    Column("via_channel", String(32), nullable=False),
    Column("followup_source_id", ID, ForeignKey("tickets.id")),
    Column("problem_id", ID),  # of an incident: a ticket of type problem
    Column("email_cc_ids", Text, nullable=False, server_default="[]"),  # a JSON list of ids of people
    Column("custom_fields", Text, nullable=False, server_default="{}"),  # a JSON object: values by the fields' ids
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),  # the stamp: no two states of a ticket share one
    Column("status_updated_at", Instant, nullable=False),
    Column("requester_updated_at", Instant),
    Column("assignee_updated_at", Instant),
    Column("latest_comment_at", Instant),
    Column("initially_assigned_at", Instant),
    Column("assigned_at", Instant),
    Column("first_solved_at", Instant),
    Column("solved_at", Instant),
    Column("first_reply_at", Instant),
    Column("replies", Integer, nullable=False),
    Column("reopens", Integer, nullable=False),
    Column("assignee_stations", Integer, nullable=False),
    Column("hold_s", BigInteger, nullable=False),
    Column("pending_s", BigInteger, nullable=False),
    Index("tickets_change_id", "change_id", unique=True),
    Index("tickets_status", "status"),
    Index("tickets_requester_id", "requester_id"),
    Index("tickets_updated_at", "updated_at"),
    Index("tickets_problem_id", "problem_id"),
    sqlite_autoincrement=True,
)

ticket_fields = Table(
    "ticket_fields",
    metadata,
    _id(),
    Column("type", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("options", Text, nullable=False),  # a JSON list of objects with `name` and `value`
    Column("is_active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

macros = Table(
    "macros",
    metadata,
    _id(),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("actions", Text, nullable=False),  # a JSON list of objects with `field` and `value`
    Column("is_active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

audits = Table(
    "audits",
    metadata,
    _id(),
    Column("ticket_id", ID, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("author_id", ID, ForeignKey("users.id"), nullable=False),
    Column("via_channel", String(32), nullable=False),
    Column("custom", Text, nullable=False),  # a JSON object
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

audit_events = Table(
    "audit_events",
    metadata,
    _id(),
    Column("audit_id", ID, ForeignKey("audits.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # Create, Change, Comment
    Column("field_name", String(64)),
    Column("value", Text),  # JSON
    Column("previous_value", Text),  # JSON
    sqlite_autoincrement=True,
)

comments = Table(
    "comments",
    metadata,
    Column("id", ID, ForeignKey("audit_events.id"), primary_key=True, autoincrement=False),
    Column("ticket_id", ID, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("audit_id", ID, ForeignKey("audits.id"), nullable=False),
    Column("author_id", ID, ForeignKey("users.id"), nullable=False),
    Column("body", Text, nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("via_channel", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("user_id", ID, ForeignKey("users.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    _id(),
    Column("file_key", String(64), nullable=False, unique=True),  # its name in the uploads folder and in its address
    Column("upload_token", String(64), index=True),
    Column("comment_id", ID, ForeignKey("comments.id"), index=True),
    Column("uploader_id", ID, ForeignKey("users.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("ticket_id", ID, nullable=False),
    Column("is_public", Boolean, nullable=False),  # whether its requester may know of it
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("user_id", ID, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("key", String(255), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
)
