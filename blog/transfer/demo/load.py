"""Writes the demo edition: nine posts with their authors, categories, series, learning paths and diagrams."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import frontmatter
from django.db import transaction

from blog import imaging
from blog.models import (
    Author,
    Category,
    Change,
    Figure,
    LearningLevel,
    LearningPath,
    PathStep,
    Post,
    RelatedPost,
    Series,
)
from blog.publishing import categories, figures, workflow

from .diagrams import DRAWINGS

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Loaded:
    """How much of each has been written."""

    posts: int
    figures: int


def is_needed() -> bool:
    """True while the blog holds neither posts nor figures."""
    return not Post.objects.exists() and not Figure.objects.exists()


def load(*, at: datetime, progress: Callable[[str], None] = lambda line: None) -> Loaded:
    """Writes the whole edition, or nothing. What exists already under the same slug is left as it is.

    Drawing and verifying the diagrams comes first, outside the transaction, on all cores.
    """
    edition = tomllib.loads((HERE / "edition.toml").read_text("utf-8"))
    missing = [row for row in _figures() if not Figure.objects.filter(slug=row["key"]).exists()]
    progress(f"Drawing {len(missing)} diagrams")
    drawn = list(_drawn([row["key"] for row in missing]))
    with transaction.atomic():
        for row, (data, cleaned) in zip(missing, drawn, strict=True):
            _write_figure(row, data, cleaned)
        _write_surroundings(edition)
        progress("Writing the posts")
        written = [path for path in sorted((HERE / "posts").glob("*.md")) if _write_post(path, at=at)]
        for path in written:
            _relate(path)
        for row in edition["path"]:
            _write_path(row)
    return Loaded(posts=len(written), figures=len(missing))


def _figures() -> list[dict[str, Any]]:
    """The words of every figure; credit and licence are given once for all."""
    table = tomllib.loads((HERE / "figures.toml").read_text("utf-8"))
    shared = {name: value for name, value in table.items() if not isinstance(value, dict)}
    return [shared | {"key": key} | row for key, row in table.items() if isinstance(row, dict)]


def _drawn(keys: list[str]) -> Iterator[tuple[bytes, imaging.Cleaned]]:
    def draw(key: str) -> tuple[bytes, imaging.Cleaned]:
        data = DRAWINGS[key]()
        return data, imaging.clean(data, name=f"{key}.png")

    with ThreadPoolExecutor(max_workers=4) as pool:
        yield from pool.map(draw, keys)


def _write_figure(row: dict[str, Any], data: bytes, cleaned: imaging.Cleaned) -> None:
    figure = Figure(
        slug=row["key"],
        caption=row["caption"],
        alt=row["alt"],
        long_description=row.get("long_description", "").strip(),
        credit=row.get("credit", ""),
        licence=row.get("licence", ""),
    )
    figures.take_cleaned(figure, cleaned, data, name=f"{row['key']}.png")
    figure.full_clean(exclude=["image", "original"])
    figures.save(figure)


def _write_surroundings(edition: dict[str, Any]) -> None:
    for row in edition["category"]:
        if not Category.objects.filter(path=row["path"]).exists():
            parent, _, slug = row["path"].rpartition("/")
            categories.save(
                Category(
                    parent=Category.objects.get(path=parent) if parent else None,
                    slug=slug,
                    name=row["name"],
                    description=row["description"],
                    position=row["position"],
                )
            )
    for row in edition["author"]:
        Author.objects.get_or_create(
            slug=row["slug"],
            defaults={"name": row["name"], "role": row["role"], "bio": row["bio"], "links": row["links"]},
        )
    for row in edition["series"]:
        Series.objects.get_or_create(
            slug=row["slug"], defaults={"title": row["title"], "description": row["description"]}
        )


def _write_post(path: Path, *, at: datetime) -> bool:
    """Returns False, having done nothing, for a post that exists."""
    source = frontmatter.loads(path.read_text("utf-8"))
    facts: dict[str, Any] = source.metadata
    changes = [(_instant(row["date"]), row["sentence"]) for row in facts.get("changes", [])]
    if Post.objects.filter(slug=facts["slug"]).exists():
        return False
    post = Post(
        title=facts["title"],
        slug=facts["slug"],
        summary=" ".join(str(facts["summary"]).split()),
        body=source.content,
        learning_level=LearningLevel.objects.get(number=facts["level"]),
        lead_figure=Figure.objects.get(slug=facts["lead_figure"]),
        status=Post.Status.PUBLISHED,
        published_at=_instant(facts["date"]),
        editors_note=facts.get("note", ""),
        editors_note_at=_instant(facts["note_date"]) if "note" in facts else None,
        changed_at=max((made_at for made_at, _ in changes), default=None),
    )
    series = [(Series.objects.get(slug=facts["series"]), facts["part"])] if "series" in facts else []
    workflow.write(
        post,
        at=at,
        categories=[Category.objects.get(path=one) for one in facts["categories"]],
        authors=[Author.objects.get(slug=one) for one in facts["authors"]],
        tags=facts["tags"],
        series=series,
    )
    Change.objects.bulk_create(Change(post=post, made_at=when, sentence=what) for when, what in changes)
    return True


def _relate(path: Path) -> None:
    """Names the posts that the editors would read next; once all posts are there."""
    facts: dict[str, Any] = frontmatter.loads(path.read_text("utf-8")).metadata
    post = Post.objects.get(slug=facts["slug"])
    RelatedPost.objects.bulk_create(
        RelatedPost(post=post, other=Post.objects.get(slug=slug), position=n, curated=True)
        for n, slug in enumerate(facts.get("related", []))
    )


def _write_path(row: dict[str, Any]) -> None:
    path, fresh = LearningPath.objects.get_or_create(
        slug=row["slug"], defaults={"title": row["title"], "introduction": row["introduction"].strip()}
    )
    if fresh:
        PathStep.objects.bulk_create(
            PathStep(
                learning_path=path,
                post=Post.objects.get(slug=step["post"]),
                number=number,
                note=step["note"],
            )
            for number, step in enumerate(row["step"], start=1)
        )


def _instant(value: Any) -> datetime:
    """YAML reads a date as a datetime already, aware where it names a zone."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value} names no time zone")
    return moment
