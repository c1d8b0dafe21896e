"""What an operator reads when the environment is wrong, from the real commands."""

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.utils import ProgrammingError

from config.complaints import complaint
from tests.config.servers import ROOT, environment

DOORS = {
    "a command": ["manage.py", "check", "--database", "default"],
    "make run": ["-m", "config.serving", "prepare", "1"],
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"DATABASE_POOL": "many"}, "DATABASE_POOL"),
        ({"DEBUG": "maybe"}, "DEBUG"),
        ({"DATABASE_URL": "sqlite:///x.db", "SECRET_KEY": "k" * 50}, "must name a PostgreSQL server"),
        ({"DATABASE_URL": "postgres://u:hidden@[x", "SECRET_KEY": "k" * 50}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgres://u:p@127.0.0.1:1/x"}, "SECRET_KEY is missing"),
    ],
)
def test_it_names_what_is_wrong_in_one_line(door, wrong, words, tmp_path):
    done = subprocess.run(
        [sys.executable, *DOORS[door]],
        cwd=ROOT,
        env=environment(STRATUM_DATA=str(tmp_path), **wrong),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert words in done.stderr and done.stderr.count("\n") == 1
    assert "hidden" not in done.stderr


@pytest.mark.django_db
def test_it_says_what_the_database_does_not_allow():
    with connection.cursor() as cursor, pytest.raises(ProgrammingError) as caught:
        cursor.execute("SET LOCAL ROLE pg_monitor; CREATE TABLE public.mine (id int)")
    words = complaint(caught.value)
    assert words and "permission denied" in words and "\n" not in words


@pytest.mark.django_db
def test_it_leaves_mistakes_in_the_program_their_traceback():
    with connection.cursor() as cursor, pytest.raises(ProgrammingError) as caught:
        cursor.execute("SELECT nonsense")
    assert complaint(caught.value) is None
    assert complaint(ImproperlyConfigured("a view is missing")) is None
    assert complaint(ValueError("no")) is None
