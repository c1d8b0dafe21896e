import re
from datetime import timedelta

import frontmatter
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post
from blog.pages.alternates.middleware import prefers_markdown
from blog.publishing import workflow
from tests import make

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"
MARKDOWN = {"Accept": "text/markdown"}


def path_of(url):
    assert url.startswith(f"{SITE}/"), url
    return url.removeprefix(SITE)


def links(markdown):
    return [a or b for a, b in re.findall(r"\]\((?:<([^<>]*)>|([^()\s]*))\)", markdown)]


def test_every_page_has_markdown_at_both_addresses(client, edition, pages):
    for address, page in pages.items():
        at_address = client.get(address, follow=True)
        negotiated = client.get(page, headers=MARKDOWN)
        assert at_address.status_code == 200, address
        assert at_address["Content-Type"] == negotiated["Content-Type"] == "text/markdown; charset=utf-8"
        assert at_address.content == negotiated.content, address
        assert at_address["X-Robots-Tag"] == "noindex"
        assert "X-Robots-Tag" not in negotiated
        assert "Accept" in negotiated["Vary"]
        assert re.fullmatch(rf'<{SITE}/[^>]*>; rel="canonical"', at_address["Link"])
        assert client.head(address, follow=True).status_code == 200


def test_every_page_leads_to_its_markdown(client, edition, pages):
    for page in pages.values():
        response = client.get(page)
        assert response["Content-Type"].startswith("text/html")
        assert "Accept" in response["Vary"]
        (address,) = re.findall(r'<([^>]*)>; rel="alternate"; type="text/markdown"', response["Link"])
        html = response.content.decode()
        assert f'<link rel="alternate" type="text/markdown" href="{address.replace("&", "&amp;")}">' in html
        assert client.get(address)["Content-Type"].startswith("text/markdown"), address
        for kind in ("application/rss+xml", "application/atom+xml", "application/feed+json"):
            (feed,) = re.findall(
                rf'<link rel="alternate" type="{re.escape(kind)}" title="[^"]*" href="([^"]*)">', html
            )
            assert client.get(feed.replace("&amp;", "&")).status_code == 200, feed


def test_every_link_resolves(client, edition, pages):
    seen, waiting = set(), ["/llms.txt", "/index.md", *pages]
    while waiting:
        address = waiting.pop()
        if address in seen or not address.endswith(".txt") and ".md" not in address:
            continue
        seen.add(address)
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        for url in links(response.getvalue().decode()):
            path = path_of(url).partition("#")[0]
            if path not in seen and ".md" in path:
                waiting.append(path)
            elif path not in seen:
                seen.add(path)
                assert client.get(path, follow=True).status_code == 200, f"{path} on {address}"
    assert len(seen) > 40


def test_it_costs_what_the_page_costs_and_for_a_post_its_source(client, edition, pages, in_templates):
    for page in pages.values():
        with CaptureQueriesContext(connection) as html:
            client.get(page)
        with CaptureQueriesContext(connection) as markdown:
            client.get(page, headers=MARKDOWN)
        more = 1 if "/posts/" in page else 0
        assert len(markdown) <= len(html) + more, (page, [q["sql"] for q in markdown])
    assert set(in_templates) == {0}


