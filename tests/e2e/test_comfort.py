"""Reading as the reader likes it: colours, size of the text, the section that is being read."""

import pytest

from tests import make

pytestmark = pytest.mark.browser

BODY = "\n\n".join(
    f"## Section {n}\n\n" + "A paragraph of some length, for something to scroll past. " * 40
    for n in range(5)
)


@pytest.fixture(scope="module")
def post(server):
    make.post(slug="long", body=BODY)
    return f"{server}/posts/long/"


def paper(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_it_remembers_colours_and_size_on_this_device_and_tells_the_server_nothing(browser, post):
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(post)
    light, size = (
        paper(page),
        page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)"),
    )
    page.get_by_label("Colours").select_option("dark")
    page.get_by_label("Text").select_option("l")
    dark = paper(page)
    assert dark != light
    page.reload()
    assert paper(page) == dark
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") > size
    assert page.get_by_label("Colours").input_value() == "dark"
    assert context.cookies() == []
    page.get_by_label("Colours").select_option("")
    assert paper(page) == light
    context.close()


def test_it_shows_pictures_made_for_the_chosen_colours(browser, post):
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(post)
    media = "document.querySelector('meta[name=theme-color]:last-of-type').media"
    page.get_by_label("Colours").select_option("dark")
    assert page.evaluate(media) == "all"
    page.get_by_label("Colours").select_option("light")
    assert page.evaluate(media) == "not all"
    page.get_by_label("Colours").select_option("")
    assert page.evaluate(media) == "(prefers-color-scheme: dark)"
    context.close()


def test_it_offers_no_preferences_that_would_do_nothing(browser, post):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(post)
    assert page.locator(".prefs").is_hidden()
    context.close()


def test_it_works_where_the_device_keeps_nothing(browser, post):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page.goto(post)
    light = paper(page)
    page.get_by_label("Colours").select_option("dark")
    assert paper(page) != light and errors == []
    page.close()


def test_it_marks_the_section_that_is_read_and_leaves_the_page_where_it_is(browser, post):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(post)
    outline = page.get_by_role("navigation", name="On this page")
    page.locator("#s-section-2").evaluate("e => e.scrollIntoView({ behavior: 'instant' })")
    marked = outline.locator("[aria-current=location]")
    marked.wait_for()
    assert marked.inner_text() == "Section 2"
    before = page.evaluate("scrollY")
    page.wait_for_timeout(100)
    assert page.evaluate("scrollY") == before
    page.close()


def test_it_can_be_read_at_four_hundred_percent(browser, post):
    """1280 pixels at 400 % are 320 of CSS: WCAG 2.2, 1.4.10."""
    page = browser.new_page(viewport={"width": 320, "height": 256})
    page.goto(post)
    page.get_by_label("Text").select_option("xl")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()
