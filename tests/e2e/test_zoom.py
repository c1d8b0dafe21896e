"""A figure in a post, opened large: by mouse, by keys, without scripts."""

import pytest
from django.utils import timezone

from blog.publishing import figures
from tests import make

pytestmark = pytest.mark.browser

SCALE = "new DOMMatrix(getComputedStyle(document.querySelector('.zoom-stage picture')).transform).a"


@pytest.fixture(scope="module")
def post(server):
    picture = make.figure("bus", data=make.png(1600, 1000))
    figures.make_renditions(picture, at=timezone.now())
    make.post("A post", slug="a-post", body="## One\n\nText.\n\n![](figure:bus)\n")
    return f"{server}/posts/a-post/"


@pytest.fixture
def page(browser, post):
    """The post, with whatever the browser complains of in `complaints`, and nothing moving by itself."""
    context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("response", lambda got: page.complaints.append(got.url) if got.status >= 400 else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(post, wait_until="networkidle")
    yield page
    assert page.complaints == []
    context.close()


def test_it_opens_by_keyboard_and_gives_the_focus_back(page):
    link = page.locator(".figure a.plate")
    spoken = " ".join(link.evaluate("e => e.textContent + e.querySelector('img').alt").split())
    assert spoken == "Figure 1, open large: Boxes that stand for bus, joined by arrows."
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Figure 1: How bus works")
    assert dialog.is_visible()
    for name in ("Smaller", "Larger", "Fit", "Close"):
        assert dialog.get_by_role("button", name=name, exact=True).bounding_box()["height"] >= 44
    assert page.evaluate("document.querySelector('.zoom-stage img').currentSrc").count("-1600.") == 1
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('dialog, body').tagName") in {"DIALOG", "BODY"}
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert page.evaluate(SCALE) == pytest.approx(2.25)
    before = page.locator(".zoom-stage picture").bounding_box()["x"]
    page.keyboard.press("ArrowRight")
    assert page.locator(".zoom-stage picture").bounding_box()["x"] == pytest.approx(before - 80)
    page.keyboard.press("-")
    assert page.evaluate(SCALE) == pytest.approx(1.5, abs=0.01)
    page.keyboard.press("0")
    assert page.evaluate(SCALE) == 1
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert link.evaluate("e => e === document.activeElement")


def test_it_zooms_around_the_pointer_drags_and_toggles(page):
    page.locator(".figure a.plate").click()
    stage = page.locator(".zoom-stage").bounding_box()
    x, y = stage["x"] + stage["width"] * 0.3, stage["y"] + stage["height"] * 0.6
    page.mouse.move(x, y)
    page.mouse.wheel(0, -400)
    page.wait_for_function(f"{SCALE} > 2")
    box = page.locator(".zoom-stage picture").bounding_box()
    assert (x - box["x"]) / box["width"] == pytest.approx(0.3, abs=0.01)
    assert (y - box["y"]) / box["height"] == pytest.approx(0.6, abs=0.01)
    page.mouse.down()
    page.mouse.move(x - 50, y - 30)
    page.mouse.up()
    page.mouse.move(x, y)
    moved = page.locator(".zoom-stage picture").bounding_box()
    assert (moved["x"], moved["y"]) == pytest.approx((box["x"] - 50, box["y"] - 30))
    page.mouse.dblclick(x, y)
    assert page.evaluate(SCALE) == 1
    page.get_by_role("button", name="Larger").click()
    assert page.evaluate(SCALE) == 1.5
    page.get_by_role("button", name="Fit").click()
    assert page.evaluate(SCALE) == 1
    page.get_by_role("button", name="Close").click()
    assert not page.get_by_role("dialog").is_visible()


def test_it_pinches(page):
    page.locator(".figure a.plate").click()
    page.evaluate(
        """() => {
            const stage = document.querySelector('.zoom-stage');
            stage.setPointerCapture = () => {};
            const send = (type, pointerId, clientX) => stage.dispatchEvent(
                new PointerEvent(type, { pointerId, clientX, clientY: 300, bubbles: true }));
            send('pointerdown', 1, 400); send('pointerdown', 2, 500);
            send('pointermove', 1, 350); send('pointermove', 2, 550);
        }"""
    )
    assert page.evaluate(SCALE) == pytest.approx(2)


def test_a_click_with_a_key_held_follows_the_link(page):
    with page.context.expect_page() as opened:
        page.locator(".figure a.plate").click(modifiers=["Control"])
    opened.value.wait_for_url("**/figures/bus/")
    assert not page.get_by_role("dialog").is_visible()


def test_without_scripts_the_link_leads_to_the_figures_page(browser, post):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(post)
    page.locator(".figure a.plate").click()
    assert page.url.endswith("/figures/bus/")
    assert page.get_by_role("heading", level=1).inner_text() == "How bus works"
    assert page.get_by_role("button", name="Copy").count() == 0
    context.close()


def test_the_page_of_a_figure_and_the_gallery_fit_a_phone(page, post):
    page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/figures/", "/figures/bus/", "/figures/?q=zeppelin"):
        page.goto(post.replace("/posts/a-post/", path))
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.goto(post.replace("/posts/a-post/", "/figures/bus/"), wait_until="networkidle")
    page.locator(".figure a.plate").click()
    assert page.get_by_role("dialog", name="How bus works").is_visible()
    for name in ("Smaller", "Larger", "Fit", "Close"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 320
