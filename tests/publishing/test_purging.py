"""A CDN is told of every page that has changed. Whatever is changed, each page whose bytes differ bears one of the keys
that are purged."""

import logging
import os
import re
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.conf import settings as installed
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from blog.models import Author, Category, Figure, LearningLevel, LearningPath, Post, Series, Tag, Touch, touch
from blog.models.touch import key_of
from blog.publishing import (
    categories,
    figures,
    names,
    purging,
    related,
    renaming,
    trash,
    workflow,
)
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.long]

MOST = int(os.environ.get("PURGE_PAGES", "60"))
STEPS = int(os.environ.get("PURGE_STEPS", "10"))
SEED = int(os.environ.get("PURGE_SEED", "3"))
OURS = re.compile(r"""(?:href="|<loc>|\]\()(?:http://127\.0\.0\.1:8000)?(/[^"<)#\s]*)""")


@pytest.fixture
def cdn(settings):
    """A CDN before the site, of which nobody tells anything."""
    settings.CDN, settings.CDN_OPTIONS = "varnish", {"url": "http://127.0.0.1:9", "token": ""}
    place = installed.MIDDLEWARE.index("config.headers.GZipPages") + 1
    added = "blog.pages.cache.surrogates.Surrogates"
    settings.MIDDLEWARE = [*installed.MIDDLEWARE[:place], added, *installed.MIDDLEWARE[place:]]
    return settings


@pytest.fixture
def asked(cdn):
    """Somebody has asked already, for whatever changes from now on."""
    assert purging.collect(at=timezone.now()) == {touch.ALL}


@pytest.fixture
def site(cdn):
    series = [Series.objects.create(title=f"Series {n}", slug=f"series-{n}") for n in range(2)]
    shown = [make.figure(f"fig-{n}") for n in range(4)]
    face = make.figure("face", decorative=True, alt="", caption="")
    people = [make.author("Zoe Last", portrait=face), make.author("Ada First"), make.author("Bo Mid")]
    tree = [make.category(path) for path in ("a", "a/b", "a/b/c", "x", "x/y")]
    posts = []
    for n in range(9):
        make.level(100 + 100 * (n % 3))
        posts.append(
            make.post(
                title=f"Number {n}", slug=f"n{n}", at=make.LONG_AGO + timedelta(days=20 * n),
                body=body(Random(n)),
                learning_level=make.level(100 + 100 * (n % 3)), categories=[tree[n % 5]],
                authors=[people[n % 3]], tags=[f"tag{n % 2}"], lead_figure=shown[n % 4] if n % 2 else None,
                series=[(series[n % 2], n + 1)] if n < 6 else [],
            )
        )  # fmt: skip
    make.path("A path", "a-path", steps=[(posts[n], "") for n in (1, 4, 7)])
    for post in posts:
        related.relate_around(post.pk, at=timezone.now())


def body(dice, *, word="Words"):
    """A text that refers to a post and places two figures, by the keys that they have at present."""
    live = list(Post.objects.filter(status="published").order_by("pk").values_list("slug", flat=True))
    keys = dice.sample(
        list(Figure.objects.filter(decorative=False).order_by("pk").values_list("slug", flat=True)), 2
    )
    shown = "".join(f"![](figure:{key})\n\n" for key in keys)
    see = f"See [](post:{dice.choice(live)}).\n\n" if live else ""
    return f"## First\n\n{see}{shown}## Second\n\n{word} and more.\n"


def crawl(client, known):
    """All pages, those known before and whatever they lead to: path to status, bytes and keys."""
    found, waiting = (
        {},
        [
            *known,
            "/",
            "/category/",
            "/figures/",
            "/archive/",
            "/category/learning-levels/",
            "/search/?q=number",
        ],
    )
    while waiting and len(found) < MOST:
        path = waiting.pop(0)
        if path in found or path.startswith(("/static/", "/media/", "/admin/")):
            continue
        answer = client.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        found[path] = (answer.status_code, body, set(answer.get("xkey", "").split()))
        if answer.status_code == 200:
            ways = sorted({one.replace("&amp;", "&") for one in OURS.findall(body.decode())})
            # Of the combinations that readers put together a few will do.
            waiting += [one for one in ways if "?" not in one or len(found) % 9 == 0]
    return found


def any_post(dice):
    return dice.choice(list(Post.objects.live(timezone.now()).order_by("pk")))


