"""The first tables: records of all systems, the shared log and its tallies, and the numbers of process starts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "mockserver_records",
        sa.Column("serial", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.UniqueConstraint("system", "kind", "id", name="mockserver_records_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("mockserver_records_by_kind", "mockserver_records", ["system", "kind", "serial"])
    op.create_index("mockserver_records_by_scope", "mockserver_records", ["system", "kind", "scope", "serial"])
    op.create_table(
        "mockserver_log",
        sa.Column("serial", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("entry", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mockserver_tallies",
        sa.Column("label", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "mockserver_starts",
        sa.Column("number", SERIAL, primary_key=True, autoincrement=True),
        sqlite_autoincrement=True,
    )
