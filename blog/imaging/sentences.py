"""Every sentence by which this room refuses a file or a diagram, by name.

The room itself speaks English. Whoever shows a refusal in another language takes its sentence's name and its values
instead, and looks it up in a catalogue, where the English is the key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

Values: TypeAlias = "Mapping[str, str | int | float]"
"""What is filled into a sentence. Numbers are written with separators, which differ by language; a number that is to
stand as it is, such as that of a line, is given as a string."""


def gettext_noop(words: str) -> str:
    """Marks words for `make messages`, which gathers them; nothing is looked up here."""
    return words


FILES = {
    "control-characters": gettext_noop(
        "The file name contains invisible control characters. Rename the file and upload it again."
    ),
    "path": gettext_noop(
        "The file name contains a path (a slash or two dots). Rename the file and upload it again."
    ),
    "long-name": gettext_noop(
        "The file name has more than {most} characters. Shorten it and upload the file again."
    ),
    "no-ending": gettext_noop(
        "The file name has no extension; a figure is a PNG, JPEG, WebP, AVIF, GIF or SVG file. Export it as one of "
        "these."
    ),
    "foreign-ending": gettext_noop(
        "The file name ends in “.{ending}”; a figure is a PNG, JPEG, WebP, AVIF, GIF or SVG file. Export it as one of "
        "these."
    ),
    "wrong-ending": gettext_noop(
        "The file is named “.{ending}” but what it holds is {kind}. Rename it to end in “{suffix}”, or export it again "
        "as what you meant."
    ),
    "packed-svg": gettext_noop(
        "The file name ends in “.svgz”: a packed SVG. Unpack it, or save it as plain SVG."
    ),
    "no-svg": gettext_noop(
        "SVG files are not accepted here: they can carry scripts, and the package that takes those out is not "
        "installed. Export the drawing as PNG, at twice the size you want to show."
    ),
    "empty": gettext_noop("The file is empty (0 bytes). Export or copy it again, then upload it."),
    "heavy": gettext_noop(
        "The file weighs {megabytes} MB; the limit is {most} MB. Export it with fewer pixels or stronger compression."
    ),
    "stored-empty": gettext_noop("The stored picture is empty (0 bytes). Upload it again."),
}
PICTURES = {
    "unknown-format": gettext_noop(
        "The content of this file is not a picture we accept: export it as PNG, JPEG, WebP, AVIF, GIF or SVG."
    ),
    "cut-short": gettext_noop(
        "The {kind} file is incomplete or damaged: it ends too early. Copy or export it again."
    ),
    "no-pixels": gettext_noop("The picture has no pixels: its width or height is 0. Export it again."),
    "frames": gettext_noop("The animation has more than {most} frames. Shorten it, or show one frame."),
    "no-frame": gettext_noop("The {kind} animation holds no frame. Export it again."),
    "pixels": gettext_noop(
        "The picture claims {width} × {height} pixels; the limit is {most} million in all. Scale it down and upload it "
        "again."
    ),
    "moving-pixels": gettext_noop(
        "The picture claims {width} × {height} pixels in {frames} frames; the limit is {most} million in all. Scale it "
        "down and upload it again."
    ),
    "side": gettext_noop(
        "The picture is {width} × {height} pixels; neither side may exceed {most}. Scale it down or cut it in parts."
    ),
    "bomb": gettext_noop("The picture unpacks to far more pixels than it may have. Scale it down."),
    "unpacked": gettext_noop(
        "The picture unpacks to more than {most} MB. Scale it down and upload it again."
    ),
    "slow": gettext_noop(
        "The picture takes too long to decode. Export it again, smaller or as plain PNG or JPEG."
    ),
    "memory": gettext_noop(
        "The picture needs more memory to decode than it may have. Scale it down and upload it again."
    ),
    "broke": gettext_noop(
        "The picture broke the decoder: it is damaged, or made to do harm. Export it again from its source."
    ),
    "png-pieces": gettext_noop("The PNG file consists of more than {most} pieces. Export it again."),
    "png-header": gettext_noop(
        "The PNG file is damaged: it does not begin with its header. Export it again."
    ),
    "png-text": gettext_noop(
        "The PNG file carries text that unpacks to more than {most} MB. Export it again without embedded text."
    ),
    "png-profile": gettext_noop(
        "The PNG file carries a colour profile of unreasonable size. Export it again as sRGB."
    ),
    "jpeg-marker": gettext_noop("The JPEG file is damaged: a marker is missing. Export it again."),
    "jpeg-scans": gettext_noop(
        "The JPEG file has more than {most} scans, which no camera writes. Export it again."
    ),
    "gif-block": gettext_noop("The GIF file is damaged: it holds an unknown block. Export it again."),
    "avif-size": gettext_noop(
        "The AVIF file is damaged: it does not say how large its picture is. Export it again."
    ),
}
DRAWINGS = {
    "svg-heavy": gettext_noop(
        "The SVG file weighs {megabytes} MB; the limit is {most} MB. Simplify the drawing, or export it as PNG."
    ),
    "svg-unreadable": gettext_noop("The SVG file is damaged: it can't be read as SVG. Export it again."),
    "svg-malformed": gettext_noop(
        "The SVG file is damaged: line {line} is not well formed ({reason}). Export it again."
    ),
    "svg-undrawable": gettext_noop("The SVG file is damaged: it can't be drawn. Export it again."),
    "svg-encoding": gettext_noop(
        "The SVG file is not written in UTF-8. Save it in that encoding, or export it again."
    ),
    "svg-parts": gettext_noop(
        "The drawing consists of more than {most} parts, or they lie more than {deepest} deep in one another. Simplify "
        "it, or export it as PNG."
    ),
    "svg-entities": gettext_noop(
        "The SVG file declares entities or a document type of its own, which is how files harm their readers. Save it "
        "as “plain” or “optimised” SVG."
    ),
    "svg-root": gettext_noop(
        "The file is no SVG drawing: its first element is not “svg” in SVG's namespace. Export it again as SVG."
    ),
    "svg-picture": gettext_noop(
        "A picture within the drawing is damaged or too large. Take it out, and export again."
    ),
    "svg-costly": gettext_noop(
        "The drawing repeats its own parts too often, or shows a part within itself, or has too many effects: readers' "
        "browsers would stall. Simplify it, or export it as PNG."
    ),
    "svg-no-painter": gettext_noop("Nothing that draws SVG is installed."),
    "svg-no-size": gettext_noop(
        "The SVG file does not say how large the drawing is: it needs a viewBox, or a width and a height. Export it "
        "again with its size."
    ),
    "svg-narrow": gettext_noop(
        "The drawing is {width} × {height} pixels: one side is more than {most} times the other. Cut it in parts."
    ),
}
DIAGRAMS = {
    "diagram-notation": gettext_noop("Diagrams can't be written in “{notation}”."),
    "diagram-long": gettext_noop(
        "The diagram has {characters} characters; {most} can be drawn. Split it into two diagrams."
    ),
    "diagram-no-renderer": gettext_noop("The renderer of diagrams is not installed."),
    "diagram-slow": gettext_noop(
        "It takes too long to draw. Save the post again, or split the diagram into smaller ones."
    ),
    "diagram-broke": gettext_noop("The diagram broke the renderer. Simplify what was changed last."),
    "diagram-memory": gettext_noop(
        "The diagram needs more memory than it may have. Split it into smaller ones."
    ),
    "diagram-failed": gettext_noop("The renderer failed on this diagram. Simplify what was changed last."),
    "diagram-directive": gettext_noop(
        "Directives ({sign}) and front matter are not read: diagrams have the site's own colours, for light and dark "
        "pages. Take them out."
    ),
    "diagram-foreign": gettext_noop(
        "The diagram asks for a picture or a style sheet from elsewhere. Take that out."
    ),
    "diagram-parts": gettext_noop("The diagram is too large to be drawn. Split it into smaller ones."),
    "diagram-without": gettext_noop("Diagrams are drawn without {capability} here. Take that out."),
    "diagram-unreadable": gettext_noop("The diagram can't be read: {reason}."),
    "diagram-size": gettext_noop(
        "The diagram would be {width} × {height} pixels large; up to {most} can be read. Split it, or let it run in "
        "the other direction."
    ),
}
SENTENCES = FILES | PICTURES | DRAWINGS | DIAGRAMS


def say(
    sentence: str,
    values: Values,
    *,
    translate: Callable[[str], str] = str,
    number: Callable[[float], str] = "{:,}".format,
) -> str:
    """The sentence of this name: in English, unless it is told how to translate, and how numbers are written."""
    written = {name: value if isinstance(value, str) else number(value) for name, value in values.items()}
    return translate(SENTENCES[sentence]).format(**written)
