"""Each test makes something untrue behind the back of the verbs that keep it true."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from blog import markup
from blog.models import Category, Listing, Post
from blog.models.entry import Entry
from blog.operating.soundness import State, stored
from blog.publishing import listing
from tests import make

pytestmark = pytest.mark.django_db


def run(check, fix=False, at=None):
    (finding,) = check(at=at or timezone.now(), fix=fix)
    return finding


def is_found_and_mended(check):
    """That the check says so, changes nothing by that, mends it when told to, and is content then."""
    found = [run(check), run(check), run(check, fix=True), run(check)]
    return [(one.state, one.fixed) for one in found] == [
        (State.WARNING, False), (State.WARNING, False), (State.WARNING, True), (State.OK, False)
    ]  # fmt: skip


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_it_finds_nothing_where_nothing_is_wrong():
    make.post(tags=["s3"])
    checks = (stored.tree, stored.listing, stored.tally, stored.rendering, stored.search, stored.links)
    assert {run(check).state for check in checks} == {State.OK}


def test_it_mends_the_paths_of_a_tree_from_the_roots_down():
    make.category("a/b/c")
    execute("UPDATE blog_category SET path = 'x/' || slug WHERE parent_id IS NOT NULL")
    assert is_found_and_mended(stored.tree)
    assert set(Category.objects.values_list("path", flat=True)) == {"a", "a/b", "a/b/c"}


def test_it_mends_a_listing_that_lost_a_row():
    make.post()
    Listing.objects.filter(category__isnull=False).delete()
    assert is_found_and_mended(stored.listing)


def test_it_mends_an_entry_of_the_search_alone():
    post = make.post()
    Entry.objects.filter(pk=post.pk).update(tags=[999])
    assert is_found_and_mended(stored.listing)


def test_it_expects_no_listing_of_what_has_expired():
    at = timezone.now()
    make.post(expires_at=at - timedelta(hours=1))
    listing.forget_expired(at=at)
    assert run(stored.listing, at=at).state == State.OK


def test_it_mends_a_count_that_is_wrong():
    make.post()
    execute("UPDATE blog_tally SET posts = posts + 3 WHERE category_id IS NOT NULL")
    assert is_found_and_mended(stored.tally)


def test_it_renders_what_an_older_dialect_has_left():
    make.post()
    Post.objects.update(markup_version=markup.VERSION - 1)
    assert is_found_and_mended(stored.rendering)


def test_it_leaves_to_editors_what_only_they_can_mend():
    make.post(slug="leads-nowhere", body="## First\n\nAs [told before](/posts/nobody-wrote-this/).\n")
    finding = run(stored.links, fix=True)
    assert finding.state == State.WARNING and "leads-nowhere" in finding.words and not finding.fixed
