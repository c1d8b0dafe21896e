"""What the file's name, and its first bytes as text, say before anything is decoded."""

import re
import unicodedata

from .specs import LABELS, MAX_BYTES, SUFFIXES, ImageRefused
from .vectors import accepted, is_svg

EXTENSIONS = {
    "png": "png",
    "apng": "png",
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "jpe": "jpeg",
    "jfif": "jpeg",
    "webp": "webp",
    "avif": "avif",
    "gif": "gif",
    "svg": "svg",
}
MAX_NAME = 255


def check_name(name: str) -> None:
    """Refuse a name that tries to be more than a name. An empty one is let pass: not every caller has one.

    Raises:
        ImageRefused: path separators, `..`, control or invisible characters, no or a foreign extension, or that of
            SVG where it can't be cleaned.
    """
    if not name:
        return
    if any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in name):
        raise ImageRefused("control-characters")
    if re.search(r"[/\\]|\.\.", name):
        raise ImageRefused("path")
    if len(name) > MAX_NAME:
        raise ImageRefused("long-name", most=MAX_NAME)
    ending = extension(name)
    if ending == "svgz":
        raise ImageRefused("packed-svg")
    if ending == "svg" and not accepted():
        raise ImageRefused("no-svg")
    if ending not in EXTENSIONS:
        raise ImageRefused("foreign-ending", ending=ending[:20]) if ending else ImageRefused("no-ending")


def check_bytes(data: bytes) -> None:
    """Refuse by size, and SVG where it can't be cleaned, without decoding anything.

    Raises:
        ImageRefused: no bytes, more than `MAX_BYTES`, or markup that opens an SVG which nobody here can clean.
    """
    if not data:
        raise ImageRefused("empty")
    if len(data) > MAX_BYTES:
        raise ImageRefused("heavy", megabytes=round(len(data) / 1024**2, 1), most=MAX_BYTES // 1024**2)
    if is_svg(data) and not accepted():
        raise ImageRefused("no-svg")


def check_agreement(name: str, format: str) -> None:  # noqa: A002
    """Refuse a name whose extension speaks of another format than the content.

    Raises:
        ImageRefused: naming both.
    """
    said = EXTENSIONS.get(extension(name))
    if name and said != format:
        raise ImageRefused(
            "wrong-ending", ending=extension(name), kind=LABELS[format], suffix=SUFFIXES.get(format, ".gif")
        )


def extension(name: str) -> str:
    """The part after the last dot in lower case; empty for `diagram` and for `.png`."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""
