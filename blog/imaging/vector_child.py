"""One SVG, made harmless, measured and drawn. Runs in the child only; `isolation.clean` is the door.

Three gates in a row. The file is read by a strict parser that knows no document types, no entities and one encoding,
and is written anew, so that nothing depends on how another parser would have read it. The sanitiser then drops what can
act. What it leaves is checked once more: no reference may lead out of the drawing, no style may fetch, nothing may
move.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.parsers import expat

from PIL import Image

from . import decode, nature
from .probe import check_size, sniff
from .specs import MAX_RENDITION_PIXELS, MIMES, SUFFIXES, Cleaned, ImageRefused
from .vector_size import measure
from .vectors import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_EFFECTS,
    MAX_ELEMENTS,
    MAX_EXPANDED,
    drawable,
)

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
ET.register_namespace("", SVG)
ET.register_namespace("xlink", XLINK)

KEPT_PICTURES = ("png", "jpeg", "webp")
DROPPED = frozenset(
    {"animate", "animateColor", "animateMotion", "animateTransform", "discard", "feImage", "mpath", "set"}
)
"""What moves can't be stopped by a reader, and can change a reference after it was checked."""
LETTERED = frozenset({"text", "textPath", "title", "tref", "tspan"})

DECLARED = re.compile(r"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
INNER_URL = re.compile(r"""url\(\s*(["']?)#[^"'()\\\s]*\1\s*\)""", re.IGNORECASE)
REFERENCE = re.compile(r"""url\(\s*["']?#([^"'()\s]+)""", re.IGNORECASE)
FETCHES = re.compile(
    r"url\s*\(|image\s*\(|image-set\s*\(|src\s*\(|element\s*\(|expression\s*\(|paint\s*\(|@import|@charset|@namespace"
    r"|-moz-binding|behavior\s*:|script\s*:|data\s*:|//|\\|<",
    re.IGNORECASE,
)
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)


