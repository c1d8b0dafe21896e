import pytest
from django.core.management import call_command

from blog.models import (
    Figure,
    LearningPath,
    PathStep,
    Post,
    SeriesPart,
    levels_with_counts,
    paths_with_counts,
)
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


@pytest.fixture(scope="module")
def edition(module_rows, drawn, now):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "_drawn", lambda keys: [drawn[key] for key in keys])
        return load.load(at=now)


def test_it_shows_the_nine_posts_in_their_order(edition, client):
    page = client.get("/category/learning-levels/").context["page"]
    assert [post.title for post in page.posts] == TITLES


def test_it_passes_the_publish_rules_with_nothing_to_advise(edition):
    """But for what a worker does later, and for titles that are not ours to shorten."""
    let_pass = {"renditions-waiting", "renditions-missing", "long-title"}
    for post in Post.objects.all():
        found = {finding.code for finding in rules.check(rules.Candidate.of(post))}
        assert found <= let_pass, post.slug


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


def test_it_lays_paths_with_an_introduction_and_a_word_on_every_step(edition, now):
    paths = paths_with_counts(now)
    assert [path.posts_count for path in paths] == [5, 4, 3]
    assert all("\n\n" in path.introduction for path in paths)
    assert not PathStep.objects.filter(note="").exists()
    assert [level.number for level in paths[0].levels] == [100, 300, 400]


def test_it_shows_a_change_a_note_and_what_editors_would_read_next(edition):
    changed = Post.objects.get(changes__isnull=False)
    assert changed.changed_at == changed.changes.get().made_at > changed.published_at
    noted = Post.objects.exclude(editors_note="").get()
    assert noted.editors_note_at > noted.published_at
    curated = Post.objects.filter(related_posts__curated=True).order_by("pk")
    assert [post.related_posts.get(curated=True).other.slug for post in curated] == [
        "build-resilient-generative-ai-agents",
        "sovereign-failover",
    ]


def test_it_fills_every_level(edition, now):
    assert all(level.posts_count for level in levels_with_counts(None, at=now))


def test_it_serves_every_page_that_the_edition_has(edition, client):
    from blog.models import Author, Category, LearningLevel, Series, Tag

    for model in (Post, Category, Author, Tag, Series, LearningPath, LearningLevel):
        for thing in model.objects.all():
            assert client.get(thing.get_absolute_url()).status_code == 200


def test_it_loads_nothing_twice_and_nothing_over_other_content(edition, now):
    LearningPath.objects.filter(slug="once-and-only-once").delete()
    LearningPath.objects.filter(slug="keeping-things-apart").update(title="Our own words")
    PathStep.objects.filter(learning_path__slug="keeping-things-apart", number=4).delete()
    again = load.load(at=now)
    assert (again.posts, again.figures) == (0, 0)
    assert LearningPath.objects.get(slug="once-and-only-once").steps.count() == 3
    kept = LearningPath.objects.get(slug="keeping-things-apart")
    assert (kept.title, kept.steps.count()) == ("Our own words", 3)
    call_command("demo", if_empty=True)
    assert Post.objects.count() == 9


def test_it_writes_the_whole_edition_or_nothing(drawn, monkeypatch, now):
    monkeypatch.setattr(load, "_drawn", lambda keys: [drawn[key] for key in keys])
    monkeypatch.setattr(load, "_write_post", lambda path, *, at: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.load(at=now)
    assert load.is_needed()
