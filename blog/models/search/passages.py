"""The cards of a page of results, with the passages that answer. Highlights cost a reading of the text, so only the
posts of the page shown get them."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import JSONField, OuterRef, QuerySet, Value
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import JSONObject

from ..author import Author, Byline
from ..cards import LEVEL, NOWHERE, POST, among
from ..category import Category
from ..compiled import Compiled
from ..level import LearningLevel
from ..post import Post
from .conditions import SAMPLE
from .phrases import lexeme_of
from .results import BREAK, START, STOP, Hit, Piece, pieces
from .understanding import Understood

WHOLE = f"HighlightAll=true, StartSel={START}, StopSel={STOP}"
PARTS = (
    f"MaxFragments=2, MaxWords=26, MinWords=12, FragmentDelimiter={BREAK}, StartSel={START}, StopSel={STOP}"
)
LONGEST_SUMMARY = 400
AROUND = 60
BEFORE, WINDOW = 200, 500
"""Characters before a word, and in all, that are looked at for a passage."""
MOST_STEMS = 4

# Taking a text apart into words costs a millisecond a page of it, so a body is first cut down to where the beginnings
# of the words stand; where these are not what was found after all, it is read whole.
BODY = """(
    SELECT CASE WHEN strpos(near, %(start)s) > 0 THEN near
        ELSE ts_headline('stratum', left(blog_post.body_text, 100000), wanted, %(parts)s) END
    FROM (
        SELECT wanted, ts_headline('stratum', string_agg(part, ' … ' ORDER BY first), wanted, %(parts)s) AS near
        FROM (SELECT (CASE WHEN d = %(many)s THEN %(match)s ELSE %(any)s END)::tsquery) AS asked (wanted)
        LEFT JOIN (
            SELECT min(place) AS first, regexp_replace(
                substr(concat(' ', blog_post.body_text, ' '), greatest(1, min(place) - %(before)s), %(around)s),
                '^\\S+|\\S+$', '', 'g') AS part
            FROM unnest(%(stems)s::text[]) AS stem,
                regexp_instr(left(blog_post.body_text, 100000), stem, 1, 1, 0, 'i') AS place
            WHERE place > 0 GROUP BY place / %(before)s
        ) AS parts ON true GROUP BY wanted OFFSET 0
    ) AS tried
)"""

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
            ELSE {body}
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
)""".replace("{body}", BODY)
# A script without spaces is found by pairs of characters, of which ts_headline knows nothing.
NEAR = "substr(left(blog_post.body_text, 100000), greatest(1, strpos(blog_post.body_text, %s) - %s), %s)"
LINES = re.compile(r"\s*\n\s*")
NAMED = re.compile(r"%\((\w+)\)s")
CHAINED = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)
CHAIN = re.compile(rf"{CHAINED.pattern}(?: <(?:-|\d+)> {CHAINED.pattern})*", re.DOTALL)


def read_hits(understood: Understood, ids: Sequence[int], at: datetime) -> list[Hit]:
    """The posts, in this order, of those which are live: one query."""
    values: dict[str, Any] = {"ids": list(ids), "at": at}
    if understood.lexemes:
        values |= {
            "any": understood.any,
            "match": understood.match,
            "lexemes": understood.lexemes,
            "many": len(understood.lexemes),
            "stems": _stems(understood.match),
        }
    if understood.runs:
        values["run"] = understood.runs[0]
    rows = _worded(bool(understood.lexemes), bool(understood.runs)).rows(**values)
    by_id = {hit.post.pk: hit for hit in (_read(row, understood) for row in rows)}
    return [by_id[pk] for pk in ids if pk in by_id]


def _stems(match: str) -> list[str]:
    """Regular expressions for the beginnings of the words that a tsquery asks for, of a phrase's together."""
    found = []
    for chain in CHAIN.findall(match):
        words = (lexeme_of(piece) or "" for piece in CHAINED.findall(chain))
        # What an ending may have changed: “queri” is what queries and a query have in common.
        stems = (re.escape(word.removesuffix("i") if len(word) > 3 else word) for word in words)
        found.append(r"\m" + r"\w*(?:\W+\w+)?\W+".join(stems))
    return found[:MOST_STEMS]


@functools.cache
def _worded(has_lexemes: bool, has_runs: bool) -> Compiled:
    samples: dict[str, Any] = {"ids": NOWHERE, "at": SAMPLE}
    if has_lexemes:
        samples |= {
            "any": "'sample'",
            "match": "('sample')",
            "lexemes": ["'sample'"],
            "many": -1,
            "stems": ["sample"],
        }
    if has_runs:
        samples["run"] = "sample"
    return Compiled(_posts, **samples)


def _posts(*, ids: list[int], at: datetime, run: str = "", **words: Any) -> QuerySet[Any, Any]:
    """`words` are the values that `FOUND` names; `run` is one of a script without spaces."""
    posts = Post.objects.live(at).filter(among("id", ids))
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
    found: Combinable = Value(None, output_field=JSONField())
    if words:
        words |= {"whole": WHOLE, "parts": PARTS, "start": START, "before": BEFORE, "around": WINDOW}
        found = RawSQL(NAMED.sub("%s", FOUND), [words[name] for name in NAMED.findall(FOUND)])  # noqa: S611 - a constant
    near: Combinable = Value("")
    if run:
        near = RawSQL(NEAR, [run, AROUND, 4 * AROUND])  # noqa: S611 - a constant
    level = (f"learning_level__{name}" for name in LEVEL)
    return posts.annotate(found=found, near=near).values_list(
        *POST, *level, "signed", "filed", "found", "near"
    )


def _read(row: tuple[Any, ...], understood: Understood) -> Hit:
    """A row of `_posts`: the columns of the post and of its level, and four more."""
    post = Post.from_db(None, POST, row[: len(POST)])
    post.learning_level = (
        LearningLevel.from_db(None, LEVEL, row[len(POST) : -4]) if post.learning_level_id else None
    )
    signed, filed, found, near = row[-4:]
    return _hit(
        post,
        understood,
        bylines=[Byline(author=Author(**json.loads(one))) for one in signed],
        categories=[Category(**json.loads(one)) for one in filed],
        found=json.loads(found) if found else None,
        near=near,
    )


def _hit(
    post: Post,
    understood: Understood,
    *,
    bylines: list[Byline],
    categories: list[Category],
    found: tuple[str, str, str] | None,
    near: str,
) -> Hit:
    title, source, passage = found or (post.title, "summary", post.summary)
    if source == "summary" and len(post.summary) > LONGEST_SUMMARY and START not in passage:
        passage = post.summary[:LONGEST_SUMMARY].rsplit(" ", 1)[0] + " …"
    if understood.runs and START not in passage:
        run = understood.runs[0]
        if run not in post.summary and run in near:
            source, passage = "body", f"… {near.strip()} …"
    if source == "figures":  # a caption, what is seen, and a description: each a line, few with a full stop
        passage = LINES.sub(" · ", passage.strip())
    return Hit(
        post,
        bylines=bylines,
        categories=categories,
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
