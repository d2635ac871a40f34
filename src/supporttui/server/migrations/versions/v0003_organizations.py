"""Organisations, to which people may belong."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table, and the column of people that refers to it."""
    op.create_table(
        "organizations",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    # In SQL: alembic adds no column with a foreign key to a table of SQLite.
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE users ADD COLUMN organization_id INTEGER REFERENCES organizations (id)")
    else:
        op.execute("ALTER TABLE users ADD COLUMN organization_id BIGINT REFERENCES organizations (id)")


def downgrade() -> None:
    """Take both away."""
    op.execute("ALTER TABLE users DROP COLUMN organization_id")
    op.drop_table("organizations")
