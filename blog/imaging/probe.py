"""Reads a container's skeleton before any decoder sees it: the format, the size, the frames, and what hides
in it.

Decoders allocate what a header claims, and inflate whatever text a file carries. Here the claims are read
first, and the parts that no picture needs (text, comments, thumbnails, trailing bytes) are left out of what
is decoded.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from .specs import LABELS, MAX_FRAMES, MAX_PIXELS, MAX_SIDE, ImageRefused

MAX_TEXT = 16 * 1024 * 1024
"""Most bytes that a PNG's text may inflate to: drawing programs keep whole drawings there, bombs zeros."""
MAX_PROFILE = 4 * 1024 * 1024
MAX_CHUNKS = 100_000
MAX_SCANS = 64
"""Encoders write up to a dozen scans; each costs a pass over the whole picture."""

KEPT_PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND"}


@dataclass(frozen=True)
class Probe:
    """`data` holds a picture that claims `width` x `height` pixels in `frames` frames.

    `lossless` is known for WebP and stands for "keep it so"; `frames` is 1 where only the decoder can tell
    (AVIF).
    """

    format: str
    data: bytes
    width: int
    height: int
    frames: int = 1
    lossless: bool = False


def probe(data: bytes) -> Probe:
    """Read the skeleton of `data` and check its claims against the limits; decodes no pixel.

    Raises:
        ImageRefused: another format, a skeleton cut short, or claims beyond the limits.
    """
    format_ = sniff(data)
    if format_ is None:
        raise ImageRefused("unknown-format")
    try:
        found = READERS[format_](data)
    except IndexError:
        raise truncated(format_) from None
    check_size(found.width, found.height, found.frames)
    return found


