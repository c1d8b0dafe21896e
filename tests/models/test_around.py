"""What a post's page offers beside its text, and that nothing of it comes before its time."""

from datetime import timedelta

import pytest

from blog.models import Change, LearningPath, PathStep, Post, RelatedPost, Series, for_page, read_post_page
from blog.publishing import workflow
from tests import make

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def page_of(post, at):
    return read_post_page(for_page(Post.objects.filter(pk=post.pk)).get(), at=at)


def titles(links):
    return [link.title for link in links]


HIDDEN = {
    "draft": lambda now: {"status": "draft"},
    "in review": lambda now: {"status": "review"},
    "withdrawn": lambda now: {"status": "withdrawn"},
    "scheduled": lambda now: {"at": now + SECOND},
    "expired": lambda now: {"expires_at": now},
}


@pytest.mark.parametrize("state", HIDDEN)
def test_it_shows_nothing_around_a_post_that_is_not_live(now, state):
    series, path = (
        Series.objects.create(title="S", slug="s"),
        LearningPath.objects.create(title="P", slug="p"),
    )
    post = make.post(slug="here", series=[(series, 1)])
    other = make.post(
        "Hidden", slug="other", series=[(series, 2)], learning_level=make.level(300), translation_of=post, language="de",
        **HIDDEN[state](now),
    )  # fmt: skip
    english = make.post("Hidden too", learning_level=make.level(300), **HIDDEN[state](now))
    for number, one in enumerate((post, other, english), start=1):
        PathStep.objects.create(learning_path=path, post=one, number=number)
    for one in (other, english):
        RelatedPost.objects.create(post=post, other=one, curated=True)
        RelatedPost.objects.create(post=post, other=one, position=1)
    post.body = "See [](post:other).\n"
    workflow.save(post, at=now, minor=True)
    page = page_of(post, now)
    assert [(titles(one.parts), one.total, one.next) for one in page.series] == [([post.title], 1, None)]
    assert [(one.number, one.total, one.next) for one in page.paths] == [(1, 1, None)]
    assert page.next_level is page.newer is None
    assert page.related == page.translations == []
    assert page.crossings == {}
    if state != "scheduled":
        return
    page = page_of(post, now + SECOND)
    assert titles(page.series[0].parts) == [post.title, "Hidden"]
    assert (page.paths[0].total, page.paths[0].next.title) == (3, "Hidden")
    assert page.next_level.title == "Hidden too"
    assert titles(page.related) == ["Hidden", "Hidden too"]
    assert titles(page.translations) == ["Hidden"]
    assert page.crossings["other", ""].title == "Hidden"


def test_it_numbers_parts_as_editors_did_and_tells_how_many_only_without_a_gap(now):
    series = Series.objects.create(title="S", slug="s")
    parts = [make.post(f"Part {n}", series=[(series, n)]) for n in (1, 2, 4)]
    one = page_of(parts[1], now).series[0]
    assert (one.number, one.total, one.previous.title, one.next.title) == (2, 0, "Part 1", "Part 4")
    make.post("Part 3", series=[(series, 3)])
    one = page_of(parts[2], now).series[0]
    assert (one.number, one.total, one.previous.title, one.next) == (4, 4, "Part 3", None)


def test_it_stands_in_several_series_and_paths(now):
    several = [Series.objects.create(title=t, slug=t.lower()) for t in ("B", "A")]
    post = make.post(series=[(several[0], 1), (several[1], 7)])
    for n, title in enumerate("XY"):
        path = LearningPath.objects.create(title=title, slug=title.lower())
        PathStep.objects.create(learning_path=path, post=post, number=n + 5)
    page = page_of(post, now)
    assert [(one.title, one.number) for one in page.series] == [("A", 7), ("B", 1)]
    assert [(one.title, one.number, one.total) for one in page.paths] == [("X", 1, 1), ("Y", 1, 1)]


