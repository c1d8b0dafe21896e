import pytest
from django.core.management import call_command

from blog.models import Figure, Post, SeriesPart, levels_with_counts
from blog.publishing import rules
from blog.transfer.demo import load

pytestmark = pytest.mark.django_db

# The order in which the page of all levels shows them, newest first.
TITLES = [
    "Mastering millisecond latency and millions of events: The event-driven architecture behind the Amazon Key Suite",
    "Sovereign failover – Design for digital sovereignty using the AWS European Sovereign Cloud",
    "Secure Amazon Elastic VMware Service (Amazon EVS) with AWS Network Firewall",
    "Building an AI gateway to Amazon Bedrock with Amazon API Gateway",
    "Build resilient generative AI agents",
    "A scalable, elastic database and search solution for 1B+ vectors built on LanceDB and Amazon S3",
    "Simplify multi-tenant encryption with a cost-conscious AWS KMS key strategy",
    "How Karrot built a feature platform on AWS, Part 1: Motivation and feature serving",
    "How Karrot built a feature platform on AWS, Part 2: Feature ingestion",
]


@pytest.fixture(scope="module")
def drawn():
    """Every diagram drawn and verified once, for all tests of this file."""
    return {
        row["key"]: picture
        for row, picture in zip(
            load._figures(), load._drawn([r["key"] for r in load._figures()]), strict=True
        )
    }


@pytest.fixture
def edition(drawn, monkeypatch, now):
    monkeypatch.setattr(load, "_drawn", lambda keys: [drawn[key] for key in keys])
    return load.load(at=now)


def test_it_shows_the_nine_posts_in_their_order(edition, client):
    page = client.get("/category/learning-levels/").context["page"]
    assert [post.title for post in page.posts] == TITLES


def test_it_passes_the_publish_rules_without_a_single_finding(edition):
    for post in Post.objects.all():
        assert rules.check(rules.Candidate.of(post)) == [], post.slug


def test_it_gives_every_post_a_diagram_and_six_hundred_words(edition):
    for post in Post.objects.prefetch_related("placements"):
        assert post.placements.count() >= 1
        assert post.lead_figure_id
        assert 600 <= post.word_count <= 1500


def test_it_carries_the_two_captions(edition):
    captions = set(Figure.objects.values_list("caption", flat=True))
    assert "Secure Amazon EVS with AWS Network Firewall using centralized inspection architecture" in captions
    assert (
        "AWS architecture showing protein vector processing workflow with ECR, Lambda, and LanceDB"
        in captions
    )


def test_it_ties_the_two_parts_into_a_series(edition):
    assert list(SeriesPart.objects.values_list("number", flat=True)) == [1, 2]


def test_it_fills_every_level(edition, now):
    assert all(level.posts_count for level in levels_with_counts(None, at=now))


def test_it_serves_every_page_that_the_edition_has(edition, client):
    from blog.models import Author, Category, LearningLevel, Series, Tag

    for model in (Post, Category, Author, Tag, Series, LearningLevel):
        for thing in model.objects.all():
            assert client.get(thing.get_absolute_url()).status_code == 200


def test_it_loads_nothing_twice_and_nothing_over_other_content(edition, now):
    again = load.load(at=now)
    assert (again.posts, again.figures) == (0, 0)
    call_command("demo", if_empty=True)
    assert Post.objects.count() == 9


def test_it_writes_the_whole_edition_or_nothing(drawn, monkeypatch, now):
    monkeypatch.setattr(load, "_drawn", lambda keys: [drawn[key] for key in keys])
    monkeypatch.setattr(load, "_write_post", lambda path, *, at: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.load(at=now)
    assert load.is_needed()
