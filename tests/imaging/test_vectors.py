"""SVG uploads. `hostile_svg/` grows with every trick ever found: each file is refused with a sentence, or nothing is left
in it that acts or leads out of the drawing."""

import base64
import re
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from blog import imaging
from blog.imaging import ImageRefused, cleaning, vector_child, vectors
from tests import make

pytestmark = pytest.mark.skipif(not vectors.accepted(), reason="no sanitiser of SVG is installed")

painted = pytest.mark.skipif(not vectors.drawable(), reason="nothing that draws SVG is installed")

HOSTILE = sorted((Path(__file__).parent / "hostile_svg").iterdir())
NAMES = re.compile(r'\sxmlns(:xlink)?="http://www\.w3\.org/[^"]*"')
PICTURE = re.compile(r'"data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/=]+"')
ACTS = re.compile(
    r"evil\.test|<!|<\?|//|</?script|foreignobject|javascript:|data:|@import|expression|-moz-binding|\\|ns0|root:x"
    r"|\son[a-z]+\s*=|url\((?!#)|href=\"(?!#)|<(?:\w+:)?(?:set|animate\w*|feImage|iframe|object|embed|audio|video|handler)\b",
    re.IGNORECASE,
)


def drawing(inner: str = "", **attributes: str) -> bytes:
    size = attributes or {"width": "40", "height": "30"}
    told = " ".join(f'{name}="{value}"' for name, value in size.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg" {told}>{inner}</svg>'.encode()


def kept(inner: str) -> str:
    return NAMES.sub("", vector_child.cleaned(drawing(inner)).data.decode())


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.stem)
def test_it_leaves_nothing_in_a_drawing_that_acts_or_leads_out(file):
    began = time.process_time()
    try:
        taken = cleaning.cleaned(file.read_bytes(), file.name)
    except ImageRefused as refusal:
        assert str(refusal)
    else:
        text = NAMES.sub("", taken.data.decode("utf-8"))
        assert not ACTS.search(PICTURE.sub("", text)), text
        assert [one.get("id") for one in ET.fromstring(taken.data)][0] == "ok"
        assert max(taken.width, taken.height) == 40
    assert time.process_time() - began < 3


def test_the_hostile_folder_is_a_crowd():
    assert len(HOSTILE) >= 90


@pytest.mark.parametrize("name", ["billion-laughs", "deep", "use-laughs", "image-bomb", "script", "utf16"])
def test_it_survives_them_through_the_front_door(name):
    file = next(one for one in HOSTILE if one.stem == name)
    try:
        assert imaging.clean(file.read_bytes(), name=file.name).format == "svg"
    except ImageRefused as refusal:
        assert "broke" not in str(refusal)


def test_it_refuses_more_parts_than_a_browser_should_draw():
    with pytest.raises(ImageRefused, match="50,000 parts"):
        vector_child.cleaned(drawing("<g/>" * 50_001))
    with pytest.raises(ImageRefused, match="repeats"):
        inner = "".join(
            f'<pattern id="p{n}"><rect class="c{n}"/><rect class="c{n}"/></pattern><style>.c{n}{{fill:url(#p{n + 1})}}</style>'
            for n in range(20)
        )
        vector_child.cleaned(drawing(inner))


def test_it_refuses_what_is_too_heavy():
    with pytest.raises(ImageRefused, match="4 MB"):
        vector_child.cleaned(drawing("<desc>" + "x" * vectors.MAX_BYTES + "</desc>"))


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ({"width": "300", "height": "200"}, (300, 200)),
        ({"viewBox": "0 0 640 480"}, (640, 480)),
        ({"viewBox": "0 0 640 480", "width": "100%", "height": "100%"}, (640, 480)),
        ({"viewBox": "0 0 640 480", "width": "320px"}, (320, 240)),
        ({"viewBox": "0 0 640 480", "height": "2.5in"}, (320, 240)),
        ({"width": "210mm", "height": "29.7cm"}, (794, 1123)),
        ({"width": "72pt", "height": "6pc", "viewBox": "0,0,9,9"}, (96, 96)),
        ({"width": "0.2", "height": "0.1"}, (1, 1)),
    ],
)
def test_it_measures_a_drawing_in_pixels_and_writes_the_size_on_it(attributes, size):
    taken = vector_child.cleaned(drawing(**attributes))
    assert (taken.width, taken.height) == size
    root = ET.fromstring(taken.data)
    assert root.get("viewBox")
    assert float(root.get("width")) == pytest.approx(size[0], abs=1)


