from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Figure, Post, for_page, read_post_page
from blog.publishing import categories, figures, workflow
from blog.templatetags.blog import body
from tests import make

pytestmark = pytest.mark.django_db
BODY = "## One\n\nA paragraph.\n\n![](figure:{})\n"


def shown(key="event-bus", **over):
    """A figure and the post that places it."""
    figure = Figure.objects.filter(slug=key).first() or make.figure(key)
    return figure, make.post(**{"body": BODY.format(key)} | over)


def titles(response):
    return [one.figure.slug for one in response.context["wall"].hung]


def walls(client, url):
    """The keys on every page from `url` on, by the links to older ones."""
    seen = []
    while url:
        response = client.get(url)
        seen += titles(response)
        url = response.context["older"]
    return seen


def hidden(now):
    soon, past = now + timedelta(days=1), now - timedelta(days=1)
    return {
        "draft": {"status": "draft", "published_at": None},
        "review": {"status": "review", "published_at": None},
        "scheduled": {"published_at": soon},
        "withdrawn": {"status": "withdrawn"},
        "expired": {"expires_at": past},
    }


@pytest.mark.parametrize("state", ["draft", "review", "scheduled", "withdrawn", "expired"])
@pytest.mark.parametrize("use", ["placed", "lead"])
def test_it_knows_no_figure_of_a_post_that_is_not_live(client, state, use):
    over = hidden(timezone.now())[state]
    over |= {"body": BODY.format("event-bus")} if use == "placed" else {"lead_figure": make.figure()}
    if use == "placed":
        make.figure()
    make.post(**over)
    gallery = client.get("/figures/")
    assert titles(gallery) == [] and gallery.context["count"] == 0
    assert b"event-bus" not in gallery.content
    assert client.get("/figures/event-bus/").status_code == 404


@pytest.mark.parametrize("state", ["draft", "scheduled", "withdrawn", "expired"])
def test_it_names_only_the_live_posts_that_show_a_figure(client, state):
    shown(title="The one to be seen")
    shown(title="Kept apart", **hidden(timezone.now())[state])
    html = client.get("/figures/event-bus/").content.decode()
    assert "The one to be seen" in html and "Kept apart" not in html
    assert "Kept apart" not in client.get("/figures/").content.decode()


def test_it_shows_a_figure_from_the_second_its_post_is_live(now):
    figure, post = shown(at=now)
    assert not Figure.objects.public(now - timedelta(microseconds=1)).exists()
    assert Figure.objects.public(now).get() == figure
    workflow.withdraw(post, at=now)
    assert not Figure.objects.public(now).exists()


def test_it_shows_leads_but_neither_portraits_nor_decoration(client):
    make.post(lead_figure=make.figure("lead"))
    make.post(lead_figure=make.figure("mere-colour", alt="", caption="", decorative=True))
    make.author("Bo Lind", portrait=make.figure("portrait"))
    assert titles(client.get("/figures/")) == ["lead"]
    assert client.get("/figures/mere-colour/").status_code == 404
    assert client.get("/figures/portrait/").status_code == 404


def test_it_takes_a_figure_away_that_becomes_decorative(client):
    figure, _ = shown()
    figure.alt, figure.decorative = "", True
    figures.save(figure)
    assert titles(client.get("/figures/")) == []


@pytest.mark.parametrize("field", ["caption", "alt", "long_description"])
def test_it_finds_a_figure_by_its_words(client, field):
    make.figure("one", **{field: "How réplication lags behind the leader."})
    shown("one")
    shown("two")
    assert titles(client.get("/figures/?q=replication+lag")) == ["one"]
    assert titles(client.get('/figures/?q="lags+behind"+-queue')) == ["one"]
    assert titles(client.get("/figures/?q=replication+-leader")) == []


