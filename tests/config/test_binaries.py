from pathlib import Path

import pytest

from config.embedded import binaries
from tests.config.servers import SYSTEM


def test_it_finds_the_client_programs_of_the_version_itself_or_the_next():
    newest = binaries.find().major
    path, version = binaries.client("pg_dump", newest)
    assert version >= newest and Path(path).name == "pg_dump"
    assert binaries.client("pg_dump", 99) is None and binaries.client("no_such_program", 15) is None


@pytest.mark.skipif(not SYSTEM.exists(), reason="needs the system's PostgreSQL 15 beside a newer one")
def test_it_prefers_the_server_s_own_version_to_a_newer_one():
    assert binaries.client("pg_restore", 15) == (SYSTEM / "pg_restore", 15)


def test_it_looks_nowhere_else_than_it_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("STRATUM_PG_BIN", str(tmp_path))
    assert binaries.client("pg_dump", 15) is None
