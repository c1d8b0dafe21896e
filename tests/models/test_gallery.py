"""Whether walks through the showings find what looking at each showing finds, and what they cost."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Category, Figure, LearningLevel, Placement, Post, Showing
from blog.models.gallery import Wanted, count_figures, read_figure_page, read_wall
from blog.publishing import listing
from tests import make
from tests.models.dice import dice_site
from tests.models.test_listing_plan import plan, rows_read

pytestmark = pytest.mark.django_db
SIZE = 3


@pytest.fixture(scope="module")
def figures(module_rows, now):
    """Figures that many posts place or lead with, some of them only once, not yet, or not any more."""
    dice, figures = Random(11), [make.figure(f"one-{n}", caption=f"Boxes {n % 3}") for n in range(12)]
    dice_site(now)
    for post in Post.objects.order_by("pk"):
        placed = dice.sample(figures[:7], dice.randint(0, 2))
        Placement.objects.bulk_create(
            Placement(post=post, figure=one, number=n) for n, one in enumerate(placed, start=1)
        )
        post.lead_figure = dice.choice([None, *figures[:9]])
        post.save(update_fields=["lead_figure"])
    listing.refile(list(Post.objects.values_list("pk", flat=True)))
    return figures


def wanted_of_all_kinds():
    level, category = LearningLevel.objects.get(number=300), Category.objects.get(path="a/b")
    yield Wanted()
    yield Wanted(level=level)
    yield Wanted(words="boxes 1")
    yield Wanted(words="zeppelin")
    yield Wanted(words="boxes 2", level=level)
    yield Wanted(category=category)
    yield Wanted(words="boxes 0", level=level, category=category)


@pytest.fixture
def shown(figures):
    """All showings, each with its post."""
    posts = Post.objects.select_related("learning_level").in_bulk()
    return [(one, posts[one.post_id]) for one in Showing.objects.select_related("figure")]


def seen(shown, wanted, at, *, any_level=False):
    """What is looked at, one by one: the live showings, by which each figure is known first."""
    for one, post in shown:
        if (
            post.is_live(at)
            and (any_level or wanted.level in (None, post.learning_level))
            and (not wanted.category or wanted.category.pk in one.categories)
            and all(word in one.figure.caption.lower() for word in wanted.words.split())
        ):
            yield (one.number is None, one.published_at, one.post_id), one


@pytest.mark.parametrize("most", [1_000, 5])
def test_it_finds_what_looking_at_each_showing_finds(shown, now, monkeypatch, most):
    monkeypatch.setattr("blog.models.walking.MOST_WALKED", most)
    for wanted in wanted_of_all_kinds():
        for at in (now, now + timedelta(hours=50)):
            known = {}
            for _, one in sorted(seen(shown, wanted, at), key=lambda pair: pair[0]):
                known.setdefault(one.figure_id, one.pk)
            counts = count_figures(wanted, at=at)
            assert counts.few == (most == 1_000 and not wanted.category)
            at_any = {(one.figure_id, one.level_id) for _, one in seen(shown, wanted, at, any_level=True)}
            assert counts.count_all == len({figure for figure, _ in at_any})
            assert counts.by_level == {
                level: len([1 for _, other in at_any if other == level]) for _, level in at_any
            }
            found, before = [], None
            while True:
                wall = read_wall(wanted, at=at, size=SIZE, few=counts.few, before=before)
                found += [(hung.figure.pk, hung.showing.pk) for hung in wall.hung]
                before = wall.older
                if before is None:
                    break
            assert found == sorted(known.items(), reverse=True)


def test_it_walks_back_as_it_came(figures, now):
    first = read_wall(Wanted(), at=now, size=SIZE, few=True)
    second = read_wall(Wanted(), at=now, size=SIZE, few=True, before=first.older)
    back = read_wall(Wanted(), at=now, size=SIZE, few=True, after=second.newer)
    assert [one.figure for one in back.hung] == [one.figure for one in first.hung]
    assert back.newer is None and len(second.hung) == SIZE


def test_it_names_the_newest_posts_of_a_figure_and_the_one_it_is_cited_from(shown, now, monkeypatch):
    monkeypatch.setattr("blog.models.gallery.USES", 4)
    for figure in Figure.objects.public(now):
        rows = [(key, one) for key, one in seen(shown, Wanted(), now) if one.figure_id == figure.pk]
        page = read_figure_page(figure, at=now)
        newest = sorted(rows, key=lambda pair: (pair[0][1], pair[0][2]), reverse=True)
        assert [one.pk for one in page.uses] == [one.pk for _, one in newest[:4]]
        assert page.others == max(0, len(rows) - 4)
        assert page.first.pk == min(rows, key=lambda pair: pair[0])[1].pk


def read_for(rows):
    """How many rows PostgreSQL touches to answer what `rows` asks."""
    with CaptureQueriesContext(connection) as sent:
        rows()
    return sum(rows_read(plan(query["sql"])) for query in sent)


def test_it_reads_as_much_of_three_thousand_posts_as_of_three_hundred(now):
    """Where all of them show the same six figures."""
    made = [make.figure(f"shared-{n}") for n in range(6)]
    cost = []
    for count in (300, 3_000):
        posts = Post.objects.bulk_create(
            Post(
                title=f"Post {n}", slug=f"post-{count}-{n}", summary=make.SUMMARY, status=Post.Status.PUBLISHED,
                published_at=now - timedelta(hours=n + 1), learning_level=make.level(100 * (n % 4 + 1)),
                lead_figure=made[n % 6],
            )
            for n in range(count)
        )  # fmt: skip
        listing.refile([post.pk for post in posts])
        with connection.cursor() as cursor:
            # Of both, so that no plan hangs on what the server has happened to learn of other tests' rows.
            cursor.execute("ANALYZE blog_showing, blog_post, blog_figure")
        level = make.level(300)
        cost.append([
            read_for(lambda: count_figures(Wanted(), at=now)),
            read_for(lambda: count_figures(Wanted(words="boxes"), at=now)),
            read_for(lambda: read_wall(Wanted(), at=now, size=SIZE, few=True)),
            read_for(lambda level=level: read_wall(Wanted(level=level), at=now, size=SIZE, few=True)),
        ])  # fmt: skip
    assert all(large <= 1.5 * small for small, large in zip(*cost, strict=True)), cost