def test_it_finds_new_words_of_a_figure_at_once(client):
    figure, _ = shown()
    figure.long_description = "A heliotrope marks the slow path."
    figures.save(figure)
    assert titles(client.get("/figures/?q=heliotrope")) == ["event-bus"]
    lead = make.figure("lead")
    make.post(lead_figure=lead)
    lead.caption = "The heliotrope again"
    figures.save(lead)
    assert titles(client.get("/figures/?q=heliotrope")) == ["lead", "event-bus"]


def test_it_narrows_by_level_and_category_with_exact_counts(client):
    deep, flat = make.category("storage/blocks"), make.category("networking")
    shown("one", learning_level=make.level(300), categories=[deep])
    shown("two", learning_level=make.level(300), categories=[flat])
    shown("three", learning_level=make.level(100), categories=[deep])
    shown("three", learning_level=make.level(300), categories=[flat])
    everything = client.get("/figures/")
    assert [count for _, count, _, _ in everything.context["chips"]] == [1, 0, 3, 0]
    assert everything.context["count"] == 3
    assert titles(client.get("/figures/?level=300")) == ["three", "two", "one"]
    assert titles(client.get("/figures/?category=storage")) == ["three", "one"]
    both = client.get("/figures/?level=300&category=storage")
    assert titles(both) == ["one"] and (both.context["count"], both.context["count_all"]) == (1, 2)
    assert b"noindex" in both.content and b"noindex" not in everything.content


def test_it_keeps_one_address_for_each_wall(client):
    shown()
    html = client.get("/figures/?category=storage&utm=x&level=200&q=+event++bus").content.decode()
    assert '/figures/?q=event+bus&amp;level=200&amp;category=storage">' in html
    assert titles(client.get("/figures/?q=&level=&category=")) == ["event-bus"]


def test_it_follows_a_category_that_has_moved(client):
    shown()
    shelf = make.category("storage")
    shelf.slug = "stores"
    categories.save(shelf)
    moved = client.get("/figures/?level=200&category=storage")
    assert (moved.status_code, moved["Location"]) == (301, "/figures/?level=200&category=stores")


def test_it_walks_the_whole_gallery_page_by_page(client, monkeypatch):
    monkeypatch.setattr("blog.pages.figures.WALL", 2)
    for n in range(5):
        shown(f"one-{n}")
    shown("one-4")
    assert walls(client, "/figures/") == [f"one-{n}" for n in (4, 3, 2, 1, 0)]
    second = client.get(client.get("/figures/").context["older"])
    assert titles(client.get(second.context["newer"])) == ["one-4", "one-3"]
    assert not client.get(second.context["newer"]).context["newer"]
    assert b"come to its end" in client.get("/figures/?before=1").content


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("level=500", 404),
        ("level=%C2%B2", 404),
        ("category=nowhere", 404),
        ("category=a/../b", 404),
        (f"category={'a' * 9000}", 404),
        ("before=x", 400),
        ("before=0", 400),
        (f"after={9**30}", 400),
        ("before=2&after=1", 400),
        ("q=%00", 400),
        ("q=%ED%A0%80", 200),
        ("q=%FF", 200),
        (f"q={'a+' * 5000}", 200),
        ("q=the", 200),
        ("q=%26%7C%21%28%29%3A*+%22", 200),
    ],
)
def test_it_answers_odd_questions_kindly(client, query, status):
    shown()
    assert client.get(f"/figures/?{query}").status_code == status


def test_it_helps_where_nothing_is_found(client):
    assert b"No post with a figure has been published yet" in client.get("/figures/").content
    shown(learning_level=make.level(300))
    html = client.get("/figures/?q=zeppelin").content.decode()
    assert "speaks of “zeppelin”" in html and 'href="/search/?q=zeppelin"' in html
    assert "See the one at another level" in client.get("/figures/?level=100").content.decode()


