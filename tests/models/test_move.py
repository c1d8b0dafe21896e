"""The stamp moves with whatever readers can see, once a transaction, and nobody waits for it."""

from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from blog.models import Move, Post
from blog.models.move import CHANNEL, read_stamp
from blog.publishing import stamp, workflow
from tests import make

# Of these tables no page for readers shows anything.
BEHIND = {
    "approval", "bits", "comment", "common", "event", "figureversion", "linkcheck", "logindelay", "missedsearch", "move",
    "operation", "phrasing", "preference", "recoverycode", "presence", "previewlink", "resemblance", "revision", "seal", "touch",
    "unsealed", "workingcopy",
    # Kept by a trigger on the listing rows, with which it is true.
    "tally",
}  # fmt: skip


def total():
    with connection.cursor() as cursor:
        return int(read_stamp(cursor, at=timezone.now()).text.split(".")[1])


@contextmanager
def a_transaction_of_its_own():
    """What is done within counts as one, though the test's transaction goes on; yields a list for how often it moved."""
    moved = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('stratum.moved', '', true)")
    before = total()
    yield moved
    moved.append(total() - before)


@pytest.fixture(scope="module")
def post(module_rows):
    figure = make.figure("bus")
    return make.post("Shown", body="![](figure:bus)\n", tags=["Queues"], lead_figure=figure)


def test_it_watches_every_table_or_says_that_no_reader_sees_it(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'stamp\\_%%' AND NOT tgisinternal"
        )
        watched = {name.removeprefix("blog_") for (name,) in cursor.fetchall()}
    tables = {
        model._meta.db_table.removeprefix("blog_")
        for model in apps.get_app_config("blog").get_models(include_auto_created=True)
    }
    assert watched | BEHIND == tables
    assert not watched & BEHIND


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("Post", "title", "Other"),
        ("Post", "summary", "Other"),
        ("Post", "body", "Other"),
        ("Post", "body_html", "Other"),
        ("Post", "slug", "other"),
        ("Post", "canonical_url", "https://example.org/"),
        ("Post", "editors_note", "Corrected."),
        ("Post", "social_card", "cards/x.png"),
        ("Post", "expires_at", timezone.now() + timedelta(days=1)),
        ("Post", "status", "withdrawn"),
        ("Figure", "caption", "Other"),
        ("Figure", "alt", "Other"),
        ("Figure", "image", "figures/x.png"),
        ("Figure", "credit", "Other"),
        ("Author", "name", "Other"),
        ("Author", "bio", "Other"),
        ("Category", "name", "Other"),
        ("Category", "position", 9),
        ("Tag", "name", "Other"),
        ("LearningLevel", "description", "Other"),
        ("Publication", "founded_at", timezone.now()),
    ],
)
def test_it_moves_when_something_changes_that_readers_see(post, name, field, value):
    rows = apps.get_model("blog", name)._base_manager.all()
    assert rows.exists()
    with a_transaction_of_its_own() as moved:
        rows.update(**{field: value})
    assert moved == [1]


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("Post", "version", 7),
        ("Post", "draft_at", timezone.now()),
        ("Figure", "weight", 7),
        ("Category", "approvals", 2),
    ],
)
def test_it_stays_when_something_changes_that_only_editors_see(post, name, field, value):
    with a_transaction_of_its_own() as moved:
        apps.get_model("blog", name)._base_manager.update(**{field: value})
    assert moved == [0]


def test_it_stays_when_what_is_written_is_what_was_there(post):
    with a_transaction_of_its_own() as moved:
        Post.objects.get(pk=post.pk).save()
    assert moved == [0]


@pytest.mark.parametrize("status", [Post.Status.DRAFT, Post.Status.REVIEW, Post.Status.WITHDRAWN])
def test_it_stays_when_the_text_of_a_post_changes_that_nobody_may_see(db, status):
    post = make.post("Hidden", status=status)
    post.body = "Other words.\n"
    with a_transaction_of_its_own() as moved:
        workflow.save(post, at=make.LONG_AGO)
        workflow.settle(post)
    assert moved == [0]


def test_it_moves_when_a_post_is_published_and_when_it_is_withdrawn(db, now):
    post = make.post("Soon", status=Post.Status.DRAFT)
    for status in (Post.Status.PUBLISHED, Post.Status.WITHDRAWN):
        with a_transaction_of_its_own() as moved:
            post.status = status
            workflow.save(post, at=now)
            workflow.settle(post)
        assert moved == [1]


def test_it_moves_when_a_rendition_is_ready_and_when_one_goes(post):
    figure = post.lead_figure
    with a_transaction_of_its_own() as moved:
        figure.renditions.create(format="webp", width=360, height=200, file="renditions/x.webp", size=9)
    assert moved == [1]
    with a_transaction_of_its_own() as moved:
        figure.renditions.all().delete()
    assert moved == [1]


def test_it_stays_when_a_cascade_meets_no_row(db):
    other = make.post("Hidden", status=Post.Status.DRAFT)
    other.categories.clear()
    other.bylines.all().delete()
    with a_transaction_of_its_own() as moved:
        other.delete()
    assert moved == [0]


def test_it_moves_once_however_much_a_transaction_writes(post):
    with a_transaction_of_its_own() as moved:
        for number in range(20):
            make.post(f"Many {number}")
    assert moved == [1]


def test_it_moves_still_when_the_first_part_of_a_transaction_was_taken_back(post):
    with a_transaction_of_its_own() as moved:
        with transaction.atomic():
            Post.objects.update(title="Never")
            transaction.set_rollback(True)
        Post.objects.update(title="Other")
    assert moved == [1]


def test_it_knows_the_next_instants_in_order(db):
    at = timezone.now()
    late, soon, over = (at + timedelta(hours=hours) for hours in (2, 1, 3))
    make.post("Late", at=late)
    make.post("Soon", at=soon, expires_at=over)
    with connection.cursor() as cursor:
        found = read_stamp(cursor, at=at)
    assert found.instants == (soon, late, over)


def test_compacting_leaves_one_row_and_the_sum(db):
    Move.objects.bulk_create(Move(moves=1) for _ in range(5))
    before = total()
    assert stamp.compact() >= 5
    assert Move.objects.count() == 1 and total() == before
    assert stamp.compact() == 1


@pytest.fixture
def two(transactional_db):
    """Two connections of other people, who wait for nobody."""
    make.post("Shown", tags=["Queues", "Topics"])
    told = connection.get_connection_params()
    for name in ("pool", "cursor_factory", "context", "options"):
        told.pop(name, None)
    opened = [psycopg.connect(**told, options="-c lock_timeout=300ms") for _ in range(2)]
    yield opened
    for one in opened:
        one.close()


def test_no_writer_waits_and_each_commit_gives_another_stamp(two):
    first, second = two
    seen = [total()]
    first.execute("UPDATE blog_tag SET name = 'Firsts' WHERE name = 'Queues'")
    second.execute("UPDATE blog_tag SET name = 'Seconds' WHERE name = 'Topics'")
    stamp.compact()
    seen.append(total())
    second.commit()
    seen.append(total())
    stamp.compact()
    first.commit()
    seen.append(total())
    assert seen == [seen[0], seen[0], seen[0] + 1, seen[0] + 2]


def test_it_notifies_at_the_commit_and_not_before(two):
    writer, listener = two
    listener.autocommit = True
    listener.execute(f"LISTEN {CHANNEL}")
    writer.execute("UPDATE blog_category SET name = 'Other'")
    assert not list(listener.notifies(timeout=0.05, stop_after=1))
    writer.commit()
    assert len(list(listener.notifies(timeout=5, stop_after=1))) == 1
