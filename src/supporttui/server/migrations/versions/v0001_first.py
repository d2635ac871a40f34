"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table and the group that everybody is in."""
    _create_people()
    _create_tickets()
    _create_conversation()
    _create_files()
    _create_records()
    _create_indexes()
    op.execute("INSERT INTO groups (name, is_default, created_at, updated_at) VALUES ('Support', TRUE, 0, 0)")


def _create_people() -> None:
    op.create_table(
        "users",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.String(320), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("external_id", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tokens",
        sa.Column("id", ID, primary_key=True),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "groups",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )


def _create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", ID, primary_key=True),
        sa.Column("change_id", ID, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("description_is_public", sa.Boolean, nullable=False),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("priority", sa.String(16)),
        sa.Column("type", sa.String(16)),
        sa.Column("requester_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("submitter_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("assignee_id", ID, sa.ForeignKey("users.id")),
        sa.Column("group_id", ID, sa.ForeignKey("groups.id")),
        sa.Column("external_id", sa.Text),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("via_channel", sa.String(32), nullable=False),
        sa.Column("followup_source_id", ID, sa.ForeignKey("tickets.id")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("status_updated_at", sa.BigInteger, nullable=False),
        sa.Column("requester_updated_at", sa.BigInteger),
        sa.Column("assignee_updated_at", sa.BigInteger),
        sa.Column("latest_comment_at", sa.BigInteger),
        sa.Column("initially_assigned_at", sa.BigInteger),
        sa.Column("assigned_at", sa.BigInteger),
        sa.Column("first_solved_at", sa.BigInteger),
        sa.Column("solved_at", sa.BigInteger),
        sa.Column("first_reply_at", sa.BigInteger),
        sa.Column("replies", sa.Integer, nullable=False),
        sa.Column("reopens", sa.Integer, nullable=False),
        sa.Column("assignee_stations", sa.Integer, nullable=False),
        sa.Column("hold_s", sa.BigInteger, nullable=False),
        sa.Column("pending_s", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )


def _create_conversation() -> None:
    op.create_table(
        "audits",
        sa.Column("id", ID, primary_key=True),
        sa.Column("ticket_id", ID, sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("author_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("via_channel", sa.String(32), nullable=False),
        sa.Column("custom", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_events",
        sa.Column("id", ID, primary_key=True),
        sa.Column("audit_id", ID, sa.ForeignKey("audits.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("field_name", sa.String(64)),
        sa.Column("value", sa.Text),
        sa.Column("previous_value", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "comments",
        sa.Column("id", ID, sa.ForeignKey("audit_events.id"), primary_key=True, autoincrement=False),
        sa.Column("ticket_id", ID, sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("audit_id", ID, sa.ForeignKey("audits.id"), nullable=False),
        sa.Column("author_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.Column("via_channel", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def _create_files() -> None:
    op.create_table(
        "uploads",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "attachments",
        sa.Column("id", ID, primary_key=True),
        sa.Column("file_key", sa.String(64), nullable=False, unique=True),
        sa.Column("upload_token", sa.String(64)),
        sa.Column("comment_id", ID, sa.ForeignKey("comments.id")),
        sa.Column("uploader_id", ID, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )


def _create_records() -> None:
    op.create_table(
        "events",
        sa.Column("id", ID, primary_key=True),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "idempotency",
        sa.Column("user_id", ID, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def _create_indexes() -> None:
    op.create_index("tickets_change_id", "tickets", ["change_id"], unique=True)
    op.create_index("tickets_status", "tickets", ["status"])
    op.create_index("tickets_requester_id", "tickets", ["requester_id"])
    op.create_index("tickets_updated_at", "tickets", ["updated_at"])
    op.create_index("ix_audits_ticket_id", "audits", ["ticket_id"])
    op.create_index("ix_audit_events_audit_id", "audit_events", ["audit_id"])
    op.create_index("ix_comments_ticket_id", "comments", ["ticket_id"])
    op.create_index("ix_attachments_upload_token", "attachments", ["upload_token"])
    op.create_index("ix_attachments_comment_id", "attachments", ["comment_id"])
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])
