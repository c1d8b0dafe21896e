"""What is known of a feed before it is made: which posts it holds, and in which state. Answers “is there anything new?”
at the cost of one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Expression, F, Func, QuerySet
from django.db.models.fields.json import KeyTransform


class State(Func):
    """A digest that differs whenever anything differs of which a post's entry in a feed is made: its row, level,
    authors, categories, tags, figures with their numbers and renditions. Not what it says of other posts.

    It reads `xmin`, which PostgreSQL changes with each new version of a row
    (https://www.postgresql.org/docs/current/ddl-system-columns.html), so that nobody has to remember to touch a date;
    a restored dump answers anew once. The argument is the post's id in the outer query.
    """

    arity = 1
    output_field = CharField()
    template = """(
        SELECT md5(concat(
            p.xmin, ';', l.xmin, ';',
            (SELECT string_agg(concat(a.id, ':', a.xmin), ' ' ORDER BY b.position, b.id)
                FROM blog_byline AS b JOIN blog_author AS a ON a.id = b.author_id WHERE b.post_id = p.id), ';',
            (SELECT string_agg(concat(c.id, ':', c.xmin), ' ' ORDER BY c.id)
                FROM blog_post_categories AS f JOIN blog_category AS c ON c.id = f.category_id
                WHERE f.post_id = p.id), ';',
            (SELECT string_agg(concat(t.id, ':', t.xmin), ' ' ORDER BY t.id)
                FROM blog_posttag AS f JOIN blog_tag AS t ON t.id = f.tag_id WHERE f.content_object_id = p.id), ';',
            (SELECT string_agg(concat(g.id, ':', g.xmin, ':', w.number, ':', (
                    SELECT concat(count(*), '/', max(r.id)) FROM blog_rendition AS r WHERE r.figure_id = g.id
                )), ' ' ORDER BY w.number, g.id)
                FROM (
                    SELECT figure_id, number FROM blog_placement WHERE post_id = p.id
                    UNION ALL SELECT p.lead_figure_id, 0
                ) AS w JOIN blog_figure AS g ON g.id = w.figure_id)
        ))
        FROM blog_post AS p LEFT JOIN blog_learninglevel AS l ON l.id = p.learning_level_id
        WHERE p.id = %(expressions)s
    )"""


@dataclass(frozen=True)
class Head:
    """One entry to be. `changed_at` is when its words last changed for readers, `touched_at` when anything of its row
    did; `crossings` are the places in other posts that its text refers to."""

    post_id: int
    published_at: datetime
    changed_at: datetime
    touched_at: datetime
    state: str
    crossings: tuple[tuple[str, str], ...]


def read_heads(rows: QuerySet[Any], *, size: int, prefix: str = "post__") -> list[Head]:
    """The heads of the first `size` rows: one query. `prefix` leads from a row to its post; empty for posts."""
    post: Expression | F = F(f"{prefix}pk")
    values: dict[str, Any] = {
        "head_post": post,
        "head_published": F(f"{prefix}published_at"),
        "head_changed": F(f"{prefix}changed_at"),
        "head_touched": F(f"{prefix}updated_at"),
        "head_state": State(post),
        "head_crossings": KeyTransform("crossings", f"{prefix}facts"),
    }
    found = rows.annotate(**values).values_list(*values)[:size]
    return [
        Head(
            post_id=pk,
            published_at=published,
            changed_at=max(published, changed or published),
            touched_at=max(published, touched),
            state=state,
            crossings=tuple((slug, key) for slug, key in crossings or []),
        )
        for pk, published, changed, touched, state, crossings in found
    ]
