"""What is left of an upload: upright sRGB pixels, and nothing else."""

import hashlib
import io
import struct

import pytest
from PIL import Image, ImageChops, ImageCms

from blog.imaging import ImageRefused, clean

from .samples import chunk, diagram, gps_exif, opened, photo, png, saved

SECRET = b"Serial-4711"


def largest_difference(one: Image.Image, other: Image.Image) -> int:
    difference = ImageChops.difference(one.convert("RGBA"), other.convert("RGBA"))
    return max(high for _, high in difference.getextrema())


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "AVIF", "GIF"])
def test_it_answers_with_what_the_contract_says(format_):
    content = saved(diagram(60, 40), format_)
    found = clean(content)
    assert (found.width, found.height, found.animated) == (60, 40, False)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.format == {"GIF": "png"}.get(format_, format_.lower())
    assert opened(found.data).format == found.format.upper()
    assert found.mime == f"image/{found.format}"
    assert found.suffix == {"jpeg": ".jpg"}.get(found.format, f".{found.format}")


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_it_removes_gps_xmp_text_and_comments(format_):
    options = {"exif": gps_exif(), "xmp": b"<x:xmpmeta>secret place</x:xmpmeta>", "comment": b"secret note"}
    content = saved(photo(32, 24), format_, **options)
    if format_ == "PNG":
        content = content[:33] + chunk(b"tEXt", b"Comment\0secret note") + content[33:]
    assert SECRET in content
    found = clean(content + b"<script>alert('secret')</script>")
    assert SECRET not in found.data
    assert b"secret" not in found.data
    left = opened(found.data)
    assert not left.getexif()
    assert not {"exif", "xmp", "comment", "icc_profile", "Comment", "dpi"} & set(left.info)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_it_applies_every_orientation(orientation, format_):
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste("red", (0, 0, 32, 16))
    stored = upright
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    if orientation in back:
        stored = upright.transpose(back[orientation])
    found = clean(saved(stored, format_, exif=gps_exif(orientation)))
    assert (found.width, found.height) == (64, 32)
    shown = opened(found.data).convert("RGB")
    for x, y in ((16, 8), (48, 8), (16, 24), (48, 24)):
        here, wanted = shown.getpixel((x, y)), upright.getpixel((x, y))
        assert all(abs(one - other) < 12 for one, other in zip(here, wanted, strict=True)), (x, y)


def test_it_survives_exif_made_to_confuse():
    for exif in (
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\0\x03" * 40,
        b"Exif\0\0II*\0\x08\0\0\0",
        b"Exif\0\0",
    ):
        assert clean(saved(photo(16, 16), "JPEG", exif=exif)).width == 16


def test_it_keeps_a_drawing_pixel_for_pixel():
    drawing = diagram(120, 80)
    for content in (saved(drawing, "PNG"), saved(drawing, "WEBP", lossless=True)):
        found = clean(content)
        assert largest_difference(opened(found.data), drawing) == 0
        assert found.graphic


def test_it_keeps_every_degree_of_transparency():
    drawing = diagram(64, 64).convert("RGBA")
    drawing.putalpha(Image.linear_gradient("L").resize((64, 64)).quantize(12).convert("L"))
    found = clean(saved(drawing, "PNG"))
    assert largest_difference(opened(found.data), drawing) == 0


def test_it_writes_no_alpha_channel_where_nothing_is_transparent():
    assert opened(clean(saved(photo(64, 64).convert("RGBA"), "PNG")).data).mode == "RGB"


def test_it_scales_sixteen_bits_instead_of_clipping_them():
    deep = Image.new("I;16", (3, 1))
    for at, value in enumerate((0, 32768, 65535)):
        deep.putpixel((at, 0), value)
    shown = opened(clean(saved(deep, "PNG")).data).convert("L")
    assert [shown.getpixel((at, 0)) for at in range(3)] == [0, 127, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA-like", "RGBA"])
def test_it_shows_every_mode_as_pillow_does(mode):
    drawing = diagram(40, 30)
    if mode == "PA-like":
        drawing = drawing.quantize(16)
        drawing.info["transparency"] = 0
    else:
        drawing = drawing.convert(mode)
    content = saved(drawing, "PNG")
    assert largest_difference(opened(clean(content).data), opened(content)) == 0


def test_it_turns_cmyk_into_screen_colours():
    printed = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    found = clean(saved(printed, "JPEG", quality=95))
    shown = opened(found.data)
    assert shown.mode == "RGB"
    red, green, blue = shown.getpixel((8, 8))
    assert red > 240 and green < 20 and blue < 20


def test_it_applies_a_colour_profile_and_drops_it():
    twisted = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The same profile with its red and green primaries exchanged: what it calls red is green.
    tags = {
        twisted[at : at + 4]: at for at in range(132, 132 + 12 * struct.unpack(">I", twisted[128:132])[0], 12)
    }
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    twisted = bytearray(twisted)
    twisted[red + 4 : red + 12], twisted[green + 4 : green + 12] = (
        bytes(twisted[green + 4 : green + 12]),
        bytes(twisted[red + 4 : red + 12]),
    )
    twisted = bytes(twisted).replace("sRGB".encode("utf-16-be"), "odd!".encode("utf-16-be"))
    found = clean(saved(Image.new("RGB", (16, 16), "red"), "PNG", icc_profile=twisted))
    shown = opened(found.data)
    assert "icc_profile" not in shown.info
    assert shown.convert("RGB").getpixel((3, 3))[1] > 240


def test_it_ignores_a_profile_that_is_none():
    found = clean(saved(diagram(16, 16), "JPEG", icc_profile=b"nonsense" * 40))
    assert found.width == 16


def test_it_tells_drawings_from_photographs():
    assert clean(saved(diagram(), "PNG")).graphic
    assert clean(saved(diagram(), "JPEG", quality=90)).graphic
    assert clean(saved(diagram(), "GIF")).graphic
    assert not clean(saved(photo(), "PNG")).graphic
    assert not clean(saved(photo(), "JPEG")).graphic
    assert not clean(saved(photo(), "WEBP")).graphic


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "AVIF"])
def test_it_keeps_an_animation_moving(format_):
    frames = [diagram(40, 40, boxes) for boxes in (1, 3, 5)]
    content = saved(
        frames[0], format_, save_all=True, append_images=frames[1:], duration=[200, 300, 400], loop=0
    )
    found = clean(content)
    assert found.animated and found.format == "webp" and found.suffix == ".webp"
    moving = Image.open(io.BytesIO(found.data))
    assert moving.n_frames == 3
    shown, wanted = Image.open(io.BytesIO(found.data)), Image.open(io.BytesIO(content))
    shown.seek(2), wanted.seek(2)
    assert largest_difference(shown, wanted) <= (0 if format_ in {"GIF", "PNG"} else 90)
    assert moving.info["loop"] == 0


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "AVIF", "GIF"])
def test_it_refuses_a_truncated_file(format_):
    content = saved(photo(64, 64), format_)
    for share in (0.3, 0.6, 0.9):
        with pytest.raises(ImageRefused):
            clean(content[: int(len(content) * share)])


def test_it_refuses_pixels_that_end_too_early_inside_a_sound_skeleton():
    with pytest.raises(ImageRefused, match="ends too early"):
        clean(png(width=64, height=64, rows=b"\0" * 100))
