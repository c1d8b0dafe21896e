"""Which posts are related: computed from what they share, stored, and read with the page in its one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from blog.models import Entry, Post, RelatedPost

# Stored a post. More than readers are shown: some will be withdrawn or expire, some stand on the page anyway, and those
# that are scheduled count only when their time comes.
LIVE, SCHEDULED = 12, 6

# Candidates are the newest posts of each of the post's tags and categories, and the parts of its series: short scans of
# the listing index, however many posts there are. What they share is weighed by rarity (the logarithm of how many times
# rarer than all posts a tag or category is: Spärck Jones, 1972), so that a tag on every post says nothing and the
# deepest category they have in common says most. Of the best, the words of titles and summaries are compared (cosine of
# the sets of their stems). Posts in another language, and translations of the same, are none. One after the other, but
# in one statement: PostgreSQL plans once, and for a few hundred candidates, not for any number of them.
COMPUTE = """
    SELECT found.* FROM unnest(%(posts)s::bigint[]) AS asked (id) CROSS JOIN LATERAL (
        WITH mine AS MATERIALIZED (
            SELECT entry.post_id, entry.categories, entry.tags, level.number AS level, entry.published_at,
                split_part(lower(entry.language), '-', 1) AS language,
                coalesce(post.translation_of_id, post.id) AS origin,
                tsvector_to_array(coalesce(entry.heads, ts_filter(entry.words, '{a,b}'))) AS words
            FROM blog_entry AS entry JOIN blog_learninglevel AS level ON level.id = entry.level_id
            JOIN blog_post AS post ON post.id = entry.post_id WHERE entry.post_id = asked.id
        ), published AS MATERIALIZED (
            SELECT greatest(sum(posts), 1)::float AS posts FROM blog_tally
            WHERE category_id IS NULL AND tag_id IS NULL AND author_id IS NULL
        ), tag AS MATERIALIZED (
            SELECT tag_id AS id, ln(1 + max(published.posts) / greatest(sum(tally.posts), 1)) AS rarity
            FROM blog_tally AS tally, published
            WHERE tag_id IN (SELECT unnest(tags) FROM mine) GROUP BY tag_id
        ), category AS MATERIALIZED (
            SELECT category_id AS id, ln(1 + max(published.posts) / greatest(sum(tally.posts), 1)) AS rarity
            FROM blog_tally AS tally, published
            WHERE category_id IN (SELECT unnest(categories) FROM mine) GROUP BY category_id
        ), candidate AS (
            SELECT mine.post_id, near.post_id AS other_id, bool_or(near.series) AS series
            FROM mine CROSS JOIN LATERAL (
                SELECT newest.post_id, false AS series FROM unnest(mine.tags) AS t (id) CROSS JOIN LATERAL (
                    SELECT post_id FROM blog_listing WHERE tag_id = t.id AND post_id > 0
                    ORDER BY published_at DESC, post_id DESC LIMIT %(each)s
                ) AS newest
                UNION ALL
                SELECT newest.post_id, false FROM unnest(mine.categories) AS c (id) CROSS JOIN LATERAL (
                    SELECT post_id FROM blog_listing WHERE category_id = c.id AND post_id > 0
                    ORDER BY published_at DESC, post_id DESC LIMIT %(each)s
                ) AS newest
                UNION ALL
                SELECT others.post_id, true FROM blog_seriespart AS part
                JOIN blog_seriespart AS others USING (series_id) WHERE part.post_id = mine.post_id
            ) AS near
            WHERE near.post_id <> mine.post_id GROUP BY mine.post_id, near.post_id
        ), sketched AS (
            SELECT mine.post_id, other.post_id AS other_id, other.published_at, mine.words,
                coalesce((SELECT sum(rarity) FROM tag WHERE id = ANY(mine.tags) AND id = ANY(other.tags)), 0)
                + coalesce((SELECT max(rarity) FROM category
                            WHERE id = ANY(mine.categories) AND id = ANY(other.categories)), 0)
                + CASE WHEN candidate.series THEN 3 ELSE 0 END
                + CASE abs(level.number - mine.level) WHEN 0 THEN 0.5 WHEN 100 THEN 0.5 ELSE 0 END AS score
            FROM candidate JOIN mine USING (post_id) JOIN blog_entry AS other ON other.post_id = candidate.other_id
            JOIN blog_learninglevel AS level ON level.id = other.level_id
            WHERE split_part(lower(other.language), '-', 1) = mine.language
        ), best AS (
            SELECT * FROM (
                SELECT sketched.*, row_number() OVER (
                    PARTITION BY post_id, published_at > %(at)s ORDER BY score DESC, published_at DESC, other_id DESC
                ) AS place FROM sketched
            ) AS ranked WHERE place <= %(finalists)s
        ), scored AS (
            SELECT best.post_id, best.other_id, best.published_at, best.score + 8 * coalesce(
                cardinality(ARRAY(SELECT unnest(best.words) INTERSECT SELECT unnest(theirs.words)))
                / nullif(sqrt(cardinality(best.words)::float * cardinality(theirs.words)), 0), 0) AS score
            FROM best JOIN mine USING (post_id) JOIN blog_post AS post ON post.id = best.other_id
            JOIN LATERAL (
                SELECT tsvector_to_array(coalesce(entry.heads, ts_filter(entry.words, '{a,b}'))) AS words
                FROM blog_entry AS entry WHERE entry.post_id = best.other_id
            ) AS theirs ON true
            WHERE coalesce(post.translation_of_id, post.id) <> mine.origin
        )
        SELECT post_id, other_id,
            row_number() OVER (PARTITION BY post_id ORDER BY score DESC, published_at DESC, other_id DESC)
        FROM (
            SELECT scored.*, row_number() OVER (
                PARTITION BY post_id, published_at > %(at)s ORDER BY score DESC, published_at DESC, other_id DESC
            ) AS place FROM scored
        ) AS chosen
        WHERE place <= CASE WHEN published_at > %(at)s THEN %(scheduled)s ELSE %(live)s END
    ) AS found
