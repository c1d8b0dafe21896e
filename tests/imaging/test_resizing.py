"""The renditions of a cleaned picture: which widths, which formats, and what each is worth."""

import pytest
from PIL import ImageChops

from blog.imaging import WIDTHS, ImageRefused, clean, renditions
from blog.imaging.resizing import widths_for, worthwhile
from blog.imaging.specs import Encoded

from .samples import diagram, opened, photo, saved


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((1600, 1000), [320, 480, 720, 1100, 1600]),
        ((320, 200), [320]),
        ((340, 200), [340]),
        ((100, 16_000), [100]),
        ((5000, 10), list(WIDTHS)),
        ((2200, 16_383), [320, 480, 720, 1100, 1440][:5]),
        ((1, 1), [1]),
    ],
)
def test_it_never_enlarges_and_always_has_the_natural_width(size, widths):
    assert widths_for(*size) == widths


def check(made: list[Encoded], width: int, height: int) -> None:
    """What holds for the renditions of any picture."""
    fallbacks = {one.width: one for one in made if one.format in {"png", "jpeg"}}
    assert set(fallbacks) == {one.width for one in made} == set(widths_for(width, height))
    for one in made:
        shown = opened(one.data)
        assert (shown.format.lower(), *shown.size) == (one.format, one.width, one.height)
        assert one.mime == f"image/{one.format}"
        assert len(one.data) <= len(fallbacks[one.width].data)
        assert abs(one.height - height * one.width / width) <= 1
        assert not shown.getexif() and "icc_profile" not in shown.info
    widest = {one.format for one in made if one.width == max(fallbacks)}
    assert {one.format for one in made} == widest
    assert made == sorted(made, key=lambda one: one.width)


def test_it_encodes_a_drawing_without_loss():
    drawing = diagram(700, 440, boxes=10)
    made = renditions(clean(saved(drawing, "PNG")).data, graphic=True)
    check(made, 700, 440)
    widest = {one.format: one for one in made if one.width == 700}
    assert widest["webp"].lossless and widest["png"].lossless
    for format_ in ("webp", "png"):
        assert ImageChops.difference(opened(widest[format_].data).convert("RGB"), drawing).getbbox() is None
    assert len(widest["webp"].data) < len(saved(drawing, "WEBP", quality=80)), "lossy would weigh more"


def test_it_encodes_a_photograph_small():
    made = renditions(clean(saved(photo(800, 500), "JPEG", quality=95)).data, graphic=False)
    check(made, 800, 500)
    assert {one.format for one in made} >= {"webp", "jpeg"}
    assert not any(one.lossless for one in made if one.width == 800)


def test_it_falls_back_to_png_where_a_photograph_is_transparent():
    seen = photo(200, 120).convert("RGBA")
    seen.putalpha(diagram(200, 120).convert("L"))
    made = renditions(clean(saved(seen, "PNG")).data, graphic=False)
    check(made, 200, 120)
    assert {"png", "webp"} <= {one.format for one in made}
    assert all(opened(one.data).mode in {"RGBA", "P"} for one in made)


@pytest.mark.parametrize("size", [(1, 1), (1500, 1), (1, 1500), (3, 2)])
@pytest.mark.parametrize("graphic", [True, False])
def test_it_serves_pictures_that_are_hardly_any(size, graphic):
    made = renditions(clean(saved(diagram(60, 60).resize(size), "PNG")).data, graphic=graphic)
    check(made, *size)
    assert all(one.height >= 1 for one in made)


def test_it_takes_the_first_frame_of_what_moves():
    frames = [diagram(40, 40, boxes) for boxes in (1, 5)]
    moving = clean(saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100))
    made = renditions(moving.data, graphic=True)
    check(made, 40, 40)
    still = opened(next(one.data for one in made if one.format == "png"))
    assert max(high for _, high in ImageChops.difference(still.convert("RGB"), frames[0]).getextrema()) < 70


def one(format_: str, width: int, size: int) -> Encoded:
    return Encoded(format_, "", "", width, 1, True, b"\0" * size)


def test_it_drops_a_format_that_stops_below_the_widest():
    """A browser that takes AVIF first looks at no other format's widths, and show sharp screens less."""
    made = [
        one("avif", 320, 5),
        one("webp", 320, 9),
        one("png", 320, 20),
        one("webp", 800, 30),
        one("png", 800, 50),
    ]
    assert {kept.format for kept in worthwhile(made)} == {"webp", "png"}


def test_it_drops_a_file_that_a_wider_one_of_its_format_undercuts():
    made = [one("webp", 320, 9), one("png", 320, 20), one("webp", 480, 40), one("png", 480, 60)]
    made += [one("webp", 800, 30), one("png", 800, 50)]
    kept = [(left.format, left.width) for left in worthwhile(made)]
    assert kept == [("webp", 320), ("png", 320), ("png", 480), ("webp", 800), ("png", 800)]


def test_it_says_so_when_the_stored_bytes_are_no_picture():
    with pytest.raises(ImageRefused):
        renditions(b"", graphic=True)
    with pytest.raises(ImageRefused):
        renditions(saved(photo(64, 64), "JPEG")[:300], graphic=False)
