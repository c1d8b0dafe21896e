"""Makers of rows with valid defaults; a test names only what it is about."""

from __future__ import annotations

import functools
import io
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from django.apps import apps
from PIL import Image, ImageDraw

from blog.imaging import Cleaned, clean
from blog.models import Author, Category, Figure, LearningLevel, LearningPath, PathStep, Post
from blog.publishing import categories, figures, workflow

counter = itertools.count(1)
LONG_AGO = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
SUMMARY = "How a thing that used to break in three places came to break in none, told with its numbers and its mistakes."


def level(number: int = 200) -> LearningLevel:
    """One of the four; written again where a test has emptied its table."""
    if not LearningLevel.objects.exists():
        import_module("blog.migrations.0004_levels").add_levels(apps, None)
    return LearningLevel.objects.get(number=number)


def category(path: str = "storage", **over: Any) -> Category:
    """The category at `path`, with its ancestors."""
    parent_path, _, slug = path.rpartition("/")
    found = Category.objects.filter(path=path).first()
    if found:
        return found
    made = Category(
        parent=category(parent_path) if parent_path else None,
        slug=slug,
        **{"name": slug.replace("-", " ").title()} | over,
    )
    categories.save(made)
    return made


def author(name: str = "Ada Ferrant", **over: Any) -> Author:
    slug = over.pop("slug", name.lower().replace(" ", "-"))
    return Author.objects.get_or_create(slug=slug, defaults={"name": name} | over)[0]


def png(width: int = 640, height: int = 400, text: str = "") -> bytes:
    """A small drawing with flat colours, different for each text."""
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((20, 20, width // 2, height // 2), outline="#b4532a", width=4)
    pen.text((width // 3, height // 3), text or "figure", fill="#1d2330")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@functools.lru_cache(maxsize=200)
def cleaned(data: bytes, name: str) -> Cleaned:
    """What `imaging.clean` makes of an upload. Many tests take the same, and a child process needs not decode it for each."""
    return clean(data, name=name)


def figure(slug: str = "event-bus", *, data: bytes | None = None, **over: Any) -> Figure:
    made = Figure(
        **{
            "slug": slug,
            "alt": f"Boxes that stand for {slug}, joined by arrows.",
            "caption": f"How {slug} works",
        }
        | over
    )
    upload = data or png(text=slug)
    figures.take_cleaned(made, cleaned(upload, f"{slug}.png"), upload, name=f"{slug}.png")
    figures.save(made)
    return made


def post(title: str = "", *, at: datetime = LONG_AGO, **over: Any) -> Post:
    """A post, published at `at` unless `status` says otherwise."""
    number = next(counter)
    relations = {
        "categories": over.pop("categories", None) or [category()],
        "authors": over.pop("authors", None) or [author()],
        "tags": over.pop("tags", []),
        "series": over.pop("series", []),
    }
    defaults: dict[str, Any] = {
        "title": title or f"Post {number}",
        "slug": f"post-{number}",
        "summary": SUMMARY,
        "body": "## First\n\nA paragraph.\n",
        "status": Post.Status.PUBLISHED,
        "published_at": at,
    }
    if "learning_level" not in over:
        over["learning_level"] = level()
    made = Post(**defaults | over)
    workflow.write(made, at=at, **relations)
    return made


def path(title: str, slug: str, *, steps: Sequence[tuple[Post, str]] = (), **over: Any) -> LearningPath:
    """A learning path over these posts, each with the note on it."""
    made = LearningPath.objects.create(title=title, slug=slug, **over)
    PathStep.objects.bulk_create(
        PathStep(learning_path=made, post=one, note=note, number=n)
        for n, (one, note) in enumerate(steps, start=1)
    )
    return made
