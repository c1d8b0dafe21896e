"""What the settings make of the environment."""

import json
import subprocess
import sys

from tests.config.servers import ROOT, environment


def told(*names, **env):
    """The settings of these names under an environment, or the sentence with which a start is refused."""
    words = "import json\nfrom config import settings\n"
    words += f"print(json.dumps([getattr(settings, name) for name in {names!r}], default=str))"
    done = subprocess.run(
        [sys.executable, "-c", words],
        cwd=ROOT,
        env=environment(SECRET_KEY="k" * 50, **env),
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


SERVER = "postgres://stratum:secret@db.internal:5432/stratum"
BOUNCER = "postgres://stratum:secret@127.0.0.1:6432/stratum"


def test_it_keeps_no_pool_and_no_cursors_behind_pgbouncer():
    databases, pool = told("DATABASES", "DATABASE_POOL", DATABASE_URL=BOUNCER, DATABASE_DIRECT_URL=SERVER)
    assert pool == 0
    assert databases["default"]["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert databases["default"]["CONN_HEALTH_CHECKS"] is True
    assert "pool" not in databases["default"].get("OPTIONS", {})
    assert "prepare_threshold" not in databases["default"].get("OPTIONS", {})


def test_it_keeps_both_without_pgbouncer():
    databases, direct = told("DATABASES", "DATABASE_DIRECT", DATABASE_URL=SERVER)
    assert databases["default"]["DISABLE_SERVER_SIDE_CURSORS"] is False
    assert databases["default"]["OPTIONS"]["pool"]["max_size"] == 8
    assert direct == {}


def test_it_refuses_a_server_behind_nothing():
    assert "DATABASE_URL, which is not set" in told("DATABASES", DATABASE_DIRECT_URL=SERVER)


def test_it_refuses_another_kind_of_database_behind_pgbouncer():
    refused = told("DATABASES", DATABASE_URL=BOUNCER, DATABASE_DIRECT_URL="sqlite:///x")
    assert "DATABASE_DIRECT_URL must name the PostgreSQL server" in refused
