"""One upload, decoded for real and encoded again. Runs in the child only; `isolation.clean` is the door."""

import hashlib
from typing import Any

from PIL import Image, JpegImagePlugin

from . import decode, encode, nature
from .names import check_agreement
from .probe import Probe, probe
from .specs import MIMES, SUFFIXES, Cleaned, ImageRefused
from .vectors import is_svg

MAX_WRITTEN = 64 * 1024 * 1024
"""Heaviest file that a picture may become, in bytes."""

LARGE = 12_000_000
"""Above this many pixels WebP and AVIF take too long to write while an editor waits: JPEG or PNG stand in."""


def cleaned(data: bytes, name: str) -> Cleaned:
    """Decode `data` and encode it again without anything but its pixels.

    Raises:
        ImageRefused: whatever is wrong with it, in a sentence for the editor.
    """
    if is_svg(data):
        from . import vector_child

        check_agreement(name, "svg")
        return vector_child.cleaned(data)
    found = probe(data)
    check_agreement(name, found.format)
    image = decode.open_(found)
    frames = decode.frame_count(image) if found.format == "avif" else found.frames
    digest = hashlib.sha256(data).hexdigest()
    if frames > 1:
        return animation(image, found, digest)
    decode.load(image, found.format)
    pixels = decode.upright(image, decode.plain(image))
    again = quantisation(image, turned=pixels.size != image.size) if found.format == "jpeg" else {}
    # At 50 megapixels a second copy is what the encoder would lack.
    del image
    format_, written = still(pixels, found, again)
    return result(written, format_, pixels, animated=False, digest=digest)


def still(pixels: Image.Image, found: Probe, again: dict[str, Any]) -> tuple[str, bytes]:
    """The full-size picture in the format it came in, or in the nearest one that can be written in time."""
    opaque = pixels.mode != "RGBA"
    lossy = found.format == "avif" or (found.format == "webp" and not found.lossless)
    if found.format == "jpeg":
        return "jpeg", encode.jpeg(pixels, **again)
    if found.format in {"png", "gif"}:
        return "png", encode.png(pixels)
    if pixels.width * pixels.height > LARGE:
        return (
            ("jpeg", encode.jpeg(pixels, quality=92, subsampling=0))
            if lossy and opaque
            else ("png", encode.png(pixels))
        )
    if found.format == "avif":
        return "avif", encode.avif(pixels, quality=90, subsampling="4:4:4")
    return "webp", encode.webp(pixels, lossless=found.lossless, quality=50 if found.lossless else 92)


def quantisation(image: Image.Image, *, turned: bool) -> dict[str, Any]:
    """The quantisation of a JPEG as options for writing it again, which loses next to nothing a second time."""
    tables = getattr(image, "quantization", None)
    if image.mode not in {"L", "RGB"} or not tables:
        return {"quality": 95, "subsampling": 0}
    sampling = JpegImagePlugin.get_sampling(image)
    if image.mode == "L" or len(tables) > 2:
        tables = {0: tables[min(tables)]}
    # 4:2:2 halves one direction only, which a quarter turn would exchange.
    return {"qtables": tables, "subsampling": 0 if sampling < 0 or turned else sampling}


def animation(image: Image.Image, found: Probe, digest: str) -> Cleaned:
    """Every frame, as an animated WebP: the one animated format that is small, exact where asked, and shown
    everywhere."""
    frames, durations, times = decode.frames_of(image, found.format)
    lossless = found.format in {"gif", "png"} or found.lossless
    written = encode.webp_animation(frames, durations, times, lossless=lossless)
    return result(
        written,
        "webp",
        frames[0],
        animated=len(frames) > 1,
        digest=digest,
    )


def result(written: bytes, format_: str, pixels: Image.Image, *, animated: bool, digest: str) -> Cleaned:
    """The answer, refused where writing it anew made it unreasonably heavy."""
    if len(written) > MAX_WRITTEN:
        raise ImageRefused("unpacked", most=MAX_WRITTEN // 1024**2)
    return Cleaned(
        data=written,
        format=format_,
        mime=MIMES[format_],
        suffix=SUFFIXES[format_],
        width=pixels.width,
        height=pixels.height,
        animated=animated,
        graphic=nature.drawn(pixels),
        sha256=digest,
        look=nature.look(pixels),
    )
