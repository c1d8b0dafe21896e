"""Editing in a browser that runs no scripts: every step of a post's life, by forms and links alone."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.utils import timezone

from blog.models import Figure, Post, Tag
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser, live_server):
    get_user_model().objects.create_superuser("editor", "editor@example.org", "a long password")
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    trouble = []
    tab.on("response", lambda r: trouble.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    tab.goto(f"{live_server.url}/admin/")
    tab.fill("#id_username", "editor")
    tab.fill("#id_password", "a long password")
    tab.press("#id_password", "Enter")
    tab.wait_for_selector("#user-tools")
    yield tab
    context.close()
    connections.close_all()
    assert trouble == []


def press(page, name):
    """Presses a button of a post's form; what the next page says of it."""
    page.click(f"input[name={name}]")
    return page.locator(".messagelist").inner_text()


def describe(page, title, **over):
    """Fills the form of a new post with all that publishing asks for."""
    given = {
        "title": title, "body": "## Why\n\nThey fill up.\n", "summary": make.SUMMARY, "tags": "load test, load tests",
        "learning_level-typed": "300", "categories-typed": "messaging", "bylines-0-author-typed": "Bo Lind",
    }  # fmt: skip
    for name, value in (given | over).items():
        page.fill(f"[name={name}]", value)


def test_a_post_is_written_published_changed_scheduled_moved_and_thrown_away(page, live_server):
    make.level(300)
    make.category("messaging")
    make.author("Bo Lind")
    posts, soon = f"{live_server.url}/admin/blog/post/", timezone.now() + timedelta(days=1)

    page.click("a[href$='/figure/add/']")
    drawing = {"name": "Event Bus.png", "mimeType": "image/png", "buffer": make.png(1400, 800)}
    page.set_input_files("#id_upload", drawing)
    page.fill("#id_caption", "How events travel.")
    page.fill("#id_alt", "A bus between five services.")
    page.click("input[name=_save]")
    assert Figure.objects.get().slug == "event-bus"

    page.goto(f"{live_server.url}/admin/")
    page.click("text=Write a post")
    describe(page, "Queues", body="## Why\n\nSee [](figure:event-bus).\n\n![](figure:event-bus)\n")
    assert "added" in press(page, "_continue")
    form = page.url
    with page.context.expect_page() as opened:
        page.click("input.preview")
    opened.value.wait_for_selector("figure#fig-event-bus img")
    opened.value.close()
    assert "is live" in press(page, "_publish")
    page.click("text=View it on the site")
    assert page.inner_text("h1") == "Queues"

    page.goto(form)
    page.fill("#id_title", "Queues that shed load")
    assert "is saved as a draft" in press(page, "_ontop")
    assert Post.objects.get().title == "Queues"
    assert "is live" in press(page, "_publish")
    page.click("text=History")
    page.locator("tr", has_text="Published").get_by_role("button", name="Restore").last.click()
    assert "is back" in page.inner_text(".messagelist")
    assert page.input_value("#id_title") == "Queues"

    page.goto(f"{posts}add/")
    describe(page, "Later", published_at_0=f"{soon:%Y-%m-%d}", published_at_1="08:30")
    assert "will appear" in press(page, "_schedule")
    page.goto(f"{posts}calendar/?month={soon:%Y-%m}")
    page.click("a.planned-move")
    page.fill("[name=when_1]", "09:45")
    page.click(".move-form button")
    later = Post.objects.get(title="Later")
    assert (later.published_at.hour, later.published_at.minute) == (9, 45)

    page.goto(f"{posts}{later.pk}/change/")
    page.click("a.deletelink")
    page.get_by_role("button", name="Move to the trash").click()
    page.get_by_role("link", name="Trash", exact=True).click()
    page.get_by_role("link", name="Delete for good").click()
    page.get_by_role("button", name="Delete").last.click()
    assert not Post.objects.filter(title="Later").exists()

    page.goto(f"{live_server.url}/admin/blog/tag/")
    for box in page.locator("input.action-select").all():
        box.check()
    page.select_option("select[name=action]", value="merge_selected")
    page.click("button[name=index]")
    page.get_by_label("load tests").check()
    page.click("text=See what changes")
    page.get_by_role("button", name="Merge").click()
    assert Tag.objects.get().name == "load tests"


def test_what_names_no_row_stays_in_its_box_to_be_mended(page, live_server):
    page.goto(f"{live_server.url}/admin/blog/post/add/")
    describe(page, "Queues", **{"categories-typed": "mesaging"})
    page.click("input[name=_continue]")
    assert page.input_value("[name=categories-typed]") == "mesaging"
    assert page.input_value("[name=bylines-0-author-typed]") == "Bo Lind"
