"""What bits answer against what entries answer: the same, to the post and to the second."""

from datetime import timedelta
from random import Random

import pytest

from blog.models import Category, Common, Entry, Post, Seal, Unsealed
from blog.models.search import parse, search
from blog.models.search.understanding import understand
from blog.publishing import categories, listing, sealing
from tests import make

from .test_counting import WORDS, edition  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.long]

TEXTS = [
    "quorum", "quorum lease", "quorum or lease", "quorum -ledger", "-quorum", '"quorum lease"', "quorum nowhere",
    "quorum or nowhere", '-"quorum lease" ledger', "lease level:300", "quorum level:100 level:400", "quorum -level:200",
    "ledger category:a", "ledger category:a/b", "ledger -category:d", "quorum tag:x", "quorum tag:x tag:y", "quorum -tag:x",
    "tag:y", "category:a", "author:ada-ferrant lease", "quorum from:2025", "quorum to:2025-11", "lease from:2025-03 to:2025-08",
    "lease from:2025-03-14 to:2025-12-24", "quorum lang:de", "quorum -lang:de", "lang:de level:300", "titled", "titled quorum",
    "titled -lease category:a", "titled from:2025", '"titled post"', "quorum lease ledger tag:x level:200",
]  # fmt: skip


@pytest.fixture(scope="module")
def sealed(edition, now):  # noqa: F811
    """The edition with titles, languages and bits; then a tenth is written anew, some go, and some move."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "FEWEST", 1)
        patch.setattr(sealing, "SHARE", 0.2)
        yield seal(edition, now)


def seal(edition, now):  # noqa: F811
    dice = Random(3)
    ids = [post.pk for post in edition]
    Post.objects.filter(pk__in=dice.sample(ids, 90)).update(title="Titled post")
    Post.objects.filter(pk__in=dice.sample(ids, 60)).update(language="de-CH")
    listing.refile(ids)
    assert sealing.seal(at=now - timedelta(days=30)) > 100
    return edition


@pytest.fixture(autouse=True)
def no_passages(monkeypatch):
    """What is found, not how it is shown."""
    monkeypatch.setattr("blog.models.search.searching.read_hits", lambda understood, ids, at: ids)


def everything(text, at):
    """Count, facets and the order of all that is found, by both sorts."""
    found = []
    for sort in ("relevance", "newest"):
        pages = [search(parse(text), at=at, page=page, sort=sort, size=70) for page in (1, 2, 3)]
        facets = pages[0].facets
        counts = [(one.name, one.count) for one in (*facets.levels, *facets.categories, *facets.years)]
        found.append((pages[0].count, counts, [pk for page in pages for pk in page.hits]))
    return found


def compare(at, monkeypatch, texts=TEXTS):
    by_bits = {text: everything(text, at) for text in texts}
    assert understand(parse("quorum")).seal
    with monkeypatch.context() as patch:
        patch.setattr("blog.models.search.understanding.MOST_UNSEALED", -1)
        assert not understand(parse("quorum")).seal
        for text in texts:
            assert by_bits[text] == everything(text, at), text
    return by_bits


@pytest.mark.parametrize("exact", [500, 20])
def test_it_finds_by_bits_what_it_finds_by_entries(sealed, now, monkeypatch, exact):
    monkeypatch.setattr("blog.models.search.ranking.EXACT", exact)
    assert {kind for kind, _ in Common.objects.values_list("kind", "value")} == {
        "word",
        "head",
        "tag",
        "author",
    }
    found = compare(now, monkeypatch)
    assert sum(bool(one[0][0]) for one in found.values()) > 25


def test_it_finds_what_was_written_since_and_nothing_that_went(sealed, now, monkeypatch):
    dice = Random(5)
    Post.objects.filter(pk__in=[post.pk for post in dice.sample(sealed, 30)]).update(
        body_text="quorum lease", learning_level=make.level(400)
    )
    Post.objects.filter(pk__in=[post.pk for post in dice.sample(sealed, 20)]).update(status=Post.Status.DRAFT)
    past = [post for post in sealed if post.published_at < now]
    Post.objects.filter(pk__in=[post.pk for post in dice.sample(past, 10)]).update(expires_at=now)
    Post.objects.filter(pk__in=[post.pk for post in dice.sample(sealed, 10)]).update(
        published_at=now + timedelta(days=9), expires_at=None
    )
    listing.refile([post.pk for post in sealed])
    moved = Category.objects.get(path="a/b")
    moved.parent = Category.objects.get(path="d")
    categories.save(moved)
    assert 60 < Unsealed.objects.count() < 900
    before = compare(now, monkeypatch)
    sealing.seal(at=now)
    assert compare(now, monkeypatch) == before
    waiting = set(Entry.objects.filter(published_at__gt=now).values_list("pk", flat=True))
    assert set(Unsealed.objects.values_list("post_id", flat=True)) == waiting


def test_it_follows_time_without_anything_being_written(sealed, now, monkeypatch):
    for days in (-60, -30, -29, 0, 20, 61):
        compare(now + timedelta(days=days), monkeypatch, TEXTS[::6])
    sealing.seal(at=now + timedelta(days=20))
    for days in (0, 20, 21):
        compare(now + timedelta(days=days), monkeypatch, TEXTS[::6])


def test_it_reads_entries_where_bits_were_set_for_another_zone(sealed, now, settings):
    from django.utils import timezone

    assert understand(parse("quorum")).seal
    with timezone.override("Asia/Tokyo"):
        assert not understand(parse("quorum")).seal
        assert search(parse("quorum"), at=now).count


def test_it_reads_entries_when_bits_are_set_anew_in_between(sealed, now, monkeypatch):
    understood = understand(parse("quorum"))
    expected = search(parse("quorum"), at=now).count
    Seal.objects.update(id=10**6)
    monkeypatch.setattr("blog.models.search.searching.understand", lambda query: understood)
    assert search(parse("quorum"), at=now).count == expected


def test_it_knows_the_words_of_the_dice():
    assert {word for text in TEXTS for word in text.split()} & set(WORDS)
