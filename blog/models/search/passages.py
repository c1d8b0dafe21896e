"""The cards of a page of results, with the passages that answer. Highlights cost a reading of the text, so only the
posts of the page shown get them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import JSONField, OuterRef
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from ..author import Author, Byline
from ..category import Category
from ..post import UNREAD_BY_CARDS, Post
from .results import BREAK, START, STOP, Hit, Piece, pieces
from .understanding import Understood

WHOLE = f"HighlightAll=true, StartSel={START}, StopSel={STOP}"
PARTS = (
    f"MaxFragments=2, MaxWords=26, MinWords=12, FragmentDelimiter={BREAK}, StartSel={START}, StopSel={STOP}"
)
LONGEST_SUMMARY = 400
AROUND = 60

# Which field answers beside the title: the summary when it has all the words that the title has not; else the one that
# has most of them, the weightier first. What only the code has is told from the body's by rank, which counts places.
FOUND = """(
    SELECT jsonb_build_array(
        ts_headline('stratum', blog_post.title, %(any)s::tsquery, %(whole)s), source,
        CASE source
            WHEN 'summary' THEN ts_headline('stratum', blog_post.summary, %(any)s::tsquery, %(whole)s)
            WHEN 'figures' THEN ts_headline('stratum', left(blog_post.figures_text, 20000),
                (CASE WHEN c = %(many)s THEN %(match)s ELSE %(any)s END)::tsquery, %(parts)s)
            WHEN 'code' THEN ts_headline('stratum', left(blog_post.code_text, 30000), %(any)s::tsquery, %(parts)s)
            ELSE ts_headline('stratum', left(blog_post.body_text, 100000),
                (CASE WHEN d = %(many)s THEN %(match)s ELSE %(any)s END)::tsquery, %(parts)s)
        END
    )
    FROM (
        SELECT *, CASE
            WHEN b = n OR b + c + d = 0 THEN 'summary'
            WHEN c >= d AND c > b THEN 'figures'
            WHEN d <= b THEN 'summary'
            WHEN k = d AND ts_rank(ts_filter(words, '{d}'), %(any)s::tsquery) <= ts_rank(code, %(any)s::tsquery) + 1e-9
                THEN 'code'
            ELSE 'body' END AS source
        FROM (
            SELECT words, code, count(*) AS n,
                count(*) FILTER (WHERE ts_filter(words, '{b}') @@ one::tsquery) AS b,
                count(*) FILTER (WHERE ts_filter(words, '{c}') @@ one::tsquery) AS c,
                count(*) FILTER (WHERE ts_filter(words, '{d}') @@ one::tsquery) AS d,
                count(*) FILTER (WHERE code @@ one::tsquery) AS k
            FROM blog_entry LEFT JOIN unnest(%(lexemes)s::text[]) AS one ON NOT ts_filter(words, '{a}') @@ one::tsquery
            WHERE post_id = blog_post.id GROUP BY post_id
        ) AS counted
    ) AS answering
)"""
# A script without spaces is found by pairs of characters, of which ts_headline knows nothing.
NEAR = "substr(left(blog_post.body_text, 100000), greatest(1, strpos(blog_post.body_text, %s) - %s), %s)"
NAMED = re.compile(r"%\((\w+)\)s")


def read_hits(understood: Understood, ids: Sequence[int], at: datetime) -> list[Hit]:
    """The posts, in this order, of those which are live: one query."""
    posts = Post.objects.live(at).filter(pk__in=ids).select_related("learning_level").defer(*UNREAD_BY_CARDS)
    posts = posts.annotate(
        signed=ArraySubquery(
            Byline.objects.filter(post=OuterRef("pk"))
            .order_by("position", "pk")
            .values(one=JSONObject(name="author__name", slug="author__slug"))
        ),
        filed=ArraySubquery(
            Category.objects.filter(posts=OuterRef("pk"))
            .order_by("path")
            .values(one=JSONObject(name="name", path="path"))
        ),
    )
    if understood.lexemes:
        values: dict[str, Any] = {
            "any": understood.any,
            "match": understood.match,
            "lexemes": understood.lexemes,
            "many": len(understood.lexemes),
            "whole": WHOLE,
            "parts": PARTS,
        }
        names = NAMED.findall(FOUND)
        posts = posts.annotate(
            found=RawSQL(NAMED.sub("%s", FOUND), [values[name] for name in names], output_field=JSONField())  # noqa: S611 - a constant
        )
    if understood.runs:
        posts = posts.annotate(near=RawSQL(NEAR, [understood.runs[0], AROUND, 4 * AROUND]))  # noqa: S611 - a constant
    by_id = {post.pk: post for post in posts}
    return [_hit(by_id[pk], understood) for pk in ids if pk in by_id]


def _hit(post: Post, understood: Understood) -> Hit:
    title, source, passage = getattr(post, "found", None) or (post.title, "summary", post.summary)
    if source == "summary" and len(post.summary) > LONGEST_SUMMARY and START not in passage:
        passage = post.summary[:LONGEST_SUMMARY].rsplit(" ", 1)[0] + " …"
    if understood.runs and START not in passage:
        run, near = understood.runs[0], getattr(post, "near", "")
        if run not in post.summary and run in near:
            source, passage = "body", f"… {near.strip()} …"
    return Hit(
        post,
        bylines=[Byline(author=Author(**one)) for one in getattr(post, "signed", [])],
        categories=[Category(**one) for one in getattr(post, "filed", [])],
        title=_mark(pieces(title), understood.runs),
        passage=_mark(pieces(passage), understood.runs),
        source=source,
    )


def _mark(found: tuple[Piece, ...], runs: list[str]) -> tuple[Piece, ...]:
    """Marks runs of scripts without spaces as well."""
    if not runs:
        return found
    cut = re.compile("(" + "|".join(re.escape(run) for run in sorted(runs, key=len, reverse=True)) + ")")
    return tuple(
        Piece(part, piece.marked or part in runs) for piece in found for part in cut.split(piece.text) if part
    )
