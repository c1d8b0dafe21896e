"""What the file's name, and its first bytes as text, say before anything is decoded."""

import re
import unicodedata

from .specs import LABELS, MAX_BYTES, SUFFIXES, ImageRefused

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
}
MAX_NAME = 255
KINDS = "PNG, JPEG, WebP, AVIF or GIF"

SVG_REFUSED = (
    "SVG files are not accepted for now: they can carry scripts."
    " Export the drawing as PNG, at twice the size you want to show."
)
MARKUP = re.compile(rb"<(?:[a-z0-9]+:)?svg[\s>/]", re.IGNORECASE)


def check_name(name: str) -> None:
    """Refuse a name that tries to be more than a name. An empty one is let pass: not every caller has one.

    Raises:
        ImageRefused: path separators, `..`, control or invisible characters, SVG, no or a foreign extension.
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
    if ending in {"svg", "svgz"}:
        raise ImageRefused(SVG_REFUSED)
    if ending not in EXTENSIONS:
        said = f"ends in “.{ending[:20]}”" if ending else "has no extension"
        raise ImageRefused(f"The file name {said}; a figure is a {KINDS} file. Export it as one of these.")


def check_bytes(data: bytes) -> None:
    """Refuse by size, and refuse SVG by content, without decoding anything.

    Raises:
        ImageRefused: no bytes, more than `MAX_BYTES`, or markup that opens an SVG.
    """
    if not data:
        raise ImageRefused("The file is empty (0 bytes). Export or copy it again, then upload it.")
    if len(data) > MAX_BYTES:
        raise ImageRefused(
            f"The file weighs {len(data) / 1024**2:.1f} MB; the limit is {MAX_BYTES // 1024**2} MB."
            " Export it with fewer pixels or stronger compression."
        )
    head = data[:65536].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\f\v")
    if head.startswith(b"<") and MARKUP.search(head):
        raise ImageRefused(SVG_REFUSED)


def check_agreement(name: str, format: str) -> None:  # noqa: A002
    """Refuse a name whose extension speaks of another format than the content.

    Raises:
        ImageRefused: naming both.
    """
    said = EXTENSIONS.get(extension(name))
    if name and said != format:
        article = "an" if format == "avif" else "a"
        raise ImageRefused(
            f"The file is named “.{extension(name)}” but holds {article} {LABELS[format]} picture."
            f" Rename it to end in “{SUFFIXES.get(format, '.gif')}”, or export it again as what you meant."
        )


def extension(name: str) -> str:
    """The part after the last dot in lower case; empty for `diagram` and for `.png`."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""