def save(dice, **over):
    post = any_post(dice)
    for name, value in over.items():
        setattr(post, name, value)
    workflow.save(post, at=timezone.now())
    workflow.settle(post)
    related.relate_around(post.pk, at=timezone.now())


def rewrite(dice, word):
    """All relations of a post anew."""
    post = any_post(dice)
    workflow.write(
        post, at=timezone.now(), categories=[dice.choice(list(Category.objects.order_by("pk")))],
        authors=[dice.choice(list(Author.objects.order_by("pk")))], tags=[dice.choice(["tag0", "tag1", word])],
        series=[(dice.choice(list(Series.objects.order_by("pk"))), dice.randint(20, 90))],
    )  # fmt: skip


def publish(dice, word):
    make.post(
        title=word, slug=word.lower(), at=make.LONG_AGO + timedelta(days=dice.randint(1, 180)),
        body=body(dice),
        learning_level=make.level(dice.choice((100, 200, 300))),
        categories=[dice.choice(list(Category.objects.order_by("pk")))], tags=["tag0", word],
        authors=[dice.choice(list(Author.objects.order_by("pk")))],
        series=[(Series.objects.get(slug="series-0"), dice.randint(100, 900))],
    )  # fmt: skip
    related.relate_around(Post.objects.get(slug=word.lower()).pk, at=timezone.now())


def named(model, dice, **over):
    thing = dice.choice(list(model.objects.order_by("pk")))
    for name, value in over.items():
        setattr(thing, name, value)
    names.save(thing, at=timezone.now(), by=None)


def figure(dice, **over):
    one = dice.choice(list(Figure.objects.exclude(decorative=True).order_by("pk")))
    for name, value in over.items():
        setattr(one, name, value)
    figures.save(one)


def category(dice, word):
    one = dice.choice(list(Category.objects.order_by("pk")))
    one.name, one.position = word, dice.randint(0, 9)
    categories.save(one)


VERBS = {
    "publish": publish,
    "title": lambda dice, word: save(dice, title=word),
    "text": lambda dice, word: save(dice, body=body(dice, word=word)),
    "slug": lambda dice, word: save(dice, slug=word.lower()),
    "level": lambda dice, word: save(dice, learning_level=make.level(dice.choice((100, 200, 300)))),
    "language": lambda dice, word: save(dice, language=dice.choice(("en", "de"))),
    "date": lambda dice, word: save(dice, published_at=make.LONG_AGO + timedelta(days=dice.randint(1, 170))),
    "relations": rewrite,
    "withdraw": lambda dice, word: workflow.withdraw(any_post(dice), at=timezone.now()),
    "trash": lambda dice, word: trash.put(any_post(dice), at=timezone.now(), by=None),
    "caption": lambda dice, word: figure(dice, caption=word),
    "key": lambda dice, word: renaming.rename(
        dice.choice(list(Figure.objects.filter(decorative=False).order_by("pk"))),
        key=word.lower(),
        at=timezone.now(),
    ),
    "renditions": lambda dice, word: figures.make_renditions(
        dice.choice(list(Figure.objects.order_by("pk"))), at=timezone.now()
    ),
    "category": category,
    "author": lambda dice, word: named(Author, dice, name=word, role=word),
    "tag": lambda dice, word: named(Tag, dice, name=word),
    "series": lambda dice, word: Series.objects.filter(slug="series-1").update(title=word),
    "path": lambda dice, word: LearningPath.objects.update(introduction=word),
    "level's name": lambda dice, word: LearningLevel.objects.filter(number=200).update(name=word),
}


def test_no_page_changes_that_bears_none_of_the_keys_purged(client, site, asked):
    dice, spared = Random(SEED), 0
    before, deck = crawl(client, ()), []
    changed_in_all = too_many = 0
    for step in range(STEPS):
        deck = deck or dice.sample(sorted(VERBS), len(VERBS))
        verb = deck.pop()
        VERBS[verb](dice, f"Word{step}")
        keys = purging.collect(at=timezone.now())
        after = crawl(client, before)
        for path, (status, body, borne) in before.items():
            if status != 200:
                continue
            assert borne, f"{path} bears no key"
            changed = after[path][:2] != (status, body)
            changed_in_all += changed
            assert not changed or borne & keys, (
                f"{path} after {verb}: {sorted(keys)} not among {sorted(borne)}"
            )
            too_many += bool(not changed and borne & keys)
            spared += not borne & keys
        before = after
    print(f"{STEPS} changes: {changed_in_all} pages changed, {too_many} purged besides, {spared} spared")  # noqa: T201 - with -s
    assert changed_in_all and spared


