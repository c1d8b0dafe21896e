"""Where a figure is used: in posts as readers see them, in drafts on top of those, in what editors have typed and not
saved, and as an author's portrait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from blog.models import Author, Figure, Placement, Post

# Placements are recorded when a post is saved; what is not published or not saved yet is only found in its text.
IN_HAND = """
    WITH held AS (
        SELECT post.id, content->>'body' AS body, content->>'lead_figure' AS lead
        FROM blog_post AS post JOIN blog_revision ON blog_revision.id = post.draft_id
        UNION ALL
        SELECT post_id, form->'body'->>0, form->'lead_figure'->>0 FROM blog_workingcopy WHERE form IS NOT NULL
    )
    SELECT held.id, named[1], NULL FROM held, regexp_matches(body, 'figure:([a-z0-9-]{1,80})', 'g') AS named
    UNION
    SELECT held.id, NULL, lead FROM held WHERE lead ~ '^[0-9]{1,18}$'
"""


# A post that places a figure and leads with it is one. Which posts these are is only asked where both are few: to count
# more than `most` of either, indexes are enough.
USES = """
    SELECT figure, CASE WHEN placed > %(most)s OR led > %(most)s THEN greatest(placed, led) ELSE (
        SELECT count(*) FROM (
            SELECT post_id FROM blog_placement WHERE figure_id = figure
            UNION SELECT id FROM blog_post WHERE lead_figure_id = figure
        ) AS posts
    ) END FROM unnest(%(figures)s::bigint[]) AS figure, LATERAL (SELECT (
        SELECT count(*) FROM (SELECT FROM blog_placement WHERE figure_id = figure LIMIT %(most)s + 1) AS few
    ) AS placed, (
        SELECT count(*) FROM (SELECT FROM blog_post WHERE lead_figure_id = figure LIMIT %(most)s + 1) AS few
    ) AS led) AS counted
"""


@dataclass(frozen=True)
class InHand:
    """What drafts on top and unsaved texts name: for each key or id the posts, None for one that was never saved."""

    keys: dict[str, set[int | None]]
    leads: dict[int, set[int | None]]

    def posts(self, figure: Figure) -> set[int | None]:
        return self.keys.get(figure.slug, set()) | self.leads.get(figure.pk, set())


def in_hand() -> InHand:
    """One query."""
    found = InHand({}, {})
    with connection.cursor() as cursor:
        cursor.execute(IN_HAND)
        for post, key, lead in cursor.fetchall():
            if key is not None:
                found.keys.setdefault(key, set()).add(post)
            else:
                found.leads.setdefault(int(lead), set()).add(post)
    return found


def uses(figures: Iterable[Figure], *, most: int) -> dict[int, int]:
    """How many posts show each of the figures, whoever sees them, by its id; any number above `most` stands for more
    than that. One query."""
    with connection.cursor() as cursor:
        cursor.execute(USES, {"figures": [one.pk for one in figures], "most": most})
        return dict(cursor.fetchall())


def is_used() -> Q:
    """Of figures: that a post, whoever sees it, or an author shows."""
    return (
        Q(Exists(Placement.objects.filter(figure=OuterRef("pk"))))
        | Q(Exists(Post.objects.filter(lead_figure=OuterRef("pk"))))
        | Q(Exists(Author.objects.filter(portrait=OuterRef("pk"))))
    )


def unused(figures: QuerySet[Figure]) -> QuerySet[Figure]:
    """Those that nothing shows and nobody is writing about. One query at once, for what is in hand."""
    held = in_hand()
    return figures.exclude(is_used()).exclude(Q(slug__in=list(held.keys)) | Q(pk__in=list(held.leads)))


def posts_showing(figures: Iterable[Figure]) -> QuerySet[Post]:
    """The posts whose saved text or thumbnail shows one of them."""
    keys = [one.pk for one in figures]
    return Post.objects.filter(
        Q(pk__in=Placement.objects.filter(figure__in=keys).values("post_id"))
        | Q(pk__in=Post.objects.filter(lead_figure__in=keys).values("pk"))
    )
