"""The demo edition's diagrams: every figure is drawn, tidy, readable, and described in words."""

import io
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import pytest
from PIL import Image

from blog.transfer.demo import diagrams
from blog.transfer.demo.diagrams import DRAWINGS, PICTURES
from blog.transfer.demo.diagrams.ai_gateway import CAPACITY, COST, REFILL, replay, requests
from blog.transfer.demo.drawing import CONTROL, QUIET, Point, Rect, Sheet, faults
from blog.transfer.demo.drawing.fonts import has_glyph
from blog.transfer.demo.drawing.geometry import crosses, route

TOML = Path(diagrams.__file__).parent.parent / "figures.toml"
WORDS = {k: v for k, v in tomllib.loads(TOML.read_text()).items() if isinstance(v, dict)}
SHARED = {k: v for k, v in tomllib.loads(TOML.read_text()).items() if not isinstance(v, dict)}
# The two captions that the demo edition must carry word for word.
EXACT = {
    "evs-inspection": "Secure Amazon EVS with AWS Network Firewall using centralized inspection architecture",
    "protein-vector-search": "AWS architecture showing protein vector processing workflow with ECR, Lambda, and LanceDB",
}


@dataclass(frozen=True)
class Drawn:
    """One figure drawn once; its large image is dropped, since all of them together fill a gigabyte."""

    faults: list[str]
    words: set[str]
    pixels: int
    png: bytes


def drawn_once(sheet: Sheet) -> Drawn:
    words = {words.text for words in sheet.record.words}
    return Drawn(faults(sheet), words, crc32(sheet.image.tobytes()), sheet.png())


@pytest.fixture(scope="session")
def figures() -> dict[str, Drawn]:
    """Every figure, drawn once."""
    return {key: drawn_once(picture()) for key, picture in PICTURES.items()}


def test_it_draws_every_described_figure_and_describes_every_drawn_one():
    assert set(WORDS) == set(DRAWINGS) == set(PICTURES)


@pytest.mark.parametrize("key", sorted(PICTURES))
def test_it_draws_without_overlaps_small_words_faint_words_or_missing_glyphs(key, figures):
    assert figures[key].faults == []


@pytest.mark.parametrize("key", sorted(PICTURES))
def test_it_makes_a_png_wide_enough_to_zoom_into(key, figures):
    with Image.open(io.BytesIO(figures[key].png)) as image:
        image.load()
        assert (image.format, image.mode) == ("PNG", "RGB")
        assert image.width >= 1200
        assert 1.2 <= image.width / image.height <= 2.2


def test_it_gives_the_same_bytes_when_asked_twice(figures):
    assert DRAWINGS["agent-retry-budget"]() == figures["agent-retry-budget"].png


