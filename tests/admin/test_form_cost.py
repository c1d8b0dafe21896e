"""What the form of a post asks of the database: fifteen queries at most, whoever signs it and whatever it has."""

import datetime as dt

import pytest
from django.utils import timezone

from blog.admin import around
from blog.models import Approval, Comment, Post, RelatedPost, Series, SeriesPart
from blog.publishing import approvals, contents, editing
from tests import make

from .conftest import address

MOST = 15


def rich_post(**over) -> Post:
    """A post with several of everything that its form shows."""
    figures = [make.figure(f"figure-{n}") for n in range(3)]
    make.post(title="Another", slug="another")
    body = "".join(f"![](figure:{one.slug})\n\n" for one in figures)
    body += "[](post:another) and [a page](https://example.org/)\n\n[all](/category/storage/)\n"
    post = make.post(
        tags=["a", "b", "c"],
        authors=[make.author(f"Author {n}") for n in range(6)],
        categories=[make.category(path) for path in ("storage", "storage/objects", "delivery", "data")],
        body=body,
        lead_figure=figures[0],
        **over,
    )
    for n in range(3):
        SeriesPart.objects.create(
            post=post, series=Series.objects.create(title=f"Series {n}", slug=f"series-{n}"), number=n + 1
        )
        other = make.post(title=f"Other {n}", slug=f"other-{n}")
        RelatedPost.objects.create(post=post, other=other, position=n, curated=True)
    return post


def reviewed(post: Post, by) -> None:
    at = timezone.now()
    digest = approvals.digest(contents.head(post))
    Approval.objects.create(
        post=post, version=post.version, digest=digest, reviewer=by, verdict="approved", made_at=at
    )
    for n in range(4):
        Comment.objects.create(post=post, version=post.version, author=by, text=f"Comment {n}", made_at=at)


@pytest.mark.django_db
def test_it_opens_in_as_many_queries_however_much_the_post_has(editor, django_assert_max_num_queries):
    post = rich_post()
    editor.get(address(post))
    with django_assert_max_num_queries(MOST):
        page = editor.get(address(post)).content.decode()
    assert all(f">{one.name}</option>" in page for one in post.authors.all())
    assert all(f">{one}</option>" in page for one in post.categories.all())
    assert all(f">Series {n}</option>" in page and f">Other {n}</option>" in page for n in range(3))


@pytest.mark.django_db
def test_it_opens_in_as_many_queries_for_somebody_with_a_role(cast, django_assert_max_num_queries):
    post, client = rich_post(), cast("editor")
    reviewed(post, cast("publisher").user)
    client.get(address(post))
    with django_assert_max_num_queries(MOST):
        page = client.get(address(post)).content.decode()
    assert "Comment 3" in page


@pytest.mark.django_db
def test_it_opens_in_as_many_queries_with_a_draft_on_top(cast, django_assert_max_num_queries):
    post, client = rich_post(), cast("publisher")
    other = make.category("elsewhere")
    content = contents.read(post) | {"categories": [other.pk], "tags": ["z"], "title": "A draft"}
    editing.save(post, content, at=timezone.now(), by=client.user, on_top=True)
    client.get(address(post))
    with django_assert_max_num_queries(MOST):
        page = client.get(address(post)).content.decode()
    assert 'value="A draft"' in page and ">elsewhere</option>" in page.lower() and 'value="z"' in page


@pytest.mark.django_db
def test_it_names_each_row_as_the_row_names_itself():
    post = rich_post()
    seen = around.of(Post.objects.get(pk=post.pk))
    for model, rows in seen.named.items():
        assert {pk: str(one) for pk, one in rows.items()} == {
            pk: str(one) for pk, one in model._default_manager.in_bulk(list(rows)).items()
        }
        assert rows


@pytest.mark.django_db
def test_it_counts_the_approvals_that_a_category_above_asks_for():
    top = make.category("storage")
    type(top).objects.filter(pk=top.pk).update(approvals=2)
    post = make.post(categories=[make.category("storage/objects")], status="draft", published_at=None)
    seen = around.of(Post.objects.get(pk=post.pk))
    assert seen.approvals == approvals.needed(contents.read(post)["categories"]) == 2


@pytest.mark.django_db
def test_it_reads_what_is_around_a_post_together_with_it(django_assert_num_queries):
    post = rich_post(expires_at=timezone.now() + dt.timedelta(days=1))
    read = Post.objects.annotate(**contents.around()).get(pk=post.pk)
    with django_assert_num_queries(1):
        seen = around.of(read)
    assert seen.live == contents.read(post)
    with django_assert_num_queries(0):
        assert [one.author.name for one in read.bylines.all()] == [f"Author {n}" for n in range(6)]
        assert read.bylines.count() == 6 and len(read.categories.all()) == 4
