from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Post
from blog.models.full_text import read_full_texts
from blog.publishing import workflow
from tests import make

pytestmark = pytest.mark.django_db

BODY = "Text.\n\n![](figure:{key})\n\n![](figure:shared)\n\nAs [](post:target) says.\n"


@pytest.fixture(scope="module")
def posts(module_rows):
    make.figure("shared")
    make.post(title="Target", slug="target")
    made = []
    for number in range(4):
        figure = make.figure(f"own-{number}")
        made.append(
            make.post(
                slug=f"whole-{number}",
                body=BODY.format(key=figure.slug),
                tags=["s3", f"t{number}"],
                authors=[make.author(), make.author(f"Author {number}")],
                lead_figure=figure,
            )
        )
    return made


@pytest.mark.parametrize("of", ["body", "body_html"])
def test_it_costs_six_queries_however_many_posts(posts, now, of):
    for some in (posts[:1], posts):
        with CaptureQueriesContext(connection) as queries:
            for text in read_full_texts([post.pk for post in some], at=now, of=of):
                assert getattr(text.post, of)
                assert text.post.learning_level.name and text.lead.alt
                assert [figure.renditions.all() for figure in text.figures.values()]
                assert text.authors[0].name and text.categories[0].name
        assert len(queries) == 6, [query["sql"] for query in queries]


def test_it_keeps_the_order_asked_for(posts, now):
    wanted = [posts[2].pk, posts[0].pk, posts[3].pk]
    assert [text.post.pk for text in read_full_texts(wanted, at=now, of="body")] == wanted


def test_it_knows_what_surrounds_a_text(posts, now):
    (text,) = read_full_texts([posts[1].pk], at=now, of="body_html")
    assert [who.name for who in text.authors] == ["Ada Ferrant", "Author 1"]
    assert [(tag.name, tag.url) for tag in text.tags] == [("s3", "/tag/s3/"), ("t1", "/tag/t1/")]
    assert text.numbers == {"own-1": 1, "shared": 2}
    assert text.lead == text.figures["own-1"]
    assert text.crossings["target", ""].title == "Target"


def test_it_has_nothing_that_is_not_live_at_that_instant(posts, now):
    posts[0].published_at = now
    workflow.save(posts[0], at=now)
    workflow.withdraw(Post.objects.get(pk=posts[1].pk), at=now)
    keys = [post.pk for post in posts[:2]]
    assert read_full_texts(keys, at=now - timedelta(microseconds=1), of="body") == []
    assert [text.post.pk for text in read_full_texts(keys, at=now, of="body")] == [posts[0].pk]


def test_it_asks_nothing_for_no_posts(now, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert read_full_texts([], at=now, of="body") == []
