"""What synthetic posts refer to: categories, tags, authors, figures, and the texts that they share."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db import transaction

from blog.imaging import specs
from blog.models import Author, Category, Figure, LearningLevel, Post, Rendition, Tag
from blog.publishing import workflow

from . import corpus


@dataclass(frozen=True)
class Surroundings:
    texts: list[Post]
    figures: list[Figure]
    categories: list[Category]
    tags: list[Tag]
    authors: list[Author]
    levels: dict[int, int]

    @classmethod
    def load(cls, words: int) -> Surroundings:
        """Those of the database, made where they are not there yet, for posts of so many words."""
        levels = {level.number: level.pk for level in LearningLevel.objects.all()}
        return cls(*(_read() if Post.objects.filter(slug="text-0").exists() else _make(words)), levels)


Made = tuple[list[Post], list[Figure], list[Category], list[Tag], list[Author]]


def _read() -> Made:
    """In the order in which they were made, for plans name them by their place in it."""
    places = Category.objects.in_bulk([place.path for place in corpus.tree()], field_name="path")
    return (
        list(Post.objects.filter(slug__in=[f"text-{n}" for n in range(corpus.BODIES)]).order_by("pk")),
        list(Figure.objects.order_by("pk")[: corpus.FIGURES]),
        [places[place.path] for place in corpus.tree()],
        list(Tag.objects.order_by("pk")[: corpus.TAGS]),
        list(Author.objects.order_by("pk")[: corpus.AUTHORS]),
    )


@transaction.atomic
def _make(words: int) -> Made:
    """Everything that posts refer to, and the drafts whose rendered texts they share; what is searched is each one's
    own. Pictures are rows without files."""
    figures = Figure.objects.bulk_create(_figure(number) for number in range(corpus.FIGURES))
    Rendition.objects.bulk_create(one for figure in figures for one in _renditions(figure))
    categories: dict[str, Category] = {}
    for place in corpus.tree():
        parent, _, slug = place.path.rpartition("/")
        made = Category(
            parent=categories.get(parent), name=place.name, slug=slug, description=f"All about {place.name}."
        )
        made.save()
        categories[place.path] = made
    tags = Tag.objects.bulk_create(
        Tag(name=f"topic {n:03}", slug=f"topic-{n:03}") for n in range(corpus.TAGS)
    )
    authors = Author.objects.bulk_create(
        Author(
            name=f"Writer {n:03}",
            slug=f"writer-{n:03}",
            role="Engineer",
            bio="Writes.",
            portrait=figures[n % 40],
        )
        for n in range(corpus.AUTHORS)
    )
    texts = []
    for number, body in enumerate(corpus.bodies(words)):
        text = Post(title=f"Text {number}", slug=f"text-{number}", summary="A text.", body=body)
        workflow.write(text, at=corpus.FIRST, categories=[], authors=[], tags=[])
        texts.append(text)
    return texts, figures, list(categories.values()), tags, authors


def _figure(number: int) -> Figure:
    key = corpus.figure_key(number)
    digest = hashlib.sha256(key.encode()).hexdigest()
    return Figure(
        slug=key,
        image=f"figures/{digest[:2]}/{digest[:32]}.png",
        original=f"{digest[:2]}/{digest[:32]}.png",
        original_name=f"{key}.png",
        content_hash=digest,
        width=1_600,
        height=900,
        graphic=True,
        alt=f"Boxes and arrows of drawing {number + 1}.",
        caption=f"How the {corpus.NOUNS[number % len(corpus.NOUNS)]} works",
        rendered_at=corpus.FIRST,
    )


def _renditions(figure: Figure) -> list[Rendition]:
    """The rows that a drawing of this size really gets, without files: they are not fetched."""
    widths = [width for width in specs.WIDTHS if width < figure.width]
    formats = {"avif": widths, "webp": widths, "png": [720]}
    return [
        Rendition(
            figure=figure,
            format=kind,
            width=width,
            height=width * figure.height // figure.width,
            file=f"renditions/{figure.content_hash[:2]}/{figure.content_hash[:32]}-{width}{specs.SUFFIXES[kind]}",
            size=width * 40,
        )
        for kind, kind_widths in formats.items()
        for width in kind_widths
    ]
