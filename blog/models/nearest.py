"""What a reader may have meant by an address that leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Exists, F, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.urls import reverse

from .author import Author
from .category import Category
from .compiled import Compiled
from .learning_path import LearningPath, PathStep
from .listing import Listing
from .live import within
from .post import Post
from .resembling import spoken
from .series import Series, SeriesPart
from .tag import Tag

LONGEST_PATH = 200
LONGEST_WORDS = 60  # characters: the cost of a look-up grows with them, its sense does not

# First steps of our own addresses, each with what lies behind it.
KINDS = {
    "posts": "post",
    "category": "category",
    "tag": "tag",
    "author": "author",
    "series": "series",
    "paths": "learning-path",
}
# Steps that say how, not what.
FORMS = frozenset({"feed", "atom", "json", "rss", "amp", "index", "page", "print"})
# What scanners for other people's weaknesses ask for. Nobody mistypes one of our addresses like that.
HOSTILE = re.compile(
    r"(^|/)\.|\.\.|(^|/)(wp-|xmlrpc|cgi-bin|phpmyadmin|vendor/|actuator|solr/|owa/|boaform)|[^\w\s/.~+-]",
    re.IGNORECASE,
)
PAGE_ENDING = re.compile(r"\.(html?|md)\Z", re.IGNORECASE)
BONUS = 0.1
"""What resemblance is worth more where the address names the kind: `/tag/` wants a tag."""


@dataclass(frozen=True)
class Nearest:
    """A public page whose address or title resembles what was asked for."""

    kind: str
    title: str
    url: str


def words_of(path: str) -> str:
    """The words of a path's last step that says something, for a search box; "" where none does.

    Short words go while longer ones are left: they stand in every title.
    """
    if len(path) > LONGEST_PATH or HOSTILE.search(path):
        return ""
    steps = [step for step in path.split("/") if step]
    if steps and "." in steps[-1]:
        steps[-1], pages = PAGE_ENDING.subn("", steps[-1])
        if not pages:
            return ""
    while steps and (steps[-1].lower() in FORMS or steps[-1].isdecimal()):
        steps.pop()
    if len(steps) == 1 and steps[0] in KINDS or not steps:
        return ""
    words = re.findall(r"[^\W_]+", steps[-1])
    telling = [word for word in words if len(word) > 3 or any(c.isdecimal() for c in word)] or words
    if max(map(len, telling), default=0) < 3:
        return ""
    text = " ".join(telling)
    return (
        text
        if len(text) <= LONGEST_WORDS
        else text[:LONGEST_WORDS].rpartition(" ")[0] or text[:LONGEST_WORDS]
    )


def read_nearest(path: str, *, at: datetime, most: int = 5) -> list[Nearest]:
    """What is public at the instant `at` and resembles the words of `path`, most alike first. One query, or none where
    the path has no words.

    Resemblance is pg_trgm's word similarity, of which its own threshold (0.6) is asked: the words stand nearly so in
    the slug or title. https://www.postgresql.org/docs/current/pgtrgm.html
    """
    words = words_of(path)
    if not words:
        return []
    wanted = KINDS.get(path.strip("/").partition("/")[0])
    rows = ARMS.rows(words=words, at=at)
    found = sorted(rows, key=lambda row: (-row[3] - BONUS * (row[0] == wanted), row[1]))
    return [Nearest(kind, title, reverse(kind, args=[slug])) for kind, title, slug, _ in found[:most]]


def _nearest(*, words: str, at: datetime) -> QuerySet[Any, Any]:
    first, *others = _arms(words, at=at)
    return first.union(*others, all=True)


# Crawlers ask for more addresses that lead nowhere than readers for those that do.
ARMS = Compiled(_nearest, words="the words", at=datetime(1970, 1, 2, tzinfo=UTC))


def _arms(words: str, *, at: datetime) -> Iterator[QuerySet[Any, Any]]:
    """For each kind of page the best few that resemble the words, as (kind, title, slug, likeness)."""
    live = Post.objects.live(at)
    here = Listing.objects.filter(within(at), post__gt=0)
    parts, steps = SeriesPart.objects.filter(post__in=live), PathStep.objects.filter(post__in=live)
    yield _best(live, "post", words)
    yield _best(Category.objects.filter(Exists(here.filter(category=OuterRef("pk")))), "category", words)
    yield _best(Tag.objects.filter(Exists(here.filter(tag=OuterRef("pk")))), "tag", words)
    yield _best(Author.objects.filter(Exists(here.filter(author=OuterRef("pk")))), "author", words)
    yield _best(Series.objects.filter(Exists(parts.filter(series=OuterRef("pk")))), "series", words)
    yield _best(
        LearningPath.objects.filter(Exists(steps.filter(learning_path=OuterRef("pk")))),
        "learning-path",
        words,
    )


NAMES = {
    "post": ("slug", "title"),
    "category": ("path", "name"),
    "tag": ("slug", "name"),
    "author": ("slug", "name"),
    "series": ("slug", "title"),
    "learning-path": ("slug", "title"),
}


def _best(rows: QuerySet[Any], kind: str, words: str) -> QuerySet[Any, Any]:
    """Ordered before it is cut: a limit on what merely resembles would make PostgreSQL read the table instead of the
    index, 500 ms at 100,000 posts."""
    slug, title = NAMES[kind]
    alike = rows.alias(spoken=spoken(slug, title)).filter(spoken__trigram_word_similar=words)
    best = alike.annotate(
        x_kind=Value(kind, output_field=TextField()),
        x_title=Concat(F(title), Value(""), output_field=TextField()),
        x_slug=Concat(F(slug), Value(""), output_field=TextField()),
        x_alike=TrigramWordSimilarity(words, spoken(slug, title)),
    )
    return best.order_by("-x_alike", "-pk").values_list("x_kind", "x_title", "x_slug", "x_alike")[:5]
