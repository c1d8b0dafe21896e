"""When bits are set, of what, and what they cost to keep."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from blog.models import Bits, Common, Post, Seal, Unsealed
from blog.publishing import listing, sealing, tasks
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts(now, monkeypatch):
    monkeypatch.setattr(sealing, "FEWEST", 3)
    return [
        make.post(slug=f"p{n}", title="Quorum", tags=["s3"], at=now - timedelta(days=n)) for n in range(4)
    ]


def members(kind, value):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT block * {sealing.BLOCK} + n FROM blog_bits, generate_series(0, {sealing.BLOCK} - 1) AS n"
            " WHERE kind = %s AND value = %s AND get_bit(bits, n) = 1 ORDER BY 1",
            [kind, value],
        )
        return [pk for (pk,) in cursor.fetchall()]


def ids(posts):
    return sorted(post.pk for post in posts)


def test_it_keeps_none_for_few_posts(posts, now, monkeypatch):
    monkeypatch.setattr(sealing, "FEWEST", 5)
    assert sealing.seal(at=now) == 0
    assert not Bits.objects.exists()
    assert not Unsealed.objects.exists()


def test_it_sets_a_bit_for_each_post_that_is_live(posts, now):
    later = make.post(slug="later", title="Quorum", at=now + timedelta(days=1))
    assert sealing.seal(at=now) == 4
    assert (
        members("all", "")
        == members("head", "quorum")
        == members("tag", str(posts[0].tags.get().pk))
        == ids(posts)
    )
    assert list(Unsealed.objects.values_list("post_id", flat=True)) == [later.pk]
    sealing.seal(at=now + timedelta(days=1))
    assert members("all", "") == ids([*posts, later])
    assert not Unsealed.objects.exists()


def test_it_sets_only_what_has_changed(posts, now):
    sealing.seal(at=now)
    seal = Seal.objects.get()
    Post.objects.filter(pk=posts[0].pk).update(title="Lease")
    Post.objects.filter(pk=posts[1].pk).update(status=Post.Status.DRAFT)
    Post.objects.filter(pk=posts[2].pk).update(expires_at=now + timedelta(hours=1))
    listing.refile(ids(posts))
    assert set(Unsealed.objects.values_list("post_id", flat=True)) == set(ids(posts[:3]))
    assert sealing.seal(at=now) == 3
    assert members("head", "quorum") == ids(posts[2:])
    assert members("all", "") == ids([posts[0], *posts[2:]])
    assert sealing.seal(at=now + timedelta(hours=1)) == 1
    assert members("all", "") == ids([posts[0], posts[3]])
    assert Seal.objects.get().pk == seal.pk


@pytest.mark.parametrize("change", [{"zone": "Asia/Tokyo"}, {"posts": 1}])
def test_it_sets_all_anew_where_they_were_set_for_something_else(posts, now, change):
    sealing.seal(at=now)
    Seal.objects.update(**change)
    Common.objects.all().delete()
    assert sealing.seal(at=now) == 4
    assert members("head", "quorum") == ids(posts)


def test_it_keeps_none_where_ids_are_scattered(posts, now, monkeypatch):
    sealing.seal(at=now)
    monkeypatch.setattr(sealing, "SPARSEST", 0)
    assert sealing.seal(at=now) == 0
    assert not Seal.objects.exists()


def test_it_is_done_by_the_worker_once_much_was_written(posts, now, monkeypatch):
    tasks.tidy_listings.call()
    assert not Seal.objects.exists()
    monkeypatch.setattr(sealing, "MANY", 3)
    tasks.tidy_listings.call()
    assert Seal.objects.exists()


def test_the_worker_enters_the_pairs_of_words_that_saves_have_left(posts):
    def left():
        with connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list('phrasing_pairs')")
            return cursor.fetchone()[0]

    assert left() > 0
    make.post(slug="next", title="Quorum and lease")
    tasks.tidy_listings.call()
    assert left() == 0


def test_it_is_done_by_the_command_that_files_all(posts):
    call_command("refile", verbosity=0)
    assert Seal.objects.exists()


def test_it_keeps_bits_of_words_that_enough_posts_have_however_many_have_not(posts, now, monkeypatch):
    for slug in ("lease", "lease-2"):
        make.post(slug=slug, title="Lease", at=now)
    monkeypatch.setattr(sealing, "SHARE", 0.5)
    sealing.seal(at=now, anew=True)
    assert not Common.objects.filter(kind="word", value="leas").exists()
    monkeypatch.setattr(sealing, "ENOUGH", 2)
    sealing.seal(at=now, anew=True)
    assert Common.objects.filter(kind="word", value="leas").exists()
