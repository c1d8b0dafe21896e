"""Blocks of code in a real browser: copying, wrapping, and what is left without scripts."""

import pytest

from tests import make

pytestmark = pytest.mark.browser

BODY = f"""
```python title="fetch.py" hl_lines="2" linenums="7"
def fetch(key):
    return store[key]
```

```text
{"one long line " * 40}
```

```diff
- old
+ new
```
"""


@pytest.fixture(scope="module")
def post(server):
    make.post(slug="code", body=BODY)
    return f"{server}/posts/code/"


@pytest.fixture
def page(browser, post):
    context = browser.new_context(viewport={"width": 800, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.faults = []
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(post)
    yield page
    assert page.faults == []
    context.close()


def test_it_copies_the_code_without_its_line_numbers_and_says_so(page):
    block = page.locator(".code").first
    block.get_by_role("button", name="Copy").click()
    block.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "def fetch(key):\n    return store[key]"


def test_a_selection_has_no_line_numbers_either(page):
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.code code'))")
    assert page.evaluate("getSelection().toString()").split() == [
        "def",
        "fetch(key):",
        "return",
        "store[key]",
    ]


def test_it_offers_to_wrap_only_what_is_too_wide(page):
    short, long = page.locator(".code").nth(0), page.locator(".code").nth(1)
    assert not short.get_by_role("button", name="Wrap lines").is_visible()
    wrap = long.get_by_role("button", name="Wrap lines")
    wrap.click()
    assert wrap.get_attribute("aria-pressed") == "true"
    assert long.locator("pre").evaluate("pre => pre.scrollWidth <= pre.clientWidth")
    wrap.click()
    assert not long.locator("pre").evaluate("pre => pre.scrollWidth <= pre.clientWidth")


def test_its_buttons_are_large_enough_and_reached_by_keyboard(page):
    for button in page.locator(".code-tools button:visible").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Copy").first.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Copied").first.wait_for()


def test_without_scripts_nothing_is_missing(browser, post):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(post)
    assert page.get_by_role("button", name="Copy").count() == 0
    assert page.get_by_text("fetch.py").is_visible()
    assert page.locator(".code pre").nth(1).is_visible()
    context.close()


def test_lines_added_and_removed_differ_without_colours(browser, post):
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(post)
    assert page.locator(".code").nth(2).inner_text().split("\n")[-2:] == ["- old", "+ new"]
    context.close()
