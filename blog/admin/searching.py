"""The posts that an editor's words find, in a time that does not depend on how many have them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Q, QuerySet
from django.utils.text import slugify

from blog.models import Post

from .paginator import FOUND

LONGEST = 200  # characters
SPARSE = 12_000
"""Posts up to which all that are found are fetched and sorted, within tens of milliseconds. Of more, the newest are
soon met by going back from the newest post of all; of few, that would read the words of a million: fourteen seconds."""


def find(posts: QuerySet[Post], term: str) -> QuerySet[Post]:
    """Those with the words, as readers search them, the last one also when only begun, or whose slug begins so. Two
    queries, beside the one to come."""
    term = term.strip()[:LONGEST]
    if not term:
        return posts
    wanted = Q(search=_asked(term))
    slug = slugify(term, allow_unicode=True)
    # Beforehand, and by key: asked for both at once, PostgreSQL takes the words of all that are found apart once more.
    if slug and (
        named := list(Post.objects.filter(slug__startswith=slug).values_list("pk", flat=True)[:FOUND])
    ):
        wanted |= Q(pk__in=named)
    found = posts.filter(wanted)
    if found.query.order_by == ("-created_at", "-id") and _expected(found) <= SPARSE:
        # The same order, which no index has, so that those of the words are asked.
        found = found.order_by((F("created_at") + timedelta(0)).desc(), "-id")
    return found


def _asked(term: str) -> Any:
    words = re.findall(r"\w+", term)
    whole: Any = SearchQuery(term, config="stratum", search_type="websearch")
    if not words:
        return whole
    begun = " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"])
    loose = SearchQuery(begun, config="stratum", search_type="raw")
    # Words alone, which may be `or`, are found by the one query: the other would only be asked of the index again.
    plain = " ".join(words) == " ".join(term.split()) and "or" not in (word.lower() for word in words)
    return loose if plain else whole | loose


def _expected(found: QuerySet[Post]) -> int:
    """How many rows PostgreSQL expects to find: at least half a hundredth of all for a word that it has no statistics
    of, which is rare. One query, which is planned and not run."""
    plan = json.loads(found.order_by().values("pk").explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])
