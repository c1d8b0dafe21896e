from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from blog.models import Category, LearningLevel
from blog.publishing import figures
from tests import make

pytestmark = pytest.mark.django_db

LISTINGS = [
    "/",
    "/category/a/",
    "/category/a/b/",
    "/category/learning-levels/",
    "/category/learning-levels/advanced-300/",
    "/tag/s3/",
    "/author/ada-ferrant/",
    "/author/zoe-last/",
    "/category/a/?level=300",
    "/category/a/b/?level=300&tag=s3&author=zoe-last&year=2026",
    "/author/zoe-last/?level=300&year=2026&month=1",
]


@pytest.fixture(scope="module")
def edition(module_rows, now):
    portrait = make.figure("face", decorative=True, alt="")
    figures.make_renditions(portrait, at=now)
    authors = [make.author(), make.author("Zoe Last", portrait=portrait)]
    for number in range(12):
        make.post(
            title=f"Layer {number}",
            slug=f"layer-{number}",
            categories=[make.category("a/b")],
            tags=["s3"],
            authors=authors,
            learning_level=make.level(300),
            lead_figure=make.figure(f"f{number}", data=make.png(64, 40, f"f{number}")),
            at=make.LONG_AGO + timedelta(hours=number),
        )


@pytest.mark.parametrize("url", LISTINGS)
def test_it_costs_six_queries_at_most_and_none_while_rendering(client, edition, url, in_templates):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200
    assert len(queries) <= 6, [q["sql"] for q in queries]
    assert in_templates == [0]


@pytest.mark.parametrize("url", LISTINGS)
def test_it_lists_ten_posts_and_leads_to_the_older_ones(client, edition, url):
    response = client.get(url)
    page = response.context["page"]
    assert [post.slug for post in page.posts] == [f"layer-{n}" for n in range(11, 1, -1)]
    joint = "&" if "?" in url else "?"
    older = client.get(f"{url}{joint}before={page.older}").context["page"]
    assert [post.slug for post in older.posts] == ["layer-1", "layer-0"]
    assert f"before={page.older}" in response.content.decode()


def test_it_shows_the_way_into_every_subject(client, edition, in_templates):
    response = client.get("/category/")
    html = response.content.decode()
    assert 'href="/category/a/"' in html
    assert 'href="/category/a/b/"' in html
    assert "12 posts" in html
    assert in_templates == [0]


def test_it_has_a_page_of_subjects_before_there_are_any(client):
    assert "No subject has been set up yet" in client.get("/category/").content.decode()


def test_it_heads_the_levels_page_as_the_category_of_all_levels(client, edition):
    assert "Category: Learning Levels" in client.get("/category/learning-levels/").content.decode()


def test_it_tells_level_counts_for_its_scope_and_makes_an_empty_one_inert(client):
    make.post(learning_level=make.level(300), categories=[make.category("a")])
    make.post(learning_level=make.level(100), categories=[make.category("x")])
    response = client.get("/category/a/")
    assert {level.number: level.posts_count for level in response.context["levels"]} == {
        100: 0,
        200: 0,
        300: 1,
        400: 0,
    }
    html = response.content.decode()
    assert "?level=300" in html
    assert "?level=100" not in html


def test_it_shows_a_category_with_its_way_up_and_down(client):
    make.category("a/b/c")
    response = client.get("/category/a/b/")
    assert [c.path for c in response.context["ancestors"]] == ["a"]
    assert [c.path for c in response.context["children"]] == ["a/b/c"]
    assert "/category/a/b/c/" in response.content.decode()


def test_it_orders_children_as_the_editor_put_them(client):
    for position, slug in enumerate(["zeta", "alpha"]):
        category = make.category(f"a/{slug}")
        Category.objects.filter(pk=category.pk).update(position=position)
    assert [c.slug for c in client.get("/category/a/").context["children"]] == ["zeta", "alpha"]


@pytest.mark.parametrize(
    "url", ["/", "/category/a/", "/category/learning-levels/", "/category/learning-levels/expert-400/"]
)
def test_it_has_a_page_for_nothing_at_all(client, url):
    make.category("a")
    assert client.get(url).status_code == 200


def test_it_shows_neither_drafts_nor_what_is_scheduled(client):
    make.post(title="Unfinished", status="draft")
    make.post(title="Tomorrow", at=timezone.now() + timedelta(days=1))
    html = client.get("/").content.decode()
    assert "Unfinished" not in html
    assert "Tomorrow" not in html


ODD = [
    ("/?before=x", 400),
    ("/?before=", 400),
    ("/?before=1-1&after=1-1", 400),
    ("/?before=99999999999999999-1", {200, 400}),
    ("/?after=" + "9" * 9000, 400),
    ("/?before=%00", 400),
    ("/?before=%ff%fe", 400),
    ("/?level=banana", 404),
    ("/?level=", 404),
    ("/?level=٣٠٠", 404),
    ("/?level=150", 404),
    ("/?level=300&level=x", 404),
    ("/?utm_source=x&before[]=1", 200),
    ("/category/nope/", 404),
    ("/category/a//b/", 404),
    ("/category/" + "a/" * 2000, 404),
    ("/category/%00/", {400, 404}),
    ("/category/%ff/", 404),
    ("/category/learning-levels/none/", 404),
    ("/tag/x'%20OR%201=1/", 404),
    ("/tag/nope/", 404),
    ("/author/nope/", 404),
    ("/series/nope/", 404),
    ("/posts/..%2f..%2fetc%2fpasswd/", 404),
    ("/posts/a%0d%0aSet-Cookie:%20x/", 404),
    ("/posts/" + "x" * 5000 + "/", 404),
    ("/posts/nope/\n", 404),
]


