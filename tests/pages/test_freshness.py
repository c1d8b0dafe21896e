"""Nothing on a page is older than the page, whatever was changed and however: parts that were kept from earlier pages
make the same bytes as parts made anew."""

from random import Random

import pytest
from django.db.models import F

from blog.keeping import shelf
from blog.models import Author, Byline, Category, Figure, LearningLevel, Post, Rendition, Series, Tag
from blog.publishing import categories, figures, names, renaming, workflow
from tests import make

pytestmark = pytest.mark.django_db

BODY = (
    "## First\n\nSee [](figure:one).\n\n![](figure:one)\n\n## Second\n\n![](figure:two)\n\n## Third\n\nEnd.\n"
)


@pytest.fixture
def site():
    series = Series.objects.create(title="Layers", slug="layers")
    shown = [make.figure(key, long_description="In words.", credit="Ada") for key in ("one", "two")]
    face = make.figure("face", decorative=True, alt="", caption="")
    authors = [make.author("Zoe Last", portrait=face), make.author("Ada First", bio="Writes.")]
    for number in range(1, 4):
        make.post(
            title=f"Number {number}", slug=f"n{number}", body=BODY, lead_figure=shown[number % 2],
            categories=[make.category("a/b"), make.category("x")][: 1 + number % 2],
            authors=authors[: 1 + number % 2], tags=["s3", "queues"], series=[(series, number)],
        )  # fmt: skip
    return series


def save_post(dice, at, **over):
    post = dice.choice(list(Post.objects.all()))
    for name, value in over.items():
        setattr(post, name, value)
    workflow.save(post, at=at)


def save_figure(dice, **over):
    figure = Figure.objects.get(slug=dice.choice(Figure.objects.exclude(decorative=True)).slug)
    for name, value in over.items():
        setattr(figure, name, value)
    figures.save(figure, refocused="focus_x" in over)


def save_name(model, dice, at, **over):
    thing = dice.choice(model.objects.all())
    for name, value in over.items():
        setattr(thing, name, value)
    names.save(thing, at=at, by=None)


def move_category(dice, at, word):
    category = dice.choice(Category.objects.all())
    category.name = word
    categories.save(category)


VERBS = {
    "post": lambda dice, at, word: save_post(dice, at, title=word, summary=f"{make.SUMMARY} {word}"),
    "post's text": lambda dice, at, word: save_post(dice, at, body=f"{BODY}\n\n{word} <b>\n"),
    "withdrawn": lambda dice, at, word: workflow.withdraw(dice.choice(Post.objects.live(at)), at=at),
    "alt": lambda dice, at, word: save_figure(dice, alt=f"Boxes, joined by {word}."),
    "caption": lambda dice, at, word: save_figure(dice, caption=f"{word} & <i>"),
    "focus": lambda dice, at, word: save_figure(dice, focus_x=dice.randint(0, 100), focus_y=7),
    "figure's key": lambda dice, at, word: renaming.rename(
        dice.choice(Figure.objects.filter(decorative=False)), key=word.lower(), at=at
    ),
    "renditions": lambda dice, at, word: figures.make_renditions(dice.choice(Figure.objects.all()), at=at),
    "renditions lost": lambda dice, at, word: Rendition.objects.filter(width=320).delete(),
    "category": move_category,
    "author": lambda dice, at, word: save_name(Author, dice, at, name=word, role=f"{word}’s keeper"),
    "tag": lambda dice, at, word: save_name(Tag, dice, at, name=word),
    "series": lambda dice, at, word: Series.objects.update(title=word),
    "level": lambda dice, at, word: LearningLevel.objects.filter(number=200).update(name=word),
    "bylines turned round": lambda dice, at, word: Byline.objects.update(position=9 - F("position")),
    "several at once": lambda dice, at, word: Post.objects.update(reading_minutes=dice.randint(1, 90)),
}


def forget():
    shelf.parts.clear()
    shelf.pages.clear()


def pages():
    """One of each kind, with all posts on one of them."""
    yield from ("/", "/figures/", "/series/layers/")
    for model in (Category, Author, Post):
        yield model.objects.order_by("pk")[0].get_absolute_url()


def test_it_shows_every_change_of_any_verb_at_once(client, site, now):
    dice = Random(7)
    forget()
    verbs = sorted(VERBS) + ["post", "caption", "renditions"]
    dice.shuffle(verbs)
    for step, name in enumerate(verbs):
        VERBS[name](dice, now, f"Word{step}")
        warm = {path: client.get(path).content for path in pages()}
        forget()
        for path, html in warm.items():
            assert client.get(path).content == html, f"{path} after {name}"