def test_it_keeps_what_a_drawing_is_made_of():
    inner = (
        "<style>.a{fill:url(#g)} @media (prefers-color-scheme: dark){.a{fill:#fff}}</style>"
        '<defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient>'
        '<marker id="m"><path d="M0 0L4 4"/></marker></defs>'
        '<title>A way</title><path class="a" d="M0 0h9" marker-end="url(#m)" transform="scale(2)"/>'
        '<use href="#m"/><text x="1" y="9">Pay <tspan font-weight="bold">in</tspan><tspan>voice</tspan>, 払う</text>'
    )
    text = kept(inner)
    for part in (
        ".a{fill:url(#g)}", "prefers-color-scheme", 'marker-end="url(#m)"', 'transform="scale(2)"', 'href="#m"',
        'Pay <tspan font-weight="bold">in</tspan><tspan>voice</tspan>, 払う', "<title>A way</title>", 'stop-color="red"',
    ):  # fmt: skip
        assert part in text, text


def test_it_encodes_a_picture_within_a_drawing_anew():
    given = make.png(60, 40) + b"where it was taken"
    text = kept(
        f'<image width="60" height="40" href="data:image/png;base64,{base64.b64encode(given).decode()}"/>'
    )
    (inside,) = re.findall(r"base64,([^\"]+)", text)
    assert base64.b64decode(inside).startswith(b"\x89PNG")
    assert b"where it was taken" not in base64.b64decode(inside)


def test_it_refuses_a_drawing_under_another_name_and_another_picture_under_its():
    with pytest.raises(ImageRefused, match=r"named “\.png” but what it holds is SVG"):
        cleaning.cleaned(drawing(), "drawing.png")
    with pytest.raises(ImageRefused, match=r"named “\.svg” but what it holds is PNG"):
        cleaning.cleaned(make.png(), "drawing.svg")


def test_it_gives_the_same_bytes_for_the_same_file_and_for_its_own():
    once = vector_child.cleaned(
        drawing('<g fill="red"><rect width="4" height="4"/></g><text y="9">a <tspan>b</tspan></text>')
    )
    assert vector_child.cleaned(once.data).data == once.data


@painted
def test_it_makes_sharp_pictures_of_a_small_drawing():
    taken = imaging.clean(
        drawing('<rect width="20" height="30" fill="#b4532a"/><text x="2" y="20" font-size="9">Bus</text>'),
        name="a.svg",
    )
    assert (taken.width, taken.height, taken.graphic, taken.animated) == (40, 30, True, False)
    made = imaging.renditions(taken.data, graphic=True)
    assert {(one.width, one.height) for one in made} >= {(320, 240), (1440, 1080)}
    assert {"png", "webp"} <= {one.format for one in made}
    assert imaging.draw_card(imaging.CardWords(site="S", title="T"), taken.data).width == 1200


@painted
def test_it_knows_what_a_drawing_looks_like():
    fields = "".join(
        f'<rect x="{x * 5}" y="{y * 4}" width="5" height="4" fill="rgb({(x * 97 + y * 61) % 256},0,0)"/>'
        for x in range(8) for y in range(8)
    )  # fmt: skip
    small, large = (
        vector_child.cleaned(drawing(fields, viewBox="0 0 40 30", width=w)) for w in ("40", "400")
    )
    assert small.look is not None
    assert (small.look ^ large.look).bit_count() <= 3


def test_it_makes_no_pictures_where_nothing_draws(monkeypatch):
    from blog.imaging import resizing

    monkeypatch.setattr(resizing, "drawable", lambda: False)
    assert resizing.encoded(drawing(), graphic=True) == []


def test_it_says_so_where_nothing_cleans(monkeypatch):
    from blog.imaging import names

    monkeypatch.setattr(names, "accepted", lambda: False)
    for name in ("a.svg", "a.png"):
        with pytest.raises(ImageRefused, match="SVG files are not accepted here.*PNG"):
            imaging.clean(drawing(), name=name)
