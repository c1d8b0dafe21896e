"""What a machine can say about the reader's pages without a browser."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.utils import timezone

from blog.publishing import figures
from tests import make

TEMPLATES = Path(settings.BASE_DIR) / "templates"
TOKENS = (Path(settings.BASE_DIR) / "static" / "css" / "tokens.css").read_text("utf-8")
LISTING_BUDGET = 14 * 1024
SCRIPT_BUDGET = 8 * 1024


@pytest.mark.parametrize("name", sorted(str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.html")))
def test_it_compiles_every_template(name):
    get_template(name)


def test_it_shows_the_500_page_without_context_or_database():
    html = get_template("500.html").render()
    assert "Something broke on our side" in html
    assert all(stylesheets(html))


def full_listing():
    """Ten posts as heavy as real ones: two authors, two categories, a long title and a figure with its renditions."""
    now = timezone.now()
    picture = make.figure("bus", data=make.png(1600, 1000))
    figures.make_renditions(picture, at=now)
    shelves = [make.category("data/feature-platforms"), make.category("architecture/event-driven")]
    for n in range(10):
        make.post(
            f"How a platform of many parts was built on what there was, Part {n}: what it cost and what it saved",
            at=now - timedelta(days=n + 1),
            categories=shelves,
            authors=[make.author("Marit Solheim-Okafor"), make.author("Freya Lindqvist-Hart")],
            tags=["failover"],
            lead_figure=picture,
            summary=f"Summary {n}: "
            + "what broke, what was tried, what held, and which number decided it. " * 6,
            body="## One\n\n![](figure:bus)\n\n## Two\n\n```python\nx = 1\n```\n\n## Three\n\nEnd.\n",
        )


def stylesheets(html):
    return [
        finders.find(url.removeprefix("/static/"))
        for url in re.findall(r'rel="stylesheet" href="([^"]+)"', html)
    ]


@pytest.mark.django_db
def test_it_keeps_a_listing_and_its_css_within_the_budget(client):
    full_listing()
    html = client.get("/category/learning-levels/").content
    assert html.count(b"<article") == 10 and html.count(b"<picture") == 10
    css = stylesheets(html.decode())
    assert css and all(css)
    total = len(gzip.compress(html)) + sum(len(gzip.compress(Path(file).read_bytes())) for file in css)
    assert total <= LISTING_BUDGET, (
        f"{total} bytes compressed; a listing with its CSS may have {LISTING_BUDGET}"
    )


@pytest.mark.django_db
def test_it_sends_no_inline_style_or_script(client):
    full_listing()
    post = re.search(r'href="(/posts/[^"]+)"', client.get("/").content.decode())[1]
    for url in ("/", "/category/learning-levels/", "/category/data/", "/tag/failover/", post, "/nowhere"):
        html = client.get(url).content.decode()
        # A block of JSON-LD is data: the policy concerns what runs.
        inline = r'<style|<script(?! (?:src=|type="module" src=|type="application/ld\+json"))|\sstyle=|<[^>]*\son[a-z]+='
        assert not re.search(inline, html), url


def test_it_keeps_all_scripts_of_the_readers_small():
    scripts = sorted((Path(settings.BASE_DIR) / "static" / "js").glob("*.js"))
    assert scripts and sum(file.stat().st_size for file in scripts) <= SCRIPT_BUDGET


@pytest.mark.django_db
def test_it_keeps_level_and_place_in_its_canonical_address(client):
    full_listing()
    make.post("Older", at=timezone.now() - timedelta(days=30), categories=[make.category("data")])
    html = client.get("/category/data/?level=200&utm_source=x").content.decode()
    assert f'<link rel="canonical" href="{settings.SITE_URL}/category/data/?level=200">' in html
    older = re.search(r'href="(/category/data/\?level=200&amp;before=[0-9-]+)" rel="next"', html)[1]
    assert (
        f'rel="canonical" href="{settings.SITE_URL}{older}"'
        in client.get(older.replace("&amp;", "&")).content.decode()
    )


@pytest.mark.django_db
def test_it_links_no_level_that_is_empty(client):
    make.post()
    html = client.get("/category/storage/").content.decode()
    assert 'href="/category/storage/?level=200"' in html
    assert "?level=400" not in html and "Expert (400)" in html


@pytest.mark.django_db
def test_it_shows_a_way_on_where_a_level_is_empty(client):
    make.post()
    html = client.get("/category/storage/?level=400").content.decode()
    assert "Nothing has been published here at Expert (400) yet" in html
    assert '<a href="/category/storage/">See the one post' in html


@pytest.mark.django_db
def test_it_says_where_a_figure_is_missing(client):
    post = make.post(status="draft", body="![](figure:unknown)")
    html = get_template("blog/_figure.html").render({"figure": None, "key": "unknown", "number": 1})
    assert post.facts["figures"] == ["unknown"]
    assert 'id="fig-unknown"' in html and "<code>unknown</code>" in html


def palette(dark):
    """Token → colour in a scheme, from `light-dark(#…, #…)` or a colour that serves both."""
    both = re.findall(r"--([a-z]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|(#[0-9a-f]{6}));", TOKENS)
    return {name: either or (night if dark else day) for name, day, night, either in both}


def luminance(colour):
    """Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_it_computes_contrast_as_the_standard_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *(
            (text, ground, 4.5)
            for text in ("ink", "muted", "link", "removed")
            for ground in ("paper", "wash")
        ),
        ("ink", "mark", 4.5),
        ("link", "mark", 4.5),
        *((mark, "paper", 3) for mark in ("focus", "clay", "ochre", "teal", "slate")),
        ("focus", "wash", 3),
    ],
)
def test_it_sets_no_colour_that_is_hard_to_read(text, ground, least, dark):
    colours = palette(dark)
    assert contrast(colours[text], colours[ground]) >= least
