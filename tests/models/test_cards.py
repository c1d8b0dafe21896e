"""What cards show is the same whichever way it was fetched."""

import pytest

from blog.models import Figure, Post
from blog.models.cards import card_rows, post_of
from tests import make

pytestmark = pytest.mark.django_db


def shown(post):
    figure = post.lead_figure
    return (
        post.title,
        str(post.learning_level),
        [one.get_absolute_url() for one in post.categories.all()],
        [(line.position, line.author.name) for line in post.bylines.all()],
        figure and (figure.slug, [(one.format, one.width, one.url) for one in figure.renditions.all()]),
    )


def test_it_fetches_what_django_would_and_asks_nothing_more(django_assert_num_queries):
    categories = [make.category("storage/objects"), make.category("delivery")]
    authors = [make.author("Zoe Last"), make.author("Ada Ferrant")]
    make.post("Two of each", categories=categories, authors=authors, lead_figure=make.figure())
    make.post("A draft without anything", status=Post.Status.DRAFT, summary="")
    expected = [shown(post) for post in Post.objects.for_cards().order_by("pk")]
    with django_assert_num_queries(1):
        posts = [post_of(row) for row in card_rows(Post.objects.order_by("pk"), prefix="")]
        assert [shown(post) for post in posts] == expected


def test_the_address_of_a_rendition_is_its_files():
    figure = make.figure()
    made = figure.renditions.create(
        format="webp", width=360, height=200, size=1, file="renditions/a b/ü-360.webp"
    )
    assert made.url == made.file.url
    assert (
        Figure.objects.get(pk=figure.pk).renditions.get(format="webp").url.endswith("a%20b/%C3%BC-360.webp")
    )