def sniff(data: bytes) -> str | None:
    """The format by its signature; None for anything else. The decoder has the last word."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and data[8:12] in {b"avif", b"avis", b"mif1", b"msf1"}:
        return "avif"
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return "gif"
    return None


def check_size(width: int, height: int, frames: int) -> None:
    """Refuse a picture beyond `MAX_SIDE`, `MAX_PIXELS` or `MAX_FRAMES`, or without pixels.

    Raises:
        ImageRefused: with the numbers found and the limit.
    """
    if width < 1 or height < 1 or frames < 1:
        raise ImageRefused("no-pixels")
    if frames > MAX_FRAMES:
        raise ImageRefused("frames", most=MAX_FRAMES)
    if width * height * frames > MAX_PIXELS:
        claimed = {"width": width, "height": height, "most": MAX_PIXELS // 1_000_000}
        if frames > 1:
            raise ImageRefused("moving-pixels", **claimed, frames=frames)
        raise ImageRefused("pixels", **claimed)
    if max(width, height) > MAX_SIDE:
        raise ImageRefused("side", width=width, height=height, most=MAX_SIDE)


def truncated(format_: str) -> ImageRefused:
    """The refusal of a file that ends too early."""
    return ImageRefused("cut-short", kind=LABELS[format_])


def read_png(data: bytes) -> Probe:
    """Walk the chunks (PNG 3rd edition, section 5.3); keep those that make the picture."""
    kept, at, text, frames, count = [data[:8]], 8, 0, 0, 0
    width = height = 0
    while True:
        size, kind = number(data, at, 4), data[at + 4 : at + 8]
        end = at + 12 + size
        count += 1
        if end > len(data):
            raise truncated("png")
        if count > MAX_CHUNKS:
            raise ImageRefused("png-pieces", most=MAX_CHUNKS)
        body = data[at + 8 : end - 4]
        if count == 1:
            if kind != b"IHDR" or size != 13:
                raise ImageRefused("png-header")
            width, height = number(body, 0, 4), number(body, 4, 4)
            check_size(width, height, 1)
        if kind in {b"zTXt", b"iTXt"}:
            text += inflated(body, MAX_TEXT - text)
            if text >= MAX_TEXT:
                raise ImageRefused("png-text", most=MAX_TEXT // 1024**2)
        if kind == b"iCCP" and inflated(body, MAX_PROFILE) >= MAX_PROFILE:
            raise ImageRefused("png-profile")
        frames += kind == b"fcTL"
        if frames > MAX_FRAMES:
            break
        if kind in KEPT_PNG_CHUNKS:
            kept.append(data[at:end])
        if kind == b"IEND":
            break
        at = end
    return Probe("png", b"".join(kept), width, height, max(frames, 1))


def inflated(body: bytes, limit: int) -> int:
    """How many bytes the deflate streams that may start after the keyword yield, counted up to `limit`.

    iTXt has five fields before its text, so every plausible start is tried; a start that is none fails at
    once.
    """
    most = 0
    for match in re.finditer(rb"\x00(?=[\x08\x18\x28\x38\x48\x58\x68\x78][\x00-\xff])", body[:1024]):
        unpacker, feed = zlib.decompressobj(), body[match.end() :]
        total = 0
        try:
            while feed and total < limit:
                total += len(unpacker.decompress(feed, 65536))
                feed = unpacker.unconsumed_tail
        except zlib.error:
            pass
        most = max(most, total)
    return most


def read_jpeg(data: bytes) -> Probe:
    """Walk the markers (ITU-T T.81, annex B) up to the end of the first image; leave out text."""
    kept, at, scans, width, height = [b"\xff\xd8"], 2, 0, 0, 0
    while True:
        if data[at] != 0xFF:
            raise ImageRefused("jpeg-marker")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            kept.append(b"\xff\xd9")
            break
        end = at + 2 + number(data, at + 2, 2)
        if end > len(data):
            raise truncated("jpeg")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = number(data, at + 5, 2), number(data, at + 7, 2)
            check_size(width, height, 1)
        if marker == 0xDA:
            scans += 1
            if scans > MAX_SCANS:
                raise ImageRefused("jpeg-scans", most=MAX_SCANS)
            following = NEXT_MARKER.search(data, end)
            if following is None:
                raise truncated("jpeg")
            end = following.start()
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or wanted(marker, data[at + 4 : at + 16]):
            kept.append(data[at:end])
        at = end
    if not width or not scans:
        raise truncated("jpeg")
    return Probe("jpeg", b"".join(kept), width, height)


NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def wanted(marker: int, head: bytes) -> bool:
    """Whether an application segment decides how the pixels look: JFIF, EXIF (orientation), ICC, Adobe
    (CMYK)."""
    signatures = {0xE0: b"JFIF\0", 0xE1: b"Exif\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
    return marker in signatures and head.startswith(signatures[marker])


def read_webp(data: bytes) -> Probe:
    """Walk the RIFF chunks (RFC 9649, section 2)."""
    end = 8 + little(data, 4, 4)
    if end > len(data):
        raise truncated("webp")
    at, width, height, frames, lossless, count = 12, 0, 0, 0, False, 0
    while at + 8 <= end:
        kind, size = data[at : at + 4], little(data, at + 4, 4)
        body = data[at + 8 : at + 8 + size]
        count += 1
        if at + 8 + size > end or count > MAX_CHUNKS:
            raise truncated("webp")
        if kind == b"VP8X":
            width, height = little(body, 4, 3) + 1, little(body, 7, 3) + 1
        elif kind == b"VP8L" and body[:1] == b"\x2f":
            bits, lossless = little(body, 1, 4), True
            width, height = width or (bits & 0x3FFF) + 1, height or (bits >> 14 & 0x3FFF) + 1
        elif kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
            width, height = width or little(body, 6, 2) & 0x3FFF, height or little(body, 8, 2) & 0x3FFF
        elif kind == b"ANMF":
            frames += 1
            lossless = lossless or body[16:20] == b"VP8L"
        at += 8 + size + size % 2
    return Probe("webp", data[:end], width, height, max(frames, 1), lossless)


def read_gif(data: bytes) -> Probe:
    """Walk the blocks (GIF89a specification); the canvas grows to the largest frame, as in decoders."""
    width, height = little(data, 6, 2), little(data, 8, 2)
    at, frames = 13 + colour_table(data[10]), 0
    while True:
        kind = data[at]
        if kind == 0x3B:
            break
        if kind == 0x21:
            at = after_sub_blocks(data, at + 2)
        elif kind == 0x2C:
            frames += 1
            width = max(width, little(data, at + 1, 2) + little(data, at + 5, 2))
            height = max(height, little(data, at + 3, 2) + little(data, at + 7, 2))
            check_size(width, height, frames)
            at = after_sub_blocks(data, at + 11 + colour_table(data[at + 9]))
        else:
            raise ImageRefused("gif-block")
    if not frames:
        raise truncated("gif")
    return Probe("gif", data[: at + 1], width, height, frames)


def colour_table(flags: int) -> int:
    """Bytes of the colour table that the packed `flags` announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def after_sub_blocks(data: bytes, at: int) -> int:
    """The position after a chain of length-prefixed sub-blocks and its terminator."""
    while data[at]:
        at += data[at] + 1
    return at + 1


def read_avif(data: bytes) -> Probe:
    """Find the largest `ispe` (ISO/IEC 23008-12, 6.5.3) or track size; the decoder tells the frames without
    decoding."""
    sizes = []
    for match in re.finditer(rb"\x00\x00\x00\x14ispe\x00\x00\x00\x00", data):
        sizes.append((number(data, match.end(), 4), number(data, match.end() + 4, 4)))
    if not sizes:
        raise ImageRefused("avif-size")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Probe("avif", data, width, height)


def number(data: bytes, at: int, size: int) -> int:
    """A big-endian number; IndexError where the data ends before it."""
    if at + size > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + size], "big")


def little(data: bytes, at: int, size: int) -> int:
    """A little-endian number; IndexError where the data ends before it."""
    if at + size > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + size], "little")


READERS: dict[str, Callable[[bytes], Probe]] = {
    "png": read_png,
    "jpeg": read_jpeg,
    "webp": read_webp,
    "avif": read_avif,
    "gif": read_gif,
}
