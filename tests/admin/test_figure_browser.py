"""What only a browser can show of the library: several uploads with their words, and a focus that is clicked."""

import pytest

from blog.models import Figure
from tests import make

from .test_browser import page, pytestmark

__all__ = ["page", "pytestmark"]


def file(name: str, data: bytes) -> dict:
    return {"name": name, "mimeType": "image/png", "buffer": data}


def test_a_figure_is_made_of_each_file_once_it_has_words(page):
    page.goto(f"{page.base}/admin/blog/figure/upload/")
    page.set_input_files(
        "#bulk-files", [file("Read path.png", make.png(text="read")), file("silent.png", make.png(90, 60))]
    )
    page.wait_for_selector("#bulk-2-alt")
    page.fill("#bulk-1-alt", "The way of a read through three caches.")
    page.click("form.bulk [type=submit]")
    page.wait_for_selector(".bulk-one.added a")
    assert "Added as read-path" in page.inner_text(".bulk-one.added")
    page.wait_for_selector(".bulk-one.refused")
    assert page.evaluate("document.activeElement.id") == "bulk-2-alt"
    page.check("#bulk-2-decorative")
    page.click("form.bulk [type=submit]")
    page.wait_for_selector(".bulk-one.added >> nth=1")
    assert set(Figure.objects.values_list("slug", "decorative")) == {("read-path", False), ("silent", True)}


def test_a_click_on_the_picture_sets_its_focus_and_the_grid_counts_what_is_chosen(page):
    figure = make.figure()
    page.goto(f"{page.base}/admin/blog/figure/{figure.pk}/change/")
    box = page.locator(".focus-point img").bounding_box()
    page.click(".focus-point img", position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
    page.click("[name=_save]")
    page.wait_for_selector("#result_list")
    figure.refresh_from_db()
    assert (figure.focus_x, figure.focus_y) == (pytest.approx(25, abs=1), pytest.approx(75, abs=1))
    page.check("#result_list tbody input.action-select")
    assert page.inner_text(".action-counter") == "1 of 1 selected"
