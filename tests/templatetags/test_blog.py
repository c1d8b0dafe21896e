import pytest

from blog.publishing import figures
from blog.templatetags import blog as tags
from tests import make


@pytest.fixture
def figure(db, now):
    made = make.figure("bus", data=make.png(width=1600, height=1000))
    figures.make_renditions(made, at=now)
    return made


def test_it_offers_modern_formats_first_and_a_fallback_with_its_size(figure):
    shown = tags.picture(figure, "body")
    assert [source["type"] for source in shown["sources"]][-1] == "image/webp"
    assert shown["src"].endswith((".png", ".jpg"))
    assert "1600w" in shown["srcset"]
    assert (shown["width"], shown["height"]) == (1600, 1000)


def test_it_offers_a_thumbnail_nothing_wider_than_it_can_use(figure):
    widths = [int(part.split()[-1][:-1]) for part in tags.picture(figure, "card")["srcset"].split(",")]
    assert max(widths) <= tags.WIDEST["card"]


def test_it_shows_the_full_image_while_renditions_are_being_made(db):
    waiting = make.figure("waiting")
    shown = tags.picture(waiting, "body")
    assert shown["sources"] == []
    assert shown["src"] == waiting.image.url


def test_it_lets_an_animation_move_in_the_text_and_rest_in_a_listing(figure):
    figure.animated = True
    assert tags.picture(figure, "body")["src"] == figure.image.url
    assert tags.picture(figure, "body")["sources"] == []
    assert tags.picture(figure, "card")["sources"]
