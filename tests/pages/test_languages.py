"""The interface in another language than English, and posts in another language than the interface."""

import re
from html import unescape

import pytest
from django.utils.translation import override

from blog.pages.errors import server_error
from tests import make

# Words that no page may show in English when its language is German. Names of levels and posts are content.
ENGLISH = (
    "Skip to", "Latest", "Subjects", "Levels", "Figures", "Search", "Archive", "Learning paths", "Series", "Back to",
    "Colours", "min read", "by <", " posts", "Read the", "Browse", "Narrow", "Older", "Newer", "On this page",
    "Related", "About the", "Tags", "Copy", "Wrap", "Full image", "Newest", "There is nothing", "Something",
    "Breadcrumb", "Learning level", "minutes", "January", "Home",
)  # fmt: skip
PAGES = (
    "/", "/category/", "/category/storage/", "/category/learning-levels/", "/tag/s3/", "/author/ada-ferrant/",
    "/search/", "/search/?q=words", "/search/?q=nothing-of-the-kind", "/figures/", "/figures/event-bus/", "/archive/",
    "/archive/2026/", "/archive/2026/01/", "/paths/", "/paths/weg/", "/series/", "/posts/wort/", "/nichts/",
    "/?before=x", "/?narrow", "/category/storage/?narrow=tag", "/category/storage/?level=400",
)  # fmt: skip
BODY = (
    "## Eins\n\n![](figure:event-bus)\n\nText words\n\n## Zwei\n\nSiehe [](figure:event-bus).\n\n"
    "```python\nx = 1\n```\n\n## Drei\n"
)


@pytest.fixture
def german(settings):
    settings.LANGUAGE_CODE = "de"
    settings.BLOG_TAGLINE = "Schicht um Schicht"
    with override("de"):
        yield


@pytest.fixture
def post(db):
    figure = make.figure("event-bus", caption="Ein Bus", long_description="Ein langer Bus.")
    made = make.post(
        "Wort", slug="wort", language="de", summary="Zusammenfassung words", body=BODY, lead_figure=figure,
        authors=[make.author()], categories=[make.category()], tags=["s3"],
    )  # fmt: skip
    make.post("Zweitens", slug="zweitens", language="de", summary="Noch eine", tags=["s3"])
    make.path("Weg", "weg", steps=[(made, "Zuerst")])
    return made


@pytest.mark.parametrize("address", PAGES)
def test_it_speaks_german_and_nothing_else(client, german, post, address):
    html = client.get(address, headers={"accept": "text/html"}).content.decode()
    assert '<html lang="de">' in html
    shown = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.S)
    shown = re.sub(
        r'(?:href|src|srcset|id|class|name|action|media|data-\w+|aria-labelledby|for)="[^"]*"', "", shown
    )
    assert [word for word in ENGLISH if word in unescape(shown)] == []


def test_its_error_page_speaks_german_without_a_database(german, rf):
    html = server_error(rf.get("/")).content.decode()
    assert '<html lang="de">' in html and "Bei uns ist etwas schiefgegangen" in html


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Figure 1"), ("de", "Abbildung 1"), ("ja", "図1")],
)
def test_a_text_is_worded_in_its_own_language(client, post, language, words):
    post.language = language
    post.save()
    html = client.get("/posts/wort/").content.decode()
    assert f'href="#fig-event-bus">{words}</a>' in html
    assert f'<b class="figure-number">{words}:</b>' in html
    assert words in client.get("/posts/wort.md").content.decode()
    assert words in client.get("/feed/").content.decode()
    assert ('<body lang="en">' in html) is (language != "en")
    assert ('class="code-tools" lang="en"' in html) is (language != "en")
    assert "Skip to the content" in html


def test_words_lent_to_a_language_without_a_catalogue_say_so(client, post):
    post.language = "ar"
    post.save()
    html = client.get("/posts/wort/").content.decode()
    assert '<div class="prose" lang="ar" dir="rtl">' in html
    assert '<a class="figure-ref" href="#fig-event-bus" lang="en">Figure 1</a>' in html
    assert '<b class="figure-number" lang="en">Figure 1:</b> <span dir="auto">Ein Bus</span>' in html


def test_a_site_written_from_right_to_left_turns_what_is_not(client, settings, post):
    settings.LANGUAGE_CODE = "ar"
    with override("ar"):
        html = client.get("/posts/wort/").content.decode()
    assert '<html lang="de" dir="rtl">' in html
    assert '<div class="prose" lang="de" dir="ltr">' in html


def test_names_are_set_in_their_own_direction(client, post):
    html = client.get("/").content.decode()
    assert '<bdi><a href="/author/ada-ferrant/">Ada Ferrant</a></bdi>' in html
