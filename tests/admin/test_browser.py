"""What only a browser can show: that the policy lets every admin page work, and that a post can be written with keys."""

import os

import pytest
from django.contrib.auth import get_user_model
from django.db import connections

from blog.models import Address, Author, Post, Series, Tag
from tests import make

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def page(chromium, transactional_db, live_server, monkeypatch):
    """A tab of an editor who has logged in, at `page.base`; at the end nothing may have been blocked or gone wrong."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    # Playwright's own loop runs in this thread; the database is used between its calls, never within.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    get_user_model().objects.create_superuser("editor", "editor@example.org", "a long password")
    trouble: list[str] = []

    def watch(tab):
        tab.on(
            "console",
            lambda m: trouble.append(f"{tab.url}: {m.text}") if m.type in {"error", "warning"} else None,
        )
        tab.on("pageerror", lambda error: trouble.append(f"{tab.url}: {error}"))
        tab.on("response", lambda r: trouble.append(f"{r.status} {r.url}") if r.status >= 400 else None)

    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.on("page", watch)
        tab = context.new_page()
        tab.base = live_server.url
        tab.goto(f"{tab.base}/admin/")
        tab.keyboard.type("editor")
        tab.keyboard.press("Tab")
        tab.keyboard.type("a long password")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#user-tools")
        yield tab
        tab.wait_for_load_state("networkidle")
        connections.close_all()  # within Playwright's loop a test has a connection of its own
        browser.close()
    assert trouble == []


def choose(page, field: str, words: str) -> None:
    """Opens an autocomplete, types, and takes the first answer, all by key."""
    box = page.locator(f"#{field} + .select2 .select2-selection")
    box.focus()
    page.keyboard.press("Enter")
    page.locator(".select2-search__field:focus").wait_for()
    page.keyboard.type(words)
    page.locator(f".select2-results__option--highlighted:has-text('{words}')").wait_for()
    page.keyboard.press("Enter")
    page.locator(f"#{field} + .select2:has-text('{words}')").wait_for()


def test_no_admin_page_is_hindered_by_the_policy(page):
    figure = make.figure()
    author = make.author(portrait=figure)
    series = Series.objects.create(title="S", slug="s")
    post = make.post(
        lead_figure=figure,
        authors=[author],
        tags=["queues"],
        series=[(series, 1)],
        body="![](figure:event-bus)\n",
    )
    Address.objects.create(path="/posts/old/", post=post)
    rows = {
        "post": post, "category": post.categories.get(), "learninglevel": post.learning_level, "figure": figure,
        "author": Author.objects.get(), "tag": Tag.objects.get(), "series": series, "address": Address.objects.get(),
    }  # fmt: skip
    paths = ["", "password_change/", "auth/user/", "auth/user/add/", "django_tasks_database/dbtaskresult/"]
    for model, row in rows.items():
        paths += [
            f"blog/{model}/{end}"
            for end in ("", "?q=a", f"{row.pk}/change/", f"{row.pk}/delete/", f"{row.pk}/history/")
        ]
        paths += [f"blog/{model}/add/"] * (model != "address")
    for path in paths:
        answer = page.goto(f"{page.base}/admin/{path}")
        assert answer.status == 200, path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{path} is wider than the window"
        )


def test_a_filter_is_chosen_by_key_and_keeps_the_others(page):
    make.post("Inside", categories=[make.category("storage/files")])
    make.post("Outside", categories=[make.category("compute")])
    page.goto(f"{page.base}/admin/blog/post/?state=live")
    page.locator("#filter-category + .select2 .select2-selection").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Storage")
    page.locator(".select2-results__option--highlighted:has-text('Storage')").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**category=*")
    assert "state=live" in page.url
    assert page.locator("th.field-title").all_inner_texts() == ["Inside"]


def test_an_editor_writes_a_post_with_a_figure_from_login_to_publication(page, tmp_path):
    make.category("messaging")
    make.author("Bo Lind")
    drawing = tmp_path / "Event Bus.png"
    drawing.write_bytes(make.png(1400, 800))

    page.goto(f"{page.base}/admin/blog/figure/add/")
    page.set_input_files("#id_upload", drawing)
    assert page.input_value("#id_slug") == "event-bus"
    page.fill("#id_caption", "How events travel.")
    page.fill("#id_alt", "A bus between five services.")
    page.press("#id_slug", "Enter")
    page.wait_for_selector(".messagelist .success")

    page.goto(f"{page.base}/admin/blog/post/add/")
    page.locator("#id_title").focus()
    page.keyboard.type("Queues that shed load")
    assert page.input_value("#id_slug") == "queues-that-shed-load"
    page.locator("#id_body").focus()
    page.keyboard.insert_text("## Why\n\nThey fill up, see [](figure:event-bus).\n\n![](figure:event-bus)\n")
    with page.context.expect_page() as opened:
        page.click("input.preview")
    preview = opened.value
    preview.wait_for_selector("figure#fig-event-bus")
    assert "Figure 1" in preview.inner_text("figure#fig-event-bus figcaption")
    assert preview.locator(".prose a[href='#fig-event-bus']").inner_text() == "Figure 1"
    preview.close()
    assert not Post.objects.exists()

    page.click("text=Publish now")
    page.wait_for_selector(".messagelist .warning")
    assert page.evaluate("document.activeElement.id") == "missing"
    focused = "document.activeElement.getAttribute('aria-label')"
    for place, name in {
        "id_learning_level": "Learning level",
        "id_categories": "Categories",
        "bylines-group": "Author, row 1",
    }.items():
        page.click(f".findings a[href='#{place}']")
        assert page.evaluate(focused) == name
    page.click(".findings a[href='#id_summary']")
    assert page.evaluate("document.activeElement.id") == "id_summary"
    page.keyboard.type(make.SUMMARY)
    choose(page, "id_learning_level", "Advanced (300)")
    choose(page, "id_categories", "Messaging")
    choose(page, "id_bylines-0-author", "Bo Lind")
    choose(page, "id_lead_figure", "event-bus")
    page.click("text=Publish now")
    page.wait_for_selector(".messagelist .success")
    page.click("text=View it on the site")
    page.wait_for_selector("figure#fig-event-bus")
    assert page.inner_text("h1") == "Queues that shed load"
