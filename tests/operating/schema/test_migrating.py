"""Real locks, held by real transactions."""

import threading
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import OperationalError, ProgrammingError

from blog.models.direct import MIGRATING, direct
from blog.operating.schema import migrating

pytestmark = pytest.mark.django_db(transaction=True)

COLUMN = """
operations = [migrations.RunSQL("ALTER TABLE blog_tag ADD COLUMN mood text", "ALTER TABLE blog_tag DROP COLUMN mood")]
"""
INDEX = """
atomic = False
operations = [
    migrations.RunSQL(
        "CREATE INDEX CONCURRENTLY tag_mood ON blog_tag (name)", "DROP INDEX CONCURRENTLY IF EXISTS tag_mood"
    )
]
"""


@pytest.fixture(autouse=True)
def few_tries(monkeypatch):
    monkeypatch.setattr(migrating, "TRIES", 8)


class Told(list):
    """What a command says, and what to do when it says something."""

    def __init__(self, at_first=lambda: None):
        super().__init__()
        self.at_first = at_first

    def __bool__(self):
        return True  # to Django, what is false is no stream

    def write(self, words, *_, **__):
        self.append(words)
        if len(self) == 1:
            self.at_first()


@contextmanager
def busy(words="SELECT count(*) FROM blog_tag"):
    """Somebody else in the middle of a transaction, until `close` is called."""
    other = direct()
    other.ensure_connection()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(words)
        yield other
    finally:
        other.close()


def one(words):
    with connection.cursor() as cursor:
        cursor.execute(words)
        row = cursor.fetchone()
    return row and row[0]


def has_column():
    return bool(one("SELECT 1 FROM pg_attribute WHERE attrelid = 'blog_tag'::regclass AND attname = 'mood'"))


def index_is_valid():
    return one("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('tag_mood')")


def run(told=None, **options):
    call_command("migrate", stderr=Told() if told is None else told, stdout=Told(), **options)


def test_it_steps_aside_while_a_table_is_in_use_and_comes_again(more_migrations):
    more_migrations("9001_mood", COLUMN)
    with busy() as reader:
        told = Told(at_first=reader.close)
        run(told)
    assert has_column() and "stepped aside" in told[0]


def test_no_reader_stands_behind_it_for_long(more_migrations, monkeypatch):
    """While a reader's transaction is open all the time, and a migration tries again and again, others still read."""
    monkeypatch.setattr(migrating, "TRIES", 3)
    more_migrations("9001_mood", COLUMN)
    read = []

    def read_on():
        other = direct()
        try:
            with other.cursor() as cursor:
                cursor.execute("SET statement_timeout = '1500ms'")
                while not done.is_set():
                    cursor.execute("SELECT count(*) FROM blog_tag")
                    read.append(cursor.fetchone())
        finally:
            other.close()

    done = threading.Event()
    with busy():
        reader = threading.Thread(target=read_on)
        reader.start()
        try:
            with pytest.raises(CommandError, match="in use all 3 times"):
                run()
        finally:
            done.set()
            reader.join()
    assert len(read) > 3 and not has_column()


def test_it_names_who_is_in_the_way_when_it_gives_up(more_migrations, monkeypatch):
    monkeypatch.setattr(migrating, "TRIES", 4)
    more_migrations("9001_mood", COLUMN)
    with busy(), pytest.raises(CommandError, match=r"Process \d+ \(.*SELECT count"):
        run()


def test_it_waits_for_another_migration_and_then_finds_nothing_to_do(more_migrations):
    more_migrations("9001_mood", COLUMN)
    other = direct()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
    told = Told(at_first=other.close)
    run(told)
    assert "waiting for its end" in told[0] and has_column()


def test_two_at_once_apply_everything_once(more_migrations):
    more_migrations("9001_mood", COLUMN)
    more_migrations("9002_index", INDEX)
    failures = []

    def migrate():
        try:
            run()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    both = [threading.Thread(target=migrate) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert not failures and has_column() and index_is_valid()


def test_it_removes_the_index_that_a_killed_run_has_left(more_migrations):
    more_migrations("9001_index", INDEX)
    builder = direct()
    # A build waits for the writer, and is ended there.
    with (
        busy("LOCK TABLE blog_tag IN ROW EXCLUSIVE MODE"),
        builder.cursor() as cursor,
        pytest.raises(OperationalError),
    ):
        cursor.execute("SET statement_timeout = '300ms'")
        cursor.execute("CREATE INDEX CONCURRENTLY tag_mood ON blog_tag (name)")
    builder.close()
    assert index_is_valid() is False
    told = Told()
    run(told)
    assert index_is_valid() is True and "unfinished index tag_mood" in told[0]


def test_it_builds_an_index_as_long_as_a_writer_is_at_work(more_migrations):
    """A build in the queue is in nobody's way: no timeout may end it and leave an unusable index."""
    more_migrations("9001_index", INDEX)
    with busy("LOCK TABLE blog_tag IN ROW EXCLUSIVE MODE") as writer:
        timer = threading.Timer(1.5, writer.connection.close)
        timer.start()
        run()
        timer.join()
    assert index_is_valid() is True


def test_it_tries_a_statement_outside_a_transaction_again_by_itself(more_migrations):
    more_migrations(
        "9001_both",
        """
atomic = False
operations = [
    migrations.RunSQL("CREATE TABLE blog_once (id int)", "DROP TABLE blog_once"),
    migrations.RunSQL("ALTER TABLE blog_tag ADD COLUMN mood text", "ALTER TABLE blog_tag DROP COLUMN mood"),
]
""",
    )
    with busy() as reader:
        run(Told(at_first=reader.close))
    assert has_column() and one("SELECT count(*) FROM blog_once") == 0


def test_it_does_not_try_again_what_fails_for_another_reason(more_migrations):
    more_migrations(
        "9001_wrong", 'operations = [migrations.RunSQL("ALTER TABLE no_such ADD x int", "SELECT 1")]'
    )
    told = Told()
    with pytest.raises(ProgrammingError, match="no_such"):
        run(told)
    assert told == []


def test_it_waits_for_nobody_when_it_only_looks(more_migrations):
    more_migrations("9001_mood", COLUMN)
    other = direct()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
    run(plan=True)
    other.close()
    assert not has_column()
