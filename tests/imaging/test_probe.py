"""The skeleton of a file is read, and its claims refused, before any decoder sees it."""

import struct

import pytest

from blog.imaging import ImageRefused
from blog.imaging.probe import probe

from .samples import chunk, diagram, gif_of, photo, png, saved, zeros


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "AVIF", "GIF"])
def test_it_reads_the_size_as_the_encoder_wrote_it(format_):
    found = probe(saved(diagram(37, 21), format_))
    assert (found.format, found.width, found.height, found.frames) == (format_.lower(), 37, 21, 1)


def test_it_knows_whether_a_webp_is_lossless():
    assert probe(saved(diagram(), "WEBP", lossless=True)).lossless
    assert not probe(saved(diagram(), "WEBP")).lossless
    assert probe(saved(diagram().convert("RGBA"), "WEBP", lossless=True, exif=b"Exif\0\0x")).lossless


def test_it_counts_the_frames_of_animations():
    frames = [diagram(20, 20, boxes) for boxes in (1, 2, 3)]
    for format_ in ("GIF", "PNG", "WEBP"):
        found = probe(saved(frames[0], format_, save_all=True, append_images=frames[1:], duration=50))
        assert found.frames == 3, format_


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "GIF", "WEBP"])
def test_it_says_so_at_whatever_byte_the_file_ends(format_):
    content = saved(diagram(24, 16), format_)
    for end in range(12, len(content) - 1, 7):
        with pytest.raises(ImageRefused):
            probe(content[:end])


def test_it_leaves_text_and_trailing_bytes_out_of_what_is_decoded():
    page = b"<html><script>alert(1)</script>"
    noted = png(chunk(b"tEXt", b"Comment\0" + page), chunk(b"zTXt", b"Comment\0\0" + zeros(1))) + page
    assert b"script" not in probe(noted).data
    commented = saved(photo(16, 16), "JPEG", comment=page) + page
    assert page in commented
    assert b"script" not in probe(commented).data
    assert b"script" not in probe(saved(diagram(16, 16), "GIF") + page).data


def test_it_lets_a_drawing_kept_in_the_text_pass():
    assert probe(png(chunk(b"zTXt", b"mxfile\0\0" + zeros(8)))).width == 4


@pytest.mark.parametrize(
    "hidden",
    [
        chunk(b"zTXt", b"Comment\0\0" + zeros(64)),
        chunk(b"iTXt", b"Comment\0\1\0en\0Kommentar\0" + zeros(64)),
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + zeros(64)),
        chunk(b"zTXt", b"Comment\0\0" + zeros(10)) * 2,
        chunk(b"iCCP", b"profile\0\0" + zeros(64)),
    ],
    ids=["zTXt", "iTXt with language", "iTXt", "many small", "iCCP"],
)
def test_it_refuses_a_png_whose_text_is_a_bomb(hidden):
    with pytest.raises(ImageRefused, match="unpacks to more than|unreasonable size"):
        probe(png(hidden))


def claims(kind: str, width: int, height: int) -> bytes:
    """A small file of `kind` whose header claims `width` x `height`."""
    small = saved(diagram(16, 16), kind.split()[0], lossless=kind.endswith("lossless"))
    if kind == "PNG":
        return png(width=width, height=height, rows=b"")
    if kind == "JPEG":
        at = small.index(b"\xff\xc0") + 5
        return small[:at] + struct.pack(">HH", height, width) + small[at + 4 :]
    if kind == "GIF":
        at = small.index(b"\x2c" + struct.pack("<HHHH", 0, 0, 16, 16)) + 5
        return small[:at] + struct.pack("<HH", width, height) + small[at + 4 :]
    if kind == "AVIF":
        at = small.index(b"ispe") + 8
        return small[:at] + struct.pack(">II", width, height) + small[at + 8 :]
    if kind == "WEBP lossless":
        at = small.index(b"VP8L") + 9
        return small[:at] + struct.pack("<I", (width - 1) | (height - 1) << 14) + small[at + 4 :]
    at = small.index(b"\x9d\x01\x2a") + 3
    return small[:at] + struct.pack("<HH", width, height) + small[at + 4 :]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "AVIF", "WEBP", "WEBP lossless"])
def test_it_refuses_by_the_claimed_pixels_alone(kind):
    with pytest.raises(ImageRefused, match="16,000 × 16,000 pixels.* 50 million"):
        probe(claims(kind, 16_000, 16_000))


def test_it_refuses_sides_no_browser_format_holds_and_no_pixels_at_all():
    with pytest.raises(ImageRefused, match="neither side"):
        probe(claims("PNG", 20_000, 10))
    with pytest.raises(ImageRefused, match="no pixels"):
        probe(claims("PNG", 0, 10))
    with pytest.raises(ImageRefused, match="no pixels"):
        probe(claims("JPEG", 10, 0))


def test_it_counts_every_frame_of_an_animation_towards_the_pixels():
    with pytest.raises(ImageRefused, match="more than 600 frames"):
        probe(gif_of(601))
    with pytest.raises(ImageRefused, match="in 51 frames"):
        probe(gif_of(60, side=1000))


def test_it_refuses_a_jpeg_with_absurdly_many_scans():
    content = saved(photo(32, 32), "JPEG", progressive=True)
    scan = content.rindex(b"\xff\xda")
    with pytest.raises(ImageRefused, match="scans"):
        probe(content[:scan] + content[scan:-2] * 200 + b"\xff\xd9")


@pytest.mark.parametrize(
    "content", [b"GIF", b"%PDF-1.7", b"<html>", b"BM" + b"\0" * 64, b"\0" * 4096, b"II*\0" + b"\0" * 64]
)
def test_it_refuses_everything_else(content):
    with pytest.raises(ImageRefused, match="not a picture we accept"):
        probe(content)
