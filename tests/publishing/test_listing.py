from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from blog.models import Category, Entry, Listing, Showing, Word, levels_with_counts, read_page
from blog.publishing import listing, workflow
from tests import make

pytestmark = pytest.mark.django_db


def shown(scope, at):
    """The slugs on the first page, and how many posts the listing says it has."""
    page = read_page(scope, at=at, size=50)
    return {post.slug for post in page.posts}, sum(
        level.posts_count for level in levels_with_counts(scope, at=at)
    )


def test_it_forgets_what_has_expired_without_a_reader_noticing(now):
    make.post(slug="stays")
    make.post(slug="ends-later", expires_at=now + timedelta(hours=1))
    make.post(slug="over", expires_at=now)
    before = [shown(scope, now) for scope in (None, make.category())]
    assert listing.forget_expired(at=now) == 3  # of the site, its category and its author
    assert (
        [shown(scope, now) for scope in (None, make.category())]
        == before
        == [({"stays", "ends-later"}, 2)] * 2
    )
    assert not Listing.objects.filter(expires_at__lte=now).exists()


def test_it_files_a_forgotten_post_again_when_it_is_given_more_time(now):
    post = make.post(slug="longer", expires_at=now)
    listing.forget_expired(at=now)
    post.expires_at = now + timedelta(days=1)
    workflow.save(post, at=now)
    workflow.settle(post)
    assert shown(make.category(), now) == ({"longer"}, 1)


def test_it_counts_exactly_also_when_it_forgets_and_adds_up_again_and_again(now):
    for number in range(6):
        make.post(slug=f"p{number}", expires_at=now + timedelta(hours=number) if number % 2 else None)
    for hours in range(7):
        later = now + timedelta(hours=hours)
        listing.forget_expired(at=later)
        listing.compact(most=0)
        page, count = shown(None, later)
        assert count == len(page) == 3 + len([n for n in (1, 3, 5) if n > hours])


def test_it_teaches_the_lexicon_nothing_where_its_words_are_known():
    post = make.post(title="Quorums")
    Word.objects.all().delete()
    Entry.objects.all().delete()
    listing.refile([post.pk], learn=False)
    assert Entry.objects.count() == 1
    assert not Word.objects.exists()
    Entry.objects.all().delete()
    listing.refile([post.pk])
    assert Word.objects.filter(word="quorums").exists()


def test_posts_of_a_category_that_moves_are_filed_as_if_anew():
    figure = make.figure("bus")
    homes = [make.category("a/b/c"), make.category("d")]
    post = make.post("Shown", body="![](figure:bus)\n", categories=homes, lead_figure=figure)
    Category.objects.filter(path="a/b/c").update(path="x/c", parent=make.category("x"))
    listing.move([post.pk])
    entry = Entry.objects.get(pk=post.pk)
    assert entry.categories == sorted([*(one.pk for one in homes), make.category("x").pk])
    assert listing.correct([post.pk]) == 0 and showings_are_true(post, entry)


def showings_are_true(post, entry):
    kept = Showing.objects.filter(post=post)
    return kept.exists() and all(one.categories == entry.categories for one in kept)


@pytest.mark.django_db(transaction=True)
def test_who_saves_a_post_that_is_being_moved_waits_for_its_categories():
    post = make.post(categories=[make.category("a/b")])
    other = connection.copy()
    try:
        with transaction.atomic():
            listing.move([post.pk])
            with other.cursor() as cursor, pytest.raises(OperationalError):
                cursor.execute("SELECT FROM blog_post WHERE id = %s FOR UPDATE NOWAIT", [post.pk])
    finally:
        other.close()