def test_the_client_says_which_it_prefers(client, db):
    for accept, wanted in (
        ("text/markdown", "markdown"),
        ("text/markdown, text/html;q=0.9, */*;q=0.8", "markdown"),
        ("text/html;q=0.8, text/markdown", "markdown"),
        ("text/html, text/markdown;q=0.9", "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("*/*", "html"),
        ("text/*", "html"),
        ("", "html"),
        ("text/markdown;q=0, */*", "html"),
        ("application/json", "html"),
        (";;;,,=q/\x7f", "html"),
    ):
        found = client.get("/", headers={"Accept": accept})["Content-Type"]
        assert found.startswith(f"text/{wanted}"), accept


def test_nothing_shows_before_its_second(client, edition, pages, monkeypatch):
    instant = timezone.now() + timedelta(days=1)
    make.post(
        title="Embargoed", slug="embargoed", at=instant, tags=["s3"], categories=[make.category("storage/s3")]
    )
    texts = []
    for at in (instant - timedelta(microseconds=1), instant):
        monkeypatch.setattr("django.utils.timezone.now", lambda at=at: at)
        everything = [*pages, "/llms.txt", "/llms-full.txt"]
        texts.append([client.get(url, follow=True).getvalue().decode() for url in everything])
        status = client.get("/posts/embargoed.md").status_code
        assert status == (200 if at == instant else 404)
    assert not any("mbargoed" in text for text in texts[0])
    assert sum("mbargoed" in text for text in texts[1]) >= 9


def test_a_withdrawn_post_is_gone(client, edition):
    workflow.withdraw(Post.objects.get(pk=edition.pk), at=timezone.now())
    response = client.get("/posts/reads.md")
    assert response.status_code == 404
    assert response["Content-Type"] == "text/markdown; charset=utf-8"


def test_a_moved_post_redirects_among_its_kind(client, edition):
    post = Post.objects.get(pk=edition.pk)
    post.slug = "moved"
    workflow.save(post, at=timezone.now())
    response = client.get("/posts/reads.md?x=1")
    assert (response.status_code, response["Location"]) == (301, "/posts/moved.md?x=1")
    assert client.get("/index.md?level=300")["Location"] == "/category/learning-levels/advanced-300.md"


def test_what_is_no_page_has_no_markdown(client, edition):
    for url in ("/nowhere.md", "/posts/nowhere.md", "/.md", "/posts/reads/.md", "/admin/login.md", "/admin.md",
                "/feed.md", "/healthz.md", "/media/x.md", "/llms.txt.md", "/index.md.md",
                f"/posts/{'x' * 3000}.md"):  # fmt: skip
        response = client.get(url)
        assert response.status_code == 404, url
        if not url.endswith("/.md"):
            assert response["Content-Type"] == "text/markdown; charset=utf-8", url
            assert response.content.decode().startswith("# There is nothing at this address")


def test_errors_are_told_in_the_language_that_was_asked_for(client, edition):
    assert client.get("/posts/redas/", headers=MARKDOWN)["Content-Type"].startswith("text/markdown")
    assert client.get("/tag/s3.md?before=x").status_code == 400
    assert client.get("/tag/s3/?level=x", headers=MARKDOWN).status_code == 404
    assert client.get("/posts/nowhere/")["Content-Type"].startswith("text/html")
    assert client.post("/posts/reads.md").status_code == 405


def test_a_post_is_its_source_with_what_is_known_of_it(client, edition):
    post = frontmatter.loads(client.get("/posts/reads.md").content.decode())
    assert post["title"] == edition.title
    assert post["authors"] == ["Ada Ferrant", "Zoë Last"]
    assert (post["level"], post["level_name"]) == (300, "Advanced")
    assert post["categories"] == ["storage/s3"]
    assert set(post["tags"]) == {"s3", "Latency"}
    assert post["canonical"] == f"{SITE}/posts/reads/"
    assert post["figure_licences"] == ["CC BY 4.0"]
    text = post.content
    assert text.startswith("# Reads & \\<writes\\>\n\nWhat a read costs, & why it is \\< a write.\n")
    assert f"![Boxes that stand for read-path, joined by arrows.]({SITE}/media/" in text
    assert "*Figure 1: How \\<reads\\> & writes go* (Ada · CC BY 4.0)" in text
    assert f"As [Figure 1]({SITE}/posts/reads/#fig-read-path) shows" in text
    assert f"as [Figure 1 of “Older”]({SITE}/posts/older/#fig-event-bus) did" in text
    assert f"[a link]({SITE}/tag/s3/)" in text
    assert "$$a^2$$" in text and "```python\nprint(\"<a href='/x'>\")\n```" in text


def test_a_long_description_is_quoted(client, db):
    make.post(
        slug="long", body="![](figure:a)\n", lead_figure=make.figure("a", long_description="One.\n\nTwo.")
    )
    assert "\n> One.\n>\n> Two." in client.get("/posts/long.md").content.decode()


def test_a_listing_names_its_posts(client, edition):
    text = client.get("/category/storage.md").content.decode()
    assert text.startswith("# Category: Storage\n")
    assert (
        f"- [Reads & \\<writes\\>]({SITE}/posts/reads/) ([Markdown]({SITE}/posts/reads.md)) · 2026-01-01 · "
        in text
    )
    assert "Advanced (300) · Ada Ferrant, Zoë Last\n  What a read costs" in text


def test_a_listing_leads_on(client, edition):
    for number in range(12):
        make.post(at=make.LONG_AGO + timedelta(hours=number), tags=["s3"])
    text = client.get("/tag/s3.md").content.decode()
    (older,) = re.findall(r"\[Older\]\(([^)]*)\)", text)
    assert "Reads" in client.get(path_of(older), headers=MARKDOWN).content.decode()


def test_a_path_and_a_series_keep_their_order(client, edition):
    text = client.get("/paths/from-zero.md").content.decode()
    assert text.startswith("# Learning path: From zero")
    assert text.index("- Step 1: [Reads") < text.index("- Step 2: [Older")
    assert "Part 1: [Reads" in client.get("/series/stores.md").content.decode()


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "text/*",
        "text/markdown",
        "text/html;q=0.1, text/markdown",
        "text/*, text/html;q=0",
        "nonsense",
        "a/b;q=x",
    ],
)
def test_it_takes_from_memory_what_django_reads_out_of_the_header(rf, accept):
    expected = rf.get("/", headers={"Accept": accept}).get_preferred_type(["text/html", "text/markdown"])
    for _ in range(2):
        assert prefers_markdown(accept) == (expected == "text/markdown")
