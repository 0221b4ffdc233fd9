"""Run by Alembic, on the connection and within the transaction that `state.migrating` opened."""

from alembic import context

from mockserver.state.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
