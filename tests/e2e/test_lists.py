"""Lists and tables of the admin in windows that are wide enough, and in some that are not."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from blog.models import LearningLevel
from tests import make

pytestmark = pytest.mark.browser
HIDDEN = "box => box.scrollWidth - box.clientWidth"


@pytest.fixture(scope="module")
def signed_in(server):
    """The cookie of a session; there are a post that is scheduled and a figure with a long key."""
    make.figure("a-key-of-several-words", caption="How the parts hand on what they were given. " * 3)
    make.post(
        "Scheduled", at=timezone.now() + timedelta(days=40), authors=[make.author("Yuki Hanamori-Lindqvist")]
    )
    for number in LearningLevel.objects.values_list("number", flat=True):
        make.level(number)
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("editor", "editor@example.org", "pass"))
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server}


@pytest.fixture
def open_page(browser, server, signed_in):
    contexts = []

    def visit(address: str, width: int):
        contexts.append(browser.new_context(base_url=server, viewport={"width": width, "height": 800}))
        contexts[-1].add_cookies([signed_in])
        page = contexts[-1].new_page()
        page.goto(f"/admin/blog/{address}")
        return page

    yield visit
    for context in contexts:
        context.close()


def test_all_columns_of_posts_fit_a_desk_with_one_that_is_scheduled(open_page):
    page = open_page("post/", 1280)
    assert "Scheduled for" in page.inner_text("#result_list .state-scheduled")
    assert page.locator("#changelist .results").evaluate(HIDDEN) <= 0


def test_a_key_has_room_for_its_words(open_page):
    page = open_page("figure/?as=list", 768)
    assert page.locator("#result_list .field-slug").last.bounding_box()["width"] >= 100


def test_a_table_wider_than_a_phone_keeps_its_first_column(open_page):
    page = open_page("post/reports/coverage/", 360)
    box, head = page.locator(".order-scroll"), page.locator(".order-scroll tbody th").first
    assert box.evaluate(HIDDEN) > 50
    before = head.bounding_box()["x"]
    box.evaluate("one => one.scrollTo(200, 0)")
    assert box.evaluate("one => one.scrollLeft") > 50
    assert head.bounding_box()["x"] == before


def test_several_are_scheduled_with_a_calendar_at_hand(open_page):
    page, trouble = open_page("post/", 1280), []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.locator("#result_list .action-select").first.check()
    page.select_option("[name=action]", "schedule")
    page.click("#changelist .actions [type=submit]")
    page.wait_for_selector(".order-buttons")
    page.locator(".datetimeshortcuts a", has_text="Today").click()
    assert page.input_value("[name$=_0]") and trouble == []
