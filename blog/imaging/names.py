"""What the file's name, and its first bytes as text, say before anything is decoded."""

import re
import unicodedata

from .specs import LABELS, MAX_BYTES, SUFFIXES, ImageRefused
from .vectors import NOT_TAKEN, accepted, is_svg

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
KINDS = "PNG, JPEG, WebP, AVIF, GIF or SVG"

PACKED_SVG = "The file name ends in “.svgz”: a packed SVG. Unpack it, or save it as plain SVG."


def check_name(name: str) -> None:
    """Refuse a name that tries to be more than a name. An empty one is let pass: not every caller has one.

    Raises:
        ImageRefused: path separators, `..`, control or invisible characters, no or a foreign extension, or that of
            SVG where it can't be cleaned.
    """
    if not name:
        return
    if any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in name):
        raise ImageRefused(
            "The file name contains invisible control characters. Rename the file and upload it again."
        )
    if re.search(r"[/\\]|\.\.", name):
        raise ImageRefused(
            "The file name contains a path (a slash or two dots). Rename the file and upload it again."
        )
    if len(name) > MAX_NAME:
        raise ImageRefused(
            f"The file name has more than {MAX_NAME} characters. Shorten it and upload the file again."
        )
    ending = extension(name)
    if ending == "svgz":
        raise ImageRefused(PACKED_SVG)
    if ending == "svg" and not accepted():
        raise ImageRefused(NOT_TAKEN)
    if ending not in EXTENSIONS:
        said = f"ends in “.{ending[:20]}”" if ending else "has no extension"
        raise ImageRefused(f"The file name {said}; a figure is a {KINDS} file. Export it as one of these.")


def check_bytes(data: bytes) -> None:
    """Refuse by size, and SVG where it can't be cleaned, without decoding anything.

    Raises:
        ImageRefused: no bytes, more than `MAX_BYTES`, or markup that opens an SVG which nobody here can clean.
    """
    if not data:
        raise ImageRefused("The file is empty (0 bytes). Export or copy it again, then upload it.")
    if len(data) > MAX_BYTES:
        raise ImageRefused(
            f"The file weighs {len(data) / 1024**2:.1f} MB; the limit is {MAX_BYTES // 1024**2} MB."
            " Export it with fewer pixels or stronger compression."
        )
    if is_svg(data) and not accepted():
        raise ImageRefused(NOT_TAKEN)


def check_agreement(name: str, format: str) -> None:  # noqa: A002
    """Refuse a name whose extension speaks of another format than the content.

    Raises:
        ImageRefused: naming both.
    """
    said = EXTENSIONS.get(extension(name))
    if name and said != format:
        article = "an" if format in {"avif", "svg"} else "a"
        raise ImageRefused(
            f"The file is named “.{extension(name)}” but holds {article} {LABELS[format]} picture."
            f" Rename it to end in “{SUFFIXES.get(format, '.gif')}”, or export it again as what you meant."
        )


def extension(name: str) -> str:
    """The part after the last dot in lower case; empty for `diagram` and for `.png`."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""
