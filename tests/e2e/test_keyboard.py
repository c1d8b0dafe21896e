"""The admin by keyboard alone: single keys and their list, bulk work with its undo, order, dates, uploads."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from blog.models import Figure, LearningPath, PathStep, Post, Series, SeriesPart
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOCUSED = "selector => document.activeElement.matches(selector)"


@pytest.fixture
def page(browser, live_server):
    user = get_user_model().objects.create_superuser("editor", "editor@example.org", "a long password")
    client = Client()
    client.force_login(user)
    context = browser.new_context(
        base_url=f"{live_server.url}/admin/blog/", viewport={"width": 1100, "height": 800}
    )
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page = context.new_page()
    # Kept from the first: Chromium must have heard that files are chosen by a test long before a key asks for them.
    page.on("filechooser", lambda _chooser: None)
    yield page
    context.close()


def walk_to(page, selector, *, most=120):
    """Presses Tab until what has the focus is this."""
    for _ in range(most):
        if page.evaluate(FOCUSED, selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} is not reached by {most} Tabs")


def begin(page):
    page.evaluate(
        "document.getElementById('content-start').focus()"
    )  # where the first link of the page leads


def keys_of(page):
    page.keyboard.press("?")
    return page.locator("#shortcuts kbd").all_inner_texts()


@pytest.mark.parametrize(
    ("address", "keys"),
    [("../", ["n", "d", "r", "s", "c"]), ("post/", ["/", "n", "c", "r"]), ("figure/", ["/", "n", "u"]),
     ("post/calendar/", [",", "."]), ("tag/", ["/", "n"])],
)  # fmt: skip
def test_a_question_mark_lists_what_the_page_offers(page, address, keys):
    page.goto(address)
    found = keys_of(page)
    assert set(found) == {*keys, "?"}
    assert all(page.locator("#shortcuts th[scope=row]").all_inner_texts())
    page.keyboard.press("Escape")
    assert not page.locator("#shortcuts").is_visible()


def test_a_single_key_does_it_outside_of_fields_and_can_be_turned_off(page):
    page.goto("post/")
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED, "#searchbar")
    page.keyboard.type("c?")
    assert page.input_value("#searchbar") == "c?" and not page.locator("#shortcuts").is_visible()
    begin(page)
    page.keyboard.press("c")
    page.wait_for_url("**/calendar/")
    page.keyboard.press("?")
    walk_to(page, "#shortcuts input")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert not page.locator("#shortcuts").is_visible()
    walk_to(page, "[data-opens=shortcuts]")
    page.keyboard.press("Enter")
    assert page.locator("#shortcuts").is_visible()


def test_a_bulk_action_is_chosen_confirmed_and_taken_back(page):
    post = make.post(title="By keyboard", status=Post.Status.DRAFT)
    page.goto("post/")
    begin(page)
    walk_to(page, "[name=action]")
    page.keyboard.type("Move to the trash")
    walk_to(page, "input.action-select")
    page.keyboard.press("Space")
    begin(page)
    walk_to(page, ".actions [type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".order-buttons")
    begin(page)
    walk_to(page, ".order-buttons button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist .undo-button")
    assert Post.objects.get(pk=post.pk).trashed_at
    page.keyboard.press("z")
    page.wait_for_url("**/operation/")
    assert not Post.objects.get(pk=post.pk).trashed_at


def test_a_step_of_a_path_is_moved_to_its_end(page):
    path = LearningPath.objects.create(title="Queues", slug="queues")
    posts = [make.post(title=name, slug=name.lower()) for name in ("First", "Second", "Third")]
    PathStep.objects.bulk_create(
        PathStep(learning_path=path, post=post, number=number) for number, post in enumerate(posts, 1)
    )
    page.goto(f"learningpath/{path.pk}/change/")
    begin(page)
    walk_to(page, "input[name$='-0-number']")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist .success")
    titles = PathStep.objects.order_by("number").values_list("post__title", flat=True)
    assert list(titles) == ["Second", "Third", "First"]


def test_a_post_becomes_part_of_a_series(page):
    Series.objects.create(title="Queues in depth", slug="queues")
    post = make.post(title="Third", status=Post.Status.DRAFT)
    page.goto(f"post/{post.pk}/change/")
    page.wait_for_selector(".writer[data-ready]")
    page.locator("#id_editors_note_at_1").focus()
    walk_to(page, "#series_parts-group .add-row a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#id_series_parts-0-series + .select2")
    walk_to(page, "#series_parts-group .select2-selection")
    page.keyboard.press("Enter")
    page.locator(".select2-search__field:focus").wait_for()
    page.keyboard.type("depth")
    page.locator(".select2-results__option--highlighted:has-text('in depth')").wait_for()
    page.keyboard.press("Enter")
    walk_to(page, "#id_series_parts-0-number")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("3")
    page.keyboard.press("ControlOrMeta+s")
    page.wait_for_selector(".messagelist .success")
    assert [(part.series.slug, part.number) for part in SeriesPart.objects.filter(post=post)] == [
        ("queues", 3)
    ]


def test_an_appointment_is_moved_by_the_form_and_back(page):
    when = (timezone.now() + timedelta(days=40)).replace(day=15, hour=9, minute=0, second=0, microsecond=0)
    post = make.post(title="Planned", published_at=when)
    page.goto(f"post/calendar/?month={when:%Y-%m}")
    begin(page)
    walk_to(page, ".planned-move")
    page.keyboard.press("Enter")
    page.wait_for_selector(".move-form")
    walk_to(page, "[name=when_0]")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(f"{when:%Y-%m}-20")
    page.keyboard.press("Enter")
    page.wait_for_selector(".calendar-undo")
    assert Post.objects.get(pk=post.pk).published_at == when.replace(day=20)
    assert page.evaluate(FOCUSED, ".calendar-undo button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist")
    assert Post.objects.get(pk=post.pk).published_at == datetime.fromtimestamp(when.timestamp(), UTC)


def test_several_pictures_are_uploaded(page):
    page.goto("figure/upload/")
    begin(page)
    walk_to(page, "#bulk-files")
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Space")
    asked.value.set_files(
        [{"name": f"{name}.png", "mimeType": "image/png", "buffer": make.png(800, 500, name)}
         for name in ("one", "two")]
    )  # fmt: skip
    page.wait_for_selector("#bulk-2-alt")
    walk_to(page, "#bulk-1-alt")
    page.keyboard.type("What the first shows.")
    walk_to(page, "form.bulk [type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_function(FOCUSED, arg="#bulk-2-alt")  # what keeps the second from being added
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    walk_to(page, "form.bulk [type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_function(FOCUSED, arg=".submit-row .bulk-status")
    assert sorted(Figure.objects.values_list("slug", flat=True)) == ["one", "two"]