@pytest.mark.parametrize(("url", "status"), ODD, ids=lambda value: str(value)[:40])
def test_it_answers_odd_input_with_a_page_that_helps(client, url, status):
    response = client.get(url)
    assert response.status_code in (status if isinstance(status, set) else {status})
    assert b"</html>" in response.content


def test_it_sets_no_cookie_and_varies_on_none(client):
    make.post()
    response = client.get("/")
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_it_ships_the_four_levels():
    assert [(level.number, level.name) for level in LearningLevel.objects.all()] == [
        (100, "Foundational"),
        (200, "Intermediate"),
        (300, "Advanced"),
        (400, "Expert"),
    ]
    assert all(level.description for level in LearningLevel.objects.all())


def words(html):
    """What a reader reads, whatever marks it up."""
    return " ".join(strip_tags(html).split())


SAME = [
    ("/?level=300", "/category/learning-levels/advanced-300/"),
    ("/?tag=s3", "/tag/s3/"),
    ("/tag/s3/?category=a", "/category/a/?tag=s3"),
    ("/tag/s3/?category=a/b&level=300", "/category/a/b/?level=300&tag=s3"),
    ("/category/learning-levels/advanced-300/?tag=s3", "/tag/s3/?level=300"),
    ("/category/learning-levels/?level=300", "/category/learning-levels/advanced-300/"),
    ("/category/a/?tag=s3&level=300&utm_source=x", "/category/a/?level=300&tag=s3"),
    ("/author/ada-ferrant/?tag=s3&before=7-1", "/tag/s3/?author=ada-ferrant&before=7-1"),
    ("/tag/s3/?category=a&narrow=tag", "/category/a/?tag=s3&narrow=tag"),
]


@pytest.mark.parametrize(("url", "canonical"), SAME)
def test_it_leads_from_any_address_of_the_same_posts_to_the_one(client, edition, url, canonical):
    response = client.get(url)
    assert (response.status_code, response["Location"]) == (301, canonical)


def test_it_keeps_what_means_nothing_out_of_every_link(client, edition):
    html = client.get("/category/a/?utm_source=x").content.decode()
    assert f'rel="canonical" href="{settings.SITE_URL}/category/a/"' in html
    assert "utm_source" not in html


def test_it_lets_each_chosen_facet_be_taken_away(client, edition):
    response = client.get("/category/a/?level=300&tag=s3&year=2026&month=1")
    assert [(one.words, one.url) for one in response.context["filters"]] == [
        ("subject: A", "/tag/s3/?level=300&year=2026&month=1"),
        ("tag: s3", "/category/a/?level=300&year=2026&month=1"),
        ("January 2026", "/category/a/?level=300&tag=s3&year=2026"),
    ]
    html = response.content.decode()
    assert 'aria-label="tag: s3: remove"' in html
    assert "Category: A at Advanced (300), tagged s3, January 2026 12 posts" in words(html)
    assert "<title>Category: A at Advanced (300), tagged s3, January 2026 · " in html
    assert '<li><a href="/category/a/"' in html


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/", True),
        ("/category/a/", True),
        ("/category/a/?level=300", True),
        ("/category/learning-levels/advanced-300/", True),
        ("/category/a/?level=100", False),
        ("/category/a/?tag=s3", False),
        ("/tag/s3/?year=2026", False),
        ("/?narrow", False),
    ],
)
def test_it_asks_search_engines_to_keep_what_makes_sense_alone(client, edition, url, kept):
    assert ('content="noindex, follow"' in client.get(url).content.decode()) != kept


def test_it_shows_the_way_on_where_nothing_is_all_at_once(client, edition):
    make.category("x")
    html = client.get("/category/x/?tag=s3").content.decode()
    assert "No post is all of this at once yet" in html
    assert '<a href="/tag/s3/"' in html and "See posts without “subject: X”" in words(html)


NARROW = ["/?narrow", "/category/a/?narrow", "/category/a/?tag=s3&year=2026&narrow", "/tag/s3/?narrow=author"]


@pytest.mark.parametrize("url", NARROW)
def test_it_shows_what_posts_could_be_narrowed_by_in_six_queries(client, edition, url, in_templates):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert len(queries) <= 6
    assert in_templates == [0]
    html = response.content.decode()
    assert "Zoe Last 12" in words(html)
    assert 'name="robots" content="noindex, follow"' in html


def test_it_leads_to_the_narrowing_and_computes_nothing_of_it_before(client, edition):
    html = client.get("/category/a/?level=300").content.decode()
    assert 'href="/category/a/?level=300&amp;narrow" rel="nofollow"' in html


def test_it_leads_from_the_most_frequent_values_to_all_of_them(client):
    make.post(tags=[f"t{n:02}" for n in range(15)])
    html = client.get("/?narrow").content.decode()
    assert 'href="/?narrow=tag" rel="nofollow">and 3 more</a>' in html and "t14" not in html
    assert "t14" in client.get("/?narrow=tag").content.decode()


@pytest.mark.parametrize("url", ["/?narrow=x", "/tag/s3/?narrow=tag", "/?narrow=" + "x" * 5000])
def test_it_narrows_by_nothing_else(client, edition, url):
    assert client.get(url).status_code == 404


def test_it_shows_how_well_the_levels_are_covered(client, edition):
    make.category("x")
    html = client.get("/category/learning-levels/").content.decode()
    assert '<td><a href="/category/a/?level=300">12</a></td>' in html
    assert "X00000 All posts" in words(html) and 'href="/category/x/?' not in html
    assert '<a href="/category/learning-levels/advanced-300/">12</a></td>' in html
