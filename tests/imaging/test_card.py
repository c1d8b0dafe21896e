"""Cards are looked at by people; what a machine can check of them is here."""

import pytest
from PIL import Image

from blog.imaging import CardWords, ImageRefused, card, draw_card
from blog.imaging.specs import CARD_BYTES, CARD_SIZE

from .samples import diagram, opened, photo, saved

WORDS = CardWords("Stratum", "Queues that drain themselves", "Advanced (300)", 3, ("Ada Ferrant", "Bo Li"))
LEFT = (0, 40, 600, 630)


def picture(words: CardWords = WORDS, figure: bytes = b"") -> Image.Image:
    made = card.drawn(words, figure)
    assert len(made.data) <= CARD_BYTES
    return opened(made.data).convert("RGB")


def ink(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    """How many dark pixels lie in the box."""
    return sum(image.crop(box).convert("L").histogram()[:80])


def test_it_is_drawn_in_a_child_process():
    made = draw_card(WORDS, saved(diagram(640, 400), "PNG"))
    assert (made.format, made.suffix, made.width, made.height) == ("png", ".png", *CARD_SIZE)
    assert opened(made.data).size == CARD_SIZE


def test_it_draws_the_same_card_from_the_same_words():
    assert card.drawn(WORDS, b"").data == card.drawn(WORDS, b"").data


@pytest.mark.parametrize("size", [(1600, 900), (3000, 600), (300, 3000), (640, 400)], ids=str)
def test_it_shows_a_figure_of_any_shape(size):
    figure = saved(Image.new("RGB", size, "#16171a"), "PNG")
    assert ink(picture(figure=figure), (770, 300, 1200, 420)) == 430 * 120


@pytest.mark.parametrize("size", [(40, 30), (1, 2000), (2000, 1), (9000, 300)], ids=str)
def test_it_shows_its_beds_in_place_of_a_sliver_or_a_stamp(size):
    figure = saved(Image.new("RGB", size, "#16171a"), "PNG")
    assert picture(figure=figure).tobytes() == picture().tobytes()


def test_it_sets_a_transparent_drawing_on_white():
    drawing = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    assert picture(figure=saved(drawing, "PNG")).getpixel((1150, 600)) == (255, 255, 255)


def test_it_stays_light_whatever_the_picture():
    noise = Image.merge("RGB", [Image.effect_noise((1600, 1200), 90) for _ in "rgb"])
    made = card.drawn(WORDS, saved(noise, "PNG"))
    assert made.format == "jpeg"
    assert len(made.data) <= CARD_BYTES
    assert picture(figure=saved(photo(1600, 900), "JPEG")).size == CARD_SIZE


@pytest.mark.parametrize("title", ["Ü" * 200, "word " * 40, "x", "", "🚀🚀🚀", "a\u200bb\u202ec"])
def test_it_sets_a_title_of_any_length_within_its_column(title):
    made = picture(CardWords("Stratum", title), saved(diagram(640, 640), "PNG"))
    assert ink(made, (0, 40, 56, 630)) == 0
    assert ink(made, (590, 40, 618, 630)) == 0


@pytest.mark.parametrize("title", ["データ基盤の設計", "كيف بنينا المنصة", "Очереди", "Łódź"])
def test_it_leaves_out_a_title_it_has_no_letters_for(title):
    bare = picture(CardWords("Stratum", "", "Advanced (300)", 3))
    assert picture(CardWords("Stratum", title, "Advanced (300)", 3)).tobytes() == bare.tobytes()


def test_it_drops_pictographs_and_writes_out_compatibility_letters():
    assert card.drawable("Fast 🚀 ﬁles: H₂O\n", "serif") == "Fast files: H2O"
    assert card.drawable("e\u0301", "serif") == "é"


def test_it_names_as_many_authors_as_two_lines_hold():
    names = ("Ada Ferrant", "Bo Li", "Chidi Anagonye-Okonkwo", "Dorothea van der Meer")
    assert card.byline(names[:2], 520) == ["Ada Ferrant, Bo Li"]
    assert card.byline(names[:3], 380) == ["Ada Ferrant, Bo Li,", "Chidi Anagonye-Okonkwo"]
    assert card.byline(names, 380) == ["Ada Ferrant, Bo Li,", "Chidi Anagonye-Okonkwo +1"]
    assert card.byline(("林 太郎", "Bo Li"), 520) == ["Bo Li +1"]
    assert card.byline(("x" * 90,), 330) == ["x" * 90]


def test_it_colours_one_bed_for_each_level():
    def slate(beds: int) -> int:
        made = picture(
            CardWords("Stratum", "", "", beds), saved(Image.new("RGB", (900, 600), "white"), "PNG")
        )
        column = made.crop((70, 440, 71, 600)).convert("RGB")
        return sum(count for count, colour in column.getcolors() if colour != (251, 250, 247))

    assert slate(0) == 0
    assert slate(1) == slate(4) == 24


def test_it_refuses_what_is_no_picture():
    with pytest.raises(ImageRefused):
        draw_card(WORDS, b"not a picture")


def test_it_shows_the_part_of_a_picture_around_its_focus():
    wide = Image.new("RGB", (3000, 800), "#ffffff")
    wide.paste("#123456", (2400, 0, 3000, 800))

    def dark(focus):
        shown = opened(card.drawn(WORDS, saved(wide, "PNG"), focus).data).convert("RGB")
        return sum(count for count, colour in shown.getcolors(1 << 24) if colour == (18, 52, 86))

    assert dark((95, 50)) > dark(None) + 10_000
