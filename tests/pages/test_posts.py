from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post, Series
from blog.publishing import figures, workflow
from tests import make

pytestmark = pytest.mark.django_db

BODY = """
## First

See [](figure:two) and [](figure:one).

![](figure:one)

## Second

![](figure:two)

## Third

```python
print(1)
```
"""


@pytest.fixture(scope="module")
def post(module_rows, now):
    series = Series.objects.create(title="Layers", slug="layers")
    portrait = make.figure("face", decorative=True, alt="")
    for key in ("one", "two"):
        figures.make_renditions(make.figure(key), at=now)
    make.post(title="Before", slug="before", at=make.LONG_AGO - timedelta(days=1), series=[(series, 1)])
    made = make.post(
        title="The middle",
        slug="middle",
        body=BODY,
        lead_figure=make.figure("lead"),
        categories=[make.category("a/b"), make.category("x")],
        authors=[make.author("Zoe Last", portrait=portrait), make.author("Ada First")],
        tags=["s3", "queues"],
        series=[(series, 2)],
    )
    make.post(title="After", slug="after", at=make.LONG_AGO + timedelta(days=1), series=[(series, 3)])
    return made


def test_it_costs_six_queries_and_none_while_rendering(client, post, in_templates):
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/posts/middle/").status_code == 200
    assert len(queries) <= 6, [q["sql"] for q in queries]
    assert in_templates == [0]


def test_it_shows_the_whole_post(client, post):
    html = client.get("/posts/middle/").content.decode()
    assert html.index("Zoe Last") < html.index("Ada First")
    assert 'id="fig-one"' in html
    assert "Figure 1:" in html
    assert 'href="#fig-two"' in html
    assert "image/webp" in html
    assert 'href="#s-third"' in html
    for url in (
        "/posts/before/",
        "/posts/after/",
        "/series/layers/",
        "/tag/s3/",
        "/category/a/b/",
        "/author/zoe-last/",
    ):
        assert url in html


def test_it_lists_the_public_parts_of_its_series_in_order(client, post):
    make.post(title="Not yet", slug="not-yet", status="draft", series=[(Series.objects.get(), 4)])
    page = client.get("/posts/middle/").context["page"]
    assert [(part.number, part.title, part.here) for part in page.series[0].parts] == [
        (1, "Before", False),
        (2, "The middle", True),
        (3, "After", False),
    ]
    assert "Not yet" not in client.get("/series/layers/").content.decode()


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn", "scheduled", "expired"])
def test_it_does_not_exist_for_readers_unless_it_is_live(client, state):
    now = timezone.now()
    over = {
        "scheduled": {"at": now + timedelta(hours=1)},
        "expired": {"expires_at": now - timedelta(hours=1)},
    }.get(state, {"status": state})
    make.post(slug="xqzja", title="Hidden words", **over)
    response = client.get("/posts/xqzja/")
    never = client.get("/posts/xqzjb/")
    assert response.status_code == 404
    assert response.content.replace(b"xqzja", b"") == never.content.replace(b"xqzjb", b"")


def test_it_is_no_neighbour_before_its_time(client, post):
    make.post(title="Tomorrow", slug="tomorrow", at=timezone.now() + timedelta(days=1))
    assert "Tomorrow" not in client.get("/posts/after/").content.decode()


def test_it_shows_a_corrected_caption_without_rendering_again(client, post):
    from blog.models import Figure

    Figure.objects.filter(slug="one").update(caption="Corrected & escaped <b>")
    html = client.get("/posts/middle/").content.decode()
    assert "Corrected &amp; escaped &lt;b&gt;" in html


def test_it_survives_a_figure_that_is_gone(client, now):
    post = make.post(slug="gone", status="draft", body="![](figure:ghost)\n")
    Post.objects.filter(pk=post.pk).update(status="published")
    assert client.get("/posts/gone/").status_code == 200


def test_it_names_its_canonical_address_language_and_description(client, post):
    Post.objects.filter(pk=post.pk).update(language="de")
    html = client.get("/posts/middle/?utm=1").content.decode()
    assert '<link rel="canonical" href="http://' in html
    assert "/posts/middle/?" not in html
    assert '<html lang="de"' in html
    assert 'name="description"' in html


@pytest.mark.parametrize(
    ("language", "turned"), [("ar", True), ("he-IL", True), ("en", False), ("arn", False)]
)
def test_it_sets_some_languages_from_right_to_left(client, post, language, turned):
    Post.objects.filter(pk=post.pk).update(language=language)
    html = client.get("/posts/middle/").content.decode()
    for words in ("<h1", '<p class="lead"', '<div class="prose"'):
        assert (f'{words} lang="{language}" dir="rtl">' in html) is turned
    assert (
        f'<h2 class="card-title" lang="{language}" dir="rtl">' in client.get("/").content.decode()
    ) is turned


def test_it_prefers_the_canonical_address_that_the_editor_gave(client, post):
    Post.objects.filter(pk=post.pk).update(canonical_url="https://example.org/first/")
    assert (
        'rel="canonical" href="https://example.org/first/"' in client.get("/posts/middle/").content.decode()
    )


def test_it_escapes_whatever_an_editor_typed(client):
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    make.post(
        title=hostile, slug="hostile", summary=hostile * 2, authors=[make.author(hostile[:100], slug="h", bio=hostile)],
        categories=[make.category("h", name=hostile[:80], description=hostile)], tags=[hostile[:90]],
        lead_figure=make.figure("h", alt=hostile, caption=hostile + "!", credit=hostile), body=hostile,
    )  # fmt: skip
    for url in ("/", "/posts/hostile/", "/category/h/", "/author/h/"):
        html = client.get(url).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_it_is_readable_by_slugs_of_any_script(client):
    make.post(slug="層の話")
    assert client.get("/posts/層の話/").status_code == 200


def test_it_answers_head_and_refuses_to_be_posted_to(client, post):
    assert client.head("/posts/middle/").status_code == 200
    assert client.post("/posts/middle/").status_code == 405


def test_it_is_back_under_the_same_address_after_a_withdrawal(client, post, now):
    post = Post.objects.get(pk=post.pk)
    workflow.withdraw(post, at=now)
    assert client.get("/posts/middle/").status_code == 404
    workflow.publish(post, at=now)
    assert client.get("/posts/middle/").status_code == 200
