"""Phrases by the index of neighbouring words against reading where each word stands: the same posts."""

import os
from random import Random

import pytest
from django.db import connection

from blog.models import Post
from blog.models.search import parse, search
from blog.models.search.phrases import pairs_of
from blog.models.search.understanding import understand
from blog.publishing import listing, sealing
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.long]

WORDS = [
    "quorum",
    "lease",
    "ledger",
    "replica",
    "the",
    "of",
    "a",
    "read-only",
    "分散",
    "分散システム",
    "it's",
    "v1.2",
]
PHRASES = int(os.environ.get("PHRASES", "60"))


@pytest.fixture(scope="module")
def prose(module_rows):
    """Posts of words that stand next to each other by chance: in titles, summaries, captions, texts and code."""
    dice = Random(11)

    def words(most: int) -> str:
        return " ".join(dice.choice(WORDS) for _ in range(dice.randint(0, most)))

    level = make.level(100)
    posts = Post.objects.bulk_create(
        Post(
            title=f"Post {words(4)}",
            slug=f"prose-{n}",
            summary=f"Summary {words(8)}",
            figures_text=words(6),
            body_text=words(25),
            code_text=words(6),
            learning_level=level,
            status=Post.Status.PUBLISHED,
            published_at=make.LONG_AGO,
            editors_note="",
            social_card="",
        )
        for n in range(250)
    )
    # PostgreSQL counts places up to 16,383 and keeps 256 of a word.
    Post.objects.filter(pk=posts[0].pk).update(body_text="quorum lease filler " * 9_000)
    listing.refile([post.pk for post in posts])
    return posts


def phrases() -> list[str]:
    dice = Random(12)
    return [" ".join(dice.choice(WORDS) for _ in range(dice.choice((2, 2, 3, 4)))) for _ in range(PHRASES)]


def read(match: str, excluded: str = "") -> set[int]:
    """The posts whose words have it, each looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT post_id FROM blog_entry WHERE (%s = '' OR (words @@ %s::tsquery) IS TRUE)"
            " AND NOT words @@ %s::tsquery",
            [match, match, excluded],
        )
        return {pk for (pk,) in cursor.fetchall()}


@pytest.mark.parametrize("sealed", [True, False])
def test_it_finds_by_pairs_what_reading_finds(prose, now, monkeypatch, sealed):
    monkeypatch.setattr("blog.models.search.searching.read_hits", lambda understood, ids, at: ids)
    if sealed:
        monkeypatch.setattr(sealing, "FEWEST", 1)
        monkeypatch.setattr(sealing, "SHARE", 0.1)
        sealing.seal(at=now)
    found = paired = 0
    for words in phrases():
        for text in (
            f'"{words}"',
            f'"{words}" ledger',
            f'"{words}" or "of lease"',
            f'replica -"{words}"',
            f'level:100 -"{words}"',
        ):
            understood = understand(parse(text))
            assert bool(understood.seal) == sealed
            if not understood.match and not understood.excluded:
                continue
            expected = read(understood.match, understood.excluded)
            paired += "blog_pairs" in understood.where(now).sql
            found += bool(expected)
            for sort in ("relevance", "newest"):
                results = search(parse(text), at=now, size=300, sort=sort)
                assert results.relaxed or results.count == len(expected), text
                assert results.relaxed or set(results.hits) == expected, text
    assert found > PHRASES
    assert paired > PHRASES / 2


def test_it_finds_phrases_of_posts_written_since(prose, now, monkeypatch):
    monkeypatch.setattr(sealing, "FEWEST", 1)
    sealing.seal(at=now)
    before = search(parse('"ledger of replica"'), at=now).count
    make.post(slug="since", title="A ledger of replicas")
    assert search(parse('"ledger of replica"'), at=now).count == before + 1


@pytest.mark.parametrize(
    ("phrase", "pairs", "exact"),
    [
        (["'a'", "<->", "'b'"], [("a", "b", 1)], True),
        (["'it''s'", "<2>", r"'c:\\d'"], [("it's", r"c:\d", 2)], True),
        (["'a'", "<->", "'b'", "<->", "'c'"], [("a", "b", 1), ("a", "c", 2), ("b", "c", 1)], False),
        (["'a'", "<3>", "'b'", "<->", "'c'"], [("b", "c", 1)], False),
    ],
)  # fmt: skip
def test_it_takes_a_phrase_apart(phrase, pairs, exact):
    found = pairs_of(phrase)
    assert found.params == tuple(value for pair in pairs for value in pair)
    assert found.exact == exact


@pytest.mark.parametrize(
    "phrase", [["'a'", "<3>", "'b'"], ["'a'", "<->", "'b':*"], ["'a'", "<->", "(", "'b'", ")"], ["'a'", "<0>", "'b'"]]
)  # fmt: skip
def test_it_leaves_what_no_pair_tells_to_reading(phrase):
    assert pairs_of(phrase) is None


@pytest.mark.parametrize("text", ['"quorum lease"', '-"quorum lease" level:100'])
def test_it_asks_the_index_of_pairs(prose, now, text):
    where = understand(parse(text)).where(now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE blog_entry")
        cursor.execute(f"EXPLAIN SELECT count(*) FROM blog_entry WHERE {where.sql}", where.params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "phrasing_pairs" in plan
    assert "entry_facets" not in plan