def test_it_draws_the_same_pixels_in_another_process(figures):
    program = (
        "from zlib import crc32; from blog.transfer.demo.diagrams import PICTURES;"
        "[print(key, crc32(picture().image.tobytes())) for key, picture in PICTURES.items()]"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=TOML.parents[3],
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    again = dict(line.split() for line in done.stdout.splitlines())
    assert again == {key: str(figure.pixels) for key, figure in figures.items()}


@pytest.mark.parametrize("key", sorted(WORDS))
def test_it_says_in_words_what_each_figure_shows(key):
    words = WORDS[key]
    assert set(words) == {"caption", "alt", "long_description"}
    caption, alt, long = words["caption"], words["alt"], words["long_description"]
    assert "\n" not in caption + alt + long
    assert not caption.endswith((".", ":")) and not caption.startswith("Figure")
    assert (
        alt.endswith(".")
        and alt != caption
        and not alt.lower().startswith(("image", "picture", "diagram of"))
    )
    assert 60 <= len(long.split()) <= 140, len(long.split())


def test_it_names_credit_and_licence_once_for_all_figures():
    assert SHARED == {"credit": "Stratum demo edition", "licence": "CC BY 4.0"}


@pytest.mark.parametrize("key", sorted(EXACT))
def test_it_keeps_the_captions_that_are_given(key):
    assert WORDS[key]["caption"] == EXACT[key]


def test_it_replays_a_bucket_that_never_overflows_and_never_goes_below_zero():
    points, refused = replay()
    assert all(0 <= tokens <= CAPACITY for _, tokens in points)
    assert [second for second, _ in points] == sorted(second for second, _ in points)
    served = len(requests()) - len(refused)
    assert points[-1][1] <= CAPACITY + REFILL * points[-1][0] - COST * served
    assert (served, len(refused)) == (8, 8), "the long description names these numbers"


def test_it_counts_the_vectors_that_the_description_names(figures):
    assert "58 of 320 distances" in figures["vector-index-partitions"].words
    assert "58 of 320" in WORDS["vector-index-partitions"]["long_description"]


def test_it_knows_which_characters_the_fonts_lack():
    assert has_glyph("regular", "×") and has_glyph("bold", "’") and has_glyph("mono", "A")
    assert not has_glyph("regular", "→")
    assert not has_glyph("regular", "漢")


def test_it_refuses_words_that_do_not_fit_their_box():
    with pytest.raises(ValueError, match="needs a box"):
        Sheet(1600, 900).box(40, 40, 120, 60, "A title that is far too long")


@pytest.mark.parametrize(
    ("mishap", "sentence"),
    [
        (lambda s: s.text(700, 100, "far too long to fit before the edge"), "leaves the page"),
        (lambda s: s.text(100, 100, "tiny", size=8), "too small"),
        (lambda s: s.text(100, 100, "faint", colour="#c9c5bb"), "too little contrast"),
        (lambda s: s.text(100, 100, "to → there"), "no glyph"),
        (lambda s: (s.text(100, 100, "one"), s.text(110, 104, "two")), "overlap"),
        (lambda s: (s.box(100, 100, 200, 90, "A"), s.text(280, 150, "over the edge")), "edge of a box"),
        (lambda s: (s.box(100, 100, 200, 90, "A"), s.box(290, 100, 200, 90, "B")), "overlap"),
        (lambda s: (s.group(100, 100, 300, 200), s.box(350, 150, 200, 90, "B")), "touches the frame"),
        (
            lambda s: (s.wire([Point(50, 95), Point(400, 95)], QUIET), s.text(100, 100, "struck")),
            "touches the wire",
        ),
        (
            lambda s: (s.box(100, 100, 200, 90, "A"), s.wire([Point(50, 120), Point(400, 120)], QUIET)),
            "runs through the box",
        ),
        (
            lambda s: (
                s.wire([Point(50, 100), Point(400, 300)], QUIET),
                s.wire([Point(50, 300), Point(400, 100)], CONTROL),
            ),
            "crossings of wires",
        ),
    ],
)
def test_it_finds_what_a_reader_would_stumble_over(mishap, sentence):
    sheet = Sheet(800, 500)
    mishap(sheet)
    assert any(sentence in fault for fault in faults(sheet)), faults(sheet)


def test_it_finds_nothing_wrong_with_a_tidy_sheet():
    sheet = Sheet(800, 500)
    one, other = sheet.box(40, 40, 200, 90, "A"), sheet.box(400, 240, 200, 90, "B")
    sheet.arrow(one.right(), other.top(), label="calls")
    assert faults(sheet) == []


def test_it_routes_from_edge_to_edge_with_right_angles():
    one, other = Rect(0, 0, 100, 50), Rect(300, 200, 100, 50)
    way = route(one.right(), other.left())
    assert (way[0], way[-1]) == ((100, 25), (300, 225))
    assert all(a.x == b.x or a.y == b.y for a, b in zip(way, way[1:], strict=False))
    assert len(route(one.right(), other.top())) == 3
    assert route(one.right(), other.right())[1].x == 440, "around the outside"


def test_it_tells_crossing_segments_from_touching_ones():
    assert crosses(Point(0, 0), Point(2, 2), Point(0, 2), Point(2, 0))
    assert not crosses(Point(0, 0), Point(2, 2), Point(2, 2), Point(4, 0))
