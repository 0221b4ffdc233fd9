"""The tables that migrations make are those the code uses, also when many processes start on an empty database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, make_url

from mockserver.state.migrating import MIGRATIONS
from mockserver.state.opening import open_storage
from mockserver.state.schema import VERSION, VERSION_TABLE, metadata

STARTERS = 6

START = """
import json, sys
from mockserver.state import Record
from mockserver.state.opening import open_storage

storage = open_storage(sys.argv[1])
content = {"vendor": [Record("job", id, "ours", {}) for id in "123"]}
taken = storage.start_with(content, afresh=False)
seen = [record.id for record in storage.store("vendor").find("job")]
print(json.dumps([taken, storage.start_number(), seen]))
storage.close()
"""


@pytest.fixture
def engine(shared_url: str) -> Iterator[Engine]:
    open_storage(shared_url).close()
    engine = create_engine(make_url(shared_url))
    yield engine
    engine.dispose()


def test_migrated_tables_are_those_the_code_uses(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": False},
        )

        assert compare_metadata(context, metadata) == []


def test_last_step_is_the_version_the_code_expects() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))

    assert scripts.get_current_head() == VERSION
    assert all(step.revision.isdecimal() for step in scripts.walk_revisions())


def test_processes_that_start_at_once_share_one_content(shared_url: str) -> None:
    command = [sys.executable, "-c", START, shared_url]
    starters = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(STARTERS)
    ]

    outputs = [starter.communicate(timeout=60) for starter in starters]

    assert [starter.returncode for starter in starters] == [0] * STARTERS, outputs
    taken, numbers, seen = zip(*(json.loads(output) for output, _ in outputs), strict=True)
    assert sorted(taken) == [False] * (STARTERS - 1) + [True]
    assert sorted(numbers) == sorted(set(numbers))
    assert set(map(tuple, seen)) == {("1", "2", "3")}
