"""From pixels to bytes, one function per format. Nothing here writes metadata. Runs in the child only."""

import io
from array import array
from typing import Any, cast

from PIL import Image

EXACT_PALETTE_PIXELS = 8_000_000
"""Above this a palette is not tried: mapping pixels one by one would take seconds."""

PROGRESSIVE_PIXELS = 16_000_000


def written(image: Image.Image, format_: str, **options: Any) -> bytes:
    """`image` as bytes of `format_`, Pillow's options passed on."""
    out = io.BytesIO()
    image.save(out, format=format_, **options)
    return out.getvalue()


def png(image: Image.Image) -> bytes:
    """Lossless PNG, with a palette where at most 256 colours make it exact. Large pictures are packed less
    hard."""
    small = image.width * image.height <= EXACT_PALETTE_PIXELS
    if not small:
        return written(image, "PNG", compress_level=3)
    indexed, transparency = exact_palette(image)
    if indexed is None:
        return written(image, "PNG", optimize=True)
    options = {"transparency": transparency} if transparency else {}
    return written(indexed, "PNG", optimize=True, **options)


def exact_palette(image: Image.Image) -> tuple[Image.Image | None, bytes]:
    """`image` as "P" with exactly its own colours, and the alpha of each entry; None where it has more than
    256.

    Pillow's quantisers approximate even when the colours would fit, so that the table is made here.
    """
    colours = image.getcolors(16 if image.mode == "L" else 256)
    if colours is None:
        return None, b""
    full = image.convert("RGBA")
    # Transparent entries first: tRNS ends with the last one that is not opaque (PNG 3rd edition, 11.3.1.1).
    found = cast("list[tuple[int, tuple[int, int, int, int]]]", full.getcolors(256))
    entries = sorted((colour for _, colour in found), key=lambda colour: (colour[3], colour))
    # One word a pixel, in whatever byte order this machine has: both sides of the table are made the same
    # way.
    words = array("I", full.tobytes())
    keys = array("I", b"".join(bytes(colour) for colour in entries))
    table = {key: index for index, key in enumerate(keys)}
    indexed = Image.frombytes("P", image.size, bytes(map(table.__getitem__, words)))
    indexed.putpalette(b"".join(bytes(colour[:3]) for colour in entries))
    alpha = bytes(colour[3] for colour in entries if colour[3] < 255)
    return indexed, alpha


def jpeg(image: Image.Image, **options: Any) -> bytes:
    """JPEG with Pillow's `options`; progressive, but for large pictures, whose coefficients would fill the memory."""
    small = image.width * image.height <= PROGRESSIVE_PIXELS
    return written(image, "JPEG", **options, optimize=small, progressive=small)


def webp(image: Image.Image, *, lossless: bool, quality: int = 80, method: int = 4) -> bytes:
    """WebP. Lossless drops the colour under wholly transparent pixels; lossy is always 4:2:0."""
    return written(image, "WEBP", lossless=lossless, quality=quality, method=method)


def webp_animation(frames: list[Image.Image], durations: list[int], times: int, *, lossless: bool) -> bytes:
    """An animated WebP; `durations` in milliseconds, `times` it plays (0: for ever)."""
    return written(
        frames[0],
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=times,
        background=(0, 0, 0, 0),
        lossless=lossless,
        quality=20 if lossless else 85,
        method=1,
    )


def avif(image: Image.Image, *, quality: int, subsampling: str) -> bytes:
    """AVIF at speed 8: half a second slower settings save about 5 % of bytes."""
    return written(image, "AVIF", quality=quality, subsampling=subsampling, speed=8, max_threads=1)
