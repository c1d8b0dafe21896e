"""Commits, as a load does: over connections of its own."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from blog.models import Category, Post
from blog.operating.soundness import State, stored
from blog.publishing import sealing
from blog.transfer.synthetic import corpus, load, progress
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def indexes():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef, ARRAY(SELECT attstattarget FROM pg_attribute"
            " WHERE attrelid = indexname::regclass AND attstattarget >= 0 ORDER BY attnum)::text"
            " FROM pg_indexes WHERE tablename LIKE 'blog%' AND indexdef LIKE '%USING gin%'"
        )
        return set(cursor.fetchall())


def quiet(words):
    pass


def test_it_goes_on_with_what_was_begun_before_lengths_could_be_asked_for():
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {progress.TABLE} AS SELECT 200 AS posts, '{{}}'::text[] AS indexes")
    assert progress.begin(200, corpus.WORDS) == progress.Progress(200, corpus.WORDS, [])
    progress.end()


def published():
    return Post.objects.filter(status=Post.Status.PUBLISHED).count()


def test_it_goes_on_where_it_was_interrupted_and_leaves_everything_sound(monkeypatch, now):
    before = indexes()
    monkeypatch.setattr(load, "BATCH", 50)
    write, left = load._write, [2]

    def interrupted(*args, **named):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return write(*args)

    monkeypatch.setattr(load, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load.load_posts(200, words=100, say=quiet)
    assert 0 < published() < 200
    assert indexes() < before

    for other in ({"count": 300, "words": 100}, {"count": 200}):
        with pytest.raises(progress.NotEmpty, match="--posts 200 --words 100"):
            load.load_posts(**other, say=quiet)

    monkeypatch.setattr(load, "_write", write)
    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        stopped.setattr(sealing, "seal", interrupted)
        load.load_posts(200, words=100, say=quiet)
    assert indexes() == before
    load.load_posts(200, words=100, say=quiet)
    texts = (
        Post.objects.filter(status=Post.Status.PUBLISHED).order_by("pk").values_list("body_text", flat=True)
    )
    assert list(texts) == [corpus.prose(number, 100) for number in range(1, 201)]
    assert Category.objects.count() == len(corpus.tree())
    assert indexes() == before
    for check in (stored.tree, stored.listing, stored.tally):
        assert [one.state for one in check(at=corpus.EXPIRY, fix=False)] == [State.OK], check


def test_it_leaves_a_blog_with_posts_alone():
    make.post()
    before = indexes()
    with pytest.raises(CommandError, match="holds posts already"):
        call_command("synthesize", "--posts", "100")
    assert (Post.objects.count(), indexes()) == (1, before)


def test_it_names_a_number_that_makes_no_sense():
    with pytest.raises(CommandError, match="--posts 5: from 100 to"):
        call_command("synthesize", "--posts", "5")
    with pytest.raises(CommandError, match="--words 5: from 50 to"):
        call_command("synthesize", "--posts", "100", "--words", "5")