def test_without_a_cdn_nothing_is_noted_and_nothing_told(client, settings):
    make.post("Shown", slug="shown")
    assert not Touch.objects.exists()
    answer = client.get("/posts/shown/")
    for name in ("Surrogate-Key", "Cache-Tag", "xkey", "Surrogate-Control", "Cloudflare-CDN-Cache-Control"):
        assert name not in answer


def test_it_purges_everything_when_it_is_first_asked_and_then_only_what_changes(asked):
    at = timezone.now()
    make.category()
    purging.collect(at=at)
    assert purging.collect(at=at) == set()
    make.post("Draft", status=Post.Status.DRAFT)
    assert purging.collect(at=at) == set()
    make.post("Shown", slug="shown")
    assert {key_of("p", "shown"), touch.SITE, touch.LISTS} <= purging.collect(at=at)
    assert purging.collect(at=at) == set()


def test_a_change_of_one_post_leaves_the_pages_of_others_alone(asked):
    make.post("Shown", slug="shown")
    make.post("Other", slug="other", at=make.LONG_AGO + timedelta(days=1))
    at = timezone.now()
    purging.collect(at=at)
    Post.objects.filter(slug="shown").update(canonical_url="https://example.org/")
    keys = purging.collect(at=at)
    assert key_of("p", "shown") in keys and touch.SITE not in keys


def test_what_appears_or_expires_is_purged_at_its_instant(asked):
    at = timezone.now()
    soon, over = at + timedelta(hours=1), at + timedelta(hours=2)
    post = make.post("Soon", slug="soon", at=soon, expires_at=over)
    purging.collect(at=at)
    own = {key_of("p", "soon"), touch.SITE, key_of("lc", post.categories.get().path)}
    assert purging.look(at=at) <= timedelta(hours=1)
    assert purging.collect(at=soon - timedelta(seconds=1)) == set()
    assert own <= purging.collect(at=soon)
    assert purging.collect(at=soon + timedelta(minutes=1)) == set()
    assert own <= purging.collect(at=over)


def test_a_post_is_purged_on_the_day_on_which_it_grows_a_year_older(asked):
    make.post("Leap", slug="leap", at=datetime(2020, 2, 29, 12, tzinfo=UTC))
    make.post("Other", slug="other", at=datetime(2020, 7, 1, 12, tzinfo=UTC))
    on = Touch.objects.get(kind=touch.ON)
    purging.collect(at=timezone.now())
    on.name = datetime(2027, 2, 28, 12, tzinfo=UTC).isoformat()
    on.save()
    assert purging.collect(at=datetime(2027, 2, 28, 23, tzinfo=UTC)) == set()
    assert purging.collect(at=datetime(2027, 3, 1, 0, 0, 1, tzinfo=UTC)) == {key_of("p", "leap")}


def test_more_than_can_be_asked_for_one_by_one_purges_all(asked, monkeypatch):
    monkeypatch.setattr(purging, "MOST", 1)
    make.post("One")
    make.post("Two")
    assert purging.collect(at=timezone.now()) == {touch.ALL}


def test_a_worker_without_a_cdn_stops_the_notes(asked):
    purging.stop()
    make.post("Shown")
    assert not Touch.objects.exists()


def test_it_leaves_one_task_for_a_change(asked):
    make.post("Shown", slug="shown", tags=["One", "Two"])
    before = DBTaskResult.objects.count()
    purging.look(at=timezone.now())
    purging.look(at=timezone.now())
    assert DBTaskResult.objects.count() == before + 1


def test_it_tries_again_later_when_the_cdn_is_away_and_logs_no_secret(cdn, caplog):
    cdn.CDN_OPTIONS = {"url": "http://127.0.0.1:9", "token": "sesame"}
    caplog.set_level(logging.WARNING)
    at = timezone.now()
    assert purging.purge.func(["s"]) is False
    row = DBTaskResult.objects.get()
    assert row.args_kwargs["args"] == [["s"], 1, True] and row.run_after > at
    assert "The CDN was not told" in caplog.text
    assert "sesame" not in caplog.text and "127.0.0.1" not in caplog.text
    assert purging.purge.func(["s"], purging.TRIES - 1) is False
    assert DBTaskResult.objects.count() == 1


@pytest.mark.parametrize("path", ["/posts/nowhere/", "/admin/login/"])
def test_a_cdn_may_not_keep_what_is_no_page(cdn, path):
    answer = Client().get(path, follow=True)
    assert "xkey" not in answer
