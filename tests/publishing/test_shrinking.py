"""Commits, to see who waits for whom."""

import threading

import pytest
from django.db import connection, transaction

from blog.models import Unsealed
from blog.publishing import shrinking

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def emptied():
    """Two rows behind thousands that are gone."""
    Unsealed.objects.bulk_create(Unsealed(post_id=pk) for pk in range(3_000))
    Unsealed.objects.filter(post_id__lt=2_998).delete()


def size():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('blog_unsealed')")
        return cursor.fetchone()[0]


def test_it_gives_back_what_rows_have_left(emptied):
    before = size()
    assert shrinking.shrink_unsealed(pages=4)
    assert size() < before / 4
    assert set(Unsealed.objects.values_list("post_id", flat=True)) == {2_998, 2_999}
    assert not shrinking.shrink_unsealed(pages=4)


def test_it_leaves_a_list_alone_that_is_short_or_full():
    Unsealed.objects.bulk_create(Unsealed(post_id=pk) for pk in range(3_000))
    before = size()
    assert not shrinking.shrink_unsealed(pages=4)
    assert not shrinking.shrink_unsealed()
    assert size() == before


def test_it_waits_for_nobody(emptied):
    saved, over = threading.Event(), threading.Event()

    def saving():
        with transaction.atomic():
            Unsealed.objects.create(post_id=5_000)
            saved.set()
            over.wait(30)
        connection.close()

    other = threading.Thread(target=saving)
    other.start()
    saved.wait(30)
    try:
        assert not shrinking.shrink_unsealed(pages=4)
    finally:
        over.set()
        other.join()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
    assert shrinking.shrink_unsealed(pages=4)
