"""The tables as the code uses them. How a database gets them, and from which earlier form, is in `migrations`."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

VERSION = "0001"  # the last step in `migrations.versions`
VERSION_TABLE = "mockserver_version"

SERIAL = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself there

metadata = MetaData()

records = Table(
    "mockserver_records",
    metadata,
    Column("serial", SERIAL, primary_key=True, autoincrement=True),
    Column("system", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("data", JSON, nullable=False),  # never JSONB: it forgets the order of members
    UniqueConstraint("system", "kind", "id", name="mockserver_records_key"),
    Index("mockserver_records_by_kind", "system", "kind", "serial"),
    Index("mockserver_records_by_scope", "system", "kind", "scope", "serial"),
    sqlite_autoincrement=True,  # a serial is never given twice, not even after the newest record is deleted
)

log = Table(
    "mockserver_log",
    metadata,
    Column("serial", SERIAL, primary_key=True, autoincrement=True),
    Column("entry", JSON, nullable=False),
    sqlite_autoincrement=True,
)

tallies = Table(
    "mockserver_tallies",
    metadata,
    Column("label", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

starts = Table(
    "mockserver_starts",
    metadata,
    Column("number", SERIAL, primary_key=True, autoincrement=True),
    sqlite_autoincrement=True,
)
