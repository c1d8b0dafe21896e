"""Rules about the figures that a text places: they are there, they are described, and they fit a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models.figure import looks_like_a_file_name, plain

from .base import SMALLEST_WIDTH, Candidate, Judge, Say, Words, rule
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
    "unknown-figure", field="body", title=gettext_lazy("Figure that is not in the library"), severity=BLOCK,
    why=gettext_lazy("Readers would find a gap, and every later figure a wrong number."),
)  # fmt: skip
def unknown_figure(post: Candidate, known: Known) -> Iterator[Say]:
    for key in post.placed:
        if key not in known.figures:
            message = _("There is no figure “{key}” in the library; upload it, or correct the key.").format(
                key=key
            )
            yield Say(message, place(post, key), key)


def alt(key: str, figure: dict[str, Any]) -> str:
    if figure["decorative"] or figure["alt"].strip():
        return ""
    return _("Figure “{key}” has no alternative text. Say what it shows, or mark it as decorative.").format(
        key=key
    )


def alt_that_says_nothing(key: str, figure: dict[str, Any]) -> str:
    words = figure["alt"].strip()
    if not words:
        return ""
    if looks_like_a_file_name(words, figure["original_name"]):
        return _(
            "The alternative text of figure “{key}” is a file's name. Say what the picture shows instead."
        ).format(key=key)
    if plain(words) == plain(figure["caption"]):
        return _(
            "The alternative text of figure “{key}” repeats its caption, which is read out anyway. Say "
            "what there is to see."
        ).format(key=key)
    if len(words) > LONGEST_ALT:
        return _(
            "The alternative text of figure “{key}” has {number} characters, and nobody can pause it. "
            "Keep the gist, and move the rest into the long description."
        ).format(key=key, number=len(words))
    return ""


def caption(key: str, figure: dict[str, Any]) -> str:
    if figure["decorative"] or figure["caption"].strip():
        return ""
    return _(
        "Figure “{key}” has no caption; below it stands only its number. Say in a sentence what it "
        "is there for."
    ).format(key=key)


def small(key: str, figure: dict[str, Any]) -> str:
    if figure["width"] >= SMALLEST_WIDTH or figure["image"].endswith(".svg"):
        return ""  # a drawing is sharp at any size
    return _(
        "Figure “{key}” is {width} pixels wide and will look blurred. Replace its file by one of "
        "{smallest_width} pixels or more."
    ).format(key=key, width=figure["width"], smallest_width=SMALLEST_WIDTH)


def oversize(key: str, figure: dict[str, Any]) -> str:
    pixels = figure["width"] * figure["height"]
    if pixels > MOST_PIXELS:
        return _(
            "Figure “{key}” has {pixels} million pixels ({width} × {height}); no screen shows more than "
            "{most_pixels}. Replace its file by a smaller one."
        ).format(
            key=key,
            pixels=f"{pixels / 1000000:.0f}",
            width=number_format(figure["width"], force_grouping=True),
            height=number_format(figure["height"], force_grouping=True),
            most_pixels=MOST_PIXELS // 1000000,
        )
    if (size := weight(figure)) > MOST_BYTES:
        return _(
            "Figure “{key}” weighs {size} MB for a reader; take less than {most_bytes}. Replace its file "
            "by one that is smaller, or shorter if it moves."
        ).format(key=key, size=f"{size / 1000000:.1f}", most_bytes=MOST_BYTES // 1000000)
    return ""


def weight(figure: dict[str, Any]) -> int:
    """Bytes of the largest file that a browser would take. Moving pictures are shown as they were uploaded."""
    if figure["animated"]:
        try:
            return default_storage.size(figure["image"])
        except (OSError, NotImplementedError):
            return 0
    return figure["heaviest"] or 0


def unmade(key: str, figure: dict[str, Any]) -> str:
    if figure["rendered_at"]:
        return ""
    if figure["trouble"]:
        return _(
            "Figure “{key}” has no smaller versions: {trouble} Open it in the library to try again, to "
            "replace its file, or to show it as it is."
        ).format(key=key, trouble=figure["trouble"])
    return _(
        "The smaller versions of figure “{key}” are not made yet; until then readers load the full picture. See to it "
        "that a worker runs (manage.py db_worker)."
    ).format(key=key)


def being_made(figure: dict[str, Any], known: Known) -> bool:
    return not figure["rendered_at"] and not figure["trouble"] and known.working


SEEN = gettext_lazy("Who can't see the picture must learn what it says.")
LOOKS: list[tuple[str, Words, str, Words, Callable[[str, dict[str, Any]], str]]] = [
    ("alt", gettext_lazy("Alternative text"), BLOCK, SEEN, alt),
    ("alt-says-nothing", gettext_lazy("Alternative text that says nothing"), ADVISE, SEEN, alt_that_says_nothing),
    ("caption", gettext_lazy("Caption"), ADVISE, gettext_lazy("Readers who skim read captions first."), caption),
    ("small-figure", gettext_lazy("Figure too small"), ADVISE,
     gettext_lazy("Words in a blurred diagram can't be read."), small),
    ("oversize", gettext_lazy("Figure too large"), ADVISE,
     gettext_lazy("It costs readers on a phone time and money."), oversize),
]  # fmt: skip
for _code, _title, _severity, _why, _judge in LOOKS:
    rule(_code, field="body", title=_title, why=_why, severity=_severity)(each(_judge))


LARGEST = gettext_lazy("The first readers would load the largest file.")


@rule(
    "renditions-waiting",
    field="body",
    title=gettext_lazy("Smaller versions are being made"),
    why=LARGEST,
    severity=BLOCK,
)
def renditions_waiting(post: Candidate, known: Known) -> Iterator[Say]:
    """Only while a worker is there to make them: it passes by itself."""
    for key in post.placed:
        if (figure := known.figures.get(key)) and being_made(figure, known):
            message = _(
                "The smaller versions of figure “{key}” are just being made. Wait a moment, then publish again."
            )
            yield Say(message.format(key=key), place(post, key), key)


@rule(
    "renditions-missing",
    field="body",
    title=gettext_lazy("Smaller versions are missing"),
    why=LARGEST,
    severity=ADVISE,
)
def renditions_missing(post: Candidate, known: Known) -> Iterator[Say]:
    for key in post.placed:
        figure = known.figures.get(key)
        if figure and not being_made(figure, known) and (message := unmade(key, figure)):
            yield Say(message, place(post, key), key)


def drawn(code: str) -> Judge:
    """What keeps a diagram that is written in the text from being drawn."""

    def told(post: Candidate, known: Known) -> Iterator[Say]:
        for found, key, message, line in known.troubles(post):
            if found == code:
                yield Say(message, line, key)

    return told


DIAGRAMS: list[tuple[str, Words, str, Words]] = [
    ("diagram-key-taken", gettext_lazy("Key of a diagram"), BLOCK, gettext_lazy("A key names one picture.")),
    (
        "diagram-refused",
        gettext_lazy("Diagram with a mistake"),
        BLOCK,
        gettext_lazy("It would be shown as code."),
    ),
    (
        "diagram-late",
        gettext_lazy("Diagram that takes long"),
        ADVISE,
        gettext_lazy("It is shown as code until it is drawn."),
    ),
    (
        "diagram-not-drawn",
        gettext_lazy("Diagram without a renderer"),
        ADVISE,
        gettext_lazy("It is shown as code until it is drawn."),
    ),
]
for _code, _title, _severity, _why in DIAGRAMS:
    rule(_code, field="body", title=_title, why=_why, severity=_severity)(drawn(_code))