"""
EACH, FINALISTS = 120, 40


@transaction.atomic
def relate(post_ids: Iterable[int], *, at: datetime) -> int:
    """Writes anew which posts are related to these, but for what editors chose. A post that is not published has none.
    Returns how many rows were not so already. `at` tells what is scheduled from what readers see."""
    posts = sorted(set(post_ids))
    with connection.cursor() as cursor:
        # One at a time: two that write the same rows in another order would wait for each other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('blog_relatedpost'))")
        limits: dict[str, Any] = {"each": EACH, "finalists": FINALISTS, "live": LIVE, "scheduled": SCHEDULED}
        cursor.execute(COMPUTE, {**limits, "posts": posts, "at": at})
        wanted = {(one, other): place for one, other, place in cursor.fetchall()}
    known = RelatedPost.objects.filter(post__in=posts, curated=False).order_by()
    former = {(row.post_id, row.other_id): row for row in known}
    gone = [row.pk for pair, row in former.items() if pair not in wanted]
    moved = [row for pair, row in former.items() if pair in wanted and row.position != wanted[pair]]
    for row in moved:
        row.position = wanted[row.post_id, row.other_id]
    new = [
        RelatedPost(post_id=post, other_id=other, position=place)
        for (post, other), place in wanted.items()
        if (post, other) not in former
    ]
    RelatedPost.objects.filter(pk__in=gone).delete()
    RelatedPost.objects.bulk_update(moved, ["position"])
    RelatedPost.objects.bulk_create(new)
    return len(gone) + len(moved) + len(new)


def relate_around(post_id: int, *, at: datetime) -> int:
    """After a post has changed: what is related to it, and to those that it is or was related to, so that old posts
    learn of new ones. Returns how many rows were not so already."""
    before = neighbours([post_id])
    changed = relate([post_id], at=at)
    around = (before | neighbours([post_id])) - {post_id}
    return changed + (relate(around, at=at) if around else 0)


def neighbours(post_ids: Sequence[int]) -> set[int]:
    """Posts that name these, or are named by them, as computed."""
    computed = RelatedPost.objects.filter(curated=False).order_by()
    naming = computed.filter(other__in=post_ids).values_list("post", flat=True)
    return {*computed.filter(post__in=post_ids).values_list("other", flat=True), *naming}


def relate_all(*, at: datetime, batch: int = 200) -> Iterator[int]:
    """Relates every post; yields how many have been seen. May be stopped and repeated."""
    ids = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    left = RelatedPost.objects.filter(curated=False).exclude(post__in=Entry.objects.values("pk"))
    left.delete()
    for start in range(0, len(ids), batch):
        relate(ids[start : start + batch], at=at)
        yield min(start + batch, len(ids))


def is_stale(post: Post) -> bool:
    """Whether what is related to the post may have to be computed: it is published, or was when that was last done."""
    return post.status == Post.Status.PUBLISHED or bool(neighbours([post.pk]))
