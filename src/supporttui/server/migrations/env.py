"""Run by alembic; uses the connection that `database` opened, inside its transaction."""

from alembic import context

from supporttui.server.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
