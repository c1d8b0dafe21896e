"""What a file name and the first bytes give away before anything is decoded."""

import pytest

from blog.imaging import ImageRefused, clean
from blog.imaging.names import check_bytes, check_name

from .samples import diagram, photo, saved


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.png", "a/b.png", "C:\\temp\\b.png", "..png", "a..b.png", "/abs.png"],
)
def test_it_refuses_a_path_in_the_name(name):
    with pytest.raises(ImageRefused, match="path"):
        check_name(name)


@pytest.mark.parametrize(
    "name", ["a\0.png", "a\n.png", "a\x1b[2J.png", "a\u202egnp.exe.png", "a\u2028.png", "a\ud800.png"]
)
def test_it_refuses_characters_that_cannot_be_seen(name):
    with pytest.raises(ImageRefused, match="invisible"):
        check_name(name)


@pytest.mark.parametrize(
    "name", ["diagram", ".png", "diagram.", "diagram.tiff", "diagram.png.exe", "x" * 300 + ".png"]
)
def test_it_refuses_a_name_that_is_no_pictures_name(name):
    with pytest.raises(ImageRefused):
        check_name(name)


@pytest.mark.parametrize(
    "name", ["", "Überblick 2 (neu).png", "架构.webp", "a.b.JPG", "x.jfif", "café.avif", "loop.gif"]
)
def test_it_accepts_ordinary_names_in_any_language(name):
    check_name(name)


def test_it_refuses_a_packed_svg_and_says_how_to_mend_it():
    with pytest.raises(ImageRefused, match="Unpack it"):
        clean(b"whatever", name="drawing.SVGZ")


@pytest.mark.parametrize(
    "text",
    [
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "\ufeff\n <?xml version='1.0'?><!DOCTYPE svg><!-- hello --><svg onload='alert(1)'>",
        "<s:svg xmlns:s='http://www.w3.org/2000/svg'/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_it_refuses_svg_by_content_under_another_name(text, encoding):
    with pytest.raises(ImageRefused, match="SVG"):
        clean(text.encode(encoding), name="drawing.png")


def test_it_refuses_an_empty_file_and_a_heavy_one():
    with pytest.raises(ImageRefused, match="empty"):
        check_bytes(b"")
    with pytest.raises(ImageRefused, match=r"20\.0 MB; the limit is 20 MB"):
        check_bytes(b"\x89PNG" * (5 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (saved(photo(16, 16), "JPEG"), "photo.png", "“.png” but what it holds is JPEG"),
        (saved(diagram(16, 16), "PNG"), "photo.jpg", "“.jpg” but what it holds is PNG"),
        (saved(diagram(16, 16), "GIF"), "loop.webp", "“.webp” but what it holds is GIF"),
        (saved(diagram(16, 16), "AVIF"), "x.jpeg", "“.jpeg” but what it holds is AVIF"),
    ],
)
def test_it_names_both_when_extension_and_content_disagree(content, name, said):
    with pytest.raises(ImageRefused) as refused:
        clean(content, name=name)
    assert said in str(refused.value)


def test_it_takes_jpg_and_jpeg_for_the_same():
    content = saved(photo(16, 16), "JPEG")
    assert clean(content, name="a.jpg").format == clean(content, name="a.JPEG").format == "jpeg"
