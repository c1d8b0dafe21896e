"""The words of entries once more: true with them, and untouched by all else that entries say."""

import pytest
from django.db import connection

from blog.models import Phrasing
from blog.publishing import listing, workflow
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return make.post("A quorum of leases", categories=[make.category("a/b")])


def place(post):
    """Where its row lies: elsewhere whenever it was written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text FROM blog_phrasing WHERE post_id = %s", [post.pk])
        return cursor.fetchone()


def same():
    """Whether all entries have their words there, and nothing else is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM blog_entry AS one FULL JOIN blog_phrasing AS other USING (post_id)"
            " WHERE one.words IS DISTINCT FROM other.words"
        )
        return cursor.fetchone() == (0,)


def test_a_published_post_has_its_words_there(post):
    assert Phrasing.objects.filter(post_id=post.pk).exists() and same()


def test_words_that_change_change_there(post, now):
    before = place(post)
    post.title = "A ledger of leases"
    workflow.save(post, at=now)
    workflow.settle(post)
    assert place(post) != before and same()


def test_a_post_that_is_withdrawn_leaves_it(post, now):
    workflow.withdraw(post, at=now)
    assert place(post) is None and same()


def test_another_tag_leaves_its_row_alone(post):
    before = place(post)
    post.tags.add("another")
    assert listing.refile([post.pk]) > 0
    assert place(post) == before


def test_a_category_that_moves_leaves_its_row_alone(post):
    before, home = place(post), post.categories.get()
    home.parent = make.category("x")
    from blog.publishing import categories

    categories.save(home)
    assert post.entry.categories != [] and place(post) == before
