"""The renditions of one cleaned picture. Runs in the child only; `isolation.renditions` is the door."""

from PIL import Image

from . import decode, encode
from .probe import probe
from .specs import MAX_RENDITION_PIXELS, MIMES, SUFFIXES, WIDTHS, Encoded
from .vectors import RASTER_WIDTH, drawable, is_svg

NEAR = 0.9
"""A step above 90 % of the natural width is left out: the natural width serves it as well."""

EARNS_ITS_LOSS = 0.9
"""A lossy AVIF of a graphic must weigh less than this share of the exact WebP, or the exact one is all there
is."""

THUMBNAIL = 480
"""Up to this width a graphic is a thumbnail: resampled, not read, and listed by the dozen. Half the bytes win
there."""

LOSSY_INSTEAD = 3.0
"""A "graphic" whose exact WebP weighs this many times a fine lossy one holds a photograph; it goes lossy."""
LOSSY_INSTEAD_SMALL = 1.5
"""The same for a thumbnail."""


def widths_for(width: int, height: int) -> list[int]:
    """The widths to make of a picture of `width` x `height`, ascending: steps below it, and its own."""
    ceiling = min(width, WIDTHS[-1])
    wanted = [step for step in WIDTHS if step < ceiling * NEAR] + [ceiling]
    fitting = [step for step in wanted if step * scaled(height, step, width) <= MAX_RENDITION_PIXELS]
    return fitting or wanted[:1]


def scaled(height: int, step: int, width: int) -> int:
    """The height at the width `step`, in whole pixels, never 0."""
    return max(1, round(height * step / width))


def encoded(data: bytes, *, graphic: bool) -> list[Encoded]:
    """AVIF, WebP and a fallback of `data` (the first frame, if it moves) at each useful width, ascending.

    Graphics: WebP lossless, because lossy WebP halves the colour resolution and red lines bleed; AVIF at
    quality 85 with full colour resolution (4:4:4), kept only where it saves a tenth of the bytes; PNG as the
    fallback. Photographs: AVIF 60 and WebP 80, 4:2:0, and JPEG 82; PNG instead of JPEG where something is
    transparent. Whether lossless WebP weighs no more is asked at the smallest width, and further up while the
    answer is yes. What is heavier than the fallback of its width is left out; the fallback is there at every
    width. See `worthwhile` for what else is. Of an SVG pictures are made up to RASTER_WIDTH, whatever size it
    says, or none where nothing draws it.

    Raises:
        ImageRefused: `data` is not a picture that `clean` made.
    """
    if is_svg(data):
        if not drawable():
            return []
        from . import vector_child

        source = vector_child.raster(data, RASTER_WIDTH)
    else:
        found = probe(data)
        image = decode.open_(found)
        decode.load(image, found.format)
        source = decode.upright(image, decode.plain(image))
    made: list[Encoded] = []
    ask_lossless = True
    for width in widths_for(*source.size):
        size = (width, scaled(source.height, width, source.width))
        pixels = source if size == source.size else source.resize(size, Image.Resampling.LANCZOS)
        if graphic:
            made += of_graphic(pixels, exact_matters=pixels is source or width > THUMBNAIL)
        else:
            files = of_photograph(pixels, ask_lossless=ask_lossless)
            ask_lossless = any(file.format == "webp" and file.lossless for file in files)
            made += files
    return worthwhile(made)


def worthwhile(made: list[Encoded]) -> list[Encoded]:
    """`made` without what a page could only lose by.

    A browser takes the first format it knows and then looks at that format's widths alone. So a format that
    is missing at the widest is dropped whole: else sharp screens would get fewer pixels than others. And a
    file that weighs no less than a wider one of its format is dropped: resampling a drawing makes thousands
    of colours of a few, and the full drawing is both lighter and sharper. Fallbacks stay at every width.
    """
    widest = max(one.width for one in made)
    top = {one.format: one for one in made if one.width == widest}
    if "avif" in top and "webp" in top and len(top["avif"].data) > len(top["webp"].data):
        del top["avif"]
    kept = []
    for one in made:
        wider = [other for other in made if other.format == one.format and other.width > one.width]
        lighter_than_wider = all(len(one.data) < len(other.data) for other in wider)
        if one.format in {"png", "jpeg"} or (one.format in top and lighter_than_wider):
            kept.append(one)
    return kept


def of_graphic(pixels: Image.Image, *, exact_matters: bool) -> list[Encoded]:
    """The files of one width of a drawing."""
    fallback = file("png", pixels, encode.png(pixels), lossless=True)
    best = file("webp", pixels, encode.webp(pixels, lossless=True, quality=50, method=3), lossless=True)
    rich = file("avif", pixels, encode.avif(pixels, quality=85, subsampling="4:4:4"), lossless=False)
    bearable = LOSSY_INSTEAD if exact_matters else LOSSY_INSTEAD_SMALL
    if len(best.data) > bearable * len(rich.data):
        lossy = file("webp", pixels, encode.webp(pixels, lossless=False, quality=90), lossless=False)
        best = lossy if len(lossy.data) * bearable < len(best.data) else best
    keep = [rich] if not best.lossless or len(rich.data) <= EARNS_ITS_LOSS * len(best.data) else []
    return lighter([*keep, best], fallback)


def of_photograph(pixels: Image.Image, *, ask_lossless: bool) -> list[Encoded]:
    """The files of one width of a photograph."""
    if pixels.mode == "RGBA":
        fallback = file("png", pixels, encode.png(pixels), lossless=True)
    else:
        fallback = file("jpeg", pixels, encode.jpeg(pixels, quality=82, subsampling=2), lossless=False)
    small = file("webp", pixels, encode.webp(pixels, lossless=False), lossless=False)
    if ask_lossless:
        exact = encode.webp(pixels, lossless=True, quality=50, method=3)
        if len(exact) <= len(small.data):
            small = file("webp", pixels, exact, lossless=True)
    smaller = file("avif", pixels, encode.avif(pixels, quality=60, subsampling="4:2:0"), lossless=False)
    return lighter([smaller, small], fallback)


def lighter(files: list[Encoded], fallback: Encoded) -> list[Encoded]:
    """Those of `files` that weigh no more than `fallback`, then `fallback`."""
    return [one for one in files if len(one.data) <= len(fallback.data)] + [fallback]


def file(format_: str, pixels: Image.Image, data: bytes, *, lossless: bool) -> Encoded:
    """One rendition with what is known of its format."""
    return Encoded(format_, MIMES[format_], SUFFIXES[format_], pixels.width, pixels.height, lossless, data)
