"""What the editor's list of posts is counted from. Rows are wide and lie far apart: among a million, each of ten thousand
would be read from a page of its own. PostgreSQL need not where one index has all columns that the count names."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog.models import Post
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def post(module_rows):
    return make.post(at=make.LONG_AGO, tags=["queues"])


def columns(name):
    """What an index of posts that are not in the trash has."""
    (kept,) = [index for index in Post._meta.indexes if index.name == name]
    return {Post._meta.get_field(field.lstrip("-")).column for field in (*kept.fields, *kept.include)}


def named(count):
    """The columns of posts that the statement names, but for the one that is the index's condition."""
    assert '"trashed_at" IS NULL' in count
    return set(re.findall(r'"blog_post"\."(\w+)"', count)) - {"trashed_at"}


def test_it_counts_a_year_by_columns_that_one_index_has(editor, post):
    with CaptureQueriesContext(connection) as sent:
        path = reverse("admin:blog_post_changelist")
        editor.get(
            f"{path}?published_at__year=2020&state=live&learning_level__id__exact={post.learning_level_id}"
        )
    (count,) = [one["sql"] for one in sent if one["sql"].startswith("SELECT COUNT(*) FROM (")]
    assert named(count) <= columns("post_dated_kept")


@pytest.mark.parametrize("state", ["", "&state=live", "&state=scheduled", "&state=expired", "&state=draft"])
@pytest.mark.parametrize("kind", ["category", "tag", "author", "learning_level__id__exact"])
def test_it_counts_a_narrowed_list_by_columns_that_one_index_has(editor, post, kind, state):
    row = {
        "category": post.categories.first(),
        "tag": post.tags.first(),
        "author": post.bylines.get().author,
        "learning_level__id__exact": post.learning_level,
    }[kind]
    with CaptureQueriesContext(connection) as sent:
        page = f"{reverse('admin:blog_post_changelist')}?{kind}={row.pk}{state}"
        assert editor.get(page).status_code == 200
    (count,) = [one["sql"] for one in sent if one["sql"].startswith("SELECT COUNT(*) FROM (")]
    assert named(count) <= columns("post_kept")


def test_it_names_the_categories_to_count_one_by_one(editor, post):
    """PostgreSQL knows then how many posts there are, and does not look each of them up."""
    with CaptureQueriesContext(connection) as sent:
        editor.get(f"{reverse('admin:blog_post_changelist')}?category={post.categories.first().pk}")
    (count,) = [one["sql"] for one in sent if one["sql"].startswith("SELECT COUNT(*) FROM (")]
    assert "blog_category" not in count.replace("blog_post_categories", "")
