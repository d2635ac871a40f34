"""Normalise the addresses of people, except where two people would then share one."""

import sqlalchemy as sa
from alembic import op

from supporttui.server.email_addresses import email_key

revision = "0002"
down_revision = "0001"

_USERS = sa.table("users", sa.column("id", sa.Integer), sa.column("email", sa.String))


def upgrade() -> None:
    """Normalise the address of each person, the oldest account first."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(_USERS.c.id, _USERS.c.email).order_by(_USERS.c.id)).all()
    taken = {row.email for row in rows}
    for row in rows:
        wanted = email_key(row.email)
        if wanted is not None and wanted not in taken:
            taken.add(wanted)
            connection.execute(sa.update(_USERS).where(_USERS.c.id == row.id).values(email=wanted))


def downgrade() -> None:
    """Do nothing: the addresses are valid for the earlier version too."""
