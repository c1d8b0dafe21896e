"""What a post says, as one value: everything that editors type, the text and all that stands around it.

A `Content` is plain JSON, so that it can be kept, compared and merged; ids stand for rows. Its keys:

- `title, slug, language, summary, body, canonical_url, editors_note`: str
- `editors_note_at, published_at, expires_at`: ISO 8601 in UTC, or None
- `learning_level, lead_figure, translation_of`: an id, or None
- `categories`: ids, ascending; `authors, related`: ids, in their order; `tags`: names, by letter
- `series`: pairs of a series' id and the part's number
- `figures`: for the record, of each figure of the text by its key, the words and the picture that it had
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import (
    Author,
    Byline,
    Category,
    Figure,
    LearningLevel,
    Placement,
    Post,
    PostTag,
    RelatedPost,
    Series,
    SeriesPart,
)

Content = dict[str, Any]

TEXTS = ("title", "slug", "language", "summary", "body", "canonical_url", "editors_note")
INSTANTS = ("editors_note_at", "published_at", "expires_at")
ROWS = ("learning_level", "lead_figure", "translation_of")
LISTS = ("categories", "authors", "tags", "series", "related")
# In the order in which people are told of them.
LABELS = {
    "title": gettext_lazy("title"),
    "slug": gettext_lazy("slug"),
    "body": gettext_lazy("text"),
    "summary": gettext_lazy("summary"),
    "learning_level": gettext_lazy("learning level"),
    "categories": gettext_lazy("categories"),
    "tags": gettext_lazy("tags"),
    "authors": gettext_lazy("authors"),
    "lead_figure": gettext_lazy("lead figure"),
    "series": gettext_lazy("series"),
    "related": gettext_lazy("related posts"),
    "published_at": gettext_lazy("publication date"),
    "expires_at": gettext_lazy("expiry date"),
    "canonical_url": gettext_lazy("canonical address"),
    "language": gettext_lazy("language"),
    "translation_of": gettext_lazy("original"),
    "editors_note": gettext_lazy("note above the text"),
    "editors_note_at": gettext_lazy("date of the note"),
}


def read(post: Post) -> Content:
    """Of the row and its relations, as they stand in the database: one query."""
    found: Any = Post.objects.filter(pk=post.pk).order_by().values(**around()).first() or {}
    return gathered(post, found)


def gathered(post: Post, found: dict[str, Any]) -> Content:
    """Of the row and what `around` has found of it."""
    content: Content = {name: getattr(post, name) for name in TEXTS}
    content |= {name: stamp(getattr(post, name)) for name in INSTANTS}
    content |= {name: getattr(post, f"{name}_id") for name in ROWS}
    rows: dict[str, list[Any]] = {name: found.get(f"its_{name}") or [] for name in (*LISTS, "figures")}
    return content | {
        "categories": sorted(rows["categories"]),
        "authors": rows["authors"],
        "tags": sorted(rows["tags"]),
        "series": sorted([one["series"], one["number"]] for one in rows["series"]),
        "related": rows["related"],
        "figures": {one.pop("key"): one for one in rows["figures"]},
    }


def around() -> dict[str, Any]:
    """The relations of a post as arrays, to be read with it."""
    post = OuterRef("pk")
    filed = Post.categories.through.objects.filter(post=post).order_by("category")
    named = Byline.objects.filter(post=post).order_by("position", "pk")
    tagged = PostTag.objects.filter(content_object=post).order_by("tag__name")
    parts = SeriesPart.objects.filter(post=post).order_by("series")
    related = RelatedPost.objects.filter(post=post, curated=True).order_by("position", "pk")
    placed = Placement.objects.filter(post=post).order_by("number", "pk")
    figure = JSONObject(
        key="figure__slug", caption="figure__caption", alt="figure__alt", hash="figure__content_hash",
        image="figure__image",
    )  # fmt: skip
    return {
        "its_categories": ArraySubquery(filed.values("category")),
        "its_authors": ArraySubquery(named.values("author")),
        "its_tags": ArraySubquery(tagged.values("tag__name")),
        "its_series": ArraySubquery(parts.values(one=JSONObject(series="series", number="number"))),
        "its_related": ArraySubquery(related.values("other")),
        "its_figures": ArraySubquery(placed.values(one=figure)),
    }


def empty() -> Content:
    """Of a post that is yet to be written."""
    content: Content = dict.fromkeys(TEXTS, "") | dict.fromkeys((*INSTANTS, *ROWS)) | {"language": "en"}
    return content | {name: [] for name in LISTS} | {"figures": {}}


def of_figure(figure: Figure) -> dict[str, str]:
    return {
        "caption": figure.caption,
        "alt": figure.alt,
        "hash": figure.content_hash,
        "image": figure.image.name or "",
    }


def head(post: Post) -> Content:
    """The newest words: the draft on top where there is one, else what the post is."""
    return dict(post.draft.content) if post.draft else read(post)


def differs(one: Content, other: Content) -> list[str]:
    """The keys in which two contents are not the same, in the order of LABELS."""
    return [name for name in LABELS if one.get(name) != other.get(name)]


def fill(post: Post, content: Content) -> None:
    """Writes the content into the fields of the row in memory. What a content names and is gone meanwhile, a level or
    figure that was deleted, is left empty."""
    for name in TEXTS:
        setattr(post, name, content[name])
    for name in INSTANTS:
        setattr(post, name, instant(content[name]))
    models: dict[str, type[Any]] = {
        "learning_level": LearningLevel,
        "lead_figure": Figure,
        "translation_of": Post,
    }
    for name, model in models.items():
        pk = content[name]
        setattr(post, name, model._default_manager.filter(pk=pk).first() if pk else None)


def relations(content: Content) -> dict[str, Any]:
    """The rows that the content names, as `workflow.write` takes them; those that are gone are left out."""
    authors, series = (
        Author.objects.in_bulk(content["authors"]),
        Series.objects.in_bulk([pk for pk, _ in content["series"]]),
    )
    related = Post.objects.only("pk").in_bulk(content["related"])
    return {
        "categories": list(Category.objects.filter(pk__in=content["categories"])),
        "authors": [authors[pk] for pk in content["authors"] if pk in authors],
        "tags": content["tags"],
        "series": [(series[pk], number) for pk, number in content["series"] if pk in series],
        "related_posts": [related[pk] for pk in content["related"] if pk in related],
    }


def named(name: str, value: Any) -> str:
    """A value for reading: the names of the rows that its ids stand for, one line each where there are several."""
    if value in (None, "", []):
        return ""
    if name in INSTANTS:
        when = instant(value)
        return f"{when:%-d %b %Y, %H:%M} UTC" if when else ""
    if name == "tags":
        return "\n".join(value)
    if name == "series":
        titles = _names(Series, [pk for pk, _ in value])
        return "\n".join(
            _("{series}, part {number}").format(series=titles[pk], number=number)
            for pk, number in value
            if pk in titles
        )
    models: dict[str, type[Any]] = {
        "learning_level": LearningLevel, "lead_figure": Figure, "translation_of": Post,
        "categories": Category, "authors": Author, "related": Post,
    }  # fmt: skip
    if name in models:
        ids = value if isinstance(value, list) else [value]
        found = _names(models[name], ids)
        return "\n".join(found[pk] for pk in ids if pk in found)
    return str(value)


def _names(model: type[Any], ids: Iterable[int]) -> dict[int, str]:
    return {pk: str(one) for pk, one in model._default_manager.in_bulk(list(ids)).items()}


def stamp(when: datetime | None) -> str | None:
    return when.astimezone(UTC).isoformat() if when else None


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
