"""Add what tickets have beside their first properties: copies, a problem, custom fields; and macros."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns and tables; tickets that are there have nothing in them."""
    op.add_column("tickets", sa.Column("problem_id", ID))
    op.add_column("tickets", sa.Column("email_cc_ids", sa.Text, nullable=False, server_default="[]"))
    op.add_column("tickets", sa.Column("custom_fields", sa.Text, nullable=False, server_default="{}"))
    op.create_index("tickets_problem_id", "tickets", ["problem_id"])
    op.create_table(
        "ticket_fields",
        sa.Column("id", ID, primary_key=True),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "macros",
        sa.Column("id", ID, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("actions", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Drop them, with what is in them."""
    op.drop_table("macros")
    op.drop_table("ticket_fields")
    op.drop_index("tickets_problem_id", "tickets")
    for name in ("custom_fields", "email_cc_ids", "problem_id"):
        op.drop_column("tickets", name)
