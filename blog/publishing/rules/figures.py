"""Rules about the figures that a text places: they are there, they are described, and they fit a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.storage import default_storage

from blog.models.figure import looks_like_a_file_name, plain

from .base import SMALLEST_WIDTH, Candidate, Judge, Say, rule
from .known import Known
from .severity import ADVISE, BLOCK

MOST_PIXELS = 40_000_000  # a screen of 8K has 33 million
MOST_BYTES = 2_000_000  # of the one file that a reader's browser takes: four seconds on a slow phone
LONGEST_ALT = 300  # characters: read out in one breath, without a way to pause


def place(post: Candidate, key: str) -> int | None:
    return post.line_of(f"](figure:{key})")


def each(judge: Callable[[str, dict[str, Any]], str]) -> Judge:
    """A rule that says a sentence of a figure in the library, or nothing."""

    def told(post: Candidate, known: Known) -> Iterator[Say]:
        for key in post.placed:
            if (figure := known.figures.get(key)) and (message := judge(key, figure)):
                yield Say(message, place(post, key), key)

    return told


@rule(
    "unknown-figure", field="body", title="Figure that is not in the library", severity=BLOCK,
    why="Readers would find a gap, and every later figure a wrong number.",
)  # fmt: skip
def unknown_figure(post: Candidate, known: Known) -> Iterator[Say]:
    for key in post.placed:
        if key not in known.figures:
            message = f"There is no figure “{key}” in the library; upload it, or correct the key."
            yield Say(message, place(post, key), key)


def alt(key: str, figure: dict[str, Any]) -> str:
    if figure["decorative"] or figure["alt"].strip():
        return ""
    return f"Figure “{key}” has no alternative text. Say what it shows, or mark it as decorative."


def alt_that_says_nothing(key: str, figure: dict[str, Any]) -> str:
    words = figure["alt"].strip()
    if not words:
        return ""
    if looks_like_a_file_name(words, figure["original_name"]):
        return f"The alternative text of figure “{key}” is a file's name. Say what the picture shows instead."
    if plain(words) == plain(figure["caption"]):
        return (
            f"The alternative text of figure “{key}” repeats its caption, which is read out anyway. Say what there is "
            "to see."
        )
    if len(words) > LONGEST_ALT:
        return (
            f"The alternative text of figure “{key}” has {len(words)} characters, and nobody can pause it. Keep the "
            "gist, and move the rest into the long description."
        )
    return ""


def caption(key: str, figure: dict[str, Any]) -> str:
    if figure["decorative"] or figure["caption"].strip():
        return ""
    return f"Figure “{key}” has no caption; below it stands only its number. Say in a sentence what it is there for."


def small(key: str, figure: dict[str, Any]) -> str:
    if figure["width"] >= SMALLEST_WIDTH or figure["image"].endswith(".svg"):
        return ""  # a drawing is sharp at any size
    return (
        f"Figure “{key}” is {figure['width']} pixels wide and will look blurred. Replace its file by one of "
        f"{SMALLEST_WIDTH} pixels or more."
    )


def oversize(key: str, figure: dict[str, Any]) -> str:
    pixels = figure["width"] * figure["height"]
    if pixels > MOST_PIXELS:
        return (
            f"Figure “{key}” has {pixels / 1_000_000:.0f} million pixels ({figure['width']:,} × {figure['height']:,}); "
            f"no screen shows more than {MOST_PIXELS // 1_000_000}. Replace its file by a smaller one."
        )
    if (size := weight(figure)) > MOST_BYTES:
        return (
            f"Figure “{key}” weighs {size / 1_000_000:.1f} MB for a reader; take less than "
            f"{MOST_BYTES // 1_000_000}. Replace its file by one that is smaller, or shorter if it moves."
        )
    return ""


def weight(figure: dict[str, Any]) -> int:
    """Bytes of the largest file that a browser would take. Moving pictures are shown as they were uploaded."""
    if figure["animated"]:
        try:
            return default_storage.size(figure["image"])
        except (OSError, NotImplementedError):
            return 0
    return figure["heaviest"] or 0


def waiting(key: str, figure: dict[str, Any]) -> str:
    if figure["rendered_at"]:
        return ""
    if figure["trouble"]:
        return (
            f"Figure “{key}” has no smaller versions: {figure['trouble']} Open it in the library to try again, to "
            "replace its file, or to show it as it is."
        )
    return (
        f"The smaller versions of figure “{key}” are still being made; until then readers load the full picture. Wait "
        "a moment, or see to it that a worker runs (manage.py db_worker)."
    )


SEEN = "Who can't see the picture must learn what it says."
LOOKS: list[tuple[str, str, str, str, Callable[[str, dict[str, Any]], str]]] = [
    ("alt", "Alternative text", BLOCK, SEEN, alt),
    ("alt-says-nothing", "Alternative text that says nothing", ADVISE, SEEN, alt_that_says_nothing),
    ("caption", "Caption", ADVISE, "Readers who skim read captions first.", caption),
    ("small-figure", "Figure too small", ADVISE, "Words in a blurred diagram can't be read.", small),
    ("oversize", "Figure too large", ADVISE, "It costs readers on a phone time and money.", oversize),
    ("renditions-waiting", "Smaller versions", ADVISE, "The first readers would load the largest file.", waiting),
]  # fmt: skip
for _code, _title, _severity, _why, _judge in LOOKS:
    rule(_code, field="body", title=_title, why=_why, severity=_severity)(each(_judge))


def drawn(code: str) -> Judge:
    """What keeps a diagram that is written in the text from being drawn."""

    def told(post: Candidate, known: Known) -> Iterator[Say]:
        for found, key, message, line in known.troubles(post):
            if found == code:
                yield Say(message, line, key)

    return told


DIAGRAMS = [
    ("diagram-key-taken", "Key of a diagram", BLOCK, "A key names one picture."),
    ("diagram-refused", "Diagram with a mistake", BLOCK, "It would be shown as code."),
    ("diagram-late", "Diagram that takes long", ADVISE, "It is shown as code until it is drawn."),
    ("diagram-not-drawn", "Diagram without a renderer", ADVISE, "It is shown as code until it is drawn."),
]
for _code, _title, _severity, _why in DIAGRAMS:
    rule(_code, field="body", title=_title, why=_why, severity=_severity)(drawn(_code))