def cleaned(data: bytes) -> Cleaned:
    """The drawing without anything that acts or fetches, with its size in pixels written on it.

    Raises:
        ImageRefused: whatever is wrong with it, in a sentence for the editor.
    """
    import py_svg_hush

    if len(data) > MAX_BYTES:
        raise ImageRefused("svg-heavy", megabytes=round(len(data) / 1024**2, 1), most=MAX_BYTES // 1024**2)
    root = parsed(text_of(data))
    check_root(root)
    flatten(root)
    try:
        hushed = py_svg_hush.filter_svg(ET.tostring(root, "utf-8"), {"image": list(KEPT_PICTURES)})
    except ValueError:
        raise ImageRefused("svg-unreadable") from None
    root = parsed(hushed.decode("utf-8"))
    check_root(root)
    scrub(root)
    check_cost(root)
    width, height = measure(root)
    pixels = (max(1, round(width)), max(1, round(height)))
    check_size(*pixels, 1)
    written = ET.tostring(root, "utf-8", xml_declaration=False)
    return Cleaned(
        data=written, format="svg", mime=MIMES["svg"], suffix=SUFFIXES["svg"], width=pixels[0], height=pixels[1],
        animated=False, graphic=True, sha256=hashlib.sha256(data).hexdigest(), look=look(written, *pixels),
    )  # fmt: skip


def text_of(data: bytes) -> str:
    """The file as text, without its byte order mark.

    Raises:
        ImageRefused: it is not UTF-8, or says that it is something else.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    declared = DECLARED.match(text[:1000])
    said = declared[1].strip().lower() if declared else "utf-8"
    if "\0" in text or said not in {"utf-8", "utf8", "us-ascii", "ascii"}:
        raise ImageRefused("svg-encoding")
    return text


class Refuse(ET.TreeBuilder):
    """Builds a tree of bounded size, without comments and processing instructions."""

    def __init__(self) -> None:
        super().__init__(insert_comments=False, insert_pis=False)
        self.depth = self.count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self.depth += 1
        self.count += 1
        if self.depth > MAX_DEPTH or self.count > MAX_ELEMENTS:
            raise ImageRefused("svg-parts", most=MAX_ELEMENTS, deepest=MAX_DEPTH)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self.depth -= 1
        return super().end(tag)


def parsed(text: str) -> ET.Element:
    """The root of the file.

    Raises:
        ImageRefused: it is no well-formed XML, declares entities, or is too large.
    """
    builder, reader = Refuse(), expat.ParserCreate(None, "}")
    reader.buffer_text = True
    reader.StartElementHandler = lambda tag, attrs: builder.start(
        named(tag), {named(k): v for k, v in attrs.items()}
    )
    reader.EndElementHandler = lambda tag: builder.end(named(tag))
    reader.CharacterDataHandler = builder.data
    reader.StartDoctypeDeclHandler = without_subset
    reader.EntityDeclHandler = refuse_entities
    reader.SkippedEntityHandler = refuse_entities
    reader.ExternalEntityRefHandler = refuse_entities
    try:
        # As bytes in the one encoding: what the file says of its own is not asked.
        reader.Parse(re.sub(r"\A\s*<\?xml[^>]*\?>", "", text).encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        raise ImageRefused(
            "svg-malformed", line=str(error.lineno), reason=expat.ErrorString(error.code)
        ) from None
    return builder.close()


def named(tag: str) -> str:
    """`{namespace}name`, as the element tree has it, of expat's `namespace}name`."""
    return "{" + tag if "}" in tag else tag


def without_subset(name: str, system: str | None, public: str | None, inner: int) -> None:
    if inner:
        refuse_entities()


def refuse_entities(*told: object) -> int:
    raise ImageRefused("svg-entities")


def check_root(root: ET.Element) -> None:
    if root.tag != f"{{{SVG}}}svg":
        raise ImageRefused("svg-root")


def flatten(root: ET.Element) -> None:
    """Line breaks within letters become spaces, so that those the sanitiser sets for looks can be told from them."""
    for element in root.iter():
        if local(element) in LETTERED:
            element.text = " ".join((element.text or "").split("\n")) or None
            for child in element:
                child.tail = " ".join((child.tail or "").split("\n")) or None


def scrub(root: ET.Element) -> None:
    """Takes out what leads out of the drawing, fetches or moves; the sanitiser has been here before."""
    for parent in list(root.iter()):
        for child in list(parent):
            if not child.tag.startswith(f"{{{SVG}}}") or local(child) in DROPPED:
                parent.remove(child)
            elif local(parent) in LETTERED and child.tail and "\n" in child.tail:
                child.tail = child.tail.replace("\n", "").rstrip(" ")
        if local(parent) in LETTERED and parent.text and "\n" in parent.text:
            parent.text = parent.text.replace("\n", "").rstrip(" ")
        if local(parent) == "style" and fetches(parent.text or ""):
            parent.text = ""
        for name, value in list(parent.attrib.items()):
            if not harmless(parent, name, value):
                del parent.attrib[name]


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def fetches(style: str) -> bool:
    """Whether a style, with its references to parts of the drawing set aside, could ask for anything."""
    return FETCHES.search(INNER_URL.sub("", COMMENT.sub(" ", style))) is not None


def harmless(element: ET.Element, name: str, value: str) -> bool:
    """Whether the attribute may stay. A picture within the drawing is encoded anew in passing."""
    space, _, plain = name.rpartition("}")
    if (
        space not in {"", "{" + XLINK, "{" + XML}
        or plain.lower().startswith("on")
        or plain in {"base", "src", "ping"}
    ):
        return False
    if plain == "href":
        if value.startswith("#"):
            return True
        picture = local(element) == "image" and embedded(value)
        if picture:
            element.set(name, picture)
        return bool(picture)
    return not (fetches(value) if plain == "style" or "(" in value else "script:" in value.lower())


def embedded(value: str) -> str:
    """The picture of a `data:` address, decoded and encoded again like any upload; "" for what is none."""
    from . import cleaning

    kind, comma, rest = value.partition(",")
    if not comma or not kind.lower().replace(" ", "").endswith(";base64"):
        return ""
    try:
        data = base64.b64decode("".join(rest.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if sniff(data) not in KEPT_PICTURES:
        return ""
    try:
        picture = cleaning.cleaned(data, "")
    except ImageRefused:
        raise ImageRefused("svg-picture") from None
    return f"data:{picture.mime};base64,{base64.b64encode(picture.data).decode()}"


def references(element: ET.Element) -> Iterator[str]:
    """The ids that an element makes its reader draw."""
    for name, value in element.attrib.items():
        if name.rpartition("}")[2] == "href" and value.startswith("#"):
            yield value[1:]
        else:
            yield from REFERENCE.findall(value)


def check_cost(root: ET.Element) -> None:
    """Refuses a drawing in which parts that show parts multiply, as `use` allows: ten lines may ask for a billion."""
    by_id: dict[str, ET.Element] = {}
    for element in root.iter():
        by_id.setdefault(element.get("id", ""), element)
    by_id.pop("", None)
    effects = sum(local(one).startswith("fe") for one in root.iter())
    known: dict[int, int] = {}
    under_way: set[int] = set()

    def cost(element: ET.Element) -> int:
        if id(element) in known:
            return known[id(element)]
        if id(element) in under_way or len(under_way) > 400:
            raise too_costly()
        under_way.add(id(element))
        total = 1 + sum(cost(child) for child in element)
        total += sum(cost(by_id[one]) for one in references(element) if one in by_id)
        under_way.discard(id(element))
        if total > MAX_EXPANDED:
            raise too_costly()
        known[id(element)] = total
        return total

    if effects > MAX_EFFECTS:
        raise too_costly()
    worst = cost(root)
    # A style sheet may give any part any reference, so that every one it names multiplies with all others.
    sheets = " ".join(one.text or "" for one in root.iter() if local(one) == "style")
    for name in set(REFERENCE.findall(sheets)) & by_id.keys():
        target = by_id[name]
        if local(target) not in {"linearGradient", "radialGradient", "filter"}:
            worst *= max(1, sum(1 for _ in target.iter()) - 1)
        if worst > MAX_EXPANDED:
            raise too_costly()


def too_costly() -> ImageRefused:
    return ImageRefused("svg-costly")


def look(svg: bytes, width: int, height: int) -> int | None:
    """What the drawing looks like, small; None where nothing draws it."""
    if not drawable():
        return None
    return nature.look(raster(svg, 256))


def raster(svg: bytes, width: int) -> Image.Image:
    """The drawing as pixels, `width` wide, or as wide as its height allows.

    Raises:
        ImageRefused: no painter is installed, or it can't draw this.
    """
    if not drawable():
        raise ImageRefused("svg-no-painter")
    import resvg_py

    root = parsed(svg.decode("utf-8"))
    natural = measure(root)
    scale = width / natural[0]
    scale = min(scale, (MAX_RENDITION_PIXELS / (natural[0] * natural[1])) ** 0.5)
    size = [max(1, round(side * scale)) for side in natural]
    lettered = any(local(one) in {"text", "tspan"} for one in root.iter())
    fonts = Path(__file__).resolve().parents[2] / "static" / "fonts"
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=svg.decode("utf-8"),
            width=size[0],
            height=size[1],
            skip_system_fonts=not lettered,
            font_files=[str(fonts / f"ibm-plex-sans-latin-{weight}-normal.ttf") for weight in (400, 600)],
            font_family="IBM Plex Sans",
            sans_serif_family="IBM Plex Sans",
        )
    except Exception as error:  # the painter's own kinds, which it does not name
        raise ImageRefused("svg-undrawable") from error
    image = Image.open(io.BytesIO(bytes(png)), formats=["PNG"])
    image.load()
    return decode.plain(image)
