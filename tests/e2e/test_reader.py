"""What only a real browser can show of the reader's pages."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from blog.models import Series
from blog.publishing import figures
from tests import make

PAGES = [
    "/",
    "/?level=300",
    "/category/learning-levels/",
    "/category/learning-levels/advanced-300/",
    "/category/data/feature-platforms/",
    "/tag/failover/",
    "/author/marit-solheim-okafor/",
    "/series/a-platform/",
    "/posts/the-bus/",
]
WIDE = "a_name_that_goes_on_without_a_break_" * 4
BODY = f"""## First {WIDE}

See [](figure:bus). {WIDE} and $a^2 + b^2 = c^2$.

In the line, ${"a + b^2 + " * 20}c$ does not break.

![](figure:bus)

## Second

```python title="{WIDE}.py" hl_lines="1"
{WIDE} = 1
```

|{"column|" * 12}
|{"---|" * 12}
|{"0123456789|" * 12}

$${"a + b^2 + " * 30}c$$

## Third

!!! warning "{WIDE}"
    Text.
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(server):
    """A small edition, made to be awkward: long words, many authors, a wide table."""
    now = timezone.now()
    picture = make.figure("bus", data=make.png(1600, 1000))
    figures.make_renditions(picture, at=now)
    shelf = make.category("data/feature-platforms")
    series = Series.objects.create(title="A platform", slug="a-platform")
    for n in range(3):
        make.post(
            f"{WIDE} and more of the same, Part {n}"[:200],
            slug=f"the-bus-{n}" if n else "the-bus",
            at=now - timedelta(days=n + 1),
            categories=[shelf],
            authors=[make.author("Marit Solheim-Okafor"), *(make.author(f"Author {i}") for i in range(8))],
            tags=["failover", WIDE[:80]],
            series=[(series, n + 1)],
            learning_level=make.level(300),
            lead_figure=picture if n else None,
            body=BODY,
        )
    return server


def test_it_needs_no_sideways_scrolling_at_320_pixels(browser, site):
    page = browser.new_page(viewport={"width": 320, "height": 640})
    for path in PAGES:
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.close()


def test_it_lets_the_keyboard_skip_to_the_content(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/posts/the-bus/")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the content"
    box = skip.bounding_box()
    assert box["x"] >= 0 and box["y"] >= 0, "the skip link must be seen when it has the focus"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.close()


def test_it_shows_where_the_focus_is(browser, site):
    page = browser.new_page()
    for path in ("/", "/posts/the-bus/"):
        page.goto(site + path)
        for _ in range(page.locator("a[href]:not([tabindex]), summary, [tabindex='0']").count()):
            page.keyboard.press("Tab")
            name, style, width = page.evaluate(
                "(() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return [e.outerHTML.slice(0, 90), s.outlineStyle, parseFloat(s.outlineWidth)] })()"
            )
            if name.startswith("<body"):
                break
            assert style == "solid" and width >= 2, name
    page.close()


def test_it_offers_each_card_once_to_the_keyboard(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/category/learning-levels/")
    assert page.locator("article picture").count() == 2
    addresses = page.eval_on_selector_all(
        "article a[href^='/posts/']",
        "all => all.filter(a => a.tabIndex >= 0).map(a => a.getAttribute('href'))",
    )
    assert sorted(addresses) == ["/posts/the-bus-1/", "/posts/the-bus-2/", "/posts/the-bus/"]
    page.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_it_asks_no_other_host_and_breaks_no_policy(browser, site, scripts):
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    complaints, hosts, failed = [], set(), []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    for path in PAGES:
        answer = page.goto(site + path, wait_until="networkidle")
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert page.locator("h1").count() == 1 and page.locator("main").is_visible(), path
    assert (complaints, failed) == ([], [])
    assert hosts == {urlsplit(site).netloc}
    context.close()


def test_it_shows_the_outline_open_where_there_is_room(browser, site):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{site}/posts/the-bus/")
    link = page.get_by_role("navigation", name="On this page").get_by_role("link", name="Second")
    assert link.is_visible()
    page.set_viewport_size({"width": 360, "height": 800})
    assert not link.is_visible()
    page.get_by_text("On this page").click()
    assert link.is_visible()
    page.close()


def test_it_sets_text_in_a_comfortable_measure(browser, site):
    """65 to 75 characters: the width of a paragraph over the mean width of a character of ordinary prose in its font."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{site}/posts/the-bus/", wait_until="networkidle")
    characters = page.evaluate(
        """async () => {
            await document.fonts.ready;
            const sample = 'The gateway prefers to keep traffic in the zone in which it arrived, and says so. ';
            const paragraph = document.querySelector('.prose > p');
            const pen = document.createElement('canvas').getContext('2d');
            pen.font = getComputedStyle(paragraph).font;
            return paragraph.clientWidth / (pen.measureText(sample).width / sample.length);
        }"""
    )
    assert 65 <= characters <= 75
    page.close()


def test_it_does_not_move_while_it_loads(browser, site):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const e of list.getEntries()) shift += e.value })"
        ".observe({ type: 'layout-shift', buffered: true })"
    )
    for path in ("/", "/posts/the-bus/"):
        page.goto(site + path, wait_until="networkidle")
        assert page.evaluate("shift") < 0.02, path
    page.close()