def test_it_offers_the_next_level_in_the_most_specific_category_that_has_one(now):
    deep, root = make.category("storage/s3"), make.category("storage")
    post = make.post(categories=[deep], learning_level=make.level(100))
    assert page_of(post, now).next_level is None
    make.post("Elsewhere", categories=[make.category("compute")], learning_level=make.level(200))
    make.post("In the root", categories=[root], learning_level=make.level(200), at=make.LONG_AGO + 9 * DAY)
    assert page_of(post, now).next_level.category.url == "/category/storage/"
    make.post("Much deeper", categories=[deep], learning_level=make.level(400), at=make.LONG_AGO + 9 * DAY)
    make.post("Older", categories=[deep], learning_level=make.level(300), at=make.LONG_AGO)
    make.post("Newer", categories=[deep], learning_level=make.level(300), at=make.LONG_AGO + DAY)
    found = page_of(post, now).next_level
    assert (found.title, found.level.number, found.category.url) == ("Newer", 300, "/category/storage/s3/")
    make.post("Auf Deutsch", categories=[deep], learning_level=make.level(300), at=now, language="de")
    assert page_of(post, now).next_level.title == "Newer"


def test_it_offers_no_next_level_to_a_post_without_level_or_category(now):
    make.post(learning_level=make.level(400))
    draft = Post.objects.create(title="Draft", slug="draft")
    assert page_of(draft, now).next_level is None


def test_it_shows_four_related_posts_those_chosen_by_editors_first(now):
    post, *others = (make.post(f"Post {n}") for n in range(8))
    for position, other in enumerate(others):
        RelatedPost.objects.create(post=post, other=other, position=position)
    RelatedPost.objects.create(post=post, other=others[5], position=2, curated=True)
    RelatedPost.objects.create(post=post, other=others[6], position=1, curated=True)
    assert titles(page_of(post, now).related) == ["Post 7", "Post 6", "Post 1", "Post 2"]


def test_it_shows_what_the_page_links_to_anyway_last_among_the_related(now):
    series = Series.objects.create(title="S", slug="s")
    post, part = make.post("Here", series=[(series, 1)]), make.post("Part", series=[(series, 2)])
    for position, other in enumerate([part, make.post("Other")]):
        RelatedPost.objects.create(post=post, other=other, position=position)
    assert titles(page_of(post, now).related) == ["Other", "Part"]


def test_it_lists_all_translations_of_the_same_original_on_each(now):
    original = make.post("Original", slug="original", language="en")
    german = make.post("Urfassung", slug="de", language="de", translation_of=original)
    make.post("層", slug="ja", language="ja", translation_of=original)
    make.post("Klingon", slug="tlh", language="tlh", translation_of=original)
    assert [(one.name, one.url) for one in page_of(german, now).translations] == [
        ("English", "/posts/original/"),
        ("tlh", "/posts/tlh/"),
        ("日本語", "/posts/ja/"),
    ]
    assert [one.language for one in page_of(original, now).translations] == ["de", "tlh", "ja"]


def test_it_lists_changes_newest_first(now):
    post = make.post()
    for days, sentence in ((3, "Old"), (1, "New")):
        Change.objects.create(post=post, made_at=now - days * DAY, sentence=sentence)
    assert [one.sentence for one in page_of(post, now).changes] == ["New", "Old"]


@pytest.mark.parametrize(
    ("limit", "written", "changed", "age"),
    [
        (3, 3 * 366, None, 3),
        (3, 3 * 365 - 2, None, 0),
        (3, 9 * 366, 1, 0),
        (3, 9 * 366, 4 * 366, 4),
        (1, 366, None, 1),
        (0, 9 * 366, None, 0),
    ],
)
def test_it_tells_the_age_of_an_old_post_from_its_last_change(now, settings, limit, written, changed, age):
    settings.AGE_NOTICE_YEARS = limit
    post = make.post(at=now - written * DAY)
    Post.objects.filter(pk=post.pk).update(changed_at=now - changed * DAY if changed else None)
    assert page_of(post, now).age == age
