"""What is fuzzed. A target takes bytes and raises for whatever it must not do; no target asks a database."""

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import frontmatter
import yaml

from blog.imaging import MAX_PIXELS, ImageRefused, probe
from blog.markup import RenderRefused, render
from blog.markup.alternate import Surroundings, alternate
from blog.models.listing import BadCursor, Cursor
from blog.models.search import grammar
from tests.imaging import samples
from tests.markup import properties

TESTS = Path(__file__).resolve().parent.parent


def markup(data: bytes) -> None:
    """Any text is rendered, twice the same and with nothing in it that acts, or refused."""
    with contextlib.suppress(RenderRefused):
        properties.holds(data.decode("utf-8", "replace"))


def markdown(data: bytes) -> None:
    """The Markdown that a page is answered with renders to something too."""
    around = Surroundings(
        numbers={},
        draw=lambda key, number: [f"Figure {number}: {key}"],
        label=lambda number: f"Figure {number}",
        refer=lambda slug, figure: (f"/posts/{slug}/", slug),
        resolve=lambda address: address,
    )
    with contextlib.suppress(RenderRefused):
        render(alternate(data.decode("utf-8", "replace"), around))


def query(data: bytes) -> None:
    """What is typed is read, and what was read is read the same again."""
    read = grammar.parse(data.decode("utf-8", "replace"))
    if not read.cut:
        assert grammar.parse(read.text) == read, (read, read.text)


def cursor(data: bytes) -> None:
    """A cursor is refused, or is the one that its text says."""
    try:
        read = Cursor.parse(data.decode("utf-8", "replace"))
    except BadCursor:
        return
    assert Cursor.parse(str(read)) == read


def front_matter(data: bytes) -> None:
    """The head of a Markdown file is read or refused, and what a page's Markdown begins with is read as it was written."""
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(yaml.YAMLError, ValueError):
        frontmatter.loads(text)
    plain = re.sub("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]", "", text)
    written = {"title": plain, "tags": plain.split("\n"), "date": datetime(2026, 3, 1, tzinfo=UTC)}
    assert frontmatter.loads(frontmatter.dumps(frontmatter.Post("x", **written))).metadata == written


def picture(data: bytes) -> None:
    """The skeleton of any bytes is read within the limits, or refused."""
    try:
        found = probe.probe(data)
    except ImageRefused:
        return
    assert 0 < found.width * found.height <= MAX_PIXELS
    assert len(found.data) <= len(data) + 64


def texts() -> Iterator[bytes]:
    for folder, ending in (("cases", "md"), ("hostile", "txt")):
        for path in sorted((TESTS / "markup" / folder).glob(f"*.{ending}")):
            for part in path.read_text("utf-8").split("\n%%%\n"):
                yield part.encode()


def queries() -> Iterator[bytes]:
    yield from (
        b'queues -"dead letter" level:300 or retry',
        b"category:storage/evs from:2026-01",
        "“名前” tag:x".encode(),
    )


def cursors() -> Iterator[bytes]:
    yield from (b"1767258000000000-12", b"999999999999999999-1", b"-1")


def heads() -> Iterator[bytes]:
    yield from (b"---\ntitle: A\ntags: [a, b]\n---\nText\n", b"---\na: &x [*x]\n---\n", b"+++\na = 1\n+++\n")


def pictures() -> Iterator[bytes]:
    drawing = samples.diagram(32, 20, boxes=1)
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "AVIF"):
        yield samples.saved(drawing, kind)
    yield samples.png(samples.chunk(b"tEXt", b"Comment\0x"))


TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], Iterator[bytes]]]] = {
    "markup": (markup, texts),
    "markdown": (markdown, texts),
    "query": (query, queries),
    "cursor": (cursor, cursors),
    "front-matter": (front_matter, heads),
    "picture": (picture, pictures),
}
