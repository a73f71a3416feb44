"""How Alembic runs here: always on a connection that is given, within its transaction."""

from alembic import context

from ledger.index.base import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
