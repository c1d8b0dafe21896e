"""What goes in, what comes out, and every limit in between."""

from dataclasses import dataclass
from typing import Any

from .sentences import say

MAX_BYTES = 20 * 1024 * 1024
"""Heaviest file accepted, in bytes."""

MAX_PIXELS = 50_000_000
"""Most pixels accepted: width x height of a still, width x height x frames of an animation."""

MAX_SIDE = 16_383
"""Longest side accepted, in pixels: the format limit of WebP (14 bits, RFC 9649 section 2.6)."""

MAX_FRAMES = 600
"""Most frames of an animation."""

CLEAN_SECONDS = 10
"""Wall-clock limit of `clean`; above ten seconds an editor believes the form has hung."""

RENDITION_SECONDS = 60
"""Wall-clock limit of `renditions`, which a worker waits for and nobody else."""

MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space of the child: 50 million RGBA pixels twice, an encoder's copy, and the libraries."""

MAX_REPLY_BYTES = 128 * 1024 * 1024
"""Most bytes read back from the child; more means it no longer does what we wrote."""

WIDTHS = (320, 480, 720, 1100, 1440, 2200)
"""Rendition widths, in pixels. Each has a place on the page that asks for exactly it:

320 is the card thumbnail (160 CSS px at 2x), or the wider one (320 px) at 1x; 480 is a small phone, or the
thumbnail at 3x; 720 is the article column at 1x, a phone at 2x, and the 320 px card at 2x; 1100 is a wide
figure at 1x and a phone at 3x; 1440 is the column at 2x; 2200 is the wide figure at 2x. Between neighbours
the pixels roughly double, so that a browser between two steps never fetches much more than twice what it
shows.
"""

MAX_RENDITION_PIXELS = 16_000_000
"""Larger renditions are not made: a very tall picture gets its narrower widths only."""

CARD_SIZE = (1200, 630)
"""Pixels of a social card: the shape that networks and messengers show uncropped (Open Graph's 1.91 : 1)."""

CARD_BYTES = 200_000
"""Heaviest social card; some messengers show none above 300 KB."""

CARD_SECONDS = 30
"""Wall-clock limit of `draw_card`, which a worker waits for."""

MIMES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "svg": "image/svg+xml",
}
"""Formats this room writes, and their media types. GIF is only read: stills become PNG, animations WebP."""

SUFFIXES = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "avif": ".avif", "svg": ".svg"}
"""The file name ending of each written format."""

LABELS = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP", "avif": "AVIF", "gif": "GIF", "svg": "SVG"}
"""Format names as editors know them."""


class ImageRefused(Exception):
    """The file cannot be used. `str(e)` is one or two sentences for the editor: what, why, how to mend it.

    `sentence` is its name in `sentences.SENTENCES`, `values` what is filled in.
    """

    def __init__(self, sentence: str, /, **values: str | int | float) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values

    def __str__(self) -> str:
        return say(self.sentence, self.values)

    def told(self) -> dict[str, Any]:
        """The head of the message that takes it from the child to its parent."""
        return {"refused": self.sentence, "values": self.values}


@dataclass(frozen=True)
class Cleaned:
    """An uploaded picture after a real decode: sRGB, 8 bits a channel, upright, without metadata.

    Attributes:
        data: the full-size picture, encoded again.
        format: "png", "jpeg", "webp", "avif" or "svg": that of the upload, but a still GIF is PNG and every
            animation WebP.
        mime: media type of `data`.
        suffix: file name ending with its dot.
        width, height: pixels, after the orientation was applied.
        animated: `data` moves.
        graphic: few colours or flat areas (a diagram, a screenshot), which lossless coding suits; photographs
            are not.
        sha256: hex digest of the uploaded bytes, not of `data`.
        look: 64 bits, as a signed number, that pictures which look alike nearly share; None for what has too
            little in it to be compared. See `nature.look`.
    """

    data: bytes
    format: str
    mime: str
    suffix: str
    width: int
    height: int
    animated: bool
    graphic: bool
    sha256: str
    look: int | None = None


@dataclass(frozen=True)
class Encoded:
    """One rendition: `width` x `height` pixels as `format` ("avif", "webp", "png" or "jpeg").

    `lossless` says that the bytes decode to exactly the pixels that were put in.
    """

    format: str
    mime: str
    suffix: str
    width: int
    height: int
    lossless: bool
    data: bytes


@dataclass(frozen=True)
class CardWords:
    """What a social card says.

    Attributes:
        site: the publication's name.
        title: the post's, plain text.
        level: the level as readers see it; "" for none.
        beds: how many of the four beds of the level's mark are in colour, 0 for no mark.
        authors: names in the order of the byline.
    """

    site: str
    title: str
    level: str = ""
    beds: int = 0
    authors: tuple[str, ...] = ()
