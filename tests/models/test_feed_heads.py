import pytest

from blog.models import Author, Category, Figure, LearningLevel, Listing, Post, Tag
from blog.models.feed_heads import read_heads
from blog.models.listing import page_rows
from blog.publishing import figures, workflow
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def post(module_rows):
    figure = make.figure("event-bus")
    make.figure("lead")
    make.post(slug="other", at=make.LONG_AGO.replace(year=2025))
    return make.post(
        slug="whole",
        body="Text.\n\n![](figure:event-bus)\n\n[](post:other)\n",
        tags=["s3"],
        lead_figure=figure,
    )


def state(now):
    return read_heads(page_rows(None, at=now), size=20)[0].state


def rename(model, **names):
    def do(now):
        row = model.objects.order_by("pk").first()
        for name, value in names.items():
            setattr(row, name, value)
        row.save()

    return do


def change_caption(now):
    figure = Figure.objects.get(slug="event-bus")
    figure.caption = "Corrected"
    figures.save(figure)


def make_renditions(now):
    figures.make_renditions(Figure.objects.get(slug="event-bus"), at=now)


def save_post(now):
    workflow.save(Post.objects.get(slug="whole"), at=now)


def change_lead(now):
    Post.objects.filter(slug="whole").update(lead_figure=Figure.objects.get(slug="lead"))


def add_tag(now):
    Post.objects.get(slug="whole").tags.add("new")


@pytest.mark.parametrize(
    "change",
    [
        rename(Author, name="Ada F."),
        rename(Category, name="Stores"),
        rename(Tag, name="S3 Express"),
        rename(LearningLevel, name="Newcomer"),
        change_caption,
        make_renditions,
        save_post,
        change_lead,
        add_tag,
    ],
)
def test_its_state_differs_after_any_change(post, now, change):
    LearningLevel.objects.filter(number__lt=post.learning_level.number).delete()
    before = state(now)
    assert state(now) == before
    change(now)
    assert state(now) != before


def test_its_state_is_its_own(post, now):
    before = state(now)
    make.post(slug="another", at=make.LONG_AGO.replace(year=2024))
    assert state(now) == before


def test_it_costs_one_query_and_names_what_the_text_refers_to(post, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        head, other = read_heads(page_rows(None, at=now), size=20)
    assert other.crossings == ()
    assert head.post_id == post.pk
    assert head.crossings == (("other", ""),)
    assert head.changed_at == head.published_at == post.published_at


def test_it_reads_posts_and_listings_alike(post, now):
    listed = Listing.objects.filter(tag=None, author=None, category=None).order_by("post_id")
    assert read_heads(Post.objects.live(now).order_by("pk"), size=20, prefix="") == read_heads(
        listed, size=20
    )