def test_it_asks_as_many_queries_for_many_figures_as_for_few(
    client, in_templates, django_assert_num_queries, monkeypatch
):
    for n in range(6):
        figure, _ = shown(f"one-{n}")
        figures.make_renditions(figure, at=timezone.now())
    for url in ("/figures/", "/figures/?q=boxes&level=200&category=storage"):
        with django_assert_num_queries(5):
            assert client.get(url).content.count(b"<picture") == 6
    monkeypatch.setattr("blog.models.walking.MOST_WALKED", 3)
    with django_assert_num_queries(6):
        client.get("/figures/")
    with django_assert_num_queries(5):
        client.get("/figures/one-3/")
    assert set(in_templates) == {0}


def test_it_tells_everything_of_a_figure(client):
    figure = make.figure(
        long_description="First it enters.\n\nThen it leaves.", credit="Drawn by Bo", licence="CC BY 4.0"
    )
    _, post = shown(title="Buses & queues")
    html = client.get("/figures/event-bus/").content.decode()
    assert "<h1>How event-bus works</h1>" in html
    assert "Boxes that stand for event-bus, joined by arrows." in html
    assert "<p>Then it leaves.</p>" in html and "Drawn by Bo" in html and "CC BY 4.0" in html
    assert f'href="{figure.image.url}" download="event-bus.png"' in html
    assert figure.original.name not in html
    assert f'Figure 1 in <a href="{post.get_absolute_url()}#fig-event-bus"' in html


def test_it_is_headed_by_the_first_sentence_where_there_is_no_caption(client):
    make.figure(caption="", alt="A bus between five services. Each has a queue.")
    shown()
    html = client.get("/figures/event-bus/").content.decode()
    assert "<h1>A bus between five services</h1>" in html


def test_it_is_cited_from_the_oldest_live_post_that_places_it(client, settings):
    figure = make.figure()
    old = make.LONG_AGO - timedelta(days=9)
    make.post("Only leads", at=old - timedelta(days=1), lead_figure=figure)
    _, post = shown(
        title="100% of {buses}", at=old, slug="buses", authors=[make.author("Ada F"), make.author("Bo L")]
    )
    shown(title="Later")
    html = client.get("/figures/event-bus/").content.decode()
    url = f"{settings.SITE_URL}/posts/buses/#fig-event-bus"
    line = f"Figure 1: How event-bus works. In: Ada F and Bo L, “100% of {{buses}}”, Stratum, 23 December 2025, {url}."
    assert f'<code id="citation">{line}</code>' in html
    assert r"100\% of \{buses\}" in html and "author = {{Ada F} and {Bo L}}" in html


def test_it_counts_the_posts_that_it_has_no_room_to_name(client, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("blog.models.gallery.USES", 2)
    for n in range(4):
        shown(title=f"Post {n} of many", at=make.LONG_AGO + timedelta(days=n))
    with django_assert_max_num_queries(6):
        html = client.get("/figures/event-bus/").content.decode()
    assert "And 2 others" in html and "“Post 0 of many”" in html


def test_it_leads_to_its_neighbours_in_the_gallery(client):
    for key in ("one", "two", "three"):
        shown(key)
    make.figure("of-nothing")
    html = client.get("/figures/two/").content.decode()
    assert '<a href="/figures/three/" rel="prev">' in html and '<a href="/figures/one/" rel="next">' in html


def test_it_does_without_a_file_that_the_storage_has_lost(client):
    figure, _ = shown()
    figure.image.storage.delete(figure.image.name)
    assert client.get("/figures/event-bus/").status_code == 200


def test_a_post_leads_from_each_figure_to_its_page(client):
    _, post = shown()
    html = client.get(post.get_absolute_url()).content.decode()
    assert 'class="plate" href="/figures/event-bus/"' in html
    assert html.count('class="zoom"') == html.count("js/zoom.js") == 1
    plain = client.get(make.post().get_absolute_url()).content.decode()
    assert "zoom" not in plain


def test_a_post_that_is_not_public_links_no_page_of_its_figures():
    figure, post = shown(status=Post.Status.DRAFT, published_at=None)
    page = read_post_page(for_page(Post.objects.filter(pk=post.pk)).get(), at=timezone.now())
    html = str(body(page))
    assert "/figures/event-bus/" not in html and figure.image.url in html
